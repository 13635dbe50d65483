/**
 * Plays scenarios one after the other and hands back each finished cloud, with everything that was called and asked in
 * it. What `npm run calls`, `npm run iam` and the tests over all scenarios share.
 */

import { loadScenario, type Scenario, scenarioNames } from './scenario';
import { type SimulationResult, simulate } from './simulate';
import type { SimulatedCloud } from './simulated-cloud';

export interface Played {
  readonly name: string;
  readonly result: SimulationResult;
  readonly cloud: SimulatedCloud;
}

/** The seed of every listing, so that two of them can be compared line by line. */
const playbackSeed = 7;

/** By name, or a scenario made in code. */
export async function play(
  scenario: string | Scenario,
  seed = playbackSeed,
  onCloud: (cloud: SimulatedCloud) => void = () => {},
): Promise<Played> {
  const read = typeof scenario === 'string' ? loadScenario(scenario) : scenario;
  let cloud: SimulatedCloud | undefined;
  const result = await simulate(read, {
    seed,
    tables: 'memory',
    onCloud: (made) => {
      cloud = made;
      onCloud(made);
    },
  });
  return { name: read.name, result, cloud: cloud! };
}

/** One at a time: a finished cloud may be forgotten before the next one is built. */
export async function* playAll(names: readonly string[] = scenarioNames()): AsyncGenerator<Played> {
  for (const name of names) yield await play(name);
}
