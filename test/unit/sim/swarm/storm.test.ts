/** A storm that aims at a Catch also brings about what the state is reached by. */
import { machine } from '../../../../sim/swarm/reachable';
import { drawSite } from '../../../../sim/swarm/site';
import { drawStorm } from '../../../../sim/swarm/storm';
import type { Storm } from '../../../../sim/swarm/storm-shape';

const site = drawSite(0);
const all = Array.from({ length: 1_500 }, (_, seed) => drawStorm(seed, site, machine));

const aimedAt = (state: string): readonly Storm[] => all.filter((storm) => storm.aimedAt === state);
const failed = (storm: Storm, state: string) =>
  storm.steps.flatMap((step) => (step.do === 'fail_state' && step.when === state ? [step] : []));

it('aims at every state that catches something', () => {
  const catching = new Set(machine.catchers.map(({ state }) => state));
  expect([...catching].filter((state) => aimedAt(state).length === 0)).toEqual([]);
});

it('lets a function fail with an error of its own, which Lambda answers with 200', () => {
  const own = aimedAt('Assess').flatMap((storm) => failed(storm, 'Assess'));
  expect(own.filter(({ error }) => error === 'MalformedInput').map(({ status }) => status)).toContain(200);
  expect(own.filter(({ error }) => error.endsWith('Exception')).map(({ status }) => status)).not.toContain(200);
});

it('fails the seeding of an item before the sweep has done it, under a signal that is faster', () => {
  for (const storm of aimedAt('SeedConnection')) {
    expect(storm.steps.slice(0, 2)).toMatchObject([
      { at: 0, when: 'SeedConnection' },
      { at: 100, do: 'command' },
    ]);
  }
});

it('keeps runs from the lock table where the notices said without it are aimed at', () => {
  for (const state of ['NotifyFailOpen', 'StartTelling', 'NotifyWithoutTable'])
    for (const storm of aimedAt(state)) expect(failed(storm, 'TakeLease')).not.toEqual([]);
});
