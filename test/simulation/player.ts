/**
 * Plays scenarios in a plain Node process beside Jest, for `played.ts`. In Jest's sandbox every global is looked up
 * through a proxy and every suite compiles and warms the whole cloud anew: the same run takes two to four times as long.
 */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { play } from '../../sim/playback';
import { loadScenario } from '../../sim/scenario';
import { type SimulationResult, simulate } from '../../sim/simulate';
import { recordOf } from './record';

let accounted = { user: 0, system: 0 };

/** What this process has cost since it last said so: Jest's own reckoning ends at its own processes. */
function account(): void {
  const file = process.env['SUITE_COSTS'];
  if (file === undefined) return;
  const { user, system } = process.cpuUsage();
  const cpuMs = Math.round((user + system - accounted.user - accounted.system) / 1_000);
  accounted = { user, system };
  appendFileSync(file, `${JSON.stringify({ suite: 'scenarios, played beside Jest', cpuMs })}\n`);
}

/** The file is there whole or not at all: other suites look for it meanwhile. */
export async function playInto(file: string, name: string, seed: number): Promise<void> {
  const record = recordOf(await play(name, seed));
  writeFileSync(`${file}.${process.pid}`, serialize(record));
  renameSync(`${file}.${process.pid}`, file);
  account();
}

/** Once more, whatever was played before. */
export async function playAgain(name: string, seed: number, tables?: 'memory'): Promise<SimulationResult> {
  const result = await simulate(loadScenario(name), { seed, tables });
  account();
  return result;
}
