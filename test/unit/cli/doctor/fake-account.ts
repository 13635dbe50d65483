/**
 * An account in which all is well for the site `pair`, to be broken in one place a test. Every call is held to the SDK's
 * own model of its input; what is not here throws, so that no check passes by an answer that nobody gave.
 */
import type {
  Instance,
  LaunchTemplateVersion,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  VpnConnection,
} from '@aws-sdk/client-ec2';
import { reportItem as reportItemOf } from '../../../../adapters/dynamodb/report-item';
import type { OutsideQuestion } from '../../../../cli/doctor/elsewhere';
import { type Patient, patientOf } from '../../../../cli/doctor/patient';
import { bareWorld } from '../../../../cli/operate/session';
import { readConfigFile } from '../../../../config/read';
import type { Deployment, InstanceGateway } from '../../../../core/words/domain';
import type { CanaryReport } from '../../../../core/words/evidence';
import type { Whereabouts } from '../../../../core/words/whereabouts';
import type { AwsClients } from '../../../../functions/world';
import { inputProblems } from '../../../../local-cloud/front/shapes';

export const now = Date.UTC(2026, 0, 5, 12);
const vpcId = 'vpc-00000000000000001';
const office = ['rtb-00000000000000001', 'rtb-00000000000000002'];
const region = 'eu-central-1';

/** Mutable, one part of AWS's answers each. */
export interface FakeAccount {
  deployment: Deployment;
  instances: Instance[];
  interfaces: NetworkInterface[];
  agents: { InstanceId: string; PingStatus: string }[];
  subnets: Subnet[];
  groups: SecurityGroup[];
  tables: RouteTable[];
  /** Blocks by prefix list. */
  lists: Record<string, string[]>;
  vpns: VpnConnection[];
  templates: LaunchTemplateVersion[];
  /** Of a dry run. */
  launch: string;
  userData: string;
  addresses: number;
  quotas: Record<string, number>;
  concurrency: number;
  bootstrap: string | null;
  subscriptions: { SubscriptionArn: string; Endpoint: string }[];
  alarms: { AlarmName: string; StateValue: string; StateReason?: string; StateUpdatedTimestamp: Date }[];
  reports: Record<string, { -readonly [Field in keyof CanaryReport]?: CanaryReport[Field] }>;
  stack: { StackDriftStatus: string; LastCheckTimestamp?: string };
  /** Of each event name. */
  events: Record<string, object[]>;
  apiMetrics: { Id: string; Label: string; Values: number[] }[];
  skewMs: number;
  /** Operations that IAM refuses. */
  denied: string[];
  /** Operations that nobody answers. */
  silent: string[];
  readonly asked: string[];
}

const gatewayParts = (letter: 'a' | 'b', zone: string) => {
  const id = letter.repeat(15);
  return {
    instance: {
      InstanceId: `i-0${id}1`,
      State: { Name: 'running' },
      PublicIpAddress: letter === 'a' ? '203.0.113.10' : '203.0.113.20',
    } satisfies Instance,
    interface: {
      NetworkInterfaceId: `eni-0${id}1`,
      SourceDestCheck: false,
      SubnetId: `subnet-0${id}1`,
      VpcId: vpcId,
      Attachment: { InstanceId: `i-0${id}1` },
      Groups: [{ GroupId: 'sg-gateway' }],
    } satisfies NetworkInterface,
    subnet: { SubnetId: `subnet-0${id}1`, VpcId: vpcId, AvailabilityZone: zone, CidrBlock: '10.0.1.0/24' },
    template: {
      LaunchTemplateId: `lt-0${id}1`,
      VersionNumber: 3,
      LaunchTemplateData: { NetworkInterfaces: [{ SubnetId: `subnet-0${id}1` }] },
    } satisfies LaunchTemplateVersion,
  };
};

const table = (id: string, subnetIds: string[], ...routes: object[]): RouteTable => ({
  RouteTableId: id,
  VpcId: vpcId,
  Associations: subnetIds.map((SubnetId) => ({ SubnetId, Main: false })),
  Routes: [
    { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
    { DestinationPrefixListId: 'pl-dynamodb', GatewayId: 'vpce-1', Origin: 'CreateRoute', State: 'active' },
    ...routes,
  ],
});

export const route = (to: string, eni: string): object => ({
  DestinationCidrBlock: to,
  NetworkInterfaceId: eni,
  Origin: 'CreateRoute',
  State: 'active',
});

export function goodAccount(): FakeAccount {
  const [a, b] = [gatewayParts('a', 'eu-central-1a'), gatewayParts('b', 'eu-central-1b')];
  const canarySubnets = [
    ['subnet-0ca0000000000000a', 'eu-central-1b'],
    ['subnet-0ca0000000000000b', 'eu-central-1a'],
    ['subnet-00000000000000002', 'eu-central-1b'],
  ] as const;
  return {
    deployment: readConfigFile('sim/sites/pair.yaml'),
    instances: [a.instance, b.instance],
    interfaces: [a.interface, b.interface],
    agents: [a, b].map(({ instance }) => ({ InstanceId: instance.InstanceId, PingStatus: 'Online' })),
    subnets: [
      a.subnet,
      b.subnet,
      ...canarySubnets.map(([SubnetId, AvailabilityZone]) => ({
        ...{ SubnetId, AvailabilityZone, VpcId: vpcId, CidrBlock: '10.0.9.0/24', AvailableIpAddressCount: 200 },
      })),
    ],
    groups: [
      {
        GroupId: 'sg-0ca00000000000001',
        IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
      {
        GroupId: 'sg-gateway',
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
          { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: 'sg-0ca00000000000001' }] },
        ],
      },
    ],
    tables: [
      table(office[0]!, ['subnet-00000000000000001'], route('172.16.0.0/16', 'eni-0aaaaaaaaaaaaaaa1')),
      table(office[1]!, ['subnet-00000000000000002'], route('172.16.0.0/16', 'eni-0aaaaaaaaaaaaaaa1')),
      table('rtb-0ca0000000000000a', ['subnet-0ca0000000000000a'], route('172.16.0.0/16', 'eni-0aaaaaaaaaaaaaaa1')),
      table('rtb-0ca0000000000000b', ['subnet-0ca0000000000000b'], route('172.16.0.0/16', 'eni-0bbbbbbbbbbbbbbb1')),
    ],
    lists: {},
    vpns: [],
    templates: [a.template, b.template],
    launch: 'DryRunOperation',
    userData: '#!/bin/bash\nsystemctl start strongswan\n',
    addresses: 2,
    quotas: { 'L-0263D0A3': 5, 'L-93826ACB': 50 },
    concurrency: 1_000,
    bootstrap: '21',
    subscriptions: [{ SubscriptionArn: 'arn:aws:sns:eu-central-1:1:t:1', Endpoint: 'noc@example.com' }],
    alarms: [{ AlarmName: 'switchback/paris/path-a/reachable', StateValue: 'OK', StateUpdatedTimestamp: new Date(0) }],
    reports: Object.fromEntries(
      ['path-a', 'path-b', 'service'].map((name) => [
        `paris/${name}`,
        { reportedAt: now - 800, answeredAt: now - 900, verdict: 'healthy' },
      ]),
    ),
    stack: { StackDriftStatus: 'IN_SYNC', LastCheckTimestamp: new Date(now - 86_400_000).toISOString() },
    events: {},
    apiMetrics: [
      { Id: 'throttled', Label: 'DescribeRouteTables', Values: [0, 0] },
      { Id: 'answered', Label: 'DescribeRouteTables', Values: [12, 40] },
    ],
    skewMs: 0,
    denied: [],
    silent: [],
    asked: [],
  };
}

interface SdkCommand {
  readonly schema: readonly [number, string, string, ...unknown[]];
  readonly input: Record<string, unknown>;
}

type Filters = readonly { readonly Name: string; readonly Values: readonly string[] }[];

/** By the one filter that each question has. */
function filtered<T>(
  items: readonly T[],
  input: Record<string, unknown>,
  fields: Record<string, (item: T) => string | undefined>,
): T[] {
  const [{ Name, Values }] = input['Filters'] as [Filters[number]];
  const field = fields[Name];
  if (field === undefined) throw new Error(`nobody here filters by ${Name}`);
  return items.filter((item) => Values.includes(field(item) ?? ''));
}

type Answers = Readonly<Record<string, (input: Record<string, unknown>) => unknown>>;

function ec2Answers(account: FakeAccount): Answers {
  return {
    DescribeInstances: (input) => ({
      Reservations: [
        {
          Instances: filtered(account.instances, input, { 'instance-id': (i) => i.InstanceId, 'vpc-id': () => vpcId }),
        },
      ],
    }),
    DescribeInstanceStatus: () => ({
      InstanceStatuses: account.instances.map(({ InstanceId }) => ({
        ...{ InstanceId, SystemStatus: { Status: 'ok' }, InstanceStatus: { Status: 'ok' } },
      })),
    }),
    DescribeNetworkInterfaces: (input) => ({
      NetworkInterfaces: filtered(account.interfaces, input, {
        'network-interface-id': (i) => i.NetworkInterfaceId,
        'vpc-id': (i) => i.VpcId,
      }),
    }),
    DescribeSubnets: (input) => ({
      Subnets: filtered(account.subnets, input, { 'subnet-id': (s) => s.SubnetId, 'vpc-id': (s) => s.VpcId }),
    }),
    DescribeSecurityGroups: (input) => ({
      SecurityGroups: filtered(account.groups, input, { 'group-id': (g) => g.GroupId, 'vpc-id': () => vpcId }),
    }),
    DescribeRouteTables: (input) => ({
      RouteTables: filtered(account.tables, input, {
        'route-table-id': (t) => t.RouteTableId,
        'vpc-id': (t) => t.VpcId,
      }),
    }),
    GetManagedPrefixListEntries: ({ PrefixListId }) => {
      const blocks = account.lists[String(PrefixListId)];
      if (blocks === undefined) throw refusal('InvalidPrefixListID.NotFound', 400);
      return { Entries: blocks.map((Cidr) => ({ Cidr })) };
    },
    DescribeAddresses: () => ({
      Addresses: Array.from({ length: account.addresses }, (_, i) => ({
        AllocationId: `eipalloc-0000000000000000${i + 1}`,
        PublicIp: account.instances[i]?.PublicIpAddress,
        InstanceId: account.instances[i]?.InstanceId,
      })),
    }),
    DescribeVpnConnections: () => ({ VpnConnections: account.vpns }),
    DescribeLaunchTemplateVersions: ({ LaunchTemplateId, Versions }) => {
      const found = account.templates.filter(
        (one) =>
          one.LaunchTemplateId === LaunchTemplateId && (Versions as string[]).includes(String(one.VersionNumber)),
      );
      if (found.length === 0) throw refusal('InvalidLaunchTemplateId.VersionNotFound', 400);
      return { LaunchTemplateVersions: found };
    },
    DescribeInstanceAttribute: () => ({ UserData: { Value: Buffer.from(account.userData).toString('base64') } }),
    RunInstances: ({ DryRun }) => {
      if (DryRun !== true) throw new Error('it would have launched');
      throw refusal(account.launch, account.launch === 'DryRunOperation' ? 412 : 400);
    },
  };
}

const reportItem = (canary: string, report: Partial<CanaryReport>): object => {
  const whole: CanaryReport = {
    ...{ schema: 1, canary, connection: 'paris', reportedAt: 0, since: 0, verdict: 'healthy', lossRatio: 0, rttMs: 9 },
    ...{ missedInARow: 0, answeredInARow: 9, answeredAt: 0, missedSince: 0, gatewayProbe: 'up', fullSize: 'both_ways' },
    ...{ runId: 'r', round: 1, changed: false },
    ...report,
  } as CanaryReport;
  return reportItemOf(whole);
};

function otherAnswers(account: FakeAccount): Answers {
  return {
    DescribeInstanceInformation: () => ({ InstanceInformationList: account.agents }),
    GetParameters: () => ({
      Parameters:
        account.bootstrap === null ? [] : [{ Name: '/cdk-bootstrap/hnb659fds/version', Value: account.bootstrap }],
    }),
    DescribeAlarms: () => ({ MetricAlarms: account.alarms }),
    GetMetricData: () => ({ MetricDataResults: account.apiMetrics }),
    ListSubscriptionsByTopic: () => ({ Subscriptions: account.subscriptions }),
    GetItem: () => ({}),
    BatchGetItem: () => ({
      Responses: { reports: Object.entries(account.reports).map(([id, report]) => reportItem(id, report)) },
    }),
  };
}

const questionAnswers = (
  account: FakeAccount,
): Readonly<Record<string, (input: OutsideQuestion['input']) => unknown>> => ({
  GetServiceQuota: ({ QuotaCode }) => {
    const Value = account.quotas[String(QuotaCode)];
    if (Value === undefined) throw refusal('NoSuchResourceException', 404);
    return { Quota: { Value } };
  },
  GetAWSDefaultServiceQuota: () => ({ Quota: { Value: 5 } }),
  GetAccountSettings: () => ({ AccountLimit: { UnreservedConcurrentExecutions: account.concurrency } }),
  DescribeStackResources: () => '<StackResources><member><StackName>acme-vpn</StackName></member></StackResources>',
  DescribeStacks: () =>
    `<Stacks>${Object.entries(account.stack)
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('')}</Stacks>`,
  LookupEvents: ({ LookupAttributes }) => {
    const [{ AttributeValue }] = LookupAttributes as [{ AttributeValue: string }];
    return { Events: (account.events[AttributeValue] ?? []).map((one) => ({ CloudTrailEvent: JSON.stringify(one) })) };
  },
});

const refusal = (name: string, status: number): Error =>
  Object.assign(new Error(`${name} it is`), { name, $fault: 'client', $metadata: { httpStatusCode: status } });

const whereabouts: Whereabouts = {
  ...{ schema: 1, name: 'switchback', region, account: '123456789012', machine: 'm', stateTable: 'state' },
  ...{ reportsTable: 'reports', topic: 'arn:aws:sns:eu-central-1:123456789012:notices', metricNamespace: 'switchback' },
  ...{ dashboard: 'switchback', logGroups: {}, parts: 1 },
};

function clientsOf(account: FakeAccount): AwsClients & { readonly sns: never } {
  const answers = { ...ec2Answers(account), ...otherAnswers(account) };
  const client = (service: string) => ({
    send: async ({ schema, input }: SdkCommand): Promise<unknown> => {
      const operation = schema[2];
      account.asked.push(operation);
      if (account.denied.includes(operation)) throw refusal('UnauthorizedOperation', 403);
      if (account.silent.includes(operation)) throw refusal('TimeoutError', 0);
      const [problem] = inputProblems(service, operation, input);
      if (problem !== undefined) throw new Error(`${operation}: ${problem}`);
      const answer = answers[operation];
      if (answer === undefined) throw new Error(`nobody here answers ${operation}`);
      return structuredClone(answer(input));
    },
  });
  return {
    ...{ cloudwatch: client('cloudwatch'), dynamodb: client('dynamodb'), ec2: client('ec2') },
    ...{ sfn: client('stepfunctions'), ssm: client('ssm'), sns: client('sns') },
  } as never;
}

/** What the commands stand on. */
export function groundOf(account: FakeAccount) {
  const aws = clientsOf(account);
  const questions = questionAnswers(account);
  const clock = { now: () => now, sleep: async () => {} };
  return {
    clock,
    aws,
    awsIn: (where: string) => {
      throw new Error(`nobody here answers in ${where}`);
    },
    elsewhere: {
      sns: aws.sns,
      ask: async ({ operation, input }: OutsideQuestion): Promise<unknown> => {
        account.asked.push(operation);
        if (account.denied.includes(operation)) throw refusal('AccessDeniedException', 400);
        const answer = questions[operation];
        if (answer === undefined) throw new Error(`nobody here answers ${operation}`);
        return answer(input);
      },
      clockOfAws: async () => now - account.skewMs,
    },
  };
}

export function patientIn(account: FakeAccount, isStanding = true): Patient {
  const ground = groundOf(account);
  return patientOf({
    deployment: account.deployment,
    whereabouts: isStanding ? whereabouts : null,
    world: bareWorld(ground),
    elsewhere: ground.elsewhere,
  });
}

/** The site of the account, with a speaker on gw-a that nobody has read. */
export function speaks(account: FakeAccount): void {
  const { gateways, connections } = account.deployment;
  const [name, connection] = Object.entries(connections)[0]!;
  const neighbor = { across: '169.254.3.1', drain: 'prepend' } as const;
  const a = { ...connection.paths['a']!, neighbor };
  const gateway = gateways[a.gateway] as InstanceGateway;
  const speaker = { software: 'frr', as: 64_601, startsDrained: true } as const;
  account.deployment = {
    ...account.deployment,
    gateways: { ...gateways, [a.gateway]: { ...gateway, speaker } },
    connections: { ...connections, [name]: { ...connection, paths: { ...connection.paths, a } } },
  };
}
