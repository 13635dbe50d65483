/** How far our own half was looked at, before anybody is sent to the partner. */
import type { OwnLook } from '../../../../core/gateways/kind';
import { aboutThePresent, kindOf } from '../../../../core/gateways/kinds';
import type { RungRun } from '../../../../core/store/memory';
import type { InstanceGateway } from '../../../../core/words/domain';
import type { InstanceFacts } from '../../../../core/words/evidence';
import { asked, deployment, evidence, gateway, instance, memory, rung, t0 } from '../../../given';
import { siteDeployment } from '../../sim/world-fixture';

interface World {
  readonly run?: Partial<RungRun>;
  readonly facts?: Partial<InstanceFacts> | null;
  readonly control?: InstanceGateway['control'];
}

function ownLook({ run, facts = {}, control = 'ssm' }: World): OwnLook {
  const whole = deployment();
  const gateways = { ...whole.gateways, 'gw-a': { ...gateway('gw-a', 'eu-central-1a'), control } };
  const ended = run && rung({ endedAt: t0 - 30_000, ...run });
  const look = asked({
    deployment: { ...whole, gateways },
    evidence: evidence({ instances: { 'gw-a': facts && instance('gw-a', facts) } }),
    memory: memory({ rungs: ended ? [ended] : [] }),
  });
  return kindOf(look.deployment.gateways['gw-a']!).ownLook(look, 'a');
}

const former = { instanceId: 'i-0former', routeInterfaceId: 'eni-former' };

it.each<[string, World, Partial<OwnLook>]>([
  ['nobody looked', {}, { seen: 'unseen', run: undefined, noRung: 'no rung was due' }],
  ['nobody may', { control: 'none' }, { seen: 'unseen', noRung: 'its configuration says control: none' }],
  [
    'nobody can',
    { facts: { agent: 'lost' } },
    { seen: 'unseen', noRung: 'Systems Manager does not reach the machine' },
  ],
  ['it was looked at, and EC2 says the machine is well', { run: { result: 'success' } }, { seen: 'well' }],
  [
    'EC2 has not checked it yet',
    { run: { result: 'success' }, facts: { systemStatus: 'unknown' } },
    { seen: 'unproven' },
  ],
  ['EC2 cannot be asked', { run: { result: 'success' }, facts: null }, { seen: 'unproven' }],
  ['EC2 spoke of a former machine', { run: { result: 'success' }, facts: { identity: former } }, { seen: 'unproven' }],
  [
    'the look was denied',
    { run: { result: 'denied' } },
    { seen: 'unseen', run: expect.objectContaining({ result: 'denied' }) },
  ],
  ['the rung never began', { run: { result: 'refused' } }, { seen: 'unseen', run: undefined }],
  [
    'another gateway was looked at',
    { run: { result: 'success', gateway: 'gw-b' } },
    { seen: 'unseen', run: undefined },
  ],
])('says that %s', (_what, world, look) => {
  expect(ownLook(world)).toMatchObject(look);
});

it('takes nothing that was said of a gateway of another kind for its own', () => {
  const whole = deployment();
  const vpn = { ...siteDeployment('managed').gateways['vpn-a']!, name: 'vpn-a' };
  const mixed = { ...whole, gateways: { ...whole.gateways, 'vpn-a': vpn } };
  const unread = evidence({ instances: { 'vpn-a': null } });
  const facts = asked({ deployment: mixed, evidence: unread });
  expect(Object.keys(aboutThePresent(facts).instances)).toEqual(['gw-a', 'gw-b']);
});
