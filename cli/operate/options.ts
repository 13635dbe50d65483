/** What every command that operates takes, and how it is run: its work is loaded only then. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JsonObject } from '../../local-cloud/template/json';
import type { OnFooting, Work } from './operate';
import type { Footing, SessionOptions } from './session';

interface Practised {
  readonly footing: Footing;
  /** The same world for somebody who looks at the account with rights of his own. */
  as(own: JsonObject): Footing;
}

let practised: Practised | null = null;

/** Every command that is parsed from now on is given in this world, and finds it as the one before has left it. */
export function practiseIn(world: Practised): void {
  practised = world;
}

/** Loads the simulator and CDK only now. */
async function open(options: SessionOptions, own?: JsonObject): Promise<Footing> {
  const { openLocal } = require('./open-local') as typeof import('./open-local');
  return openLocal(options, own);
}

export async function run(options: SessionOptions, work: Work): Promise<void> {
  const { operate } = require('./operate') as typeof import('./operate');
  process.exitCode = await operate(
    practised === null ? options : { ...options, local: true },
    async (asked) => practised?.footing ?? open(asked),
    work,
  );
}

/** On an account in which there may be no deployment yet; `own`: with which rights in the local cloud. */
export async function runOn(options: SessionOptions, work: OnFooting, own: JsonObject): Promise<void> {
  const { operateOn } = require('./operate') as typeof import('./operate');
  process.exitCode = await operateOn(
    practised === null ? options : { ...options, local: true },
    async (asked) => practised?.as(own) ?? open(asked, own),
    work,
  );
}

function secondsFrom(text: string): number {
  const seconds = Number(text.replace(/s$/, ''));
  if (!(seconds >= 1 && seconds <= 3_600)) throw new InvalidArgumentError('expected seconds, 1 to 3600');
  return seconds * 1_000;
}

function minuteFrom(text: string): number {
  const minute = Number(text.replace(/m$/, ''));
  if (!(minute >= 0 && minute <= 1_440)) throw new InvalidArgumentError('expected minutes, 0 to 1440');
  return minute;
}

/** What every command that operates takes. */
export const common = (command: Command, ...examples: readonly string[]): Command =>
  command
    .option('--name <name>', 'the deployment', 'switchback')
    .option('--profile <name>', 'as in ~/.aws/config')
    .option('--region <region>', 'where it is deployed')
    .addOption(new Option('--local [scenario]', 'in the local cloud instead, while this scenario is played'))
    .addOption(new Option('--at <minute>', 'with --local: at which minute of it').argParser(minuteFrom).default(1))
    .addOption(
      new Option('--timeout <seconds>', 'wait so long for the answer').argParser(secondsFrom).default(60_000, '60'),
    )
    .option('--json', 'print one JSON value instead')
    .option('--no-color', 'print no colours')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  switchback ${example}`).join('\n')}`);

export const asking = (command: Command, ...examples: readonly string[]): Command =>
  common(command.option('--as <who>', 'who asks, where it is not who is signed in'), ...examples);

export const lasting = (command: Command): Command =>
  command
    .option('--for <span>', 'how long from now: 90m, 2h, 1d')
    .option('--until <time>', 'or until when, with its zone: 2026-01-05T06:00:00Z')
    .requiredOption('--reason <text>', 'why, for whoever meets it');
