/** `adopt` on the fake account: what it proposes is accepted, what it cannot know is asked, and nothing is overwritten. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { adopt } from '../../../../../cli/doctor/adopt/adopt';
import type { Footing } from '../../../../../cli/operate/session';
import { parseConfig } from '../../../../../config/read';
import type { Deployment } from '../../../../../core/words/domain';
import { type FakeAccount, goodAccount, groundOf, route } from '../fake-account';

const vpc = 'vpc-00000000000000001';
const key = 'a-key-that-nobody-may-read';
let output: string;

beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'switchback-'));
});
afterEach(() => rmSync(output, { recursive: true, force: true }));

const options = { name: 'switchback', at: 1, timeout: 60_000, vpc };

async function adopted(account: FakeAccount, more: object = {}) {
  const outcome = await adopt({ ...options, output, ...more })(groundOf(account) as unknown as Footing);
  const [text, letter] = ['switchback.yaml', 'partner.txt'].map((file) =>
    readFileSync(path.join(output, file), 'utf8'),
  );
  const read = parseConfig(text!);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { open } = outcome.json as { open: readonly { field: string; ask: string }[] };
  return { outcome, text: text!, letter: letter!, deployment: read.deployment, open };
}

const partner = ({ connections }: Deployment) => connections['partner']!;

/** The fake account's interfaces say no zone and no address: an account that is adopted says both. */
function lived(): FakeAccount {
  const account = goodAccount();
  const places = [
    ['eu-central-1a', '10.0.1.10'],
    ['eu-central-1b', '10.0.2.10'],
  ];
  account.interfaces.forEach((one, i) => {
    const [AvailabilityZone, PrivateIpAddress] = places[i]!;
    Object.assign(one, { AvailabilityZone, PrivateIpAddress });
  });
  account.tables = account.tables.slice(0, 2);
  account.tables.push({
    RouteTableId: 'rtb-0ca0000000000000a',
    VpcId: vpc,
    Associations: [{ SubnetId: 'subnet-0ca0000000000000a' }, { SubnetId: 'subnet-0ca0000000000000b' }],
    Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }],
  });
  account.groups.push({ GroupId: 'sg-0def0000000000000', GroupName: 'default' });
  return account;
}

it('proposes two gateways, the route sets that stand, and a witness for each', async () => {
  const { deployment, open } = await adopted(lived());
  expect(Object.keys(deployment.gateways)).toEqual(['gw-a', 'gw-b']);
  expect(partner(deployment)).toMatchObject({
    mode: 'observe',
    coupled: true,
    routeSets: {
      networks: {
        home: 'a',
        tables: ['rtb-00000000000000001', 'rtb-00000000000000002'],
        destinations: ['172.16.0.0/16'],
      },
    },
  });
  const canaries = Object.fromEntries(partner(deployment).canaries.map((one) => [one.id, one.subnetId]));
  expect(canaries).toEqual({
    'partner/path-a': 'subnet-0ca0000000000000a',
    'partner/path-b': 'subnet-0ca0000000000000b',
    'partner/service-networks': 'subnet-00000000000000002',
  });
  expect(open.map(({ field }) => field)).toMatchObject(
    expect.arrayContaining([
      'notify',
      'gateways.gw-a.launchTemplate',
      'connections.partner.paths.a.tunnel',
      'connections.partner.canaries.path-a.targets',
    ]),
  );
});

it('writes its questions beside the fields, and what the partner must do', async () => {
  const { text, letter } = await adopted(lived());
  expect(text).toMatchSnapshot();
  expect(letter).toMatchSnapshot();
});

it.each<[string, (account: FakeAccount) => void, (deployment: Deployment, asks: string) => void]>([
  [
    'one gateway',
    (a) => a.interfaces.pop(),
    (d) => expect(partner(d)).toMatchObject({ standby: 'none', paths: { a: {} } }),
  ],
  [
    'no agent',
    (a) => {
      a.agents = [];
    },
    (d) => expect(d.gateways['gw-a']).toMatchObject({ control: 'none' }),
  ],
  [
    'a destination that leads two ways',
    (a) => {
      a.tables[1]!.Routes![2] = route('172.16.0.0/16', 'eni-0bbbbbbbbbbbbbbb1');
    },
    (_, asks) => expect(asks).toContain('172.16.0.0/16 leads to gw-b in rtb-00000000000000002'),
  ],
  [
    'two networks, each over its own gateway',
    (a) => a.tables[0]!.Routes!.push(route('192.168.0.0/16', 'eni-0bbbbbbbbbbbbbbb1')),
    (d) => expect(Object.values(partner(d).routeSets).map(({ home }) => home)).toEqual(['a', 'b']),
  ],
  [
    'every table moved: nowhere for a path canary to stand',
    (a) => {
      a.tables.pop();
      a.subnets = a.subnets.slice(0, 2);
    },
    (_, asks) => expect(asks).toContain('a subnet whose route table the route sets do not move'),
  ],
  [
    'no right to see security groups, connections, addresses and agents',
    (a) =>
      a.denied.push(
        'DescribeSecurityGroups',
        'DescribeVpnConnections',
        'DescribeAddresses',
        'DescribeInstanceInformation',
      ),
    (_, asks) => expect(asks).toMatch(/could not be read: DescribeVpnConnections/),
  ],
])('is accepted with %s', async (_, change, expected) => {
  const account = lived();
  change(account);
  const { deployment, open } = await adopted(account);
  expected(deployment, open.map(({ ask }) => ask).join('\n'));
});

it('proposes a VPN connection of AWS, and keeps none of its keys', async () => {
  const account = lived();
  const target = { GatewayId: 'vgw-00000000000000001', Origin: 'EnableVgwRoutePropagation', State: 'active' } as const;
  for (const table of account.tables.slice(0, 2))
    table.Routes![2] = { DestinationCidrBlock: '172.16.0.0/16', ...target };
  account.interfaces = [];
  account.vpns = ['vpn-0aaaaaaaaaaaaaaa1', 'vpn-0bbbbbbbbbbbbbbb1'].map((VpnConnectionId) => ({
    ...{
      VpnConnectionId,
      State: 'available',
      VpnGatewayId: 'vgw-00000000000000001',
      CustomerGatewayConfiguration: key,
    },
    Options: {
      TunnelOptions: ['203.0.113.1', '203.0.113.2'].map((OutsideIpAddress) => ({
        OutsideIpAddress,
        PreSharedKey: key,
        StartupAction: 'start',
      })),
    },
  }));
  const { deployment, open, text, letter, outcome } = await adopted(account);
  expect(deployment.gateways).toMatchObject({
    'vpn-a': { kind: 'vpn', vpnConnectionId: 'vpn-0aaaaaaaaaaaaaaa1', initiatedBy: 'aws' },
  });
  expect(partner(deployment)).toMatchObject({ standby: 'none', routeSets: { networks: { propagated: true } } });
  expect(open.map(({ ask }) => ask).join('\n')).toContain('vpn-0bbbbbbbbbbbbbbb1 ends on vgw-00000000000000001 too');
  expect([text, letter, JSON.stringify(outcome)].join()).not.toContain(key);
});

it('overwrites nothing unless it is told to, and then asks nobody first', async () => {
  const file = path.join(output, 'switchback.yaml');
  writeFileSync(file, 'mine');
  const account = lived();
  await expect(adopted(account)).rejects.toThrow(/switchback.yaml is there: say -o for another folder, or --force/);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(account.asked).toEqual([]);
  await adopted(account, { force: true });
  expect(readFileSync(file, 'utf8')).not.toBe('mine');
});

it.each([
  [
    'a VPC that leads nowhere',
    (a: FakeAccount) => a.tables.forEach((one) => void one.Routes!.splice(1)),
    {},
    /leads to an instance or a VPN connection/,
  ],
  [
    'no VPC of this account',
    (a: FakeAccount) => {
      a.subnets = [];
    },
    {},
    /has no subnet here/,
  ],
  ['no VPC id', () => {}, { vpc: 'main' }, /^--vpc: main is no VPC id/],
  ['no right to see route tables', (a: FakeAccount) => a.denied.push('DescribeRouteTables'), {}, /DescribeRouteTables/],
])('writes nothing for %s', async (_, change, more, message) => {
  const account = lived();
  change(account);
  await expect(adopted(account, more)).rejects.toThrow(message);
  expect(existsSync(path.join(output, 'switchback.yaml'))).toBe(false);
});
