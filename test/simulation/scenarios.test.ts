/**
 * Every scenario, from the synthesized stack: it must end as its file says, and the same seed must give the same run,
 * byte for byte.
 */
import { loadScenario, scenarioNames } from '../../sim/scenario';
import { type SimulationResult, simulate } from '../../sim/simulate';

const seed = Number(process.env['SEED'] ?? 7);
const results = new Map<string, Promise<SimulationResult>>();

function play(name: string): Promise<SimulationResult> {
  const known = results.get(name) ?? simulate(loadScenario(name), { seed });
  results.set(name, known);
  return known;
}

describe.each(scenarioNames())(`%s (seed ${seed})`, (name) => {
  it('ends as its file says', async () => {
    const { expectations } = await play(name);
    expect(expectations.filter((expectation) => !expectation.ok)).toEqual([]);
    expect(expectations.length).toBeGreaterThan(1);
  }, 60_000);

  it('is the same run from the same seed', async () => {
    const again = await simulate(loadScenario(name), { seed });
    expect(JSON.stringify(again)).toBe(JSON.stringify(await play(name)));
  }, 60_000);
});
