/** Long stories of tunnels: what they begin they end, and people mend what else is broken. */
import { instancesOf } from '../../../../core/words/gateways';
import type { SingleStep } from '../../../../sim/scenario-steps';
import { machine } from '../../../../sim/swarm/reachable';
import { drawSite } from '../../../../sim/swarm/site';
import { drawStorm } from '../../../../sim/swarm/storm';
import { type LongStorm, storyWeights, withTunnels } from '../../../../sim/swarm/storm-tunnels';

/** Two on a transit gateway, one alone, one that AWS rehearses, one that its partner does. */
const sites = [1, 3, 14, 26];

const deployments = new Map([0, ...sites].map((site) => [site, drawSite(site)]));

const stormsOf = (site: number): LongStorm[] => {
  const deployment = deployments.get(site)!;
  return Array.from({ length: 50 }, (_, i) => {
    const seed = site * 50 + i;
    return withTunnels(seed, drawStorm(seed, deployment, machine), deployment);
  });
};
const storms = sites.flatMap((site) => stormsOf(site).map((storm) => ({ site, storm })));
const long = storms.filter(({ storm }) => storm.stories.length > 0);

const lastOf = (storm: LongStorm, isIt: (step: SingleStep) => boolean): number =>
  Math.max(-1, ...storm.steps.filter(isIt).map(({ at }) => at));

it('tells each story somewhere, and none where there are no such tunnels', () => {
  expect(new Set(long.flatMap(({ storm }) => storm.stories))).toEqual(new Set(Object.keys(storyWeights)));
  expect(stormsOf(0).flatMap(({ stories }) => stories)).toEqual([]);
});

it('ends by the calm what it has begun', () => {
  for (const { storm } of long) {
    const { calmMs } = storm;
    expect(lastOf(storm, (step) => step.do === 'faults_end')).toBe(calmMs);
    for (const [begins, ends] of [
      ['tunnel_down', 'tunnel_up'],
      ['vpn_peer_down', 'vpn_peer_up'],
      ['peer_down', 'peer_up'],
    ] as const) {
      const begun = lastOf(storm, (step) => step.do === begins);
      const ended = lastOf(storm, (step) => step.do === ends);
      expect([ended >= begun, ended <= calmMs]).toEqual([true, true]);
    }
    const open = lastOf(storm, (step) => step.do === 'tunnel_one_way' && step.on);
    expect(lastOf(storm, (step) => step.do === 'tunnel_one_way' && !step.on)).toBeGreaterThanOrEqual(open);
  }
});

it('applies maintenance of two tunnels one after the other, and before the calm where AWS does it by itself soon', () => {
  const announced = long.flatMap(({ storm }) =>
    storm.stories.includes('maintenance announced') ? [{ storm, steps: storm.steps }] : [],
  );
  for (const { storm, steps } of announced) {
    const byAws = steps.flatMap((step) =>
      step.do === 'maintenance_pending' && step.at < 2_000 ? [step.at + step.by] : [],
    );
    expect(new Set(byAws).size).toBe(byAws.length);
    for (const at of byAws) expect(at < storm.calmMs || at > storm.mendMs + 24 * 3_600_000).toBe(true);
  }
});

it('has every instance mended after the calm', () => {
  for (const { site, storm } of long)
    for (const gateway of Object.keys(instancesOf(deployments.get(site)!)))
      expect(lastOf(storm, (step) => step.do === 'mend_gateway' && step.gateway === gateway)).toBe(storm.mendMs);
});
