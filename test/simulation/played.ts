/**
 * Scenarios by name, each played once per `npm test`: whichever suite asks first plays it, the others, in this process or
 * in another, read its record.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import * as playback from '../../sim/playback';
import { loadScenario } from '../../sim/scenario';
import { type SimulationResult, simulate } from '../../sim/simulate';
import { type PlayedRecord, recordOf } from './record';

export const seed = Number(process.env['SEED'] ?? 7);

/** Of this run, made by `test/reporter.cjs`; without that reporter each process has its own. */
const shared = process.env['PLAYED'];
const folder = shared ?? mkdtempSync(join(tmpdir(), 'switchback-played-'));
if (shared === undefined) process.on('exit', () => rmSync(folder, { recursive: true }));

export async function play(name: string, withSeed = seed): Promise<PlayedRecord> {
  const file = join(folder, `${name}-${withSeed}.bin`);
  if (existsSync(file)) return deserialize(readFileSync(file)) as PlayedRecord;
  const record = recordOf(await playback.play(name, withSeed));
  // The file is there whole or not at all: another process looks for it meanwhile.
  writeFileSync(`${file}.${process.pid}`, serialize(record));
  renameSync(`${file}.${process.pid}`, file);
  return record;
}

/** Anew, on dynalite or in memory: what is played twice must be the same. */
export const playAgain = (name: string, tables?: 'memory'): Promise<SimulationResult> =>
  simulate(loadScenario(name), { seed, tables });

/** What was asked for and not allowed. */
export const denials = ({ cloud }: PlayedRecord) =>
  [...cloud.usage, ...cloud.usageElsewhere].filter(({ allowed }) => !allowed);
