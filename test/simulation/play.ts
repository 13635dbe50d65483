/**
 * Every scenario, from the synthesized stack: it must end as its file says, and the same seed must give the same run,
 * byte for byte, and no role be denied anything. In two halves, so that two cores share them.
 */
import { play } from '../../sim/playback';
import { scenarioNames } from '../../sim/scenario';
import type { SimulationResult } from '../../sim/simulate';

export const seed = Number(process.env['SEED'] ?? 7);

export function playHalf(half: 0 | 1): void {
  const names = scenarioNames().filter((_, i) => i % 2 === half);
  describe.each(names)(`%s (seed ${seed})`, (name) => {
    let first: SimulationResult | undefined;

    it('ends as its file says', async () => {
      const { cloud, result } = await play(name, seed);
      first = result;
      expect(cloud.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
      expect(first.expectations.filter((expectation) => !expectation.ok)).toEqual([]);
      expect(first.expectations.length).toBeGreaterThan(1);
    });

    it('is the same run from the same seed', async () => {
      const again = await play(name, seed);
      expect(JSON.stringify(again.result)).toBe(JSON.stringify(first));
    });
  });
}
