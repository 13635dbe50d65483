/** The laws of failure: functions fail by names we gave, and what is denied was forbidden from above or taken back. */
import { laws } from '../../../../../core/decide/invariants';
import type { Deployment } from '../../../../../core/words/domain';
import { ErrorLaws } from '../../../../../sim/swarm/laws/errors';
import { deployment, gateway } from '../../../../given';
import { FabricatedScene } from './scene';

const before = deployment();
const rebuilt: Deployment = {
  ...before,
  gateways: { ...before.gateways, 'gw-a': { ...gateway('gw-a', 'eu-central-1a'), instanceId: 'i-0new' } },
};

function brokenBy(deployed: Deployment, instance: string, forbidden = ''): string[] {
  const given = new FabricatedScene({ deployment: before, steps: [{ do: 'deny', at: 0, operation: forbidden }] });
  const call = {
    by: 'automation',
    service: 'ec2',
    operation: 'RebootInstances',
    input: { InstanceIds: [instance] },
    error: 'UnauthorizedOperation',
  };
  Object.assign(given.cloud, { calls: [call] });
  const law = new ErrorLaws(given.scene);
  Object.assign(given, { deployment: deployed });
  law.atEnd();
  return given.broke;
}

it.each([
  ['of what is declared breaks it', before, 'i-0aaaaaaaaaaaaaaaa', '', [laws.named]],
  ['of what a deployment has replaced does not', rebuilt, 'i-0aaaaaaaaaaaaaaaa', '', []],
  ['of what a deployment has brought breaks it', rebuilt, 'i-0new', '', [laws.named]],
  ['from above the account does not', before, 'i-0aaaaaaaaaaaaaaaa', 'RebootInstances', []],
] as const)('a denial %s', (_, deployed, instance, forbidden, expected) => {
  expect(brokenBy(deployed, instance, forbidden)).toEqual(expected);
});

it.each([
  ['by a name of ours', 'AwsUnavailable', 'EC2 is away', []],
  ['when its time is up', 'Sandbox.Timedout', 'after 20 s', []],
  ['by a bug', 'TypeError', 'undefined is no function', [laws.named]],
  ['without a name', undefined, undefined, [laws.named]],
  ['by a law of the core, under that law’s own name', 'InvariantViolated', laws.drained, [laws.drained]],
])('a function fails %s', (_, errorType, errorMessage, expected) => {
  const given = new FabricatedScene();
  new ErrorLaws(given.scene).onFunctionFailure('assess', JSON.stringify({ errorType, errorMessage }));
  expect(given.broke).toEqual(expected);
});
