/** Instances, interfaces, addresses: `adapters/ec2/instances.ts` and the runbooks' own steps as the subjects. */
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type RunInstancesCommandOutput,
  type StartInstancesCommandOutput,
  type StopInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import { instances as instancesAdapter } from '../../adapters/ec2/instances';
import type { InstanceGateway } from '../../core/words/domain';
import type { InstanceFacts } from '../../core/words/evidence';
import { instancesOf } from '../../core/words/gateways';
import { createHandler } from '../../functions/repin';
import type { World } from '../../functions/world';
import { runStep } from './product-calls';
import { absent, type Cloud, outcomeOf, type Part, type Site, standingSite } from './site';

interface Stage extends Site {
  readonly a: InstanceGateway;
  readonly b: InstanceGateway;
  facts(gateway: InstanceGateway, identity?: Partial<InstanceGateway>): Promise<InstanceFacts | null>;
  stateOf(instanceId: string): Promise<string | undefined>;
}

const stage = (cloud: Cloud, ...also: readonly Part[]): Promise<Stage> => on(cloud.site('gateways', ...also));
const unchanged = (cloud: Cloud): Promise<Stage> => on(standingSite(cloud, 'gateways'));

async function on(built: Promise<Site>): Promise<Stage> {
  const site = await built;
  const { 'gw-a': a, 'gw-b': b } = instancesOf(site.deployment);
  const { ec2, ssm } = site.aws;
  const adapter = instancesAdapter({ ec2, ssm }, site.clock, () => {});
  return {
    ...site,
    a: a!,
    b: b!,
    facts: async (gateway, identity) => {
      const { instanceId, routeInterfaceId } = { ...gateway, ...identity };
      // Without the agent: moto has no DescribeInstanceInformation.
      const known = { gateway: { ...gateway, control: 'none' as const }, identity: { instanceId, routeInterfaceId } };
      return (await adapter.read([known]))[gateway.name]!;
    },
    stateOf: async (instanceId) => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
      return Reservations![0]!.Instances![0]!.State!.Name;
    },
  };
}

const launchOf = ({ name, launchTemplate }: InstanceGateway) => ({
  ClientToken: '00000000-0000-4000-8000-00000000000a',
  Gateway: name,
  LaunchTemplateId: launchTemplate!.id,
  LaunchTemplateVersion: launchTemplate!.version,
});

const launched = async (site: Site, gateway: InstanceGateway) => {
  const output = (await runStep(site, ['replace', 'launch'], launchOf(gateway))) as RunInstancesCommandOutput;
  const [instance] = output.Instances!;
  return {
    instance: instance!,
    instanceId: instance!.InstanceId!,
    routeInterfaceId: instance!.NetworkInterfaces![0]!.NetworkInterfaceId!,
  };
};

export function readingInstancesContract(cloud: Cloud): void {
  it('reads a gateway at work: running, checked, and who it says it is', async () => {
    const { a, facts } = await unchanged(cloud);
    expect(await facts(a)).toEqual({
      gateway: 'gw-a',
      identity: { instanceId: a.instanceId, routeInterfaceId: a.routeInterfaceId },
      state: 'running',
      systemStatus: 'ok',
      instanceStatus: 'ok',
      identityFault: '',
      sourceDestCheck: false,
      agent: 'unknown',
      launchedAt: expect.any(Number),
      stopReason: '',
      events: [],
    });
  });

  it('has no facts about an instance that EC2 does not know, and facts about the other all the same', async () => {
    const { a, b, aws, clock } = await unchanged(cloud);
    const adapter = instancesAdapter(aws, clock, () => {});
    const known = [{ ...a, instanceId: absent.instance }, b].map((gateway) => ({
      gateway: { ...gateway, control: 'none' as const },
      identity: gateway,
    }));
    expect(await adapter.read(known)).toEqual({ 'gw-a': null, 'gw-b': expect.objectContaining({ state: 'running' }) });
  });

  it('finds the identity broken when the interface is gone, or is on another instance', async () => {
    const { a, b, facts } = await unchanged(cloud);
    expect(await facts(a, { routeInterfaceId: absent.interface })).toMatchObject({
      identityFault: `interface ${absent.interface} does not exist`,
    });
    expect(await facts(a, { routeInterfaceId: b.routeInterfaceId })).toMatchObject({
      identityFault: `interface ${b.routeInterfaceId} is attached to ${b.instanceId}, not to ${a.instanceId}`,
    });
  });

  it('finds the identity broken when the address the peer knows is elsewhere', async () => {
    const { a, b, facts } = await unchanged(cloud);
    expect(await facts({ ...a, address: b.address })).toMatchObject({
      identityFault: `${a.instanceId} does not hold ${b.address!.publicIp}, the address the peer knows`,
    });
  });

  it('finds the address on the interface it was moved to', async () => {
    const at = await stage(cloud);
    const { a, b, facts } = at;
    const AllocationId = a.address!.allocationId;
    await runStep(at, ['replace', 'moveAddress'], { AllocationId, 'launch.NewInterfaceId': b.routeInterfaceId });
    expect(await facts({ ...b, address: a.address })).toMatchObject({ identityFault: '' });
    await runStep(at, ['replace', 'restoreAddress'], { AllocationId, OldInterfaceId: a.routeInterfaceId });
    expect(await facts(a)).toMatchObject({ identityFault: '' });
  });

  it('sees the source/destination check', async () => {
    const at = await stage(cloud);
    const { instanceId, routeInterfaceId } = await launched(at, at.a);
    await at.settle();
    const identity = { instanceId, routeInterfaceId };
    expect(await at.facts(at.a, identity)).toMatchObject({ sourceDestCheck: true });
    await runStep(at, ['replace', 'allowForwarding'], { 'launch.NewInterfaceId': routeInterfaceId });
    expect(await at.facts(at.a, identity)).toMatchObject({ sourceDestCheck: false });
    expect(
      await runStep(at, ['replace', 'verifyForwarding'], { 'launch.NewInterfaceId': routeInterfaceId }),
    ).toMatchObject({ NetworkInterfaces: [{ SourceDestCheck: false, Attachment: { InstanceId: instanceId } }] });
  });

  it('reads a stopped gateway: its checks do not apply, its identity holds', async () => {
    const at = await stage(cloud);
    await runStep(at, ['stop-start', 'stopInstance'], { InstanceId: at.a.instanceId });
    await at.settle();
    expect(await at.facts(at.a)).toMatchObject({
      state: 'stopped',
      systemStatus: 'unknown',
      instanceStatus: 'unknown',
    });
  });
}

export function changingInstancesContract(cloud: Cloud): void {
  it('stops and starts, saying from where to where', async () => {
    const at = await stage(cloud);
    const { instanceId: InstanceId } = at.a;
    const stop = (await runStep(at, ['stop-start', 'stopInstance'], { InstanceId })) as StopInstancesCommandOutput;
    expect(stop.StoppingInstances).toEqual([
      { InstanceId, PreviousState: { Code: 16, Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ]);
    await at.settle();
    expect(await at.stateOf(InstanceId)).toBe('stopped');
    const start = (await runStep(at, ['stop-start', 'startInstance'], { InstanceId })) as StartInstancesCommandOutput;
    expect(start.StartingInstances).toEqual([
      { InstanceId, PreviousState: { Code: 80, Name: 'stopped' }, CurrentState: { Code: 0, Name: 'pending' } },
    ]);
    await at.settle();
    expect(await at.stateOf(InstanceId)).toBe('running');
  });

  it('takes a forced stop without a shutdown, and a reboot', async () => {
    const at = await stage(cloud);
    const { instanceId: InstanceId } = at.a;
    expect(await outcomeOf(runStep(at, ['reboot', 'rebootInstance'], { InstanceId }))).toBe('accepted');
    expect(await outcomeOf(runStep(at, ['stop-start', 'forceStop'], { InstanceId }))).toBe('accepted');
    await at.settle();
    expect(await at.stateOf(InstanceId)).toBe('stopped');
  });

  it('lists only running instances in the status, unless asked for all', async () => {
    const at = await stage(cloud);
    const { instanceId } = at.a;
    await runStep(at, ['stop-start', 'stopInstance'], { InstanceId: instanceId });
    await at.settle();
    const status = async (IncludeAllInstances: boolean) => {
      const describe = new DescribeInstanceStatusCommand({ InstanceIds: [instanceId], IncludeAllInstances });
      return (await at.aws.ec2.send(describe)).InstanceStatuses!.map((each) => each.InstanceState!.Name);
    };
    expect([await status(false), await status(true)]).toEqual([[], ['stopped']]);
  });

  it.each([
    ['reboot', 'rebootInstance'],
    ['reboot', 'awaitChecks'],
    ['stop-start', 'readState'],
    ['stop-start', 'stopInstance'],
    ['stop-start', 'startInstance'],
  ])('refuses an unknown instance by name: %s, %s', async (runbook, step) => {
    const call = runStep(await unchanged(cloud), [runbook, step], { InstanceId: absent.instance });
    expect(await outcomeOf(call)).toBe('InvalidInstanceID.NotFound');
  });

  it('gives the launched instance the secondary address of the one it replaces, and shows that it has it', async () => {
    const at = await stage(cloud);
    const { routeInterfaceId } = await launched(at, at.a);
    const SecondaryAddress = at.a.privateAddress.replace(/\d+$/, '20');
    const values = {
      OldInterfaceId: at.a.routeInterfaceId,
      'launch.NewInterfaceId': routeInterfaceId,
      SecondaryAddress,
    };
    const held = async () => {
      const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [routeInterfaceId] });
      const [own] = (await at.aws.ec2.send(describe)).NetworkInterfaces!;
      return own!.PrivateIpAddresses!.flatMap(({ Primary, PrivateIpAddress }) => (Primary ? [] : [PrivateIpAddress]));
    };
    expect(await held()).toEqual([]);
    await runStep(at, ['replace', 'restoreSecondaryAddress'], values);
    expect(await held()).toEqual([]);
    await runStep(at, ['replace', 'moveSecondaryAddress'], values);
    expect(await held()).toEqual([SecondaryAddress]);
  });

  it('launches one instance from the template, with its tag and one interface of its own', async () => {
    const at = await stage(cloud);
    const { instance, instanceId, routeInterfaceId } = await launched(at, at.a);
    expect(instance).toMatchObject({ State: { Code: 0, Name: 'pending' } });
    expect(instance.Tags).toContainEqual({ Key: 'switchback:gateway', Value: 'gw-a' });
    await at.settle();
    expect(await at.stateOf(instanceId)).toBe('running');
    const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [routeInterfaceId] });
    const [own] = (await at.aws.ec2.send(describe)).NetworkInterfaces!;
    expect(own).toMatchObject({ SourceDestCheck: true, Status: 'in-use', Attachment: { InstanceId: instanceId } });
  });

  it('refuses a template version that is not there', async () => {
    const at = await unchanged(cloud);
    const launch = runStep(at, ['replace', 'launch'], { ...launchOf(at.a), LaunchTemplateVersion: '7' });
    expect(await outcomeOf(launch)).toBe('InvalidLaunchTemplateId.VersionNotFound');
  });

  it('moves the pinning routes of canaries to the new interface, and back', async () => {
    const at = await stage(cloud, 'routes');
    const { routeInterfaceId } = await launched(at, at.a);
    const repin = createHandler(
      { ...at.clock, log: () => {}, env: {}, aws: at.aws } as unknown as World,
      at.deployment,
    );
    const moved = async (interfaceId: string) => (await repin({ gateway: at.a.name, interfaceId })).moved;
    expect(await moved(routeInterfaceId)).toBe(true);
    expect(await moved(at.a.routeInterfaceId)).toBe(true);
    expect(await moved(absent.interface)).toBe(false);
  });

  it('refuses to move an address that is not there, or onto an interface that is not there', async () => {
    const at = await unchanged(cloud);
    const move = (AllocationId: string, to: string) =>
      outcomeOf(runStep(at, ['replace', 'moveAddress'], { AllocationId, 'launch.NewInterfaceId': to }));
    expect(await move(absent.allocation, at.a.routeInterfaceId)).toBe('InvalidAllocationID.NotFound');
    expect(await move(at.a.address!.allocationId, absent.interface)).toBe('InvalidNetworkInterfaceID.NotFound');
  });

  it('refuses to change an interface that is not there', async () => {
    const at = await unchanged(cloud);
    for (const step of ['allowForwarding', 'verifyForwarding']) {
      const call = runStep(at, ['replace', step], { 'launch.NewInterfaceId': absent.interface });
      expect(await outcomeOf(call)).toBe('InvalidNetworkInterfaceID.NotFound');
    }
  });

  it('tags what is put aside', async () => {
    const at = await stage(cloud);
    const { instanceId } = at.a;
    await runStep(at, ['replace', 'tagOld'], { InstanceId: instanceId, 'automation:EXECUTION_ID': 'run-1' });
    const quarantined = { Name: 'tag:switchback:quarantined', Values: ['run-1'] };
    const { Reservations } = await at.aws.ec2.send(new DescribeInstancesCommand({ Filters: [quarantined] }));
    expect(Reservations!.flatMap((each) => each.Instances!.map((one) => one.InstanceId))).toEqual([instanceId]);
  });
}
