/** Each check in the account in which it is well, and in those in which it is not: one thing broken at a time. */
import { stripVTControlCharacters } from 'node:util';
import { checks } from '../../../../cli/doctor/checks';
import type { DiagnosisLevel } from '../../../../cli/doctor/diagnosis';
import { chosenChecks, examine, outcomeOf } from '../../../../cli/doctor/doctor';
import type { Connection } from '../../../../core/words/domain';
import { instanceAt } from '../../../../core/words/gateways';
import { type FakeAccount, goodAccount, now, patientIn, route, speaks } from './fake-account';

async function seen(account: FakeAccount, only?: string, isStanding = true) {
  const checked = await examine(patientIn(account, isStanding), chosenChecks(only));
  return outcomeOf(['switchback'], checked);
}

const findingsOf = (outcome: Awaited<ReturnType<typeof seen>>) =>
  (
    outcome.json as {
      findings: readonly {
        check: string;
        level: DiagnosisLevel;
        about: string;
        found: string;
        why: string;
        mend: string;
      }[];
    }
  ).findings;

it('finds nothing wrong where all is well, and says what nobody can see from here', async () => {
  const outcome = await seen(goodAccount());
  const found = findingsOf(outcome);
  expect(found.filter(({ level }) => level === 'FAIL' || level === 'WARN')).toEqual([]);
  expect(found.filter(({ level }) => level === 'unknown').map(({ check }) => check)).toEqual(['one-fate']);
  expect(outcome.code).toBe(0);
  expect(new Set(found.map(({ check }) => check)).size).toBe(checks.length);
});

type Breaks = (account: FakeAccount) => void;

const withConnection = (account: FakeAccount, changed: Partial<Connection>): void => {
  const { paris } = account.deployment.connections;
  account.deployment = { ...account.deployment, connections: { paris: { ...paris!, ...changed } } };
};

const leadTo = (account: FakeAccount, ...destinations: string[]): void => {
  const { office } = account.deployment.connections['paris']!.routeSets;
  withConnection(account, { routeSets: { office: { ...office!, destinations } } });
};

/** Both paths over Site-to-Site connections of AWS, as `seenBy` has them. */
function seenByAws(account: FakeAccount, customerGateways: readonly [string, string], arn?: string): void {
  const ids = ['vpn-0aaaaaaaaaaaaaaa1', 'vpn-0bbbbbbbbbbbbbbb1'];
  const gateways = ['gw-a', 'gw-b'].map((name, i) => {
    const seenBy = { vpnConnectionId: ids[i]!, region: 'eu-central-1', tunnels: [] };
    return [name, { ...instanceAt(account.deployment, name), seenBy }] as const;
  });
  account.deployment = { ...account.deployment, gateways: Object.fromEntries(gateways) };
  account.vpns = ids.map((VpnConnectionId, i) => ({
    VpnConnectionId,
    State: 'available',
    CustomerGatewayId: customerGateways[i],
    CustomerGatewayConfiguration: `<pre_shared_key>${key}</pre_shared_key>`,
    Options: { TunnelOptions: [{ OutsideIpAddress: '198.51.100.1', PreSharedKey: key }] },
    ...(arn !== undefined && { PreSharedKeyArn: arn }),
  }));
}
const key = 'a-key-that-nobody-may-read';

const writtenBy = (arn: string, more: object = {}): object => ({
  eventTime: '2026-01-04T03:00:00Z',
  userIdentity: { sessionContext: { sessionIssuer: { arn } } },
  requestParameters: { routeTableId: 'rtb-00000000000000001' },
  ...more,
});

const broken: readonly (readonly [check: string, level: DiagnosisLevel, found: RegExp, breaks: Breaks])[] = [
  ['gateways', 'FAIL', /^EC2 does not list i-0aaaaaaaaaaaaaaa1/, (a) => void a.instances.shift()],
  [
    'gateways',
    'FAIL',
    /attached to i-other, not to i-0a/,
    (a) => {
      a.interfaces[0]!.Attachment = { InstanceId: 'i-other' };
    },
  ],
  [
    'gateways',
    'FAIL',
    /does not hold 203.0.113.10/,
    (a) => {
      a.instances[0]!.PublicIpAddress = undefined;
    },
  ],
  [
    'gateways',
    'FAIL',
    /is stopped: User initiated/,
    (a) => void Object.assign(a.instances[1]!, { State: { Name: 'stopped' }, StateTransitionReason: 'User initiated' }),
  ],
  [
    'source-dest-check',
    'FAIL',
    /eni-0bbbbbbbbbbbbbbb1 checks source/,
    (a) => {
      a.interfaces[1]!.SourceDestCheck = true;
    },
  ],
  [
    'agent',
    'WARN',
    /has lost its connection/,
    (a) => {
      a.agents[0]!.PingStatus = 'ConnectionLost';
    },
  ],
  ['agent', 'WARN', /does not know i-0bbbbbbbbbbbbbbb1/, (a) => void a.agents.pop()],
  ['places', 'FAIL', /there is no subnet-0ca0000000000000b/, (a) => void a.subnets.splice(3, 1)],
  [
    'places',
    'FAIL',
    /is in eu-central-1c, not in eu-central-1b/,
    (a) => {
      a.subnets[2]!.AvailabilityZone = 'eu-central-1c';
    },
  ],
  [
    'places',
    'FAIL',
    /is in vpc-other, not in vpc-0/,
    (a) => {
      a.subnets[2]!.VpcId = 'vpc-other';
    },
  ],
  [
    'places',
    'WARN',
    /has 1 free address$/,
    (a) => {
      a.subnets[4]!.AvailableIpAddressCount = 1;
    },
  ],
  ['security-groups', 'FAIL', /there is no sg-0ca/, (a) => void a.groups.shift()],
  [
    'security-groups',
    'FAIL',
    /lets nothing out to 172.16.0.11:443/,
    (a) => {
      a.groups[0]!.IpPermissionsEgress = [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '172.16.0.10/32' }], PrefixListIds: [] },
      ];
    },
  ],
  [
    'security-groups',
    'FAIL',
    /lets nothing out to DynamoDB/,
    (a) => {
      a.groups[0]!.IpPermissionsEgress = [
        { IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, IpRanges: [{ CidrIp: '172.16.0.0/16' }] },
      ];
    },
  ],
  [
    'security-groups',
    'unknown',
    /lets nothing out to 172.16.0.10:443, unless a prefix list/,
    (a) => {
      a.groups[0]!.IpPermissionsEgress = [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] },
      ];
    },
  ],
  [
    'security-groups',
    'FAIL',
    /gw-a lets no tcp 443 in from 10.0.9.0\/24/,
    (a) => void a.groups[1]!.IpPermissions!.shift(),
  ],
  ['security-groups', 'FAIL', /gw-b lets no tcp 22 in/, (a) => void a.groups[1]!.IpPermissions!.pop()],
  [
    'endpoints',
    'FAIL',
    /has no way to DynamoDB in rtb-0ca0000000000000a/,
    (a) => {
      a.reports = {};
      a.tables[2]!.Routes!.splice(1, 1);
    },
  ],
  [
    'endpoints',
    'FAIL',
    /no way to DynamoDB but an internet gateway/,
    (a) => {
      a.reports = {};
      a.tables[2]!.Routes![1] = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' };
    },
  ],
  [
    'pins',
    'FAIL',
    /packets to 172.16.0.10 leave rtb-0ca0000000000000a by eni-0b.*, not by eni-0a/,
    (a) => {
      a.tables[2]!.Routes![2] = route('172.16.0.0/16', 'eni-0bbbbbbbbbbbbbbb1');
    },
  ],
  [
    'pins',
    'FAIL',
    /packets to 172.16.0.10 leave rtb-0ca0000000000000b by nothing/,
    (a) => void a.tables[3]!.Routes!.pop(),
  ],
  ['pins', 'FAIL', /there is no rtb-0ca0000000000000b/, (a) => void a.tables.pop()],
  [
    'pins',
    'FAIL',
    /subnet-0ca0000000000000a does not use rtb-0ca0000000000000a/,
    (a) => {
      a.tables[2]!.Associations = [];
    },
  ],
  ['routes', 'FAIL', /there is no rtb-00000000000000002/, (a) => void a.tables.splice(1, 1)],
  ['routes', 'FAIL', /rtb-00000000000000001 has no route to 172.16.0.0\/16/, (a) => void a.tables[0]!.Routes!.pop()],
  [
    'routes',
    'WARN',
    /leads to eni-other, which is no path of paris/,
    (a) => {
      a.tables[0]!.Routes![2] = route('172.16.0.0/16', 'eni-other');
    },
  ],
  [
    'routes',
    'WARN',
    /172.16.4.0\/24 in rtb-00000000000000001 leads to eni-other, inside 172.16.0.0\/16/,
    (a) => void a.tables[0]!.Routes!.push(route('172.16.4.0/24', 'eni-other')),
  ],
  [
    'routes',
    'FAIL',
    /a black hole/,
    (a) => {
      a.tables[0]!.Routes![2] = { ...route('172.16.0.0/16', 'eni-0aaaaaaaaaaaaaaa1'), State: 'blackhole' };
    },
  ],
  [
    'ends',
    'unknown',
    /older than its ends/,
    (a) => {
      a.deployment = { ...a.deployment, ends: { ohio: { name: 'ohio', region: 'us-east-2' } } };
    },
  ],
  ['prefix-lists', 'FAIL', /there is no such prefix list/, (a) => leadTo(a, 'pl-0123456789abcdef0')],
  [
    'propagation',
    'WARN',
    /is propagated as well/,
    (a) =>
      void a.tables[0]!.Routes!.push({
        DestinationCidrBlock: '172.16.0.0/16',
        GatewayId: 'vgw-1',
        Origin: 'EnableVgwRoutePropagation',
        State: 'active',
      }),
  ],
  [
    'propagation',
    'FAIL',
    /nothing is propagated to 172.16.0.0\/16 in rtb-00000000000000001/,
    (a) => {
      const { office } = a.deployment.connections['paris']!.routeSets;
      withConnection(a, { routeSets: { office: { ...office!, propagated: true } } });
    },
  ],
  [
    'one-fate',
    'WARN',
    /all its gateways are in eu-central-1a/,
    (a) => {
      a.subnets[1]!.AvailabilityZone = 'eu-central-1a';
    },
  ],
  ['one-fate', 'WARN', /end on one device, cgw-1/, (a) => seenByAws(a, ['cgw-1', 'cgw-1'])],
  ['coupled', 'WARN', /coupled: true/, (a) => withConnection(a, { coupled: true })],
  ['speakers', 'FAIL', /what it advertises has never been read/, speaks],
  ['launch-template', 'FAIL', /there is no version 3 of lt-0bbbbbbbbbbbbbbb1/, (a) => void a.templates.pop()],
  [
    'launch-template',
    'FAIL',
    /launches into subnet-other, not into subnet-0a/,
    (a) => {
      a.templates[0]!.LaunchTemplateData = { NetworkInterfaces: [{ SubnetId: 'subnet-other' }] };
    },
  ],
  [
    'launch-template',
    'FAIL',
    /InvalidAMIID.NotFound/,
    (a) => {
      a.launch = 'InvalidAMIID.NotFound';
    },
  ],
  [
    'launch-template',
    'unknown',
    /UnauthorizedOperation/,
    (a) => {
      a.launch = 'UnauthorizedOperation';
    },
  ],
  [
    'keys',
    'WARN',
    /the user data of i-0aaaaaaaaaaaaaaa1 holds what looks like a pre-shared key/,
    (a) => {
      a.userData = `cat > /etc/ipsec.secrets <<X\n%any : PSK "${key}"\nX`;
    },
  ],
  ['keys', 'WARN', /its keys are in the answer to whoever may describe it/, (a) => seenByAws(a, ['cgw-1', 'cgw-2'])],
  [
    'subscriptions',
    'FAIL',
    /has no confirmed subscriber \(1 pending\)/,
    (a) => {
      a.subscriptions[0]!.SubscriptionArn = 'PendingConfirmation';
    },
  ],
  [
    'subscriptions',
    'WARN',
    /has not confirmed/,
    (a) => void a.subscriptions.push({ SubscriptionArn: 'PendingConfirmation', Endpoint: 'late@example.com' }),
  ],
  ['canaries', 'FAIL', /there is no report of it/, (a) => void delete a.reports['paris/path-b']],
  [
    'canaries',
    'FAIL',
    /its last report is 2 min/,
    (a) => {
      a.reports['paris/path-a']!.reportedAt = now - 120_000;
    },
  ],
  [
    'canaries',
    'WARN',
    /ahead of this machine/,
    (a) => {
      a.reports['paris/path-a']!.reportedAt = now + 30_000;
    },
  ],
  [
    'standby',
    'FAIL',
    /has never been answered/,
    (a) => {
      a.reports['paris/path-b'] = { reportedAt: now, answeredAt: 0, verdict: 'down' };
    },
  ],
  [
    'standby',
    'WARN',
    /was answered last 30 min/,
    (a) => {
      a.reports['paris/path-b'] = { reportedAt: now, answeredAt: now - 1_800_000, verdict: 'down' };
    },
  ],
  [
    'alarms',
    'WARN',
    /has no data/,
    (a) => {
      a.alarms[0]!.StateValue = 'INSUFFICIENT_DATA';
    },
  ],
  [
    'alarms',
    'WARN',
    /is in ALARM: Threshold/,
    (a) => void Object.assign(a.alarms[0]!, { StateValue: 'ALARM', StateReason: 'Threshold crossed' }),
  ],
  ['alarms', 'FAIL', /there is no alarm/, (a) => void a.alarms.pop()],
  [
    'drift',
    'WARN',
    /has drifted/,
    (a) => {
      a.stack.StackDriftStatus = 'DRIFTED';
    },
  ],
  [
    'drift',
    'unknown',
    /never compared/,
    (a) => {
      a.stack = { StackDriftStatus: 'NOT_CHECKED' };
    },
  ],
  [
    'drift',
    'unknown',
    /was looked at last at 2025-09/,
    (a) => {
      a.stack.LastCheckTimestamp = '2025-09-01T00:00:00Z';
    },
  ],
  [
    'route-writers',
    'WARN',
    /^arn:aws:iam::1:role\/terraform wrote 1 route, last at 2026-01-04/,
    (a) => {
      a.events['ReplaceRoute'] = [writtenBy('arn:aws:iam::1:role/terraform')];
    },
  ],
  [
    'bootstrap',
    'WARN',
    /is not bootstrapped/,
    (a) => {
      a.bootstrap = null;
    },
  ],
  [
    'bootstrap',
    'WARN',
    /version 5 is too old/,
    (a) => {
      a.bootstrap = '5';
    },
  ],
  [
    'quotas',
    'WARN',
    /5 of 5 are taken/,
    (a) => {
      a.addresses = 5;
    },
  ],
  [
    'quotas',
    'WARN',
    /2 of 2 routes/,
    (a) => {
      a.quotas['L-93826ACB'] = 2;
    },
  ],
  [
    'lambda-concurrency',
    'FAIL',
    /7 may run at once .* and 8 are needed/,
    (a) => {
      a.concurrency = 7;
    },
  ],
  [
    'lambda-concurrency',
    'WARN',
    /90 may run at once/,
    (a) => {
      a.concurrency = 90;
    },
  ],
  [
    'throttling',
    'WARN',
    /throttled 4 calls in 14 days: DescribeRouteTables/,
    (a) => {
      a.apiMetrics[0]!.Values = [4];
    },
  ],
  [
    'throttling',
    'unknown',
    /not switched on/,
    (a) => {
      a.apiMetrics = [];
    },
  ],
  [
    'clock',
    'WARN',
    /is 20.*ahead of AWS/,
    (a) => {
      a.skewMs = 20_000;
    },
  ],
  [
    'clock',
    'FAIL',
    /behind AWS/,
    (a) => {
      a.skewMs = -90_000;
    },
  ],
];

it.each(broken)('%s: %s where %s', async (check, level, found, breaks) => {
  const account = goodAccount();
  breaks(account);
  const outcome = await seen(account, check);
  const told = findingsOf(outcome).filter((one) => one.level === level && found.test(one.found));
  expect({ all: findingsOf(outcome), told: told.length > 0 }).toMatchObject({ told: true });
  // Whoever is told what is wrong is told why it matters and what to do.
  if (level !== 'unknown')
    expect(told.every(({ why, mend, about }) => why !== '' && mend !== '' && about !== '')).toBe(true);
  expect(outcome.code).toBe(level === 'FAIL' ? 1 : told.some((one) => 'missed' in one) ? 4 : 0);
});

it('breaks every check that can be broken', () => {
  expect(checks.map(({ name }) => name).filter((name) => !broken.some(([check]) => check === name))).toEqual([]);
});

it('is not troubled by what is well in another way', async () => {
  const account = goodAccount();
  seenByAws(account, ['cgw-1', 'cgw-2'], 'arn:aws:secretsmanager:eu-central-1:1:secret:k');
  // A default quota that was never changed, an alarm as new as the stack, a write that was refused, and our own writes.
  account.quotas = {};
  account.alarms[0] = { ...account.alarms[0]!, StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: new Date(now) };
  account.tables.forEach((one) => {
    one.Routes = one.Routes!.slice(0, 4);
  });
  account.events = {
    ReplaceRoute: [writtenBy('arn:aws:iam::1:role/switchback/switchback/Apply-1')],
    CreateRoute: [writtenBy('arn:aws:iam::1:role/terraform', { errorCode: 'Client.UnauthorizedOperation' })],
    DeleteRoute: [writtenBy('arn:aws:iam::1:role/terraform', { requestParameters: { routeTableId: 'rtb-theirs' } })],
  };
  const found = findingsOf(await seen(account));
  expect(found.filter(({ level }) => level !== 'ok')).toEqual([]);
});

it('hands a key on to nobody', async () => {
  const account = goodAccount();
  seenByAws(account, ['cgw-1', 'cgw-2']);
  account.userData = `conn paris\n secret = "${key}"`;
  const outcome = await seen(account);
  expect(JSON.stringify(outcome)).not.toContain(key);
  expect(outcome.json).toMatchObject({ counts: { WARN: 4 } });
});

it.each([
  ['DescribeInstances', ['gateways', 'source-dest-check', 'agent', 'pins', 'routes', 'keys', 'security-groups']],
  ['DescribeRouteTables', ['pins', 'routes', 'propagation', 'quotas']],
  ['DescribeSecurityGroups', ['security-groups']],
  ['DescribeInstanceInformation', ['agent']],
  ['ListSubscriptionsByTopic', ['subscriptions']],
  ['LookupEvents', ['route-writers']],
  ['GetServiceQuota', ['quotas']],
  ['BatchGetItem', ['canaries', 'standby', 'endpoints']],
])('could not look where %s is refused: no pass, and no word of what was not seen', async (operation, names) => {
  const account = goodAccount();
  account.denied.push(operation);
  const outcome = await seen(account);
  expect(outcome.code).toBe(4);
  for (const name of names) {
    const own = findingsOf(outcome).filter(({ check }) => check === name);
    expect({ name, own }).toMatchObject({ own: [{ level: 'unknown', found: expect.stringContaining(operation) }] });
  }
});

it('asks before the deploy what the configuration and the account can say', async () => {
  const account = goodAccount();
  account.bootstrap = null;
  const found = findingsOf(await seen(account, undefined, false));
  expect(found.filter(({ level }) => level === 'FAIL').map(({ check }) => check)).toEqual(['bootstrap']);
  expect(found.find(({ check }) => check === 'canaries')).toMatchObject({
    level: 'unknown',
    found: 'there is nothing deployed yet',
  });
});

it('says of each flow that is shut what comes of it', async () => {
  const account = goodAccount();
  account.groups[1]!.IpPermissions = [];
  const whys = findingsOf(await seen(account, 'security-groups')).map(({ found, why }) => [
    found.slice(0, 24),
    why.slice(0, 30),
  ]);
  expect(whys).toContainEqual(['gw-a lets no tcp 22 in f', 'the canary cannot tell a dead ']);
  expect(whys).toContainEqual(['gw-a lets no tcp 443 in ', 'what it should forward is drop']);
});

it('tells what is worst first, and what mends it', async () => {
  const account = goodAccount();
  account.interfaces[0]!.SourceDestCheck = true;
  account.agents.pop();
  const { lines } = await seen(account, 'source-dest-check,agent,clock');
  expect(stripVTControlCharacters(lines.join('\n'))).toMatchSnapshot();
});

it('names the check that was probably meant', () => {
  expect(() => chosenChecks('pinz')).toThrow(/^check pinz is unknown: did you mean pins\?$/);
});

it('does not pass where AWS does not answer', async () => {
  const account = goodAccount();
  account.silent.push('DescribeSubnets');
  const outcome = await seen(account, 'places,clock');
  expect(outcome.code).toBe(5);
  expect(findingsOf(outcome)[0]).toMatchObject({ check: 'places', level: 'unknown', missed: 'unanswered' });
});
