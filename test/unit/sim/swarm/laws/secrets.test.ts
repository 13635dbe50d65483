/** A pre-shared key anywhere it could be written down breaks the law; the answer to the one who may ask does not. */
import { laws } from '../../../../../core/decide/invariants';
import type { Deployment } from '../../../../../core/words/domain';
import { canaryKey } from '../../../../../sim/network/managed-vpn';
import { SecretsLaw } from '../../../../../sim/swarm/laws/secrets';
import { deployment as plain } from '../../../../given';
import { pairOver } from '../../../../given-vpn';
import { FabricatedScene } from './scene';

const key = `${canaryKey}.203_0_113_1`;

const witness = (automations = {}, deployment: Deployment = pairOver()) => {
  const scene = new FabricatedScene({ world: { deployment }, automations });
  return { scene, law: new SecretsLaw(scene.scene) };
};

const call = (over: object = {}) =>
  ({
    operation: 'DescribeVpnConnections',
    role: 'SwitchbackWatchFunctionRole1',
    by: 'watch',
    input: {},
    ...over,
  }) as never;
const answer = { VpnConnections: [{ Options: { TunnelOptions: [{ PreSharedKey: key }] } }] };

it.each<[string, (law: SecretsLaw) => void]>([
  ['a log line', (law) => law.onLog('watch', `{"because":"${key}"}`)],
  ['an item', (law) => law.onItem({ text: JSON.stringify({ message: { S: key } }) } as never)],
  ['a history event', (law) => law.onState({ output: key } as never, { arn: 'run' } as never)],
  ['a notice', (law) => law.onNotice({ subject: 's', message: `call them: ${key}` } as never)],
  ['what a function is given', (law) => law.onInvocation('sense', 'r', key)],
  ['how a function failed', (law) => law.onFunctionFailure('watch', JSON.stringify({ errorMessage: key }))],
  ['the input of a call', (law) => law.onCall(call({ operation: 'PutItem', input: { Item: key } }), {})],
  ['another answer', (law) => law.onCall(call({ operation: 'GetActiveVpnTunnelStatus' }), { Reason: key })],
  ['the answer to somebody else', (law) => law.onCall(call({ role: 'RepairRole', by: 'automation' }), answer)],
  ['the report of the run', (law) => law.report({ timeline: [{ because: key }] })],
])('is broken by a key in %s', (_, leak) => {
  const { scene, law } = witness();
  leak(law);
  expect(scene.broke).toEqual([laws.secrets]);
});

it('is broken by a key among an automation’s outputs', () => {
  const records = [{ inputs: {}, outputs: { OutputPayload: answer }, failure: '' }];
  const { scene, law } = witness({ 'automation-1': { documentName: 'replace-tunnel', failure: '', records } });
  law.atEnd();
  expect(scene.broke).toEqual([laws.secrets]);
});

it('lets the answer to watch by, and has judged then', () => {
  const { scene, law } = witness();
  law.onCall(call(), answer);
  law.atEnd();
  expect([scene.broke, [...scene.judgedLaws]]).toEqual([[], [laws.secrets]]);
});

it('has nothing to look for where there are no keys', () => {
  const { scene, law } = witness({}, plain());
  law.onCall(call(), answer);
  expect([...scene.judgedLaws]).toEqual([]);
});
