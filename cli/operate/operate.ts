/**
 * What every command that operates does around its own work: opens a session, prints one answer as words or as JSON,
 * ends with the code that says what it came to, and leaves nothing behind when it is interrupted.
 */
import { meant } from '../../config/nearest';
import { harmless } from '../../core/words/malformed';
import { minuteMs, secondMs } from '../../core/words/time';
import { jsonLine } from '../harmless';
import { rememberNames } from '../known-names';
import { accountFooting } from './account';
import { type ExitCode, endFrom, exitCodes, WronglyAsked } from './exit-codes';
import { type Footing, type Session, type SessionOptions, sessionOn } from './session';

/** What a command came to. */
export interface Outcome {
  readonly code: ExitCode;
  /** For people, one a line, made harmless where they quote somebody (cli/harmless.ts). */
  readonly lines: readonly string[];
  /** For `--json`: one object. */
  readonly json: unknown;
}

export type Work = (session: Session) => Promise<Outcome>;

/** What needs no deployment. */
export type OnFooting = (footing: Footing) => Promise<Outcome>;

/** Loads the simulator and CDK: nobody who asks a real account waits for them. */
export type OpenLocal = (options: SessionOptions) => Promise<Footing>;

/** Ends with the exit code. */
export const operate = (options: SessionOptions, openLocal: OpenLocal, work: Work): Promise<number> =>
  operateOn(options, openLocal, async (footing) => {
    const session = await sessionOn(footing, options.name);
    if (options.local === undefined) rememberNames(session.deployment);
    return work(session);
  });

/** The same on an account in which there may be no deployment yet. */
export async function operateOn(options: SessionOptions, openLocal: OpenLocal, work: OnFooting): Promise<number> {
  let ground: Footing | undefined;
  try {
    ground = options.local === undefined ? accountFooting(options) : await openLocal(options);
    const opened = ground;
    const outcome = await opened.play(async () => work(opened));
    print(outcome, options);
    return outcome.code;
  } catch (error) {
    const { code, text } = endFrom(error);
    if (options.json) process.stdout.write(jsonLine({ outcome: outcomeName(code), because: text }));
    else process.stderr.write(`switchback: ${harmless(text)}\n`);
    return code;
  } finally {
    await ground?.close();
  }
}

const outcomeName = (code: ExitCode): string =>
  Object.entries(exitCodes).find(([, number]) => number === code)?.[0] ?? 'notWell';

/** A command that has shown all it saw while it ran has neither. */
function print({ lines, json }: Outcome, options: SessionOptions): void {
  if (lines.length === 0 && json === undefined) return;
  process.stdout.write(options.json ? jsonLine(json) : `${lines.join('\n')}\n`);
}

const spanUnits: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: 60 * minuteMs, d: 1_440 * minuteMs };

/** `30s`, `90m`, `2h`, `1d` in milliseconds. */
export function spanFrom(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === undefined || Number(count) === 0)
    throw new WronglyAsked(`'${text}' is no span: write a whole number and its unit, such as 30s, 90m, 2h or 1d`);
  return Number(count) * spanUnits[unit]!;
}

/** The name that was given, if it is one of these; throws with the one that was probably meant. */
export function oneOfNames(given: string, names: readonly string[], what: string): string {
  if (names.includes(given)) return given;
  const near = meant(given, names);
  const hint = near === null ? `known: ${names.join(', ')}` : `did you mean ${near}?`;
  throw new WronglyAsked(`${what} ${given} is unknown: ${hint}`);
}
