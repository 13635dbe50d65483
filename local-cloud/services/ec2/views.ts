/**
 * Instances, interfaces and addresses in the SDK's output shape, and how Describe lags behind writes: a new instance
 * may be unknown for a moment, and a state may be the one before.
 */
import type {
  Address,
  NetworkInterface as Ec2Interface,
  InstanceState as Ec2State,
  Instance,
  InstanceNetworkInterface,
  InstanceStatus,
  InstanceStatusEvent,
  Tag,
} from '@aws-sdk/client-ec2';
import type { Instant } from '../../../core/words/time';
import { lagMs } from '../../latency';
import type { Random } from '../../random';
import type {
  ElasticIp,
  MachineEvent,
  MachineState,
  NetworkInterface,
  VirtualMachine,
  WorldPort,
} from '../../world-port';

/** EC2's numbers for its states. */
const stateCodes: Readonly<Record<MachineState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const ec2State = (name: MachineState): Ec2State => ({ Code: stateCodes[name], Name: name });

const statusEvent = ({ id, code, from, until, isOver }: MachineEvent): InstanceStatusEvent => ({
  InstanceEventId: id,
  Code: code,
  Description: `${isOver ? '[Completed] ' : ''}Scheduled ${code}`,
  NotBefore: new Date(from),
  ...(until !== null && { NotAfter: new Date(until) }),
});

export class Views {
  private readonly previous = new Map<string, { readonly state: MachineState | null; readonly until: Instant }>();
  private readonly last = new Map<string, MachineState>();

  constructor(
    private readonly world: WorldPort,
    private readonly random: Random,
  ) {
    for (const machine of world.machines.all.values()) this.last.set(machine.id, machine.state);
    world.machines.onState((machine) => this.remember(machine));
  }

  /** What Describe says now; null: it does not know the instance yet. */
  shownState(machine: VirtualMachine): MachineState | null {
    const lagging = this.previous.get(machine.id);
    return lagging !== undefined && this.world.clock.now() < lagging.until ? lagging.state : machine.state;
  }

  instance(machine: VirtualMachine, state: MachineState): Instance {
    const attached = this.world.vpc.interfaceOf(machine.id);
    const publicIp = attached && this.world.vpc.addressOn(attached.id)?.publicIp;
    return {
      InstanceId: machine.id,
      State: ec2State(state),
      ...(machine.clientToken !== undefined && { ClientToken: machine.clientToken }),
      LaunchTime: new Date(machine.launchedAt),
      Placement: { AvailabilityZone: machine.availabilityZone },
      StateTransitionReason: machine.stateReason,
      Tags: tagList(machine.tags),
      ...(attached && {
        SubnetId: attached.subnetId,
        VpcId: attached.vpcId,
        PrivateIpAddress: attached.privateAddress,
        SourceDestCheck: attached.sourceDestCheck,
        NetworkInterfaces: [this.instanceInterface(attached)],
      }),
      ...(publicIp && { PublicIpAddress: publicIp }),
    };
  }

  status(machine: VirtualMachine, state: MachineState): InstanceStatus {
    const now = this.world.clock.now();
    const impaired = machine.impairedAt !== null && machine.impairedAt <= now;
    const ownFault = (impaired && machine.hung) || machine.checksFail;
    const hostFault = impaired && !this.world.packets.zoneIsUp(machine.availabilityZone);
    const summary = (fault: boolean): InstanceStatus['InstanceStatus'] => {
      if (state !== 'running') return { Status: 'not-applicable' };
      if (fault)
        return {
          Status: 'impaired',
          Details: [{ Name: 'reachability', Status: 'failed', ImpairedSince: new Date(machine.impairedAt ?? now) }],
        };
      if (now < machine.checksPassAt)
        return { Status: 'initializing', Details: [{ Name: 'reachability', Status: 'initializing' }] };
      return { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] };
    };
    return {
      InstanceId: machine.id,
      AvailabilityZone: machine.availabilityZone,
      InstanceState: ec2State(state),
      InstanceStatus: summary(ownFault || hostFault),
      SystemStatus: summary(hostFault),
      Events: machine.events.map(statusEvent),
    };
  }

  networkInterface(each: NetworkInterface): Ec2Interface {
    const elastic = this.world.vpc.addressOn(each.id);
    const association =
      elastic === undefined
        ? given(each)
        : { AllocationId: elastic.allocationId, AssociationId: elastic.associationId!, PublicIp: elastic.publicIp };
    return {
      ...place(each),
      AvailabilityZone: each.availabilityZone,
      PrivateIpAddresses: privateAddresses(each, association),
      TagSet: tagList(each.tags),
      ...(association && { Association: association }),
      ...(each.instanceId && { Attachment: { ...attachment(each), InstanceId: each.instanceId } }),
    };
  }

  address(each: ElasticIp): Address {
    const on = each.interfaceId === null ? undefined : this.world.vpc.interfaces.get(each.interfaceId);
    return {
      AllocationId: each.allocationId,
      PublicIp: each.publicIp,
      Domain: 'vpc',
      ...(on && {
        AssociationId: each.associationId!,
        NetworkInterfaceId: on.id,
        PrivateIpAddress: on.privateAddress,
        ...(on.instanceId && { InstanceId: on.instanceId }),
      }),
    };
  }

  /** The short form inside DescribeInstances: no allocation id, no instance id. */
  private instanceInterface(each: NetworkInterface): InstanceNetworkInterface {
    const elastic = this.world.vpc.addressOn(each.id);
    const association = elastic === undefined ? given(each) : { PublicIp: elastic.publicIp };
    return {
      ...place(each),
      PrivateIpAddresses: privateAddresses(each, association),
      Attachment: attachment(each),
      ...(association && { Association: association }),
    };
  }

  private remember(machine: VirtualMachine): void {
    const before = this.last.get(machine.id) ?? null;
    this.last.set(machine.id, machine.state);
    const lateMs = lagMs(this.world.lag(), this.random);
    if (lateMs > 0) this.previous.set(machine.id, { state: before, until: this.world.clock.now() + lateMs });
  }
}

function place(each: NetworkInterface) {
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: each.vpcId,
    PrivateIpAddress: each.privateAddress,
    SourceDestCheck: each.sourceDestCheck,
    Status: each.instanceId === null ? ('available' as const) : ('in-use' as const),
  };
}

function attachment(each: NetworkInterface) {
  const status = { DeviceIndex: 0, Status: 'attached' as const };
  return { AttachmentId: each.attachmentId, DeleteOnTermination: each.deleteOnTermination, ...status };
}

/** A public address that EC2 lends, no Elastic IP. */
const given = ({ publicAddress = null }: NetworkInterface) =>
  publicAddress === null ? undefined : { PublicIp: publicAddress, IpOwnerId: 'amazon' };

function privateAddresses<T>(each: NetworkInterface, association: T | undefined) {
  const own = {
    Primary: true,
    PrivateIpAddress: each.privateAddress,
    ...(association && { Association: association }),
  };
  return [own, ...[...each.secondaryAddresses].map((PrivateIpAddress) => ({ Primary: false, PrivateIpAddress }))];
}

function tagList(tags: ReadonlyMap<string, string>): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
