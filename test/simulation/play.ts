/**
 * Every scenario, from the synthesized stack: it must end as its file says, and the same seed must give the same run,
 * byte for byte. In two halves, so that two cores share them.
 */
import { loadScenario, scenarioNames } from '../../sim/scenario';
import { type SimulationResult, simulate } from '../../sim/simulate';

export const seed = Number(process.env['SEED'] ?? 7);

export function playHalf(half: 0 | 1): void {
  const names = scenarioNames().filter((_, i) => i % 2 === half);
  describe.each(names)(`%s (seed ${seed})`, (name) => {
    let first: SimulationResult | undefined;

    it('ends as its file says', async () => {
      first = await simulate(loadScenario(name), { seed });
      expect(first.expectations.filter((expectation) => !expectation.ok)).toEqual([]);
      expect(first.expectations.length).toBeGreaterThan(1);
    }, 60_000);

    it('is the same run from the same seed', async () => {
      const again = await simulate(loadScenario(name), { seed });
      expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    }, 60_000);
  });
}
