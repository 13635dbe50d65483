/**
 * `switchback doctor`: what stands between this account and trust in it. Every check is asked, whatever becomes of the
 * others; what could not be looked at is named, and is no pass. Nothing is written anywhere: the one launch is a dry run.
 */
import pc from 'picocolors';
import { AccessDenied, isFault } from '../../adapters/errors';
import { harmlessValue } from '../harmless';
import { type ExitCode, exitCodes, WronglyAsked } from '../operate/exit-codes';
import { type Outcome, oneOfNames } from '../operate/operate';
import { wrapped } from '../terminal';
import type { AccountCheck } from './check';
import { checks } from './checks';
import { type Diagnosis, type DiagnosisLevel, unknown } from './diagnosis';
import type { Patient } from './patient';

export interface Checked {
  readonly check: string;
  readonly title: string;
  readonly findings: readonly Diagnosis[];
}

/** `only`: these, by name. */
export async function examine(patient: Patient, chosen: readonly AccountCheck[]): Promise<readonly Checked[]> {
  return Promise.all(
    chosen.map(async (check) => ({
      check: check.name,
      title: check.title,
      findings: await findingsOf(patient, check),
    })),
  );
}

async function findingsOf(patient: Patient, check: AccountCheck): Promise<readonly Diagnosis[]> {
  try {
    if (check.needs !== 'standing') return await check.look(patient);
    return patient.standing === null
      ? [unknown('', 'there is nothing deployed yet', 'ask again after the deploy')]
      : await check.look(patient, patient.standing);
  } catch (error) {
    const reading = unknown('', `could not look: ${(error as Error).message}`, 'ask again, or look by hand');
    if (error instanceof AccessDenied)
      return [{ ...reading, mend: 'switchback doctor --policy prints what allows it', missed: 'denied' }];
    if (isFault(error)) return [{ ...reading, missed: 'unanswered' }];
    // The local cloud says by this name what it does not play.
    if ((error as Error).name === 'NotModelled') return [{ ...reading, mend: 'ask a real account' }];
    throw error;
  }
}

/** All, or those that were named. */
export function chosenChecks(only: string | undefined): readonly AccountCheck[] {
  if (only === undefined) return checks;
  const names = checks.map(({ name }) => name);
  const wanted = only.split(',').map((name) => oneOfNames(name.trim(), names, 'check'));
  if (wanted.length === 0) throw new WronglyAsked(`--only names no check: ${names.join(', ')}`);
  return checks.filter(({ name }) => wanted.includes(name));
}

const levels: readonly DiagnosisLevel[] = ['FAIL', 'WARN', 'unknown', 'ok'];

/** `head`: what was examined. */
export function outcomeOf(head: readonly string[], checked: readonly Checked[]): Outcome {
  const seen = harmlessValue(checked);
  const all = seen.flatMap(({ check, title, findings }) => findings.map((finding) => ({ check, title, ...finding })));
  const counts = Object.fromEntries(levels.map((level) => [level, all.filter((one) => one.level === level).length]));
  const count = levels
    .filter((level) => counts[level]! > 0)
    .map((level) => colourOf[level](`${counts[level]} ${level}`))
    .join(', ');
  const title = wrapped([...head.map((word, i) => (i === 0 ? pc.bold(word) : word)), count].join('  '), 0);
  const sorted = levels.flatMap((level) => all.filter((one) => one.level === level));
  return { code: codeOf(all), lines: [title, ...sorted.flatMap(linesOf)], json: { counts, findings: sorted } };
}

/** What was refused or not answered is no pass. */
function codeOf(all: readonly Diagnosis[]): ExitCode {
  if (all.some(({ level }) => level === 'FAIL')) return exitCodes.notWell;
  if (all.some(({ missed }) => missed === 'denied')) return exitCodes.noAccess;
  return all.some(({ missed }) => missed === 'unanswered') ? exitCodes.unreachable : exitCodes.well;
}

const colourOf: Readonly<Record<DiagnosisLevel, (text: string) => string>> = {
  FAIL: pc.red,
  WARN: pc.yellow,
  unknown: pc.magenta,
  ok: pc.green,
};

type Told = Diagnosis & Pick<Checked, 'check' | 'title'>;

const levelWidth = 7;
const indent = levelWidth + 4;

function linesOf({ level, check, title, about, found, why, mend }: Told): string[] {
  const label = `  ${colourOf[level](level)}${' '.repeat(levelWidth - level.length)}  `;
  const line = (name: string, text: string): string =>
    `${' '.repeat(indent)}${pc.dim(name.padEnd(6))}${wrapped(text, indent + 6)}`;
  if (level === 'ok') return [`${label}${wrapped(`${title}: ${found}`, indent)}`];
  const whose = about === '' ? '' : `${pc.bold(about)}  `;
  return [
    `${label}${wrapped(`${whose}${found} ${pc.dim(`(${check})`)}`, indent)}`,
    ...(why === '' ? [] : [line('why', why)]),
    ...(mend === '' ? [] : [line('mend', mend)]),
  ];
}
