/**
 * A witness must be able to fail: each target that would answer while the tunnel is dead is refused, for path and
 * service canaries, named on the canary or on the connection; and what only looks like one is not.
 */
import { complaints } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;
type Change = (tree: Tree) => void;
type Row = readonly [what: string, change: Change, said: RegExp];

const everyTarget = (targets: unknown[]) => (t: Tree) => (t.connections.paris.targets = targets);
const destinations =
  (...all: string[]) =>
  (t: Tree) =>
    (t.connections.paris.routeSets.office.destinations = all);
const both =
  (...changes: Change[]) =>
  (t: Tree) => {
    for (const change of changes) change(t);
  };
const control = (target: string) => (t: Tree) => (t.connections.paris.controlTarget = target);
/** A second partner, over the same gateways, with a network of its own. */
const rome =
  (destination: string, tables = ['rtb-00000000000000009'], target = `${destination.replace(/0\/.*/, '9')}:443`) =>
  (t: Tree) => {
    const { paris } = t.connections;
    const own = (c: Tree, n: string) => ({
      ...c,
      subnet: `subnet-0ca000000000000${n}`,
      routeTable: `rtb-0ca000000000000${n}`,
    });
    t.connections.rome = {
      ...structuredClone(paris),
      paths: { a: { gateway: 'gw-a', tunnel: 'rome-a' }, b: { gateway: 'gw-b', tunnel: 'rome-b' } },
      routeSets: { plant: { home: 'a', tables, destinations: [destination] } },
      targets: [target],
      canaries: {
        'path-a': own(paris.canaries['path-a'], 'd1'),
        'path-b': own(paris.canaries['path-b'], 'd2'),
        service: { ...paris.canaries.service, routeSet: 'plant' },
      },
    };
  };
const tables = ['rtb-00000000000000001', 'rtb-00000000000000002'];

const nowhere: [string, RegExp][] = [
  ['127.0.0.1', /loopback/],
  ['127.8.8.8', /loopback/],
  ['169.254.169.254', /link-local: EC2's own services/],
  ['169.254.7.7', /link-local/],
  ['224.0.0.5', /multicast/],
  ['239.1.2.3', /multicast/],
  ['240.0.0.1', /reserved/],
  ['255.255.255.255', /broadcast/],
  ['0.0.0.0', /unspecified/],
  ['0.1.2.3', /unspecified/],
];

const refused: Row[] = [
  ...nowhere.flatMap(([address, said]): Row[] => [
    [`${address} for all canaries`, everyTarget([`${address}:443`]), said],
    [
      `${address} for a path canary`,
      (t) => (t.connections.paris.canaries['path-a'].targets = [`${address}:443`]),
      said,
    ],
    [
      `${address} for a service canary, among others`,
      (t) =>
        (t.connections.paris.canaries.service.targets = ['172.16.0.10:443', { address, port: 80, protocol: 'http' }]),
      said,
    ],
    [
      `${address} behind a prefix list`,
      both(destinations('pl-0123456789abcdef0'), everyTarget([`${address}:443`])),
      said,
    ],
    [`${address} where everything is behind`, both(destinations('0.0.0.0/0'), everyTarget([`${address}:443`])), said],
    [`${address} as control target`, control(`${address}:53`), said],
  ]),
  ['the own gateway', everyTarget(['10.0.1.10:22']), /our own gateway gw-a/],
  ['the other gateway', everyTarget(['10.0.2.10:22']), /our own gateway gw-b/],
  ["the own gateway's public address", everyTarget(['203.0.113.10:22']), /our own gateway gw-a/],
  ['a machine between the gateways', everyTarget(['10.0.1.77:443']), /10\.0\.0\.0\/22, where our own gateways stand/],
  [
    'a machine of the own VPC, in a large destination',
    both(destinations('10.0.0.0/8'), everyTarget(['10.0.3.7:443'])),
    /where our own gateways stand/,
  ],
  [
    'the own gateway, in a large destination',
    both(destinations('0.0.0.0/0'), everyTarget(['10.0.1.10:22'])),
    /our own gateway/,
  ],
  [
    'the own gateway, behind a prefix list',
    both(destinations('pl-0123456789abcdef0'), everyTarget(['10.0.2.10:22'])),
    /our own gateway/,
  ],
  ['the internet', everyTarget(['8.8.8.8:53']), /in none of .* destinations \(172\.16\.0\.0\/16\)/],
  [
    'the internet, path canary alone',
    (t) => (t.connections.paris.canaries['path-b'].targets = ['1.1.1.1:443']),
    /path-b\.targets\[0\]: aims at 1\.1\.1\.1, which is in none/,
  ],
  ["the partner's public address", everyTarget(['198.51.100.7:443']), /in none of/],
  ['an address just outside', everyTarget(['172.17.0.1:443']), /in none of/],
  [
    'one of several targets outside',
    everyTarget(['172.16.0.10:443', '172.17.0.1:443']),
    /targets\[1\]: aims at 172\.17\.0\.1/,
  ],
  [
    "another connection's network",
    both(rome('172.20.0.0/16'), everyTarget(['172.20.0.9:443'])),
    /connection rome takes to 172\.20\.0\.0\/16/,
  ],
  [
    "another connection's network, from behind a prefix list",
    both(rome('172.20.0.0/16'), destinations('pl-0123456789abcdef0'), everyTarget(['172.20.0.9:443'])),
    /connection rome takes to 172\.20\.0\.0\/16/,
  ],
  [
    "another connection's network, where everything is behind one's own VPN",
    both(rome('172.20.0.0/16'), destinations('0.0.0.0/0'), everyTarget(['172.20.0.9:443'])),
    /connection rome takes to 172\.20\.0\.0\/16/,
  ],
  [
    "another connection's network inside one's own",
    both(rome('172.16.5.0/24'), everyTarget(['172.16.5.9:443'])),
    /connection rome takes to 172\.16\.5\.0\/24/,
  ],
  [
    "another set's network inside one's own, in the same table",
    (t) => {
      const { paris } = t.connections;
      paris.routeSets.lab = { home: 'b', tables: [tables[0]], destinations: ['172.16.0.0/24'] };
      paris.canaries.lab = { ...paris.canaries.service, routeSet: 'lab' };
    },
    /service.*aims at|targets\[0\]: aims at 172\.16\.0\.10, which route set lab takes/,
  ],
  ['IPv6 alone', destinations('2001:db8::/32'), /destinations are all IPv6, which no canary can probe/],
  ['a gateway as control target', control('10.0.1.10:22'), /controlTarget: is gateway gw-a itself/],
  [
    'a control target behind another VPN',
    both(rome('172.20.0.0/16'), control('172.20.0.2:53')),
    /controlTarget: is in 172\.20\.0\.0\/16/,
  ],
  [
    'a control target on the internet, where all of it is behind the VPN',
    both(destinations('0.0.0.0/0'), control('9.9.9.9:53')),
    /controlTarget: is in 0\.0\.0\.0\/0/,
  ],
];

it.each(refused)('refuses as a target: %s', (_what, change, said) => {
  expect(complaints(change).join('\n')).toMatch(said);
});

/** A second partner, reached from another VPC of the same plan of addresses: nothing of the two meets. */
const otherVpc = (destination: string) => (t: Tree) => {
  rome(destination)(t);
  for (const [name, digit] of [
    ['a', 'c'],
    ['b', 'd'],
  ] as const) {
    const { address: _, ...gateway } = t.gateways[`gw-${name}`];
    t.gateways[`far-${name}`] = {
      ...gateway,
      vpc: 'vpc-00000000000000002',
      instance: `i-0${digit.repeat(15)}1`,
      interface: `eni-0${digit.repeat(15)}1`,
      subnet: `subnet-0${digit.repeat(15)}1`,
    };
    t.connections.rome.paths[name].gateway = `far-${name}`;
  }
};

const accepted: readonly (readonly [string, Change])[] = [
  [
    'a target in a public network of the partner',
    both(destinations('198.51.100.0/24'), everyTarget(['198.51.100.7:443'])),
  ],
  ['a target behind a prefix list', both(destinations('pl-0123456789abcdef0'), everyTarget(['172.31.0.9:443']))],
  [
    'a target beside a block and a prefix list',
    both(destinations('172.16.0.0/16', 'pl-0123456789abcdef0'), everyTarget(['192.168.7.9:443'])),
  ],
  ['IPv6 beside IPv4', destinations('172.16.0.0/16', '2001:db8::/32')],
  [
    'a set of IPv6 beside one of IPv4',
    (t) => {
      const { paris } = t.connections;
      paris.routeSets.six = { home: 'a', tables, destinations: ['2001:db8::/32'] };
      paris.canaries.six = { ...paris.canaries.service, routeSet: 'six' };
    },
  ],
  [
    'the inside address of a tunnel, which is behind it',
    both(
      destinations('172.16.0.0/16', '169.254.10.0/30'),
      everyTarget(['169.254.10.1:179', '172.16.0.10:443']),
      (t) => (t.connections.paris.canaries.service.targets = ['172.16.0.10:443']),
    ),
  ],
  ['a large summary that holds the VPC too', both(destinations('10.0.0.0/8'), everyTarget(['10.200.0.9:443']))],
  ['another partner', rome('172.20.0.0/16')],
  ['another VPC with the same addresses', otherVpc('172.20.0.0/16')],
  ['another VPC with the same partner', otherVpc('172.16.0.0/16')],
  ["a partner's network inside another's, with targets of its own", rome('172.16.5.0/24')],
  ['two partners with the same network, in tables and on gateways of their own', rome('192.168.0.0/24')],
  [
    'a nested set in a table of its own',
    (t) => {
      const { paris } = t.connections;
      paris.routeSets.lab = { home: 'b', tables: ['rtb-00000000000000009'], destinations: ['172.16.0.0/24'] };
      paris.canaries.lab = { ...paris.canaries.service, routeSet: 'lab' };
    },
  ],
  ['the resolver of the VPC as control target', control('10.0.0.2:53')],
  ['the resolver by its link-local name', control('169.254.169.253:53')],
  [
    'a control target in the VPC, where a summary holds it',
    both(destinations('10.0.0.0/8'), everyTarget(['10.200.0.9:443']), control('10.0.200.2:53')),
  ],
  ['a control target on the internet', control('9.9.9.9:53')],
];

it.each(accepted)('accepts %s', (_what, change) => expect(complaints(change)).toEqual([]));
