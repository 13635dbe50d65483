/**
 * What must move nobody: outages that mend themselves, and loss at random. Outages hit all witnesses of a path at once, so no
 * second canary helps, and only their length tells them from a fault; the canary alone is played through thousands.
 */
import type { Preset } from '../core/words/policy';
import { outagesOfLength, outagesOfMean, playCanary, runsADay } from './canary-alone';
import { shareOf } from './statistics';
import type { Measured, Target } from './target';

const meansMs = [100, 200, 400, 800] as const;
/** Of outages of this mean at most 2 in 100 may move anything, but at `fast` (docs/decisions/040). */
const judgedMeanMs = 200;
const judgedShare = 0.02;
/** About nine outages in each. */
const runsAMean = 300;

export function outages(preset: Preset): Target {
  return {
    name: `outages that mend themselves, ${preset}`,
    measure: async ({ seeds: [seed = 0] }) => {
      const half = await playCanary({ preset, seed, runs: runsAMean, outagesIn: outagesOfLength(500) });
      const rows: Measured[] = [
        { what: `500 ms, ${half.outages} of them`, limit: 0, measured: half.downs, unit: 'moves' },
      ];
      for (const meanMs of meansMs) {
        const { downs, outages: tries } = await playCanary({
          preset,
          seed: seed + meanMs,
          runs: runsAMean,
          outagesIn: outagesOfMean(meanMs),
        });
        const { value, from, to } = shareOf(downs, tries);
        rows.push({
          what: `of ${meanMs} ms on average, ${tries} of them`,
          limit: meanMs === judgedMeanMs && preset !== 'fast' ? 100 * judgedShare : null,
          measured: 100 * value,
          interval: { from: 100 * from, to: 100 * to },
          unit: 'of 100',
        });
      }
      return rows;
    },
  };
}

export const lossAlone: Target = {
  name: '5 % random loss, the canary alone',
  measure: async ({ seeds: [seed = 0], lossDays }) => {
    const { downs } = await playCanary({
      preset: 'balanced',
      seed,
      runs: Math.ceil(lossDays * runsADay),
      outagesIn: () => [],
      lossRatio: 0.05,
    });
    return [
      {
        what: lossDays === 1 ? 'moves in a day' : `moves in ${lossDays} days`,
        limit: 0,
        measured: downs,
        unit: 'moves',
      },
    ];
  },
};
