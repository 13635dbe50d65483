/**
 * Scenarios by name, played outside Jest (`player.ts`), each once per `npm test`: whichever suite asks first has it
 * played, the others read its record.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { Worker } from 'jest-worker';
import type * as Player from './player';
import type { PlayedRecord } from './record';

export const seed = Number(process.env['SEED'] ?? 7);

/** Of this run, made by `test/reporter.cjs`; without that reporter each suite has its own. */
const shared = process.env['PLAYED'];
const folder = shared ?? mkdtempSync(join(tmpdir(), 'switchback-played-'));

let players: (Worker & typeof Player) | undefined;
const asked = new Map<string, Promise<PlayedRecord>>();

afterAll(async () => {
  await players?.end();
  if (shared === undefined) rmSync(folder, { recursive: true });
});

function player(): typeof Player {
  players ??= new Worker(join(__dirname, 'player.ts'), {
    numWorkers: availableParallelism(),
    exposedMethods: ['playInto', 'playAgain'],
    forkOptions: { execArgv: ['--max-semi-space-size=64', '-r', 'tsx/cjs'] },
  }) as Worker & typeof Player;
  return players;
}

export function play(name: string, withSeed = seed): Promise<PlayedRecord> {
  const file = join(folder, `${name}-${withSeed}.bin`);
  const earlier = asked.get(file);
  if (earlier !== undefined) return earlier;
  const record = read(file, name, withSeed);
  asked.set(file, record);
  return record;
}

async function read(file: string, name: string, withSeed: number): Promise<PlayedRecord> {
  if (!existsSync(file)) await player().playInto(file, name, withSeed);
  return deserialize(readFileSync(file)) as PlayedRecord;
}

/** Anew, as JSON has it, on dynalite or in memory: what is played twice must be the same. */
export const playAgain = (name: string, tables?: 'memory') => player().playAgain(name, seed, tables);

/** What was asked for and not allowed. */
export const denials = ({ cloud }: PlayedRecord) =>
  [...cloud.usage, ...cloud.usageElsewhere].filter(({ allowed }) => !allowed);
