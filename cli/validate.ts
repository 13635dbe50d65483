/**
 * `switchback validate`: reads a configuration and says what is wrong with it, offline and at once. What is refused goes
 * to stderr with the line it stands in; warnings and notes are about what would be deployed all the same.
 */
import { type Problem, problemsText, remarksText } from '../config/problems';
import { ConfigInvalid, readConfig } from '../config/read';
import type { Deployment } from '../core/words/domain';
import { jsonLine } from './harmless';

/** Null: it is refused, and that has been said. */
export function readForLive(file: string, options: { json?: true }): FileReading | null {
  const reading = readingOf(file);
  if (reading.deployment !== null) return reading;
  validate(file, options);
  return null;
}

/** What `validate` says of a file that can be deployed. */
export function acceptedText(file: string, { deployment, remarks }: FileReading): string {
  const said = remarks.length === 0 ? '' : `\n${remarksText(remarks, true)}`;
  return `${file} can be deployed: ${contentsOf(deployment!)}${said}`;
}

/** 0: it can be deployed. 1: with warnings, where they were to count. 2: it is refused. */
export function validate(file: string, options: { strict?: true; json?: true }): number {
  const { deployment, problems, remarks } = readingOf(file);
  if (options.json === true) process.stdout.write(jsonLine({ file, ok: deployment !== null, problems, remarks }));
  else say(file, deployment, problems, remarks);
  if (deployment === null) return 2;
  return options.strict === true && remarks.some(({ level }) => level === 'warning') ? 1 : 0;
}

export interface FileReading {
  readonly deployment: Deployment | null;
  readonly problems: readonly Problem[];
  readonly remarks: readonly Problem[];
}

function readingOf(file: string): FileReading {
  try {
    return { ...readConfig(file), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return { deployment: null, problems: error.problems, remarks: [] };
  }
}

function say(
  file: string,
  deployment: Deployment | null,
  problems: readonly Problem[],
  remarks: readonly Problem[],
): void {
  if (deployment === null) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    process.stderr.write(`${file} has ${count}:\n${problemsText(problems)}\n`);
    return;
  }
  process.stdout.write(`${acceptedText(file, { deployment, problems, remarks })}\n`);
}

function contentsOf({ gateways, connections }: Deployment): string {
  const each = Object.values(connections).map(({ name, mode, paths, routeSets, canaries }) => {
    const counts = [
      counted(Object.keys(paths).length, 'path'),
      counted(Object.keys(routeSets).length, 'route set'),
      counted(canaries.length, 'canary', 'canaries'),
    ];
    return `${name} (mode ${mode}, ${counts.join(', ')})`;
  });
  return `${counted(Object.keys(gateways).length, 'gateway')}; ${each.join('; ')}`;
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
