/**
 * Tables in memory change nothing but the cost: the same scenario and seed give the same run, byte for byte, as over
 * dynalite. What may differ in a single call is drawn at random in `test/property/tables.property.test.ts`.
 */
import { loadScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';
import { seed } from './play';

const names = ['crashed-holder', 'planned-maintenance'];

it.each(names)(`%s plays alike on both engines (seed ${seed})`, async (name) => {
  const overDynalite = await simulate(loadScenario(name), { seed });
  const inMemory = await simulate(loadScenario(name), { seed, tables: 'memory' });
  expect(inMemory).toEqual(overDynalite);
  expect(overDynalite.timeline.length).toBeGreaterThan(10);
});
