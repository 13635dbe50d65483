/**
 * The local cloud on a quiet day, everything home and healthy, with things done to it at given moments: for bad input
 * that must change nothing.
 */

import { simulationStart } from '../../local-cloud/latency';
import { parseScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import { isThorough } from '../thorough';

interface Act {
  readonly atMs: number;
  readonly act: (cloud: SimulatedCloud) => void | Promise<void>;
}

export const at = (atMs: number, act: Act['act']): Act => ({ atMs, act });

/** Plays until nothing runs any more and every lease is free, or says so after ten minutes. */
export async function playQuiet(acts: readonly Act[]): Promise<SimulatedCloud> {
  const { cloud, free } = await play(acts, '15m');
  expect({ running: cloud.stepfunctions.running, free }).toEqual({ running: 0, free: true });
  return cloud;
}

/** Plays a while, whatever is held then. */
export async function play(
  acts: readonly Act[],
  durationMax: string,
): Promise<{ cloud: SimulatedCloud; free: boolean }> {
  const lastMs = Math.max(...acts.map(({ atMs }) => atMs)) + 1_000;
  const signal = `{ at: ${lastMs}ms, do: command, input: { connection: paris, source: operator } }`;
  const text = `{ title: quiet, site: pair, durationMax: ${durationMax}, steps: [${signal}], expect: { lease: free } }`;
  let cloud: SimulatedCloud | undefined;
  const result = await simulate(parseScenario(text, 'quiet'), {
    seed: 7,
    tables: isThorough ? 'dynalite' : 'memory',
    onCloud: (made) => {
      cloud = made;
      for (const { atMs, act } of acts) made.world.clock.at(simulationStart + atMs, 'bad input', () => act(made));
    },
  });
  return { cloud: cloud!, free: result.expectations.every(({ ok }) => ok) };
}

export const routeWrites = (cloud: SimulatedCloud): string[] =>
  cloud.front.calls
    .filter(({ operation }) => /^(Create|Replace|Delete)Route$|^StartAutomationExecution$/.test(operation))
    .map(({ operation, by }) => `${operation} by ${by}`);
