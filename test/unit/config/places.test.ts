/** What contradicts the network as AWS has it is refused where it stands, and for one reason. */
import { complaints } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;
type Row = readonly [what: string, change: (tree: Tree) => void, said: RegExp];

const gwA = (change: Tree) => (t: Tree) => void Object.assign(t.gateways['gw-a'], change);
const gwB = (change: Tree) => (t: Tree) => void Object.assign(t.gateways['gw-b'], change);
const destinations =
  (...all: string[]) =>
  (t: Tree) => {
    t.connections.paris.routeSets.office.destinations = ['172.16.0.0/16', ...all];
  };
const here = (t: Tree, name: string): void => {
  for (const one of [...Object.values<Tree>(t.connections.paris.canaries), ...Object.values<Tree>(t.gateways)])
    one.zone = one.zone.replace('eu-central-1', name);
};

const moved = (region: string, zones: string) => (t: Tree) => {
  t.region = region;
  here(t, zones);
};

const impossible = [
  ['127.0.0.0/8', 'loopback'],
  ['127.0.0.1/32', 'loopback'],
  ['169.254.169.254/32', "EC2's own services"],
  ['169.254.0.0/16', 'link-local'],
  ['169.254.168.0/30', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['239.0.0.0/8', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['224.0.0.0/3', 'reserved'],
  ['255.255.255.255/32', 'broadcast'],
  ['0.0.0.0/8', 'unspecified'],
  ['0.0.0.0/32', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['fe80::/64', 'link-local'],
  ['ff00::/8', 'multicast'],
  ['fd00:ec2::/32', "EC2's own services"],
] as const;

const refused: Row[] = [
  ...impossible.map(
    ([block, why]): Row => [
      `${block} behind the VPN`,
      destinations(block),
      new RegExp(`^connections.paris.routeSets.office.destinations\\[1\\]: lies behind no VPN: it is .*${why}`),
    ],
  ),
  [
    'the own VPC behind the VPN',
    destinations('10.0.0.0/16'),
    /^connections\.paris\.routeSets\.office\.destinations\[1\]: is where our own gateways stand/,
  ],
  ["a gateway's own subnet behind the VPN", destinations('10.0.2.0/24'), /is where our own gateways stand/],
  ['a gateway itself behind the VPN', destinations('10.0.1.10/32'), /is where our own gateways stand/],
  [
    'one private address twice',
    gwB({ privateAddress: '10.0.1.10' }),
    /^gateways\.gw-b\.privateAddress: is the private address of gw-a too/,
  ],
  [
    'one public address twice',
    gwB({ address: { allocation: 'eipalloc-0bbbbbbbbbbbbbbb1', publicIp: '203.0.113.10' } }),
    /^gateways\.gw-b\.address\.publicIp: is the public address of gw-a too/,
  ],
  [
    'a private address for a public one',
    gwA({ address: { allocation: 'eipalloc-0aaaaaaaaaaaaaaa1', publicIp: '10.9.9.9' } }),
    /^gateways\.gw-a\.address\.publicIp: is private/,
  ],
  ['a loopback gateway', gwA({ privateAddress: '127.0.0.1' }), /^gateways\.gw-a\.privateAddress: is loopback/],
  ['a link-local gateway', gwA({ privateAddress: '169.254.1.1' }), /^gateways\.gw-a\.privateAddress: is link-local/],
  [
    'a multicast public address',
    gwA({ address: { allocation: 'eipalloc-0aaaaaaaaaaaaaaa1', publicIp: '224.1.1.1' } }),
    /publicIp: is multicast/,
  ],
  [
    'one subnet in two zones',
    gwB({ subnet: 'subnet-0aaaaaaaaaaaaaaa1' }),
    /^gateways\.gw-b\.subnet: is in eu-central-1a by gateway gw-a, and in eu-central-1b here/,
  ],
  [
    "a canary in its gateway's subnet, which it says is elsewhere",
    (t) => (t.connections.paris.canaries.service.subnet = 'subnet-0aaaaaaaaaaaaaaa1'),
    /^connections\.paris\.canaries\.service\.subnet: is in eu-central-1a by gateway gw-a/,
  ],
  [
    "a pinned canary in a gateway's subnet",
    (t) => (t.connections.paris.canaries['path-a'].subnet = 'subnet-0bbbbbbbbbbbbbbb1'),
    /path-a\.subnet: is the subnet of gateway gw-b/,
  ],
  [
    'gateways in two VPCs',
    gwB({ vpc: 'vpc-00000000000000002' }),
    /^connections\.paris\.paths\.b\.gateway: stands in vpc-00000000000000002, and gw-a in vpc-00000000000000001/,
  ],
  ['an unknown region', moved('eu-wset-1', 'eu-west-1'), /^region: is no region: did you mean eu-west-1\?/],
  [
    'an unknown region, and its zones',
    moved('eu-wset-1', 'eu-wset-1'),
    /^region: is no region: did you mean eu-west-1\?/,
  ],
  ['a region that is not there', moved('mars-north-1', 'mars-north-1'), /^region: is no region/],
  [
    'a region where no zone is',
    (t) => (t.region = 'us-east-1'),
    /^region: is not where the zones are: did you mean eu-central-1\?/,
  ],
  ['a zone that no region has', gwA({ zone: 'eu-central-1z' }), /^gateways\.gw-a\.zone: is no availability zone/],
];

it.each(refused)('refuses %s, and says nothing else', (_what, change, said) => {
  expect(complaints((tree) => change(tree))).toEqual([expect.stringMatching(said)]);
});

const accepted: readonly (readonly [string, (tree: Tree) => void])[] = [
  ['a summary that is larger than any VPC', destinations('10.0.0.0/8')],
  ['a neighbour of the VPC', destinations('10.1.0.0/16')],
  ['halves of everything', destinations('0.0.0.0/1', '128.0.0.0/1')],
  ['carrier-grade and benchmark addresses', destinations('100.64.0.0/10', '198.18.0.0/15')],
  ['unique local IPv6', destinations('fd12:3456::/32')],
  ['the inside network of a tunnel', destinations('169.254.10.0/30')],
  [
    'both gateways in one zone',
    (t) => {
      t.gateways['gw-b'].zone = 'eu-central-1a';
      t.gateways['gw-b'].subnet = 'subnet-0aaaaaaaaaaaaaaa1';
      t.connections.paris.canaries['path-b'].zone = 'eu-central-1c';
    },
  ],
  [
    'a region that was opened lately',
    (t) => {
      t.region = 'mx-central-1';
      here(t, 'mx-central-1');
    },
  ],
  [
    'a service canary in the subnet of a gateway',
    (t) => (t.connections.paris.canaries.service.subnet = 'subnet-0bbbbbbbbbbbbbbb1'),
  ],
];

it.each(accepted)('accepts %s', (_what, change) => expect(complaints((tree) => change(tree))).toEqual([]));
