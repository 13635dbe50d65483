/** The identity that `replace` writes and a run without the lock table reads, by the runbook's own step. */
import { identities } from '../../adapters/ssm/identities';
import { runStep } from './product-calls';
import type { Cloud } from './site';

export function parametersContract(cloud: Cloud): void {
  const values = {
    'launch.NewInstanceId': 'i-00000000000000001',
    'launch.NewInterfaceId': 'eni-00000000000000001',
    DeclaredInstanceId: 'i-00000000000000002',
    DeclaredInterfaceId: 'eni-00000000000000002',
    AllocationId: 'none',
    InstanceId: 'i-00000000000000003',
    OldInterfaceId: 'eni-00000000000000003',
    Gateway: 'gw-a',
  };

  it('is written over what was there, and read back; a gateway without one is none', async () => {
    const site = await cloud.site();
    const prefix = '/switchback/contract/identity/';
    const write = (over: object) =>
      runStep(site, ['replace', 'rememberIdentity'], { ...values, ...over }, { Name: `${prefix}gw-a` });
    await write({ 'launch.NewInstanceId': 'i-00000000000000009' });
    await write({});
    const unread: string[] = [];
    const read = await identities(site.aws.ssm, prefix, site.clock, (because) => unread.push(because)).read([
      'gw-a',
      'gw-b',
    ]);
    expect(read).toEqual({
      'gw-a': {
        instanceId: 'i-00000000000000001',
        routeInterfaceId: 'eni-00000000000000001',
        replaced: {
          instanceId: 'i-00000000000000002',
          routeInterfaceId: 'eni-00000000000000002',
          allocationId: null,
        },
        former: [{ instanceId: 'i-00000000000000003', routeInterfaceId: 'eni-00000000000000003' }],
      },
      'gw-b': null,
    });
    expect(unread).toEqual([]);
  });
}
