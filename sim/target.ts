/** A target: what is measured over how many seeds, and the limit that it must keep. */
import { type Played, play } from './playback';
import type { Scenario } from './scenario';
import type { Estimate } from './statistics';

/** One row. */
export interface Measured {
  readonly what: string;
  /** Null: it is shown, and nothing is asked of it. */
  readonly limit: number | null;
  readonly measured: number;
  /** Where it is of a sample: what it would be in 95 of 100 such. */
  readonly interval?: Pick<Estimate, 'from' | 'to'>;
  readonly unit: 's' | 'transitions' | 'writes' | 'moves' | 'of 100';
}

export interface Extent {
  readonly seeds: readonly number[];
  /** Simulated hours of loss, in a whole cloud. */
  readonly lossHours: number;
  /** Simulated days of loss that the canary alone is played through. */
  readonly lossDays: number;
}

export interface Target {
  readonly name: string;
  measure(extent: Extent): Promise<Measured[]>;
}

export async function overSeeds<T>(
  seeds: readonly number[],
  scenario: (seed: number) => string | Scenario,
  look: (played: Played, seed: number) => T,
): Promise<T[]> {
  const seen: T[] = [];
  for (const seed of seeds) seen.push(look(await play(scenario(seed), seed), seed));
  return seen;
}
