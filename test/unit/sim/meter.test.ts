/** Dark time is exact. */
import { VirtualClock } from '../../../sim/clock';
import { DarkMeter } from '../../../sim/meter';
import { parseScenario } from '../../../sim/scenario';
import { PhysicalWorld } from '../../../sim/world';

const { deployment } = parseScenario('title: t\nsite: pair\ndurationMax: 1m', 'meter');

it('adds up exactly the time in which users got no answer', async () => {
  const clock = new VirtualClock(0);
  const world = new PhysicalWorld(deployment, { clock, seed: 1 });
  const meter = new DarkMeter(world);
  clock.at(10_000, 'off', () => world.oneWay('a', true));
  clock.at(12_345, 'on', () => world.oneWay('a', false));
  clock.at(20_000, 'standby off', () => world.oneWay('b', true));
  clock.at(50_000, 'off again', () => world.oneWay('a', true));
  await clock.runUntil(60_000);
  expect(meter.total()).toBe(2_345 + 10_000);
});
