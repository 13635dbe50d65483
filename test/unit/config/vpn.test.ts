/** Gateways that are VPN connections of AWS: what is read of them, and what cannot be, each with its mend. */
import { deploymentFrom } from '../../../config/read';
import { complaints, site } from './site';

type Change = Parameters<typeof complaints>[0];

function deploymentOf(name: string) {
  const read = deploymentFrom(site(name));
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
  return read.deployment;
}

it('reads a connection on a transit gateway, and its tables', () => {
  const { gateways, connections } = deploymentOf('transit');
  expect(gateways['vpn-a']).toEqual({
    kind: 'vpn',
    name: 'vpn-a',
    vpnConnectionId: 'vpn-0aaaaaaaaaaaaaaa1',
    endsOn: { kind: 'transit-gateway', id: 'tgw-00000000000000001', attachmentId: 'tgw-attach-0aaaaaaaaaaaaaaa1' },
    tunnels: ['203.0.113.1', '203.0.113.2'],
    initiatedBy: 'peer',
    peerInitiates: false,
    maintenance: 'never',
  });
  expect(connections['paris']).toMatchObject({
    standby: 'path',
    routeSets: { spokes: { plane: 'tgw-table', propagated: false } },
  });
});

it('reads a single path that is said aloud', () => {
  const { gateways, connections } = deploymentOf('managed');
  expect(gateways['vpn-a']).toMatchObject({ endsOn: { kind: 'vpn-gateway', id: 'vgw-00000000000000001' } });
  expect(connections['bank']).toMatchObject({
    standby: 'none',
    routeSets: { office: { plane: 'vpc-table', propagated: true } },
  });
});

const vpn = (change: (gateway: Record<string, unknown>) => void): Change => {
  return (tree) => change(tree.gateways['vpn-b']);
};

const own = {
  instance: 'i-0aaaaaaaaaaaaaaa1',
  zone: 'eu-central-1c',
  vpc: 'vpc-00000000000000001',
  subnet: 'subnet-0aaaaaaaaaaaaaaa1',
  interface: 'eni-0aaaaaaaaaaaaaaa1',
  privateAddress: '10.0.1.10',
};
const mixed: Change = (tree) => {
  tree.gateways['vpn-a'] = own;
};
const inVpcTables: Change = (tree) => {
  tree.connections.paris.routeSets.spokes.tables = ['rtb-00000000000000001'];
};
const onVgw: Change = (tree) => {
  for (const name of ['vpn-a', 'vpn-b']) {
    const { attachment: _, transitGateway: __, ...rest } = tree.gateways[name];
    tree.gateways[name] = { ...rest, vpnGateway: 'vgw-00000000000000001' };
  }
};

it.each<readonly [string, Change, string, RegExp]>([
  [
    'that ends on two things',
    vpn((g) => Object.assign(g, { vpnGateway: 'vgw-00000000000000001' })),
    'gateways.vpn-b',
    /ends on one; remove/,
  ],
  [
    'that ends on nothing',
    vpn((g) => {
      delete g['transitGateway'];
      delete g['attachment'];
    }),
    'gateways.vpn-b',
    /write transitGateway and attachment, or vpnGateway/,
  ],
  ['without its attachment', vpn((g) => delete g['attachment']), 'gateways.vpn-b', /write attachment too/],
  [
    'with one tunnel',
    vpn((g) => Object.assign(g, { tunnels: ['203.0.113.3'] })),
    'gateways.vpn-b.tunnels',
    /must be the two/,
  ],
  [
    'with one tunnel twice',
    vpn((g) => Object.assign(g, { tunnels: ['203.0.113.3', '203.0.113.3'] })),
    'gateways.vpn-b.tunnels',
    /which differ/,
  ],
  [
    'that is another gateway too',
    vpn((g) => Object.assign(g, { vpn: 'vpn-0aaaaaaaaaaaaaaa1' })),
    'gateways.vpn-b.vpn',
    /already the connection of vpn-a/,
  ],
  [
    'that is accelerated',
    vpn((g) => Object.assign(g, { enableAcceleration: true })),
    'gateways.vpn-b.enableAcceleration',
    /accelerated/,
  ],
  [
    "with a daemon's tunnel",
    (t) => Object.assign(t.connections.paris.paths.b, { tunnel: 'paris-b' }),
    'connections.paris.paths.b.tunnel',
    /remove it/,
  ],
  [
    'beside an instance in a transit gateway table',
    mixed,
    'connections.paris.routeSets.spokes.tables',
    /path a is over an instance: no route of theirs leads there; list the VPC's tables/,
  ],
  [
    'beside another of its transit gateway in a VPC table',
    inVpcTables,
    'connections.paris.routeSets.spokes.tables',
    /is path a and path b: no route can choose between the two; list the transit gateway's tables/,
  ],
  [
    'with tables of two kinds',
    (t) => t.connections.paris.routeSets.spokes.tables.push('rtb-00000000000000001'),
    'connections.paris.routeSets.spokes.tables[2]',
    /make two route sets/,
  ],
  [
    'that propagates to a transit gateway table',
    (t) => Object.assign(t.connections.paris.routeSets.spokes, { propagated: true }),
    'connections.paris.routeSets.spokes.propagated',
    /propagates none/,
  ],
  [
    'that pins a canary in a VPC table, where both look alike',
    (t) => Object.assign(t.connections.paris.canaries['path-b'], { routeTable: 'rtb-00000000000000001' }),
    'connections.paris.canaries.path-b.routeTable',
    /name the transit gateway's table, with a host route to the attachment/,
  ],
  [
    'with a standby that is said not to be there',
    (t) => Object.assign(t.connections.paris, { standby: 'none' }),
    'connections.paris.standby',
    /says none, and there are 2 paths/,
  ],
])('refuses a connection %s', (_, change, at, says) => {
  const said = complaints(change, 'transit');
  expect(said.map((line) => line.split(': ')[0])).toContain(at);
  expect(said.find((line) => line.startsWith(`${at}: `))).toMatch(says);
  if (change !== onVgw && change !== mixed && change !== inVpcTables) expect(said).toHaveLength(1);
});

it('takes prefix lists in the tables of a transit gateway, alone or beside blocks', () => {
  const lists = ['pl-0123456789abcdef0', 'pl-0fedcba9876543210'];
  for (const destinations of [lists, [...lists, '172.16.0.0/16']])
    expect(complaints((t) => Object.assign(t.connections.paris.routeSets.spokes, { destinations }), 'transit')).toEqual(
      [],
    );
});

it('refuses two connections on one virtual private gateway as paths that routes choose between', () => {
  const said = complaints((tree) => {
    onVgw(tree);
    inVpcTables(tree);
    for (const name of ['path-a', 'path-b']) tree.connections.paris.canaries[name].routeTable = 'rtb-0ca0000000000000a';
  }, 'transit');
  expect(said[0]).toMatch(/vgw-00000000000000001 is path a and path b/);
});

it('refuses IPv6 over a virtual private gateway, and a single path that is not said aloud', () => {
  expect(complaints((t) => t.connections.bank.routeSets.office.destinations.push('2001:db8::/32'), 'managed')).toEqual([
    expect.stringMatching(/destinations\[1\]: is IPv6, which no VPN connection on a virtual private gateway/),
  ]);
  expect(complaints((t) => delete t.connections.bank.standby, 'managed')).toEqual([
    expect.stringMatching(/paths: has a single path: .* standby: none/),
  ]);
});

it('reads instances and VPN connections beside each other, and says what is wrong with either in its own words', () => {
  const beside: Change = (tree) => {
    tree.gateways['vpn-b'] = { ...site('managed').gateways['vpn-a'] };
    Object.assign(tree, {
      gateways: { 'gw-a': own, 'vpn-b': tree.gateways['vpn-b'] },
      connections: {
        paris: {
          ...tree.connections.paris,
          paths: { a: { gateway: 'gw-a', tunnel: 'paris' }, b: { gateway: 'vpn-b' } },
          routeSets: { spokes: { home: 'a', tables: ['rtb-00000000000000001'], destinations: ['172.16.0.0/16'] } },
        },
      },
    });
    for (const name of ['path-a', 'path-b']) tree.connections.paris.canaries[name].routeTable = 'rtb-0ca0000000000000a';
  };
  expect(complaints(beside, 'transit')).toEqual([]);
  expect(
    complaints((tree) => {
      beside(tree);
      tree.gateways['gw-a'].zoen = 'x';
      tree.gateways['vpn-b'].tunels = [];
    }, 'transit'),
  ).toEqual([
    expect.stringMatching(/gateways\.gw-a\.zoen: is unknown here: .*privateAddress/),
    expect.stringMatching(/gateways\.vpn-b\.tunels: is unknown here: .*initiatedBy/),
  ]);
});

describe('the far end of an instance', () => {
  const far = { vpn: 'vpn-0fffffffffffffff1', region: 'us-east-1', tunnels: ['203.0.113.81', '203.0.113.82'] };
  const seenBy =
    (over: object = {}): Change =>
    (tree) =>
      Object.assign(tree.gateways['gw-a'], { seenBy: { ...far, ...over } });

  it('is named with its region', () => {
    const tree = site('pair');
    seenBy()(tree);
    const read = deploymentFrom(tree);
    expect(read.ok && read.deployment.gateways['gw-a']).toMatchObject({
      seenBy: { vpnConnectionId: far.vpn, region: 'us-east-1', tunnels: far.tunnels },
    });
  });

  it('is refused with one tunnel', () => {
    expect(complaints(seenBy({ tunnels: ['203.0.113.81'] }))).toEqual([
      expect.stringMatching(/gateways\.gw-a\.seenBy\.tunnels.*must be the two/),
    ]);
  });
});

it('lets Network Manager be listened to where it could tell of something', () => {
  const listen: Change = (tree) => Object.assign(tree, { networkManagerRegion: 'us-west-2' });
  expect(complaints(listen, 'transit')).toEqual([]);
  expect(complaints(listen, 'managed')).toEqual([
    expect.stringMatching(/^networkManagerRegion: is where Network Manager tells .* none here is on one: remove it$/),
  ]);
  expect(complaints((tree) => Object.assign(tree, { networkManagerRegion: 'us-west-9' }), 'transit')).toEqual([
    expect.stringMatching(/^networkManagerRegion: is no region/),
  ]);
});
