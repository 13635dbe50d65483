/** Transit gateway routes through EC2's fake: filters, pages, states, and AWS's words for what cannot be. */
import type { SearchTransitGatewayRoutesCommandOutput } from '@aws-sdk/client-ec2';
import { secondMs } from '../../../../../core/words/time';
import { type Stage, siteDeployment, stage } from '../../../sim/world-fixture';

const TransitGatewayRouteTableId = 'tgw-rtb-00000000000000001';
const [attachmentA, attachmentB] = ['tgw-attach-0aaaaaaaaaaaaaaa1', 'tgw-attach-0bbbbbbbbbbbbbbb1'];
const network = '172.16.0.0/16';
const there = { TransitGatewayRouteTableId, DestinationCidrBlock: network };

const transit = (seed = 1): Stage => stage({ deployment: siteDeployment('transit'), seed });

const search = ({ call }: Stage, Name: string, Values: string[], rest = {}) =>
  call<SearchTransitGatewayRoutesCommandOutput>('SearchTransitGatewayRoutes', {
    ...{ TransitGatewayRouteTableId, Filters: [{ Name, Values }], ...rest },
  });

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );

it('answers with all values of a filter, and routes inside a block only where asked for them', async () => {
  const it = transit();
  const { Routes, AdditionalRoutesAvailable } = await search(it, 'route-search.exact-match', [
    network,
    '172.16.0.22/32',
  ]);
  expect(Routes).toEqual([
    {
      ...{ DestinationCidrBlock: network, Type: 'static', State: 'active' },
      TransitGatewayAttachments: [
        { TransitGatewayAttachmentId: attachmentA, ResourceId: 'vpn-0aaaaaaaaaaaaaaa1', ResourceType: 'vpn' },
      ],
    },
    expect.objectContaining({ DestinationCidrBlock: '172.16.0.22/32' }),
  ]);
  expect(AdditionalRoutesAvailable).toBe(false);
  const inside = await search(it, 'route-search.subnet-of-match', [network]);
  expect(inside.Routes).toHaveLength(3);
});

it('pages, and says so', async () => {
  const it = transit();
  for (let i = 0; i < 6; i++)
    it.world.routes.install(TransitGatewayRouteTableId, `10.0.${i}.0/24`, { kind: 'attachment', id: attachmentA });
  const first = await search(it, 'type', ['static'], { MaxResults: 5 });
  expect([first.Routes?.length, first.AdditionalRoutesAvailable]).toEqual([5, true]);
  const second = await search(it, 'type', ['static'], { MaxResults: 5, NextToken: first.NextToken });
  expect([second.Routes?.length, second.AdditionalRoutesAvailable]).toEqual([4, false]);
});

it('shows the static route in place of a propagated one to the same block', async () => {
  const it = transit();
  it.world.propagateRoute(TransitGatewayRouteTableId, network, attachmentB);
  it.world.propagateRoute(TransitGatewayRouteTableId, '192.0.2.0/24', attachmentB);
  const { Routes } = await search(it, 'route-search.exact-match', [network, '192.0.2.0/24']);
  expect(Routes?.map(({ Type }) => Type)).toEqual(['static', 'propagated']);
});

it('replaces with an effect that comes later, in some worlds said to be pending', async () => {
  const states = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
      const it = transit(seed);
      await it.call('ReplaceTransitGatewayRoute', { ...there, TransitGatewayAttachmentId: attachmentB });
      const { Routes } = await search(it, 'route-search.exact-match', [network]);
      expect(Routes![0]!.TransitGatewayAttachments![0]!.TransitGatewayAttachmentId).toBe(attachmentB);
      expect(it.world.routes.forwarded(TransitGatewayRouteTableId, network)?.id).toBe(attachmentA);
      await it.run(60 * secondMs);
      expect(it.world.routes.forwarded(TransitGatewayRouteTableId, network)?.id).toBe(attachmentB);
      return Routes![0]!.State;
    }),
  );
  expect(new Set(states)).toEqual(new Set(['active', 'pending']));
});

it('makes a route that names no attachment drop what meets it', async () => {
  const it = transit();
  await it.call('ReplaceTransitGatewayRoute', { ...there, Blackhole: true });
  const { Routes } = await search(it, 'route-search.exact-match', [network]);
  expect(Routes).toEqual([
    { DestinationCidrBlock: network, Type: 'static', State: 'blackhole', TransitGatewayAttachments: [] },
  ]);
  await it.run(60 * secondMs);
  expect(it.probe('service')).toBe(false);
});

it.each([
  [
    'CreateTransitGatewayRoute',
    there,
    /^RouteAlreadyExists: Route 172.16.0.0\/16 already exists in Transit Gateway Route Table tgw-rtb-/,
  ],
  ['ReplaceTransitGatewayRoute', { ...there, DestinationCidrBlock: '10.9.0.0/16' }, /^InvalidRoute.NotFound/],
  [
    'ReplaceTransitGatewayRoute',
    { ...there, TransitGatewayAttachmentId: 'tgw-attach-0' },
    /^InvalidTransitGatewayAttachmentID.NotFound/,
  ],
  [
    'ReplaceTransitGatewayRoute',
    { ...there, TransitGatewayRouteTableId: 'tgw-rtb-0' },
    /^InvalidRouteTableID.NotFound/,
  ],
  ['DeleteTransitGatewayRoute', { ...there, DestinationCidrBlock: '10.9.0.0/16' }, /^InvalidRoute.NotFound/],
])('refuses %s in the words of AWS (%#)', async (operation, input, words) => {
  const it = transit();
  const aimed = operation.startsWith('Delete') ? {} : { TransitGatewayAttachmentId: attachmentB };
  expect(await failure(it.call(operation, { ...aimed, ...input }))).toMatch(words);
});

it('refuses writes while the table is being changed', async () => {
  const it = transit();
  it.world.transit.beginChange(TransitGatewayRouteTableId, true);
  const write = () =>
    failure(it.call('ReplaceTransitGatewayRoute', { ...there, TransitGatewayAttachmentId: attachmentB }));
  expect(await write()).toMatch(/^IncorrectState/);
  it.world.transit.beginChange(TransitGatewayRouteTableId, false);
  expect(await write()).toBe('none');
});

it("keeps a transit gateway's tables out of what is asked of VPCs", async () => {
  const it = transit();
  const { RouteTables } = await it.call<{ RouteTables: { RouteTableId: string }[] }>('DescribeRouteTables', {});
  expect(RouteTables.map(({ RouteTableId }) => RouteTableId)).toEqual(['rtb-00000000000000001']);
});

it('tells what is attached, and what was', async () => {
  const it = transit();
  it.world.transit.detach(attachmentA);
  const { TransitGatewayAttachments: all } = await it.call<{ TransitGatewayAttachments: object[] }>(
    'DescribeTransitGatewayAttachments',
    { Filters: [{ Name: 'resource-type', Values: ['vpn'] }] },
  );
  expect(all).toMatchObject([{ State: 'deleted' }, { State: 'available', TransitGatewayAttachmentId: attachmentB }]);
});
