/** Dark time is exact. */
import { VirtualClock } from '../../../local-cloud/clock';
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

const table = 'rtb-00000000000000001';

/** Seconds dark of a minute in which this happens at its tenth second. */
async function darkSeconds(happens: (world: PhysicalWorld) => void): Promise<number> {
  const clock = new VirtualClock(0);
  const world = new PhysicalWorld(deployment, { clock, seed: 1, durations: { routeEffect: { p50: 1, p99: 1 } } });
  const meter = new DarkMeter(world);
  clock.at(10_000, 'happens', () => happens(world));
  await clock.runUntil(60_000);
  return Math.round(meter.total() / 1_000);
}

it('follows the longest prefix, listed or not, as packets do', async () => {
  const toDeadInterface = (world: PhysicalWorld): void => world.routeByHand(table, '172.16.0.0/24', 'eni-0dead');
  const elsewhere = (world: PhysicalWorld): void => world.routeByHand(table, '172.16.9.0/24', 'tgw-0other');
  const toUsersTarget = (world: PhysicalWorld): void => world.routeByHand(table, '172.16.0.0/24', 'tgw-0other');
  const toTheStandby = (world: PhysicalWorld): void => world.routeByHand(table, '172.16.0.0/24', 'gw-b');
  expect(await darkSeconds(toDeadInterface)).toBe(50);
  expect(await darkSeconds(elsewhere)).toBe(0);
  expect(await darkSeconds(toUsersTarget)).toBe(50);
  expect(await darkSeconds(toTheStandby)).toBe(0);
});

it('lets a shorter, propagated route carry users whose own is gone', async () => {
  const gone = (world: PhysicalWorld): void => world.routeByHand(table, '172.16.0.0/16', 'none');
  const covered = (world: PhysicalWorld): void => {
    world.propagateRoute(table, '172.16.0.0/12', 'gw-b');
    gone(world);
  };
  expect(await darkSeconds(gone)).toBe(50);
  expect(await darkSeconds(covered)).toBe(0);
});

it('is dark behind a gateway that drops what it should forward, and while its address is elsewhere', async () => {
  expect(await darkSeconds((world) => world.checkSourceDest('gw-a', true))).toBe(50);
  expect(await darkSeconds((world) => world.moveAddress('gw-a', 'gw-b'))).toBe(50);
  expect(await darkSeconds((world) => world.moveAddress('gw-a', null))).toBe(50);
  expect(await darkSeconds((world) => world.failChecks('gw-a', true))).toBe(0);
});

it('leaves users where they were when a table is lost to EC2', async () => {
  expect(await darkSeconds((world) => world.routes.lose(table, true))).toBe(0);
});
