/** What a storm draws of time and change. */
import { withChange } from '../../../../sim/swarm/change';
import { machine } from '../../../../sim/swarm/reachable';
import { drawSite } from '../../../../sim/swarm/site';
import { drawStorm } from '../../../../sim/swarm/storm';

it('deploys anew once a storm, so that no rebuilt machine is taken out of the configuration again', () => {
  const site = 52_000_005;
  const deployment = drawSite(site);
  const deployments: number[] = [];
  for (let seed = site; seed < site + 1_500; seed++) {
    const storm = withChange(seed, site, drawStorm(seed, deployment, machine), deployment);
    deployments.push(storm.steps.filter((step) => step.do === 'redeploy').length);
  }
  expect(Math.max(...deployments)).toBe(1);
});
