/** The law of failures: what is denied was forbidden from above, or taken back by a deployment. */
import type { Deployment } from '../../../../../core/words/domain';
import { instancesOf } from '../../../../../core/words/gateways';
import type { Scene } from '../../../../../sim/swarm/law';
import { ErrorLaws } from '../../../../../sim/swarm/laws/errors';
import { drawSite } from '../../../../../sim/swarm/site';

const before = drawSite(0);
const [first] = Object.values(instancesOf(before));
const { name, instanceId } = first!;
const rebuilt: Deployment = {
  ...before,
  gateways: { ...before.gateways, [name]: { ...first!, instanceId: 'i-00000000000000ea1' } },
};

function brokenBy(deployed: Deployment, instance: string, forbidden = ''): number {
  let broken = 0;
  const call = {
    by: 'automation',
    service: 'ec2',
    operation: 'RebootInstances',
    input: { InstanceIds: [instance] },
    error: 'UnauthorizedOperation',
  };
  const scene = {
    deployment: before,
    cloud: { front: { calls: [call] } },
    storm: { steps: [{ do: 'deny', at: 0, operation: forbidden }] },
    broken: () => broken++,
  };
  const law = new ErrorLaws(scene as unknown as Scene);
  scene.deployment = deployed;
  law.atEnd();
  return broken;
}

it.each([
  ['of what is declared breaks it', before, instanceId, '', 1],
  ['of what a deployment has replaced does not', rebuilt, instanceId, '', 0],
  ['of what a deployment has brought breaks it', rebuilt, 'i-00000000000000ea1', '', 1],
  ['from above the account does not', before, instanceId, 'RebootInstances', 0],
] as const)('a denial %s', (_, deployed, instance, forbidden, violations) => {
  expect(brokenBy(deployed, instance, forbidden)).toBe(violations);
});
