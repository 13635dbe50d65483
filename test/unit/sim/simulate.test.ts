/** The whole local cloud on the synthesized stack, for a few simulated minutes. Needs `npm run build`. */

import { parseScenario } from '../../../sim/scenario';
import { simulate } from '../../../sim/simulate';
import { denials, play, playAgain, seed } from '../../simulation/played';

const quiet = parseScenario(
  'title: nothing happens\nsite: pair\ndurationMax: 3m\nexpect: {routes: {office: [a]}, darkMsMax: 0, ec2Writes: 0}',
  'quiet',
);

it('finds nothing to do in a healthy world, and is dark for no moment', async () => {
  const { expectations, outcome, users } = await simulate(quiet, { seed: 1, tables: 'memory' });
  expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect([outcome, users.darkMs]).toEqual(['nothing', 0]);
});

it('carries a stopped gateway from the event to failback: no call denied, the same bytes for the same seed', async () => {
  const played = await play('gateway-stopped');
  const { result } = played;
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(denials(played)).toEqual([]);
  expect(JSON.stringify(await playAgain('gateway-stopped', 'memory'))).toBe(JSON.stringify(result));
});

it('plays otherwise from another seed', async () => {
  const [one, other] = [await play('wrong-command'), await play('wrong-command', seed + 1)];
  expect(other.result.timeline).not.toEqual(one.result.timeline);
});

it('says which scenario and seed failed when the simulation itself breaks', async () => {
  const scenario = parseScenario(
    'title: t\nsite: pair\ndurationMax: 1m\nsteps: [{at: 1s, do: peer_down, path: nobody}]',
    'broken',
  );
  await expect(simulate(scenario, { seed: 3 })).rejects.toThrow("Scenario 'broken', seed 3: nobody names 0 paths");
});
