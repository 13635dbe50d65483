/** The identity check, and what stays unknown when AWS does not answer everything. */
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { instances } from '../../../../adapters/ec2/instances';
import { gateway } from '../../../given';
import { startAt, VirtualWorld } from '../../functions/virtual-world';
import { awsError, awsMocks } from '../aws-mocks';

const declared = gateway('gw-a');
const known = { gateway: declared, identity: { instanceId: declared.instanceId, routeInterfaceId: 'eni-gw-a' } };
const goodInterface: NetworkInterface = {
  NetworkInterfaceId: 'eni-gw-a',
  SubnetId: 'subnet-gw-a',
  VpcId: 'vpc-1',
  SourceDestCheck: false,
  Attachment: { InstanceId: declared.instanceId },
};

function make(routeInterface: NetworkInterface | null = goodInterface, publicIp = '198.51.100.2') {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const unread: string[] = [];
  const { InstanceId } = { InstanceId: declared.instanceId };
  mocks.ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId, State: { Name: 'running' }, LaunchTime, PublicIpAddress: publicIp }] }],
  });
  mocks.ec2
    .on(DescribeNetworkInterfacesCommand)
    .resolves({ NetworkInterfaces: routeInterface === null ? [] : [routeInterface] });
  mocks.ec2.on(DescribeInstanceStatusCommand).resolves({
    InstanceStatuses: [
      { InstanceId, SystemStatus: { Status: 'ok' }, InstanceStatus: { Status: 'initializing' }, Events },
    ],
  });
  mocks.ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: [{ InstanceId, PingStatus: 'ConnectionLost' }],
  });
  const port = instances(mocks.clients, world, (fault) => unread.push(fault.message));
  return { mocks, world, port, unread };
}

/** As EC2 lists them: what is over too, for a week. */
const Events = [
  {
    InstanceEventId: 'instance-event-1',
    Code: 'system-reboot' as const,
    Description: 'scheduled reboot',
    NotBefore: new Date(startAt + 60_000),
    NotAfter: new Date(startAt + 120_000),
  },
  { InstanceEventId: 'instance-event-2', Code: 'instance-stop' as const, NotBefore: new Date(startAt + 90_000) },
  {
    InstanceEventId: 'instance-event-3',
    Code: 'instance-reboot' as const,
    Description: '[Completed] scheduled reboot',
    NotBefore: new Date(startAt - 60_000),
  },
  {
    InstanceEventId: 'instance-event-4',
    Code: 'instance-reboot' as const,
    Description: '[Canceled] scheduled reboot',
    NotBefore: new Date(startAt),
  },
];

const LaunchTime = new Date(startAt - 60_000);

it('gathers state, checks, agent and identity of a gateway', async () => {
  const { port } = make();
  expect(await port.read([known])).toEqual({
    'gw-a': {
      gateway: 'gw-a',
      identity: known.identity,
      state: 'running',
      stopReason: '',
      systemStatus: 'ok',
      instanceStatus: 'unknown',
      identityFault: '',
      sourceDestCheck: false,
      agent: 'lost',
      events: [
        { id: 'instance-event-1', code: 'system-reboot', from: startAt + 60_000, until: startAt + 120_000 },
        { id: 'instance-event-2', code: 'instance-stop', from: startAt + 90_000, until: null },
      ],
      launchedAt: LaunchTime.getTime(),
    },
  });
});

it.each([
  ['the interface is gone', null, undefined, 'interface eni-gw-a does not exist'],
  [
    'it is attached elsewhere',
    { ...goodInterface, Attachment: { InstanceId: 'i-evil' } },
    undefined,
    'attached to i-evil',
  ],
  ['it is attached to nothing', { ...goodInterface, Attachment: undefined }, undefined, 'attached to nothing'],
  ['it is in another subnet', { ...goodInterface, SubnetId: 'subnet-x' }, undefined, 'in subnet subnet-x'],
  ['it is in another VPC', { ...goodInterface, VpcId: 'vpc-x' }, undefined, 'in vpc-x'],
  ['the address the peer knows is elsewhere', goodInterface, '203.0.113.9', 'does not hold 198.51.100.2'],
])('does not accept an identity when %s', async (_title, routeInterface, publicIp, fault) => {
  const { port } = make(routeInterface as NetworkInterface | null, publicIp);
  const facts = (await port.read([known]))['gw-a'];
  expect(facts!.identityFault).toContain(fault);
});

it.each([
  ['10.0.1.20', ''],
  ['10.0.1.21', 'interface eni-gw-a does not hold 10.0.1.20, its secondary address'],
])('looks for the secondary address on the declared interface, which holds %s', async (held, identityFault) => {
  const PrivateIpAddresses = [{ Primary: true, PrivateIpAddress: '10.0.1.10' }, { PrivateIpAddress: held }];
  const { port } = make({ ...goodInterface, PrivateIpAddresses });
  const followed = { ...known, gateway: { ...known.gateway, secondaryAddress: '10.0.1.20' } };
  expect((await port.read([followed]))['gw-a']).toMatchObject({ identityFault });
});

it('finds the address on another interface of the same instance', async () => {
  const { port, mocks } = make(goodInterface, '10.0.0.1');
  const outside = { Association: { PublicIp: '198.51.100.2' } };
  mocks.ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [
      { Instances: [{ InstanceId: declared.instanceId, State: { Name: 'running' }, NetworkInterfaces: [outside] }] },
    ],
  });
  expect((await port.read([known]))['gw-a']).toMatchObject({ identityFault: '' });
});

it('has no facts about an instance EC2 does not list: unknown, not terminated', async () => {
  const { port, mocks } = make();
  mocks.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
  expect(await port.read([known])).toEqual({ 'gw-a': null });
  expect(mocks.ec2.commandCalls(DescribeInstanceStatusCommand)).toHaveLength(0);
});

it('keeps the state when only the side questions fail, and says so', async () => {
  const { port, mocks, unread } = make();
  mocks.ec2.on(DescribeInstanceStatusCommand).rejects(awsError('InternalError', '', 500));
  mocks.ssm.on(DescribeInstanceInformationCommand).rejects(awsError('AccessDeniedException'));
  expect((await port.read([known]))['gw-a']).toMatchObject({
    state: 'running',
    systemStatus: 'unknown',
    agent: 'unknown',
  });
  expect(unread).toHaveLength(2);
});
