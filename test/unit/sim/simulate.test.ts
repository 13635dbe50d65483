/** The whole local cloud on the synthesized stack, for a few simulated minutes. Needs `npm run build`. */

import { loadScenario, parseScenario } from '../../../sim/scenario';
import { simulate } from '../../../sim/simulate';
import type { SimulatedCloud } from '../../../sim/simulated-cloud';

const quiet = parseScenario(
  'title: nothing happens\nsite: pair\ndurationMax: 3m\nexpect: {routes: {office: [a]}, darkMsMax: 0, ec2Writes: 0}',
  'quiet',
);

it('finds nothing to do in a healthy world, and is dark for no moment', async () => {
  const { expectations, outcome, users } = await simulate(quiet, { seed: 1 });
  expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect([outcome, users.darkMs]).toEqual(['nothing', 0]);
});

it('carries a stopped gateway from the event to failback: no call denied, the same bytes for the same seed', async () => {
  let cloud: SimulatedCloud | undefined;
  const run = (seed: number) =>
    simulate(loadScenario('gateway-stopped'), {
      seed,
      tables: 'memory',
      onCloud: (made) => {
        cloud = made;
      },
    });
  const result = await run(7);
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(cloud!.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
  expect(JSON.stringify(await run(7))).toBe(JSON.stringify(result));
  expect((await run(8)).timeline).not.toEqual(result.timeline);
});

it('says which scenario and seed failed when the simulation itself breaks', async () => {
  const scenario = parseScenario(
    'title: t\nsite: pair\ndurationMax: 1m\nsteps: [{at: 1s, do: peer_down, path: nobody}]',
    'broken',
  );
  await expect(simulate(scenario, { seed: 3 })).rejects.toThrow("Scenario 'broken', seed 3: nobody names 0 paths");
});
