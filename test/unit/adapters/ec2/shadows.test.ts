/** Longer prefixes that take packets out of a listed destination. */
import type { Route } from '@aws-sdk/client-ec2';
import { shownIn } from '../../../../adapters/ec2/route-description';
import { isInside, shadowsOf } from '../../../../adapters/ec2/shadows';
import { connection } from '../../../given';

const { routeSets, canaries } = connection();
const set = { ...routeSets['office']!, destinations: ['172.16.0.0/16', '2001:db8::/32'] };
const tables = (...routes: Route[]) => new Map([['rtb-1', shownIn({ Routes: routes })]]);
const found = (...routes: Route[]) => shadowsOf([set], canaries, tables(...routes))[0]!.map((s) => s.destination);

it.each([
  ['172.16.0.0/24', '172.16.0.0/16', true],
  ['172.16.0.0/16', '172.16.0.0/16', false],
  ['172.0.0.0/8', '172.16.0.0/16', false],
  ['172.17.0.0/24', '172.16.0.0/16', false],
  ['10.0.0.0/16', '0.0.0.0/0', true],
  ['2001:db8:1::/48', '2001:db8::/32', true],
  ['2001:db8:1::/48', '0.0.0.0/0', false],
  ['pl-1', '0.0.0.0/0', false],
])('%s lies inside %s: %s', (destination, wide, inside) => {
  expect(isInside(destination, wide)).toBe(inside);
});

it('finds what is longer than a listed destination, of either family, with where it leads', () => {
  expect(
    shadowsOf([set], canaries, tables({ DestinationCidrBlock: '172.16.9.0/24', NetworkInterfaceId: 'eni-x' })),
  ).toEqual([
    [
      {
        routeSet: 'office',
        table: 'rtb-1',
        destination: '172.16.9.0/24',
        within: '172.16.0.0/16',
        target: { kind: 'network-interface', id: 'eni-x' },
      },
    ],
  ]);
  expect(found({ DestinationIpv6CidrBlock: '2001:db8:9::/48', GatewayId: 'eigw-1' })).toEqual(['2001:db8:9::/48']);
});

describe('prefix lists in a transit gateway', () => {
  const spokes = { ...set, name: 'spokes', tables: ['tgw-rtb-1'], destinations: ['pl-a', '172.16.0.0/16'] };
  const other = { ...spokes, name: 'other', destinations: ['pl-b', '10.1.0.0/16'] };
  const lists = new Map([
    ['pl-a', ['10.0.0.0/8']],
    ['pl-b', ['172.16.9.0/24']],
  ]);
  const target = { kind: 'attachment', id: 'tgw-attach-x' } as const;
  const inTable = (destination: string, list?: string) =>
    shadowsOf(
      [spokes, other],
      [],
      new Map([['tgw-rtb-1', [{ destination, target, isLocal: false, ...(list && { list }) }]]]),
      lists,
    ).map((found) => found.map(({ within, of }) => [within, of]));

  it.each([
    ['a static route for just its block', '10.0.0.0/8', undefined, [['pl-a', undefined]]],
    ['a longer one', '10.3.0.0/16', undefined, [['pl-a', undefined]]],
    ["a block of somebody's list", '10.3.0.0/16', 'pl-x', [['pl-a', 'pl-x']]],
    ['its own block', '10.0.0.0/8', 'pl-a', []],
    ['a listed block that moves with it', '172.16.0.0/16', undefined, []],
    ["another set's block, which no author was told of", '10.1.0.0/16', undefined, [['pl-a', undefined]]],
    ["another set's list inside a listed block", '172.16.9.0/24', 'pl-b', [['172.16.0.0/16', 'pl-b']]],
    ['what lies outside', '192.0.2.0/24', undefined, []],
  ] as const)('tells of %s', (_, destination, list, shadows) => {
    expect(inTable(destination, list)[0]).toEqual(shadows);
  });
});

it('leaves out what is ours: the listed routes, the local ones, and the host routes that pin canaries', () => {
  const here = canaries.map((c) => ({ ...c, pin: 'target' as const, routeTableId: 'rtb-1' }));
  const routes = tables(
    { DestinationCidrBlock: '172.16.0.0/16', NetworkInterfaceId: 'eni-a' },
    { DestinationCidrBlock: '172.16.3.0/24', GatewayId: 'local' },
    { DestinationCidrBlock: '172.16.1.10/32', NetworkInterfaceId: 'eni-b' },
    { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-1' },
  );
  expect(shadowsOf([set], here, routes)).toEqual([[]]);
  expect(shadowsOf([set], [], routes)[0]).toHaveLength(1);
});
