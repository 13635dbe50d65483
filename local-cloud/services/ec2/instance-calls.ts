/**
 * DescribeInstances, DescribeInstanceStatus, Start, Stop, Reboot, Terminate, RunInstances.
 *
 * Calls change state at once and answer with the transitional state; the world finishes the transition in its own
 * time. RunInstances takes a launch template that the world knows; one instance a call.
 */
import type {
  DescribeInstanceStatusCommandInput,
  DescribeInstancesCommandInput,
  Instance,
  InstanceStateChange,
  InstanceStatus,
  RebootInstancesCommandInput,
  ResourceType,
  RunInstancesCommandInput,
  StartInstancesCommandInput,
  StopInstancesCommandInput,
  TerminateInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { AwsError, NotModelled } from '../../service';
import type { Launchable, NetworkInterface, VirtualMachine, WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, matching, page } from './listing';
import { ec2State, type Views } from './views';

export function instanceCalls(world: WorldPort, views: Views, accountId: string): Calls {
  const { machines } = world;
  const launches = new Map<string, { readonly request: string; readonly machine: VirtualMachine }>();
  return {
    DescribeInstances: ({ InstanceIds, Filters, ...rest }: DescribeInstancesCommandInput) => {
      const all = shown(world, views, InstanceIds).map(([machine, state]) => views.instance(machine, state));
      const { items, NextToken } = page(matching(all, Filters, instanceFields), rest);
      return { Reservations: items.map((each) => reservation(each, accountId)), NextToken };
    },
    DescribeInstanceStatus: (input: DescribeInstanceStatusCommandInput) => {
      const { InstanceIds, Filters, IncludeAllInstances, ...rest } = input;
      const all = shown(world, views, InstanceIds)
        .filter(([, state]) => IncludeAllInstances === true || state === 'running')
        .map(([machine, state]) => views.status(machine, state));
      const { items, NextToken } = page(matching(all, Filters, statusFields), rest);
      return { InstanceStatuses: items, NextToken };
    },
    StartInstances: ({ InstanceIds }: StartInstancesCommandInput) => ({
      StartingInstances: changeEach(world, InstanceIds, (machine) => {
        const { state, id } = machine;
        if (state === 'pending' || state === 'running') return;
        if (state !== 'stopped')
          throw errors.wrongState(`The instance '${id}' is not in a state from which it can be started.`);
        if (!world.machines.hasCapacity(machine.availabilityZone)) throw errors.noCapacityToStart();
        machines.start(id);
      }),
    }),
    StopInstances: ({ InstanceIds, Force, SkipOsShutdown }: StopInstancesCommandInput) => ({
      StoppingInstances: changeEach(world, InstanceIds, (machine) => {
        const { state, id } = machine;
        const plugPulled = Force === true && SkipOsShutdown === true;
        if (state === 'stopped') return;
        if (state === 'stopping') {
          if (Force === true) machines.hastenStop(id, plugPulled);
          return;
        }
        if (state !== 'running')
          throw errors.wrongState(`This instance '${id}' is not in a state from which it can be stopped.`);
        machines.stop(id, plugPulled); // Force alone still waits for the graceful attempt.
      }),
    }),
    RebootInstances: ({ InstanceIds }: RebootInstancesCommandInput) => {
      changeEach(world, InstanceIds, (machine) => {
        if (machine.state !== 'running')
          throw errors.wrongState(`The instance '${machine.id}' is not in a state from which it can be rebooted.`);
        machines.reboot(machine.id);
      });
      return {};
    },
    TerminateInstances: ({ InstanceIds }: TerminateInstancesCommandInput) => ({
      TerminatingInstances: changeEach(world, InstanceIds, (machine) => {
        if (machine.state === 'terminated' || machine.state === 'shutting-down') return;
        machines.terminate(machine.id);
      }),
    }),
    RunInstances: ({ ClientToken, ...input }: RunInstancesCommandInput) => {
      const request = JSON.stringify(input);
      const earlier = ClientToken === undefined ? undefined : launches.get(ClientToken);
      if (earlier !== undefined && earlier.request !== request)
        throw new AwsError(
          'IdempotentParameterMismatch',
          'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
        );
      const machine = earlier?.machine ?? launch(world, input, ClientToken);
      if (ClientToken !== undefined) launches.set(ClientToken, { request, machine });
      return reservation(views.instance(machine, machine.state), accountId);
    },
  };
}

function reservation(instance: Instance, accountId: string) {
  return { ReservationId: `r-${instance.InstanceId!.slice(2)}`, OwnerId: accountId, Instances: [instance] };
}

type Shown = readonly [VirtualMachine, VirtualMachine['state']];

/** The instances Describe knows at this moment; naming one it does not know is an error. */
function shown(world: WorldPort, views: Views, ids: string[] | undefined): readonly Shown[] {
  const wanted = ids === undefined || ids.length === 0 ? [...world.machines.all.keys()] : ids;
  return wanted.flatMap((id): Shown[] => {
    const machine = world.machines.all.get(id);
    const state = machine && views.shownState(machine);
    if (machine !== undefined && state != null) return [[machine, state]];
    if (ids?.includes(id)) throw errors.noInstance(id);
    return [];
  });
}

/** All or nothing as in EC2: unknown ids are refused before anything changes. */
function changeEach(
  world: WorldPort,
  ids: string[] | undefined,
  change: (machine: VirtualMachine) => void,
): InstanceStateChange[] {
  if (ids === undefined || ids.length === 0) throw errors.missingParameter('InstanceId');
  const machines = ids.map((id) => {
    const machine = world.machines.all.get(id);
    if (machine === undefined) throw errors.noInstance(id);
    return machine;
  });
  return machines.map((machine) => {
    const PreviousState = ec2State(machine.state);
    change(machine);
    return { InstanceId: machine.id, PreviousState, CurrentState: ec2State(machine.state) };
  });
}

function launch(
  world: WorldPort,
  input: Omit<RunInstancesCommandInput, 'ClientToken'>,
  clientToken: string | undefined,
): VirtualMachine {
  if (input.MinCount !== 1 || input.MaxCount !== 1) throw new NotModelled('ec2', 'RunInstances of other than one');
  const candidates = launchablesOf(world, input);
  const wanted = input.NetworkInterfaces?.[0];
  const existing =
    wanted?.NetworkInterfaceId === undefined ? undefined : freeInterface(world, wanted.NetworkInterfaceId);
  const subnetId = existing?.subnetId ?? wanted?.SubnetId ?? input.SubnetId ?? candidates[0]!.subnetId;
  const here = candidates.filter((each) => each.subnetId === subnetId);
  const as = here.length > 0 ? here : candidates;
  const { vpcId, availabilityZone, privateAddress, isPublic } = as[0]!;
  const zone = world.vpc.subnets.get(subnetId)?.availabilityZone ?? availabilityZone;
  if (!world.machines.hasCapacity(zone)) throw errors.noCapacityToLaunch(zone);
  const id = world.vpc.newId('i');
  const attached =
    existing ??
    world.vpc.addInterface({
      id: world.vpc.newId('eni'),
      subnetId,
      vpcId,
      availabilityZone: zone,
      privateAddress: world.vpc.freeAddress(privateAddress),
      ...(isPublic && { publicAddress: world.vpc.freePublicAddress() }),
      sourceDestCheck: true, // Cannot be set at launch; the caller turns it off.
      instanceId: id,
      deleteOnTermination: true,
    });
  attached.instanceId = id;
  setTags(input, 'network-interface', attached.tags);
  const machine = world.machines.launch({ id, as, availabilityZone: zone, clientToken });
  setTags(input, 'instance', machine.tags);
  return machine;
}

function setTags(
  { TagSpecifications }: Pick<RunInstancesCommandInput, 'TagSpecifications'>,
  type: ResourceType,
  tags: Map<string, string>,
): void {
  const wanted = TagSpecifications?.find((each) => each.ResourceType === type)?.Tags ?? [];
  for (const { Key, Value } of wanted) tags.set(Key!, Value ?? '');
}

/** What the launch template makes, in the version that is asked for. */
function launchablesOf(
  world: WorldPort,
  { LaunchTemplate }: Pick<RunInstancesCommandInput, 'LaunchTemplate'>,
): readonly Launchable[] {
  const id = LaunchTemplate?.LaunchTemplateId;
  if (id === undefined) throw new NotModelled('ec2', 'RunInstances without a launch template id');
  const found = world.machines.launchables(id);
  if (found.length === 0)
    throw new AwsError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  const version = LaunchTemplate?.Version ?? '$Default';
  if (!version.startsWith('$') && found.every((each) => each.version !== version))
    throw new AwsError('InvalidLaunchTemplateId.VersionNotFound', `Could not find launch template version ${version}`);
  return found;
}

function freeInterface(world: WorldPort, id: string): NetworkInterface {
  const found = world.vpc.interfaces.get(id);
  if (found === undefined) throw errors.noInterface(id);
  if (found.instanceId !== null)
    throw new AwsError('InvalidNetworkInterface.InUse', `The network interface '${id}' is currently in use.`);
  return found;
}

const instanceFields: Fields<Instance> = {
  'instance-id': (each) => [each.InstanceId],
  'client-token': (each) => [each.ClientToken],
  'instance-state-name': (each) => [each.State?.Name],
  'availability-zone': (each) => [each.Placement?.AvailabilityZone],
  'subnet-id': (each) => [each.SubnetId],
  'vpc-id': (each) => [each.VpcId],
  'private-ip-address': (each) => [each.PrivateIpAddress],
  'ip-address': (each) => [each.PublicIpAddress],
  'network-interface.network-interface-id': (each) =>
    each.NetworkInterfaces?.map((one) => one.NetworkInterfaceId) ?? [],
  'tag-key': (each) => each.Tags?.map(({ Key }) => Key) ?? [],
  'tag:': (each) => each.Tags?.map(({ Key, Value }) => `${Key}=${Value}`) ?? [],
};

const statusFields: Fields<InstanceStatus> = {
  'availability-zone': (each) => [each.AvailabilityZone],
  'instance-state-name': (each) => [each.InstanceState?.Name],
  'instance-status.status': (each) => [each.InstanceStatus?.Status],
  'system-status.status': (each) => [each.SystemStatus?.Status],
};
