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
