/** What doctor says of a launch template whose machine a name in DNS is to follow. */
import { launch } from '../../../../../cli/doctor/checks/launch';
import { instanceAt } from '../../../../../core/words/gateways';
import { type FakeAccount, goodAccount, patientIn } from '../fake-account';

const record = { zoneId: 'Z0123456789ABCDEFGHIJ', name: 'vpn-a.example.net', ttlSeconds: 60 };

/** gw-a with a name, and with its Elastic IP or without; `isPublic`: what its template asks of the subnet. */
function account(hasElasticIp: boolean, isPublic?: boolean): FakeAccount {
  const made = goodAccount();
  const { address, ...gateway } = instanceAt(made.deployment, 'gw-a');
  const named = { ...gateway, record, ...(hasElasticIp && address !== undefined && { address }) };
  made.deployment = { ...made.deployment, gateways: { ...made.deployment.gateways, 'gw-a': named } };
  const [own] = made.templates[0]!.LaunchTemplateData!.NetworkInterfaces!;
  if (isPublic !== undefined) Object.assign(own!, { AssociatePublicIpAddress: isPublic });
  return made;
}

it.each([
  ['asks for a public address', account(false, true), 'ok', /2 replacements tried dry/],
  [
    'asks for none',
    account(false, false),
    'FAIL',
    /version 3 of lt-0a+1 asks for no public address, and vpn-a\.example/,
  ],
  [
    'leaves it to the subnet',
    account(false),
    'FAIL',
    /asks for no public address, and vpn-a\.example\.net is to say it/,
  ],
  ['asks for none, where an Elastic IP moves', account(true, false), 'ok', /2 replacements tried dry/],
] as const)('where it %s', async (_, made, level, found) => {
  const [first] = await launch.look(patientIn(made, false) as never, null as never);
  expect(first).toMatchObject({ level, found: expect.stringMatching(found) });
});
