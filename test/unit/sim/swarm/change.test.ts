/** What a storm draws of time and change. */
import { withChange } from '../../../../sim/swarm/change';
import { machine } from '../../../../sim/swarm/reachable';
import { drawSite } from '../../../../sim/swarm/site';
import { drawStorm } from '../../../../sim/swarm/storm';

it('deploys anew once a storm, so that no rebuilt machine is taken out of the configuration again', () => {
  const site = 52_000_005;
  const deployment = drawSite(site);
  const deployments: number[] = [];
  const handedOver: boolean[] = [];
  for (let seed = site; seed < site + 1_500; seed++) {
    const storm = withChange(seed, site, drawStorm(seed, deployment, machine), deployment);
    deployments.push(storm.steps.filter((step) => step.do === 'redeploy').length);
    if (storm.aimedAt === 'HandOver') handedOver.push(deployments.at(-1) === 1);
  }
  expect(Math.max(...deployments)).toBe(1);
  // Only another configuration makes a run hand over within a storm.
  expect(new Set(handedOver)).toEqual(new Set([true]));
});

it('gives no prefix list a longer route: that would be its own, taken away in the end', () => {
  const site = 1_402_041;
  const deployment = drawSite(site);
  const longer: string[] = [];
  for (let seed = site; seed < site + 400; seed++) {
    const storm = drawStorm(seed, deployment, machine);
    const known = new Set(storm.steps);
    const { steps } = withChange(seed, site, storm, deployment);
    longer.push(
      ...steps.flatMap((step) => (step.do === 'route_by_hand' && !known.has(step) ? [step.destination ?? ''] : [])),
    );
  }
  expect(longer.filter((destination) => destination.startsWith('pl-'))).toEqual([]);
  const { connections } = deployment;
  const destinations = Object.values(connections).flatMap(({ routeSets }) =>
    Object.values(routeSets).flatMap((set) => set.destinations),
  );
  expect(destinations.some((destination) => destination.startsWith('pl-'))).toBe(true);
});
