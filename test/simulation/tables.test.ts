/**
 * Tables in memory change nothing but the cost: the same scenario and seed give the same run, byte for byte, as over
 * dynalite. What may differ in a single call is drawn at random in `test/property/tables.property.test.ts`.
 * `npm test` compares a short one, CI two that write more.
 */
import { isThorough } from '../thorough';
import { play, playAgain, seed } from './played';

const names = isThorough ? ['crashed-holder', 'planned-maintenance'] : ['alarm-but-healthy'];

it.each(names)(`%s plays alike on both engines (seed ${seed})`, async (name) => {
  const { result } = await play(name);
  expect(JSON.stringify(await playAgain(name))).toBe(JSON.stringify(result));
  expect(result.timeline.length).toBeGreaterThan(5);
});
