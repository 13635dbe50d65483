/** References to prefix lists through EC2's fake: blocks that are routes, what comes before what, AWS's words. */
import type {
  GetTransitGatewayPrefixListReferencesCommandOutput,
  ModifyTransitGatewayPrefixListReferenceCommandOutput,
  SearchTransitGatewayRoutesCommandOutput,
} from '@aws-sdk/client-ec2';
import { secondMs } from '../../../../../core/words/time';
import { type Stage, siteDeployment, stage } from '../../../sim/world-fixture';

const TransitGatewayRouteTableId = 'tgw-rtb-00000000000000001';
const [attachmentA, attachmentB] = ['tgw-attach-0aaaaaaaaaaaaaaa1', 'tgw-attach-0bbbbbbbbbbbbbbb1'];
const [list, other] = ['pl-0123456789abcdef0', 'pl-0fedcba9876543210'];
const there = { TransitGatewayRouteTableId, PrefixListId: list };

/** A table that refers to a list of two blocks, towards path a. */
function referring(seed = 1): Stage {
  const it = stage({ deployment: siteDeployment('transit'), seed });
  it.world.transit.prefixLists.set(list, ['10.1.0.0/16', '10.2.0.0/16']);
  it.world.transit.prefixLists.set(other, ['10.2.0.0/16', '10.3.0.0/16']);
  it.world.routes.install(TransitGatewayRouteTableId, list, { kind: 'attachment', id: attachmentA });
  return it;
}

const references = async ({ call }: Stage, over: object = {}) => {
  const input = { TransitGatewayRouteTableId, ...over };
  const answer = await call<GetTransitGatewayPrefixListReferencesCommandOutput>(
    'GetTransitGatewayPrefixListReferences',
    input,
  );
  return answer.TransitGatewayPrefixListReferences!;
};

const routesOf = async ({ call }: Stage, Name: string, ...Values: string[]) => {
  const input = { TransitGatewayRouteTableId, Filters: [{ Name, Values }] };
  const { Routes } = await call<SearchTransitGatewayRoutesCommandOutput>('SearchTransitGatewayRoutes', input);
  return Routes!.map(({ DestinationCidrBlock, PrefixListId, TransitGatewayAttachments: to, State }) => [
    ...[DestinationCidrBlock, PrefixListId, to![0]?.TransitGatewayAttachmentId, State],
  ]);
};

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const modify = (it: Stage, over: object = {}) =>
  it.call<ModifyTransitGatewayPrefixListReferenceCommandOutput>('ModifyTransitGatewayPrefixListReference', {
    ...{ ...there, TransitGatewayAttachmentId: attachmentB, ...over },
  });

it('shows the reference, and each of its blocks as a route that names the list', async () => {
  const it = referring();
  expect(await references(it, { Filters: [{ Name: 'prefix-list-id', Values: [list, other] }] })).toEqual([
    {
      ...{ TransitGatewayRouteTableId, PrefixListId: list, PrefixListOwnerId: '123456789012' },
      ...{ State: 'available', Blackhole: false },
      TransitGatewayAttachment: {
        ...{ TransitGatewayAttachmentId: attachmentA, ResourceId: 'vpn-0aaaaaaaaaaaaaaa1', ResourceType: 'vpn' },
      },
    },
  ]);
  expect(await routesOf(it, 'prefix-list-id', list)).toEqual([
    ['10.1.0.0/16', list, attachmentA, 'active'],
    ['10.2.0.0/16', list, attachmentA, 'active'],
  ]);
});

it('prefers a static route to a block of a list, a block to what is propagated, and one list to the other', async () => {
  const it = referring();
  it.world.routes.install(TransitGatewayRouteTableId, '10.1.0.0/16', { kind: 'attachment', id: attachmentB });
  it.world.routes.install(TransitGatewayRouteTableId, other, { kind: 'attachment', id: attachmentB });
  it.world.propagateRoute(TransitGatewayRouteTableId, '10.3.0.0/16', attachmentA);
  expect(await routesOf(it, 'route-search.subnet-of-match', '10.0.0.0/8')).toEqual([
    ['10.1.0.0/16', undefined, attachmentB, 'active'],
    ['10.2.0.0/16', list, attachmentA, 'active'],
    ['10.3.0.0/16', other, attachmentB, 'active'],
  ]);
});

it('is modifying, towards where it will lead, until packets follow; other writes are refused in some worlds', async () => {
  const seen = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
      const it = referring(seed);
      const { TransitGatewayPrefixListReference: answer } = await modify(it);
      expect([answer!.State, answer!.TransitGatewayAttachment!.TransitGatewayAttachmentId]).toEqual([
        ...['modifying', attachmentB],
      ]);
      expect((await references(it))[0]).toMatchObject({ State: 'modifying' });
      const blocks = await routesOf(it, 'prefix-list-id', list);
      const again = await failure(modify(it, { TransitGatewayAttachmentId: attachmentA }));
      await it.run(60 * secondMs);
      expect((await references(it))[0]).toMatchObject({ State: 'available' });
      return { leadsTo: blocks[0]![2], again: again.split(':')[0] };
    }),
  );
  expect(new Set(seen.map(({ leadsTo }) => leadsTo))).toEqual(new Set([attachmentA, attachmentB]));
  expect(new Set(seen.map(({ again }) => again))).toEqual(new Set(['IncorrectState', 'none']));
});

it('leads packets to a block of the list, after a longer route and before none', async () => {
  const it = referring();
  const gateway = 'tgw-00000000000000001';
  const leads = (address: string) => it.world.transit.leadsTo(gateway, 'vpc-00000000000000001', address)?.id;
  expect(leads('10.1.2.3')).toBe(attachmentA);
  expect(leads('10.9.2.3')).toBeUndefined();
  await modify(it);
  await it.run(60 * secondMs);
  expect(leads('10.1.2.3')).toBe(attachmentB);
  it.world.routes.install(TransitGatewayRouteTableId, '10.1.2.0/24', { kind: 'attachment', id: attachmentA });
  expect([leads('10.1.2.3'), leads('10.1.3.3')]).toEqual([attachmentA, attachmentB]);
});

it('drops what meets a reference that says so', async () => {
  const it = referring();
  await modify(it, { TransitGatewayAttachmentId: undefined, Blackhole: true });
  const [shown] = await references(it);
  expect([shown!.Blackhole, shown!.TransitGatewayAttachment]).toEqual([true, undefined]);
});

it('makes one reference and takes it away', async () => {
  const it = referring();
  await it.call('CreateTransitGatewayPrefixListReference', {
    ...{ ...there, PrefixListId: other, TransitGatewayAttachmentId: attachmentB },
  });
  expect(await references(it)).toMatchObject([{ PrefixListId: list }, { PrefixListId: other, State: 'pending' }]);
  await it.run(60 * secondMs);
  await it.call('DeleteTransitGatewayPrefixListReference', { ...there, PrefixListId: other });
  expect(await references(it)).toMatchObject([{ PrefixListId: list }]);
});

it('tells the blocks of a list', async () => {
  const it = referring();
  const first = await it.call('GetManagedPrefixListEntries', { PrefixListId: list, MaxResults: 1 });
  expect(first).toEqual({ Entries: [{ Cidr: '10.1.0.0/16' }], NextToken: '1' });
  expect(await failure(it.call('GetManagedPrefixListEntries', { PrefixListId: 'pl-0' }))).toMatch(
    /^InvalidPrefixListID.NotFound/,
  );
});

it.each([
  ['Create', {}, /^RouteAlreadyExists/],
  ['Modify', { PrefixListId: other }, /^InvalidRoute.NotFound/],
  ['Modify', { PrefixListId: 'pl-0' }, /^InvalidPrefixListID.NotFound/],
  ['Modify', { TransitGatewayAttachmentId: 'tgw-attach-0' }, /^InvalidTransitGatewayAttachmentID.NotFound/],
  ['Modify', { TransitGatewayRouteTableId: 'tgw-rtb-0' }, /^InvalidRouteTableID.NotFound/],
  ['Delete', { PrefixListId: other }, /^InvalidRoute.NotFound/],
])('refuses %s of %j by name', async (verb, over, words) => {
  const it = referring();
  const input = { ...there, TransitGatewayAttachmentId: attachmentB, ...over };
  expect(await failure(it.call(`${verb}TransitGatewayPrefixListReference`, input))).toMatch(words);
});
