/**
 * Every rule, by breaking it: the complaint names the field and says how to mend it. And each change that is
 * harmless stays unmentioned, so that no rule forbids more than it should.
 */
import { complaints } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Change = (tree: any) => void;
const paris: (change: Change) => Change = (change) => (tree) => change(tree.connections.paris);

type Mistake = [what: string, change: Change, complaint: RegExp];

const broken: readonly Mistake[] = [
  ['an unknown field', (t) => (t.gateways['gw-a'].adress = {}), /^gateways\.gw-a\.adress: is unknown here.*address/],
  ['a missing field', (t) => delete t.gateways['gw-a'].vpc, /^gateways\.gw-a\.vpc: is missing: add a text/],
  ['a wrong type', paris((c) => (c.coupled = 'no')), /^connections\.paris\.coupled: must be true or false/],
  ['a wrong choice', paris((c) => (c.mode = 'auto')), /mode: is none of observe, divert, repair/],
  [
    'a bad name',
    (t) => (t.connections['Paris!'] = t.connections.paris),
    /^connections\.Paris!: is no name for a connection/,
  ],
  ['an empty reference', paris((c) => (c.paths.a.gateway = '')), /paths\.a\.gateway: is empty/],
  [
    'a name every record has',
    paris((c) => (c.canaries.service.routeSet = 'constructor')),
    /canaries\.service\.routeSet: names no route set/,
  ],
  ['a reserved prefix', (t) => (t.name = 'aws-vpn'), /^name: is no name/],
  ...['self', 'gateway', 'people'].map(
    (name): Mistake => [
      `the reserved connection name ${name}`,
      (t) => (t.connections = { [name]: t.connections.paris }),
      new RegExp(`^connections\\.${name}: is the prefix`),
    ],
  ),
  [
    'a bad instance id',
    (t) => (t.gateways['gw-a'].instance = 'i-12345'),
    /instance: is no instance id: write one like i-/,
  ],
  [
    'an address that is a name',
    (t) => (t.gateways['gw-a'].privateAddress = 'gw.example.com'),
    /privateAddress: is no IPv4/,
  ],
  ['an address in short form', (t) => (t.gateways['gw-a'].privateAddress = '10.1'), /privateAddress: is no IPv4/],
  ['a port out of range', (t) => (t.gateways['gw-a'].probePort = 70_000), /probePort: must be a port/],
  [
    'a floating template version',
    (t) => (t.gateways['gw-a'].launchTemplate.version = '$Latest'),
    /version: must be a number/,
  ],
  ['a zone of another region', (t) => (t.gateways['gw-a'].zone = 'us-east-1a'), /gw-a\.zone: is not in eu-central-1/],
  [
    'one instance twice',
    (t) => (t.gateways['gw-b'].instance = t.gateways['gw-a'].instance),
    /gw-b\.instance: is already the instance of gw-a/,
  ],
  [
    'one interface twice',
    (t) => (t.gateways['gw-b'].interface = t.gateways['gw-a'].interface),
    /gw-b\.interface: is the interface of gw-a too/,
  ],
  [
    'a gateway nobody uses',
    (t) => (t.gateways.spare = { ...t.gateways['gw-a'] }),
    /gateways\.spare: is the gateway of no path/,
  ],
  [
    'a gateway that does not exist',
    paris((c) => (c.paths.a.gateway = 'gw-x')),
    /paths\.a\.gateway: names no gateway: write one of gw-a, gw-b/,
  ],
  [
    'a gateway named like an object property',
    paris((c) => (c.paths.a.gateway = 'constructor')),
    /paths\.a\.gateway: names no gateway/,
  ],
  [
    'two paths on one gateway',
    paris((c) => (c.paths.b.gateway = 'gw-a')),
    /paths\.b\.gateway: is already the gateway of path a/,
  ],
  ['a single path', paris((c) => delete c.paths.b), /paths: has a single path/],
  ['a tunnel name with a shell in it', paris((c) => (c.paths.a.tunnel = 'x; reboot')), /tunnel: is no tunnel name/],
  [
    'one among several tunnels with a shell in it',
    paris((c) => (c.paths.a.tunnel = ['aws-1', 'x; reboot'])),
    /paths\.a\.tunnel\[1\]: is no tunnel name/,
  ],
  ['an empty list of tunnels', paris((c) => (c.paths.a.tunnel = [])), /tunnel: is empty: write the name of a tunnel/],
  [
    'more tunnels than a restart has time for',
    paris((c) => (c.paths.a.tunnel = ['a', 'b', 'c', 'd', 'e'])),
    /tunnel: has more than 4 tunnels: tunnels that carry other traffic are another path/,
  ],
  [
    'tunnels to be published of a gateway that has none',
    (tree) => {
      tree.gateways['gw-a'].tunnelMetrics = true;
      delete tree.connections.paris.paths.a.tunnel;
    },
    /gateways\.gw-a\.tunnelMetrics: is true, and no path over gw-a names a tunnel that could be counted: write "tunnel"/,
  ],
  [
    'a tunnel named twice',
    paris((c) => (c.paths.a.tunnel = ['aws-1', 'aws-1'])),
    /tunnel\[1\]: is already the tunnel of/,
  ],
  [
    'a home that does not exist',
    paris((c) => (c.routeSets.office.home = 'z')),
    /office\.home: names no path: write one of a, b/,
  ],
  ['no tables', paris((c) => (c.routeSets.office.tables = [])), /tables: is empty/],
  [
    'a CIDR with host bits',
    paris((c) => (c.routeSets.office.destinations = ['172.16.1.0/16'])),
    /destinations\[0\]: is not the canonical form: write 172\.16\.0\.0\/16/,
  ],
  [
    'an IPv6 CIDR in long form',
    paris((c) => c.routeSets.office.destinations.push('2001:DB8:0::/32')),
    /destinations\[1\]: is not the canonical form: write 2001:db8::\/32/,
  ],
  ['no CIDR', paris((c) => (c.routeSets.office.destinations = ['office'])), /destinations\[0\]: is no CIDR block/],
  [
    'one route in two sets',
    paris((c) => (c.routeSets.lab = { ...c.routeSets.office })),
    /lab\.tables\[0\]: lists 172\.16\.0\.0\/16 in rtb-\w+, which paris\/office lists already/,
  ],
  [
    'a plan too large',
    paris(
      (c) => (c.routeSets.office.destinations = Array.from({ length: 501 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)),
    ),
    /routeSets: make 1002 routes/,
  ],
  ['a path without canary', paris((c) => delete c.canaries['path-b']), /paths\.b: has no canary/],
  [
    'a route set without service canary',
    paris((c) => delete c.canaries.service),
    /routeSets\.office: has no service canary/,
  ],
  [
    'a canary that watches nothing',
    paris((c) => delete c.canaries.service.routeSet),
    /canaries\.service: must watch one thing/,
  ],
  [
    'a canary that watches two things',
    paris((c) => (c.canaries.service.path = 'a')),
    /canaries\.service: must watch one thing/,
  ],
  ['a canary of no path', paris((c) => (c.canaries['path-a'].path = 'z')), /path-a\.path: names no path/],
  [
    'a canary of no route set',
    paris((c) => (c.canaries.service.routeSet = 'z')),
    /service\.routeSet: names no route set/,
  ],
  [
    "a canary in its gateway's zone",
    paris((c) => (c.canaries['path-a'].zone = 'eu-central-1a')),
    /path-a\.zone: is its gateway's own zone/,
  ],
  [
    'a path canary without table',
    paris((c) => delete c.canaries['path-a'].routeTable),
    /path-a\.routeTable: is missing/,
  ],
  ['a pinned service canary', paris((c) => (c.canaries.service.pin = 'subnet')), /service\.pin: is for path canaries/],
  [
    'one pinning route to two gateways',
    paris((c) => (c.canaries['path-b'].routeTable = c.canaries['path-a'].routeTable)),
    /path-b\.routeTable: needs 172\.16\.0\.0\/16 in rtb-\w+ towards gw-b, but path-a needs it towards gw-a/,
  ],
  [
    'one pinned subnet for two',
    paris((c) => (c.canaries['path-b'].subnet = c.canaries['path-a'].subnet)),
    /path-b\.subnet: is already pinned by canary path-a/,
  ],
  [
    'a pinned table that moves',
    paris((c) => (c.canaries['path-a'].routeTable = c.routeSets.office.tables[0])),
    /path-a\.routeTable: is a route set's table/,
  ],
  [
    'a service canary in a pinned subnet',
    paris((c) => (c.canaries.service.subnet = c.canaries['path-a'].subnet)),
    /service\.subnet: is pinned to a path/,
  ],
  [
    'a service target beside the set',
    paris((c) => (c.canaries.service.targets = ['192.0.2.1:443'])),
    /service\.targets\[0\]: aims at 192\.0\.2\.1, which is in none of the set's destinations/,
  ],
  ['no targets anywhere', paris((c) => delete c.targets), /path-a\.targets: is missing/],
  [
    'a ping',
    paris((c) => (c.targets = [{ address: '172.16.0.10', port: 1, protocol: 'icmp' }])),
    /^connections\.paris\.targets\[0\]\.protocol: is icmp, which a Lambda function cannot send: use tcp/,
  ],
  [
    'a page for a protocol without pages',
    paris((c) => (c.canaries.service.targets = [{ address: '172.16.0.10', port: 7, protocol: 'udp', page: '/' }])),
    /service\.targets\[0\]\.page: is for http: remove it, udp asks for no page/,
  ],
  [
    'a page that would end the request line',
    paris((c) => (c.targets = [{ address: '172.16.0.10', port: 80, protocol: 'http', page: '/ HTTP/1.1\r\nX: y' }])),
    /targets\[0\]\.page: is no page/,
  ],
  [
    'a control target behind the VPN',
    paris((c) => (c.controlTarget = '172.16.0.2:53')),
    /^connections\.paris\.controlTarget: is in 172\.16\.0\.0\/16, which lies behind the VPN/,
  ],
  [
    'a ping as control target',
    paris((c) => (c.canaries.service.controlTarget = { address: '10.0.0.2', port: 1, protocol: 'icmp' })),
    /service\.controlTarget\.protocol: is icmp/,
  ],
  ['a target without port', paris((c) => (c.targets = ['172.16.0.10'])), /targets\[0\]: is no target/],
  ['a span in fortnights', paris((c) => (c.policy = { soak: '1 fortnight' })), /policy\.soak: is no span/],
  [
    'an unknown preset',
    paris((c) => (c.policy = 'wild')),
    /policy: is none of balanced, fast, calm|policy: must be one of/,
  ],
  [
    'an attempt longer than its round',
    paris((c) => (c.policy = { attemptTimeout: '600ms' })),
    /policy\.attemptTimeout: makes attemptTimeout \(600 ms\) reach roundInterval \(500 ms\)/,
  ],
  [
    'reports rarer than they are fresh',
    paris((c) => (c.policy = { reportInterval: '5s' })),
    /policy\.reportInterval: makes/,
  ],
  [
    'a soak above its own limit',
    paris((c) => (c.policy = { soak: '1h' })),
    /policy\.soak: makes soak \(60 min\) longer/,
  ],
  [
    'an empty window',
    paris((c) => (c.policy = { failbackWindow: { fromHourUtc: 3, toHourUtc: 3 } })),
    /failbackWindow: is empty/,
  ],
];

it.each(broken)('complains about %s', (_what, change, complaint) => {
  expect(complaints(change)).toContainEqual(expect.stringMatching(complaint));
});

it('complains about a host route that a route set would move', () => {
  const change = paris((c) => {
    c.canaries['path-a'].routeTable = c.routeSets['az-a'].tables[0];
    c.routeSets['az-a'].destinations = ['172.16.0.0/16', '172.16.0.21/32'];
  });
  expect(complaints(change, 'affinity')).toContainEqual(
    expect.stringMatching(/path-a\.targets: is pinned by 172\.16\.0\.21\/32, which a route set moves/),
  );
});

it('complains about a service canary whose target is pinned in its own table', () => {
  const change = paris((c) => {
    c.canaries['path-a'].routeTable = c.routeSets['az-a'].tables[0];
    c.canaries['service-a'].targets = ['172.16.0.21:443'];
  });
  expect(complaints(change, 'affinity')).toContainEqual(
    expect.stringMatching(/service-a\.targets: holds 172\.16\.0\.21, which a host route pins/),
  );
});

it('complains about five paths', () => {
  const change = paris((c) => {
    for (const name of ['c', 'd', 'e']) c.paths[name] = { gateway: 'gw-a', tunnel: name };
  });
  expect(complaints(change)).toContainEqual(expect.stringMatching(/paths: has 5 paths: keep at most 4/));
});

const harmless: readonly [what: string, change: Change][] = [
  ['a prefix list', paris((c) => c.routeSets.office.destinations.push('pl-0123456789abcdef0'))],
  ['canonical IPv6', paris((c) => c.routeSets.office.destinations.push('2001:db8::/32'))],
  ['the default route', paris((c) => (c.routeSets.office.destinations = ['0.0.0.0/0']))],
  ['a gateway without address', (t) => delete t.gateways['gw-a'].address],
  ['a gateway without agent', (t) => (t.gateways['gw-a'].control = 'none')],
  ['old short ids', (t) => (t.gateways['gw-a'].instance = 'i-0a1b2c3d')],
  [
    'the same routes in other tables',
    paris((c) => {
      c.routeSets.lab = { ...c.routeSets.office, tables: ['rtb-00000000000000009'] };
      c.canaries.lab = { ...c.canaries.service, routeSet: 'lab' };
    }),
  ],
  ['a control target in the VPC', paris((c) => (c.controlTarget = '10.0.0.2:53'))],
  ['a target that echoes', paris((c) => (c.targets = [{ address: '172.16.0.10', port: 7, protocol: 'udp' }]))],
  [
    'a web page as target',
    paris((c) => (c.targets = [{ address: '172.16.0.10', port: 80, protocol: 'http', page: '/health?full=1' }])),
  ],
  ['a target as a group', paris((c) => (c.targets = [{ address: '172.16.0.10', port: 443, refusedIsUp: false }]))],
  ['no replacement at all', paris((c) => (c.policy = { replaces24hMax: 0 }))],
];

it.each(harmless)('accepts %s', (_what, change) => {
  expect(complaints(change)).toEqual([]);
});
