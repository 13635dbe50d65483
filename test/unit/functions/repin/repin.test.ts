/** The function that moves a gateway's pinning routes: which they are, what EC2 may answer, and who may ask. */
import { ReplaceRouteCommand } from '@aws-sdk/client-ec2';
import { createHandler } from '../../../../functions/repin';
import { partnersBehindOnePair } from '../../../first-night/sizes';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { startAt, VirtualWorld } from '../virtual-world';

const interfaceId = 'eni-0123456789abcdef0';

function make(deployment = partnersBehindOnePair(2)) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const written: object[] = [];
  mocks.ec2.on(ReplaceRouteCommand).callsFake((input: object) => {
    written.push(input);
    return {};
  });
  const handler = createHandler(world, deployment);
  return { mocks, world, written, repin: (event: unknown) => world.finish(handler(event)) };
}

it('points every host route of the gateway’s canaries, of all connections, and no other, at the interface', async () => {
  const { repin, written } = make();
  expect(await repin({ gateway: 'gw-b', interfaceId })).toMatchObject({ moved: true });
  const tables = new Set(written.map((input) => (input as { RouteTableId: string }).RouteTableId));
  expect(tables.size).toBe(1);
  const [RouteTableId] = tables;
  expect(written).toEqual([
    { RouteTableId, DestinationCidrBlock: '172.16.0.22/32', NetworkInterfaceId: interfaceId },
    { RouteTableId, DestinationCidrBlock: '172.16.1.22/32', NetworkInterfaceId: interfaceId },
  ]);
});

it('takes every kind of destination where a subnet of its own pins the canary', async () => {
  const site = structuredClone(partnersBehindOnePair(1));
  const { canaries, routeSets } = site.connections['partner001']! as unknown as {
    canaries: { pin: string }[];
    routeSets: { office: { destinations: string[] } };
  };
  for (const canary of canaries) canary.pin = 'subnet';
  routeSets.office.destinations = ['172.16.0.0/24', '2001:db8::/32', 'pl-0123456789abcdef0'];
  const { repin, written } = make(site);
  await repin({ gateway: 'gw-a', interfaceId });
  expect(written).toMatchObject([
    { DestinationCidrBlock: '172.16.0.0/24' },
    { DestinationIpv6CidrBlock: '2001:db8::/32' },
    { DestinationPrefixListId: 'pl-0123456789abcdef0' },
  ]);
});

it.each(['RequestLimitExceeded', 'InternalError'])('asks again after %s', async (name) => {
  const { mocks, repin, world } = make();
  mocks.ec2.on(ReplaceRouteCommand).rejectsOnce(awsError(name)).rejectsOnce(awsError(name)).resolves({});
  expect(await repin({ gateway: 'gw-a', interfaceId })).toMatchObject({ moved: true });
  expect(world.now() - startAt).toBeLessThan(2_000);
});

it('answers that it has not moved them all, when one is refused or EC2 does not answer for twelve seconds', async () => {
  const { mocks, repin, world } = make();
  mocks.ec2
    .on(ReplaceRouteCommand, { DestinationCidrBlock: '172.16.1.21/32' })
    .rejects(awsError('InvalidRoute.NotFound'));
  expect(await repin({ gateway: 'gw-a', interfaceId })).toMatchObject({
    moved: false,
    because: expect.stringContaining('172.16.1.21/32'),
  });
  mocks.ec2.on(ReplaceRouteCommand).rejects(awsError('RequestLimitExceeded'));
  const before = world.now();
  expect(await repin({ gateway: 'gw-a', interfaceId })).toMatchObject({ moved: false });
  expect(world.now() - before).toBeLessThanOrEqual(12_000);
});

it.each([
  [{ gateway: 'gw-x', interfaceId }, /gateway is "gw-x": must be one that may be replaced/],
  [{ gateway: 'gw-a', interfaceId: 'vgw-1' }, /interfaceId is "vgw-1": must be the id of a network interface/],
  [null, /gateway is missing.*interfaceId is missing/s],
])('refuses %j', async (event, words) => {
  await expect(make().repin(event)).rejects.toThrow(words);
});
