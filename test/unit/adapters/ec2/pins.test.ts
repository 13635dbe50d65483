/** Where a canary's packets go, by what EC2 says of the table of its subnet. */
import type { Route } from '@aws-sdk/client-ec2';
import { pinFacts } from '../../../../adapters/ec2/pins';
import { routes } from '../../../../adapters/ec2/routes';
import { connection, t0 } from '../../../given';

const [pathA, pathB] = connection().canaries;
const canary = { ...pathA!, targets: [{ ...pathA!.targets[0]!, address: '172.16.1.10' }] };
const cidr = (DestinationCidrBlock: string, NetworkInterfaceId: string): Route => ({
  DestinationCidrBlock,
  NetworkInterfaceId,
  Origin: 'CreateRoute',
});
const list = (DestinationPrefixListId: string, NetworkInterfaceId: string): Route => ({
  DestinationPrefixListId,
  NetworkInterfaceId,
});
const leads = (...Routes: Route[]) => pinFacts(canary, { Routes })?.map(({ target }) => target?.id ?? null) ?? null;

describe('a pin', () => {
  it('is the longest prefix that holds the target', () => {
    expect(leads(cidr('0.0.0.0/0', 'eni-far'), cidr('172.16.0.0/12', 'eni-a'), cidr('172.16.1.0/24', 'eni-b'))).toEqual(
      ['eni-b'],
    );
    expect(leads(cidr('172.16.1.10/32', 'eni-c'), cidr('172.16.0.0/16', 'eni-a'))).toEqual(['eni-c']);
    expect(leads(cidr('172.16.1.11/32', 'eni-c'), cidr('172.32.0.0/16', 'eni-a'))).toEqual([null]);
    expect(leads(cidr('200.0.0.0/8', 'eni-c'), cidr('128.0.0.0/1', 'eni-a'))).toEqual(['eni-a']);
  });

  it('is the static route where a propagated one is as long', () => {
    const learnt = { DestinationCidrBlock: '172.16.0.0/16', GatewayId: 'vgw-1', Origin: 'EnableVgwRoutePropagation' };
    const own = cidr('172.16.0.0/16', 'eni-a');
    for (const both of [
      [learnt, own],
      [own, learnt],
    ])
      expect(leads(...(both as Route[]))).toEqual(['eni-a']);
  });

  it('ignores blocks of another family, and what is no block', () => {
    const other = [{ DestinationIpv6CidrBlock: '::/0', NetworkInterfaceId: 'eni-6' }, cidr('nonsense', 'eni-x')];
    expect(leads(...other, cidr('172.16.0.0/16', 'eni-a'))).toEqual(['eni-a']);
  });

  it('may be a prefix list, whose entries nobody tells us, where that cannot mislead', () => {
    expect(leads(list('pl-1', 'eni-a'))).toEqual(['eni-a']);
    expect(leads(list('pl-1', 'eni-a'), cidr('172.16.0.0/16', 'eni-a'))).toEqual(['eni-a']);
    expect(leads(list('pl-1', 'eni-b'), cidr('172.16.1.10/32', 'eni-a'))).toEqual(['eni-a']);
    expect(leads(list('pl-1', 'eni-b'), cidr('172.16.0.0/16', 'eni-a'))).toBeNull();
    expect(leads(list('pl-1', 'eni-a'), list('pl-2', 'eni-b'))).toBeNull();
    const endpoint = { DestinationPrefixListId: 'pl-s3', GatewayId: 'vpce-1' };
    expect(leads(endpoint, cidr('172.16.0.0/16', 'eni-a'))).toEqual(['eni-a']);
  });

  it('is not known where the table is not', () => {
    expect(pinFacts(canary, undefined)).toBeNull();
    expect(pinFacts(canary, {})).toBeNull();
  });
});

it('is read with the routes, by one call', async () => {
  const asked: unknown[] = [];
  const tables = [
    { RouteTableId: 'rtb-1', Routes: [cidr('172.16.0.0/16', 'eni-gw-a')] },
    { RouteTableId: 'rtb-path-a', Routes: [cidr('172.16.0.0/16', 'eni-new')] },
  ];
  const ec2 = {
    send: async ({ input }: { input: unknown }) => {
      asked.push(input);
      return { RouteTables: tables };
    },
  };
  const found = await routes(ec2 as never, { now: () => t0, sleep: async () => {} }).readPinned(
    Object.values(connection().routeSets),
    [canary, pathB!],
  );
  expect(asked).toMatchObject([{ Filters: [{ Values: ['rtb-1', 'rtb-2', 'rtb-path-a', 'rtb-path-b'] }] }]);
  expect(found.sets).toMatchObject([[{ table: 'rtb-1', target: { id: 'eni-gw-a' } }]]);
  expect(found.pins).toEqual({
    'paris/path-a': [{ address: '172.16.1.10', target: { kind: 'network-interface', id: 'eni-new' } }],
    'paris/path-b': null,
  });
});
