/**
 * What is in the model and not in the code, or was never in either, is refused by its name, with why and what to do
 * instead; and by nothing else: no second complaint that only the refused thing has caused.
 */
import { complaints } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;
type Asked = [how: string, change: (tree: Tree) => void, at: string, what: RegExp];

const gw = (change: (gateway: Tree) => void) => (t: Tree) => change(t.gateways['gw-a']);
const gwB = (change: (gateway: Tree) => void) => (t: Tree) => change(t.gateways['gw-b']);
const path = (change: (path: Tree) => void) => (t: Tree) => change(t.connections.paris.paths.b);
const set = (change: (set: Tree) => void) => (t: Tree) => change(t.connections.paris.routeSets.office);
const paris = (change: (connection: Tree) => void) => (t: Tree) => change(t.connections.paris);

const asg = /an Auto Scaling group/;
const cold = /a cold standby/;
const floating = /that an HA pair moves/;
const several = /several interfaces/;
const localZone = /Local Zone, Wavelength Zone or Outpost/;
const account = /another account's route tables/;
const managed = /of a VPN connection of AWS: such a connection is a gateway/;
const dynamic = /dynamic routing/;
const partition = /China, GovCloud/;

const record = /a name in DNS that follows a gateway/;
const kept = /a private address that a replacement keeps/;
const globalTable = /a lease on a global table/;
const takeover = /that takes over where the region of the first fails/;

const asked: readonly Asked[] = [
  ['identity', gw((g) => (g.identity = { record: { zone: 'Z1' } })), 'gateways.gw-a.identity', record],
  ['dnsName', gw((g) => (g.dnsName = 'vpn-a.example.net')), 'gateways.gw-a.dnsName', record],
  ['route53Record', gw((g) => (g.route53Record = {})), 'gateways.gw-a.route53Record', record],
  ['an address that is kept', gw((g) => (g.privateAddress = 'keep')), 'gateways.gw-a.privateAddress', kept],
  ['lease', (t) => (t.lease = { consistency: 'strong' }), 'lease', globalTable],
  ['globalTable', (t) => (t.globalTable = true), 'globalTable', globalTable],
  ['replica-regions', (t) => (t['replica-regions'] = ['us-east-2']), 'replica-regions', globalTable],
  ['takeover', (t) => (t.takeover = { from: 'eu-central-1' }), 'takeover', takeover],
  ['asg', gw((g) => (g.asg = 'vpn')), 'gateways.gw-a.asg', asg],
  [
    'a group for an instance',
    gwB((g) => swap(g, 'instance', 'autoScalingGroup', 'vpn')),
    'gateways.gw-b.autoScalingGroup',
    asg,
  ],
  [
    'auto_scaling_group_name',
    gw((g) => (g.auto_scaling_group_name = 'v')),
    'gateways.gw-a.auto_scaling_group_name',
    asg,
  ],
  ['an instance in a group', gw((g) => (g.instance = { asg: 'vpn' })), 'gateways.gw-a.instance', asg],
  ['an instance by its group', gw((g) => (g.instance = 'asg/vpn')), 'gateways.gw-a.instance', asg],
  ['min-size', gw((g) => (g['min-size'] = 1)), 'gateways.gw-a.min-size', asg],
  ['a group of the connection', paris((c) => (c.asg = 'vpn')), 'connections.paris.asg', asg],
  ['a group for all', (t) => (t.autoScaling = {}), 'autoScaling', asg],
  ['a kind of gateway', gw((g) => (g.kind = 'auto-scaling-group')), 'gateways.gw-a.kind', asg],
  ['cold', gwB((g) => (g.cold = true)), 'gateways.gw-b.cold', cold],
  ['standby: cold', gwB((g) => (g.standby = 'cold')), 'gateways.gw-b.standby', cold],
  ['cold-standby of a path', path((p) => (p['cold-standby'] = true)), 'connections.paris.paths.b.cold-standby', cold],
  ['state: stopped', gwB((g) => (g.state = 'stopped')), 'gateways.gw-b.state', cold],
  ['startOnFailover', gwB((g) => (g.startOnFailover = true)), 'gateways.gw-b.startOnFailover', cold],
  ['powered: off', gwB((g) => (g.powered = false)), 'gateways.gw-b.powered', cold],
  ['a pilot light', paris((c) => (c.pilotLight = true)), 'connections.paris.pilotLight', cold],
  ['hasStandby: no', paris(alone), 'connections.paris.hasStandby', /standby: none/],
  [
    'one interface twice',
    (t) => (t.gateways['gw-b'].interface = t.gateways['gw-a'].interface),
    'gateways.gw-b.interface',
    floating,
  ],
  [
    'one Elastic IP twice',
    (t) => (t.gateways['gw-b'].address = t.gateways['gw-a'].address),
    'gateways.gw-b.address.allocation',
    floating,
  ],
  [
    'floatingInterface',
    gw((g) => (g.floatingInterface = 'eni-0123456789abcdef0')),
    'gateways.gw-a.floatingInterface',
    floating,
  ],
  ['floating: true', gw((g) => (g.floating = true)), 'gateways.gw-a.floating', floating],
  ['a VIP', gw((g) => (g.vip = '10.0.0.9')), 'gateways.gw-a.vip', floating],
  ['members', gw((g) => swap(g, 'instance', 'members', ['i-1', 'i-2'])), 'gateways.gw-a.members', floating],
  [
    'instances',
    gw((g) => swap(g, 'instance', 'instances', ['i-1', 'i-2'])),
    'gateways.gw-a.instances',
    /several machines/,
  ],
  [
    'a list of instances',
    gw((g) => (g.instance = [g.instance, 'i-0aaaaaaaaaaaaaaa9'])),
    'gateways.gw-a.instance',
    /several machines/,
  ],
  [
    'interfaces',
    gw((g) => swap(g, 'interface', 'interfaces', ['eni-1', 'eni-2'])),
    'gateways.gw-a.interfaces',
    several,
  ],
  [
    'a list of interfaces',
    gw((g) => (g.interface = [g.interface, 'eni-0aaaaaaaaaaaaaaa9'])),
    'gateways.gw-a.interface',
    several,
  ],
  ['innerInterface', gw((g) => (g.innerInterface = 'eni-0aaaaaaaaaaaaaaa9')), 'gateways.gw-a.innerInterface', several],
  ['eni2', gw((g) => (g.eni2 = 'eni-0aaaaaaaaaaaaaaa9')), 'gateways.gw-a.eni2', several],
  ['a gateway by its tag', gw((g) => (g.instance = { tag: 'vpn' })), 'gateways.gw-a.instance', /found by its tags/],
  ['a Local Zone', gw((g) => (g.zone = 'eu-central-1-ham-1a')), 'gateways.gw-a.zone', localZone],
  ['another Local Zone', gw((g) => (g.zone = 'us-west-2-lax-1a')), 'gateways.gw-a.zone', localZone],
  ['a Local Zone by its id', gw((g) => (g.zone = 'usw2-lax1-az1')), 'gateways.gw-a.zone', localZone],
  ['a Wavelength Zone', gw((g) => (g.zone = 'us-east-1-wl1-bos-wlz-1')), 'gateways.gw-a.zone', localZone],
  [
    'a canary in a Local Zone',
    paris((c) => (c.canaries.service.zone = 'eu-central-1-ham-1a')),
    'connections.paris.canaries.service.zone',
    localZone,
  ],
  ['an Outpost', gw((g) => (g.outpostArn = 'op-1')), 'gateways.gw-a.outpostArn', localZone],
  ['localZone', gw((g) => (g.localZone = 'ham')), 'gateways.gw-a.localZone', localZone],
  [
    'a local gateway as target',
    gw((g) => (g.interface = 'lgw-0123456789abcdef0')),
    'gateways.gw-a.interface',
    localZone,
  ],
  ['account', set((s) => (s.account = '111122223333')), 'connections.paris.routeSets.office.account', account],
  ['account-id of all', (t) => (t['account-id'] = 111122223333), 'account-id', account],
  [
    'roleArn',
    set((s) => (s.roleArn = 'arn:aws:iam::111122223333:role/x')),
    'connections.paris.routeSets.office.roleArn',
    account,
  ],
  ['role', paris((c) => (c.role = 'arn:aws:iam::111122223333:role/x')), 'connections.paris.role', account],
  ['owner', gw((g) => (g.owner = '111122223333')), 'gateways.gw-a.owner', account],
  [
    'ownerId of a canary',
    paris((c) => (c.canaries.service.ownerId = '111122223333')),
    'connections.paris.canaries.service.ownerId',
    account,
  ],
  ['assumeRole', set((s) => (s.assumeRole = 'x')), 'connections.paris.routeSets.office.assumeRole', account],
  [
    'a table of somebody',
    set((s) => (s.tables[0] = 'arn:aws:ec2:eu-central-1:111122223333:route-table/rtb-0123456789abcdef0')),
    'connections.paris.routeSets.office.tables[0]',
    account,
  ],
  [
    'a table with its owner',
    set((s) => (s.tables[0] = { id: 'rtb-1', owner: '111122223333' })),
    'connections.paris.routeSets.office.tables[0]',
    account,
  ],
  ['a share', set((s) => (s.resourceShare = 'x')), 'connections.paris.routeSets.office.resourceShare', account],
  ['kind vgw', (t) => (t.connections.paris.paths.b = { kind: 'vgw' }), 'connections.paris.paths.b.kind', managed],
  [
    'kind tgw-vpn',
    (t) => (t.connections.paris.paths.b = { kind: 'tgw-vpn' }),
    'connections.paris.paths.b.kind',
    managed,
  ],
  [
    'kind transit-gateway',
    (t) => (t.connections.paris.paths.b = { kind: 'transit-gateway', attachment: 'x' }),
    'connections.paris.paths.b.kind',
    managed,
  ],
  [
    'a path with an attachment',
    (t) => (t.connections.paris.paths.b = { attachment: 'tgw-attach-0123456789abcdef0' }),
    'connections.paris.paths.b.attachment',
    managed,
  ],
  [
    'a path over a VPN connection',
    (t) => (t.connections.paris.paths.b = { vpnConnection: 'vpn-0123456789abcdef0' }),
    'connections.paris.paths.b.vpnConnection',
    managed,
  ],
  [
    'a gateway of kind vpn',
    (t) => (t.gateways['gw-b'] = { kind: 'vpn', vpnConnection: 'vpn-0123456789abcdef0' }),
    'gateways.gw-b.kind',
    managed,
  ],
  [
    'a gateway that is a vgw',
    (t) => (t.gateways['gw-b'] = { vgw: 'vgw-0123456789abcdef0' }),
    'gateways.gw-b.vgw',
    managed,
  ],
  ['a vgw for an interface', gw((g) => (g.interface = 'vgw-0123456789abcdef0')), 'gateways.gw-a.interface', managed],
  [
    'a transit gateway of a connection',
    paris((c) => swap(c, 'paths', 'transitGateway', 'tgw-1')),
    'connections.paris.transitGateway',
    managed,
  ],
  [
    'a NAT gateway',
    gw((g) => (g.interface = 'nat-0123456789abcdef0')),
    'gateways.gw-a.interface',
    /anything but an interface/,
  ],
  ['dynamic routing', path((p) => (p.routing = 'dynamic')), 'connections.paris.paths.b.routing', dynamic],
  ['routing: bgp', path((p) => (p.routing = 'bgp')), 'connections.paris.paths.b.routing', dynamic],
  ['bgp', gw((g) => (g.bgp = { asn: 65_000 })), 'gateways.gw-a.bgp', dynamic],
  ['control by API', gw((g) => (g.control = 'api')), 'gateways.gw-a.control', /control api/],
  ['two regions', (t) => (t.regions = ['a', 'b']), 'regions', /a region other than/],
  [
    'another region',
    set((s) => (s.region = 'us-east-1')),
    'connections.paris.routeSets.office.region',
    /a region other than/,
  ],
  ['two homes', set((s) => (s.home = ['a', 'b'])), 'connections.paris.routeSets.office.home', /several homes/],
  [
    'a preferred path',
    path((p) => (p.role = 'standby')),
    'connections.paris.paths.b.role',
    /the `home` of each route set/,
  ],
  ...[
    'cn-north-1',
    'cn-northwest-1',
    'us-gov-west-1',
    'us-gov-east-1',
    'us-iso-east-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'eusc-de-east-1',
  ].map((region): Asked => [region, (t) => (t.region = region), 'region', partition]),
  ['a partition', (t) => (t.partition = 'aws-cn'), 'partition', partition],
];

/** One field under another name. */
function swap(group: Tree, from: string, to: string, value: unknown): void {
  delete group[from];
  group[to] = value;
}

function alone(connection: Tree): void {
  connection.hasStandby = 'no';
  delete connection.paths.b;
  delete connection.canaries['path-b'];
}

it.each(asked)('refuses %s by name, and says nothing else', (_, change, at, what) => {
  const said = complaints(change).filter((line) => !/^gateways\.gw-b: is the gateway of no path/.test(line));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(what);
  expect(said[0]!.startsWith(`${at}: `)).toBe(true);
  expect(said[0]).toMatch(
    /is (known but not built yet|the .* of gw-a too|of a VPN connection of AWS|a name in DNS that follows a gateway|a private address that a replacement keeps|a second deployment that takes over)/,
  );
});

it('does not call the gateways of a refused path idle', () => {
  const said = complaints((t) => {
    t.connections.paris.paths = {
      a: { kind: 'tgw-vpn', attachment: 'tgw-attach-0123456789abcdef0' },
      b: { kind: 'tgw-vpn', attachment: 'tgw-attach-0fedcba9876543210' },
    };
  });
  expect(said).toHaveLength(2);
  for (const line of said) expect(line).toMatch(/paths\.[ab]\.kind: is of a VPN connection of AWS/);
});

it('asks for no gateways where every path is one of another kind', () => {
  const said = complaints((t) => {
    delete t.gateways;
    for (const name of ['a', 'b']) t.connections.paris.paths[name] = { vgw: 'vgw-0123456789abcdef0' };
  });
  expect(said).toHaveLength(2);
});

it('goes on naming what is wrong for another reason', () => {
  const said = complaints((t) => {
    t.gateways['gw-a'].asg = 'vpn';
    t.gateways['gw-a'].zone = 'frankfurt';
    t.connections.paris.mode = 'auto';
    t.connections.paris.canaries.service.securityGroup = 'web';
  });
  expect(said).toEqual([
    expect.stringMatching(/^gateways\.gw-a\.asg: is known but/),
    expect.stringMatching(/^gateways\.gw-a\.zone: is no availability zone/),
    expect.stringMatching(/^connections\.paris\.mode: is none of/),
    expect.stringMatching(/securityGroup: is no security group id/),
  ]);
});

it('lets words of the table be names, and other unknown fields be unknown', () => {
  const named = complaints((t) => {
    t.connections['asg-account'] = t.connections.paris;
    delete t.connections.paris;
    t.connections['asg-account'].paths.cold = t.connections['asg-account'].paths.b;
    delete t.connections['asg-account'].paths.b;
    t.connections['asg-account'].canaries['path-b'].path = 'cold';
  });
  expect(named).toEqual([]);
  expect(complaints((t) => (t.gateways['gw-a'].eni = 'eni-1'))).toEqual([
    expect.stringMatching(/^gateways\.gw-a\.eni: is unknown here: remove it, or use one of .*interface/),
  ]);
});

it('accepts the region it is in, said twice', () => {
  expect(complaints((t) => (t.connections.paris.routeSets.office.region = 'eu-central-1'))).toEqual([]);
});

it('recommends no kind, routing or control that is refused', () => {
  const said = complaints((t) => {
    t.connections.paris.paths.b.kind = 'wireguard';
    t.connections.paris.paths.b.routing = 'policy';
    t.gateways['gw-a'].control = 'ssh';
  });
  expect(said).toEqual([
    expect.stringMatching(/gw-a\.control: is none of ssm, none: write one of these/),
    expect.stringMatching(/kind: is none of instance: write that/),
    expect.stringMatching(/routing: is none of static: write that/),
  ]);
});
