/** EC2's fake: its errors word for word, its transitions, its lag, its events. */
import type {
  DescribeInstanceStatusCommandOutput,
  DescribeInstancesCommandOutput,
  DescribeNetworkInterfacesCommandOutput,
  DescribeRouteTablesCommandOutput,
  RunInstancesCommandOutput,
  StopInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import { eniA, eniB, idA, idB, minute, network, type Stage, stage } from '../../../sim/world-fixture';

const operator = { DestinationCidrBlock: network, RouteTableId: 'rtb-000000a1' };

async function routeOf({ call }: Stage, table = 'rtb-000000a1') {
  const { RouteTables } = await call<DescribeRouteTablesCommandOutput>('DescribeRouteTables', {
    RouteTableIds: [table],
  });
  return RouteTables![0]!.Routes!.find((each) => each.DestinationCidrBlock === network);
}

const failure = (promise: Promise<unknown>): Promise<{ name: string; message: string }> =>
  promise.then(
    () => ({ name: 'none', message: '' }),
    (error: Error) => ({ name: error.name, message: error.message }),
  );

describe('routes', () => {
  it('shows each table with its local route, its subnets and its routes to instances', async () => {
    const { call } = stage();
    const { RouteTables } = await call<DescribeRouteTablesCommandOutput>('DescribeRouteTables', {
      Filters: [{ Name: 'association.subnet-id', Values: ['subnet-path-b'] }],
    });
    expect(RouteTables).toHaveLength(1);
    expect(RouteTables![0]).toMatchObject({ RouteTableId: 'rtb-000000cb', VpcId: 'vpc-1' });
    expect(RouteTables![0]!.Routes).toEqual([
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
      {
        DestinationCidrBlock: '172.16.5.10/32',
        NetworkInterfaceId: eniB,
        InstanceId: idB,
        InstanceOwnerId: '123456789012',
        Origin: 'CreateRoute',
        State: 'active',
      },
    ]);
  });

  it('pages', async () => {
    const { call } = stage();
    const first = await call<DescribeRouteTablesCommandOutput>('DescribeRouteTables', { MaxResults: 3 });
    const { NextToken } = first;
    const second = await call<DescribeRouteTablesCommandOutput>('DescribeRouteTables', { MaxResults: 3, NextToken });
    const ids = [first, second].flatMap(({ RouteTables }) => RouteTables!.map((each) => each.RouteTableId));
    expect(ids).toEqual(['rtb-000000a1', 'rtb-000000b1', 'rtb-000000ca', 'rtb-000000cb']);
    expect(second.NextToken).toBeUndefined();
  });

  it('replaces, and the data plane follows later', async () => {
    const it = stage();
    await it.call('ReplaceRoute', { ...operator, NetworkInterfaceId: eniB });
    expect(await routeOf(it)).toMatchObject({ NetworkInterfaceId: eniB, State: 'active' });
    expect(it.world.pathOf('paris', 'zone-a')).toBe('a');
    await it.run(30_000);
    expect(it.world.pathOf('paris', 'zone-a')).toBe('b');
  });

  it('may show the state before a write for a moment, decided by the seed', async () => {
    const it = stage({ lag: { chance: 1, msMax: 1_000 } });
    await it.call('ReplaceRoute', { ...operator, NetworkInterfaceId: eniB });
    expect(await routeOf(it)).toMatchObject({ NetworkInterfaceId: eniA });
    await it.run(1_000);
    expect(await routeOf(it)).toMatchObject({ NetworkInterfaceId: eniB });
  });

  it.each([
    [
      'ReplaceRoute',
      { RouteTableId: 'rtb-x' },
      'InvalidRouteTableID.NotFound',
      "The routeTable ID 'rtb-x' does not exist",
    ],
    [
      'ReplaceRoute',
      { NetworkInterfaceId: 'eni-x' },
      'InvalidNetworkInterfaceID.NotFound',
      "The networkInterface ID 'eni-x' does not exist",
    ],
    [
      'ReplaceRoute',
      { DestinationCidrBlock: '10.9.0.0/16' },
      'InvalidParameterValue',
      "There is no route defined for '10.9.0.0/16' in the route table. Use CreateRoute instead.",
    ],
    ['CreateRoute', {}, 'RouteAlreadyExists', `The route identified by ${network} already exists.`],
    [
      'DeleteRoute',
      { DestinationCidrBlock: '10.9.0.0/16' },
      'InvalidRoute.NotFound',
      'no route with destination-cidr-block 10.9.0.0/16 in route table rtb-000000a1',
    ],
    ['CreateRoute', { DestinationCidrBlock: '10.9' }, 'InvalidParameterValue', /not a valid CIDR block/],
    ['ReplaceRoute', { DryRun: true }, 'DryRunOperation', /would have succeeded/],
  ])('%s %j fails with %s', async (operation, change, name, message) => {
    const { call } = stage();
    const failed = await failure(call(operation, { ...operator, NetworkInterfaceId: eniB, ...change }));
    expect(failed.name).toBe(name);
    expect(failed.message).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  it('overrides a propagated route by a static one, and falls back to it', async () => {
    const it = stage();
    it.world.routes.tables.get('rtb-000000a1')!.propagated.set('10.8.0.0/16', { kind: 'gateway', id: 'vgw-1' });
    const there = { RouteTableId: 'rtb-000000a1', DestinationCidrBlock: '10.8.0.0/16' };
    expect((await failure(it.call('ReplaceRoute', { ...there, NetworkInterfaceId: eniB }))).name).toBe(
      'InvalidParameterValue',
    );
    await it.call('CreateRoute', { ...there, NetworkInterfaceId: eniB });
    await it.run(minute);
    expect(it.world.routes.forwarded('rtb-000000a1', '10.8.0.0/16')).toMatchObject({ id: eniB });
    await it.call('DeleteRoute', there);
    await it.run(minute);
    expect(it.world.routes.forwarded('rtb-000000a1', '10.8.0.0/16')).toMatchObject({ id: 'vgw-1' });
  });

  it('are blackholes when the instance is stopped, and active when it only hangs', async () => {
    const it = stage();
    it.world.hangInstance('gw-b');
    await it.call('StopInstances', { InstanceIds: [idA] });
    expect(await routeOf(it)).toMatchObject({ State: 'active' });
    await it.run(10 * minute);
    expect(await routeOf(it)).toMatchObject({ NetworkInterfaceId: eniA, InstanceId: idA, State: 'blackhole' });
    expect(await routeOf(it, 'rtb-000000b1')).toMatchObject({ State: 'active' });
  });
});

describe('instances', () => {
  it('go through every state, each told once as a whole event', async () => {
    const it = stage();
    const stopped = await it.call<StopInstancesCommandOutput>('StopInstances', { InstanceIds: [idA] });
    expect(stopped.StoppingInstances).toEqual([
      { InstanceId: idA, PreviousState: { Code: 16, Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ]);
    await it.run(10 * minute);
    await it.call('StartInstances', { InstanceIds: [idA] });
    await it.run(5 * minute);
    await it.call('TerminateInstances', { InstanceIds: [idA] });
    await it.run(10 * minute);
    expect(it.events.map((each) => each.detail.state)).toEqual([
      'stopping',
      'stopped',
      'pending',
      'running',
      'shutting-down',
      'terminated',
    ]);
    expect(it.events[0]).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
      account: '123456789012',
      time: '2026-11-20T09:00:00Z',
      region: 'eu-central-1',
      resources: [`arn:aws:ec2:eu-central-1:123456789012:instance/${idA}`],
      detail: { 'instance-id': idA, state: 'stopping' },
    });
  });

  it('refuse what their state forbids', async () => {
    const { call } = stage();
    await call('StopInstances', { InstanceIds: [idA] });
    expect(await failure(call('StartInstances', { InstanceIds: [idA] }))).toEqual({
      name: 'IncorrectInstanceState',
      message: `The instance '${idA}' is not in a state from which it can be started.`,
    });
    expect(await failure(call('RebootInstances', { InstanceIds: ['i-0gone'] }))).toEqual({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-0gone' does not exist",
    });
  });

  it('stop sooner by force when the graceful attempt hangs', async () => {
    const it = stage();
    it.world.hangInstance('gw-a');
    await it.call('StopInstances', { InstanceIds: [idA], Force: true });
    await it.run(100_000);
    expect(it.world.machineOf('gw-a').state).toBe('stopping');
    await it.call('StopInstances', { InstanceIds: [idA], Force: true, SkipOsShutdown: true });
    await it.run(5 * minute);
    expect(it.world.machineOf('gw-a').state).toBe('stopped');
  });

  it('show failed checks only minutes after a hang', async () => {
    const it = stage();
    const status = async () => {
      const input = { InstanceIds: [idA], IncludeAllInstances: true };
      const { InstanceStatuses } = await it.call<DescribeInstanceStatusCommandOutput>('DescribeInstanceStatus', input);
      return [InstanceStatuses![0]!.SystemStatus!.Status, InstanceStatuses![0]!.InstanceStatus!.Status];
    };
    expect(await status()).toEqual(['ok', 'ok']);
    it.world.hangInstance('gw-a');
    await it.run(minute);
    expect(await status()).toEqual(['ok', 'ok']);
    await it.run(6 * minute);
    expect(await status()).toEqual(['ok', 'impaired']);
    await it.call('StopInstances', { InstanceIds: [idA], Force: true, SkipOsShutdown: true });
    expect(await status()).toEqual(['not-applicable', 'not-applicable']);
  });

  it('lists only running ones in the status unless all are asked for', async () => {
    const it = stage();
    await it.call('StopInstances', { InstanceIds: [idA] });
    const { InstanceStatuses } = await it.call<DescribeInstanceStatusCommandOutput>('DescribeInstanceStatus', {});
    expect(InstanceStatuses!.map((each) => each.InstanceId)).toEqual([idB]);
  });
});

describe('RunInstances', () => {
  const request = { LaunchTemplate: { LaunchTemplateId: 'lt-0000000a', Version: '3' }, MinCount: 1, MaxCount: 1 };

  it('launches once per client token, with a new interface that still checks its traffic', async () => {
    const it = stage();
    const launch = () => it.call<RunInstancesCommandOutput>('RunInstances', { ...request, ClientToken: 't1' });
    const { Instances } = await launch();
    const id = Instances![0]!.InstanceId!;
    expect(Instances![0]).toMatchObject({ State: { Name: 'pending' }, SubnetId: 'subnet-gw-a', SourceDestCheck: true });
    expect((await launch()).Instances![0]!.InstanceId).toBe(id);
    expect(
      await failure(it.call('RunInstances', { ...request, SubnetId: 'subnet-gw-b', ClientToken: 't1' })),
    ).toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
    await it.run(5 * minute);
    const { Reservations } = await it.call<DescribeInstancesCommandOutput>('DescribeInstances', { InstanceIds: [id] });
    expect(Reservations![0]!.Instances![0]!.State!.Name).toBe('running');
  });

  it('has no capacity when the world has none', async () => {
    const it = stage();
    it.world.noCapacity(true);
    expect(await failure(it.call('RunInstances', request))).toMatchObject({
      name: 'InsufficientInstanceCapacity',
      message: expect.stringContaining('sufficient capacity in the Availability Zone you requested (eu-central-1a)'),
    });
    await it.call('StopInstances', { InstanceIds: [idA] });
    await it.run(10 * minute);
    expect(await failure(it.call('StartInstances', { InstanceIds: [idA] }))).toEqual({
      name: 'InsufficientInstanceCapacity',
      message: 'Insufficient capacity.',
    });
  });

  it('may be unknown to Describe for a moment', async () => {
    const it = stage({ lag: { chance: 1, msMax: 500 } });
    const { Instances } = await it.call<RunInstancesCommandOutput>('RunInstances', request);
    const describe = () => it.call('DescribeInstances', { InstanceIds: [Instances![0]!.InstanceId] });
    expect((await failure(describe())).name).toBe('InvalidInstanceID.NotFound');
    await it.run(500);
    expect((await failure(describe())).name).toBe('none');
  });
});

describe('addresses and interfaces', () => {
  it('the path follows the address to the new instance, once its check is off and routes point there', async () => {
    const it = stage();
    const { Instances } = await it.call<RunInstancesCommandOutput>('RunInstances', {
      LaunchTemplate: { LaunchTemplateId: 'lt-0000000a', Version: '3' },
      MinCount: 1,
      MaxCount: 1,
    });
    const InstanceId = Instances![0]!.InstanceId!;
    expect((await failure(it.call('AssociateAddress', { AllocationId: 'eipalloc-0000000a', InstanceId }))).name).toBe(
      'InvalidInstanceID',
    );
    await it.run(5 * minute);
    await it.call('AssociateAddress', { AllocationId: 'eipalloc-0000000a', InstanceId });
    expect(it.world.usersServed('paris', 'zone-a')).toBe(false);
    const { NetworkInterfaces } = await it.call<DescribeNetworkInterfacesCommandOutput>('DescribeNetworkInterfaces', {
      Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }],
    });
    const NetworkInterfaceId = NetworkInterfaces![0]!.NetworkInterfaceId!;
    expect(NetworkInterfaces![0]!.Association).toMatchObject({
      AllocationId: 'eipalloc-0000000a',
      PublicIp: '192.0.2.1',
    });
    await it.call('ReplaceRoute', { ...operator, NetworkInterfaceId });
    await it.run(3 * minute);
    expect(it.world.usersServed('paris', 'zone-a')).toBe(false);
    await it.call('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
    expect(it.world.usersServed('paris', 'zone-a')).toBe(true);
    expect(it.world.pathOf('paris', 'zone-a')).toBe('a');
  });

  it('moves a secondary private address between interfaces of one subnet, where it may be taken away', async () => {
    const it = stage();
    const { Instances } = await it.call<RunInstancesCommandOutput>('RunInstances', {
      LaunchTemplate: { LaunchTemplateId: 'lt-0000000a', Version: '3' },
      MinCount: 1,
      MaxCount: 1,
    });
    const beside = Instances![0]!.NetworkInterfaces![0]!.NetworkInterfaceId!;
    const assign = (NetworkInterfaceId: string, address: string, AllowReassignment?: boolean) =>
      it.call('AssignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses: [address], AllowReassignment });
    const holder = async (address: string) => {
      const Filters = [{ Name: 'addresses.private-ip-address', Values: [address] }];
      const found = await it.call<DescribeNetworkInterfacesCommandOutput>('DescribeNetworkInterfaces', { Filters });
      return found.NetworkInterfaces!.map(({ NetworkInterfaceId }) => NetworkInterfaceId);
    };
    expect(await holder('10.0.1.20')).toEqual([]);
    await assign(eniA, '10.0.1.20');
    expect(await holder('10.0.1.20')).toEqual([eniA]);
    expect((await failure(assign(beside, '10.0.1.20'))).name).toBe('InvalidIPAddress.InUse');
    expect((await failure(assign(eniB, '10.0.1.20', true))).name).toBe('InvalidParameterValue');
    expect((await failure(assign(beside, '10.0.1.10', true))).name).toBe('InvalidIPAddress.InUse');
    expect(await holder('10.0.1.20')).toEqual([eniA]);
    await assign(beside, '10.0.1.20', true);
    expect(await holder('10.0.1.20')).toEqual([beside]);
  });

  it('refuses to take an address away when told not to', async () => {
    const it = stage();
    const input = { AllocationId: 'eipalloc-0000000a', NetworkInterfaceId: eniB, AllowReassociation: false };
    expect((await failure(it.call('AssociateAddress', input))).name).toBe('Resource.AlreadyAssociated');
    expect((await failure(it.call('DisassociateAddress', { AssociationId: 'eipassoc-x' }))).name).toBe(
      'InvalidAssociationID.NotFound',
    );
  });

  it('tags instances and finds them by tag', async () => {
    const it = stage();
    await it.call('CreateTags', { Resources: [idA], Tags: [{ Key: 'switchback:quarantined', Value: 'yes' }] });
    const { Reservations } = await it.call<DescribeInstancesCommandOutput>('DescribeInstances', {
      Filters: [{ Name: 'tag:switchback:quarantined', Values: ['*'] }],
    });
    expect(Reservations!.map((each) => each.Instances![0]!.InstanceId)).toEqual([idA]);
  });

  it('says so when asked what it does not model', async () => {
    const { call } = stage();
    expect(await failure(call('CreateVpc', {}))).toEqual({
      name: 'NotModelled',
      message: "The local cloud's ec2 does not model CreateVpc",
    });
    expect((await failure(call('DescribeRouteTables', { Filters: [{ Name: 'colour', Values: [] }] }))).name).toBe(
      'InvalidParameterValue',
    );
  });
});
