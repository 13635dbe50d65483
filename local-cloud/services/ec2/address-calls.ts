/**
 * Interfaces, Elastic IPs, source/destination checks and tags.
 *
 * Moving an address moves with it whatever packets it carries: the world is told at once.
 */
import type {
  Address,
  AssignPrivateIpAddressesCommandInput,
  AssociateAddressCommandInput,
  CreateTagsCommandInput,
  DescribeAddressesCommandInput,
  DescribeNetworkInterfacesCommandInput,
  DescribeSubnetsCommandInput,
  DisassociateAddressCommandInput,
  NetworkInterface as Ec2Interface,
  ModifyInstanceAttributeCommandInput,
  ModifyNetworkInterfaceAttributeCommandInput,
  Subnet,
} from '@aws-sdk/client-ec2';
import { AwsError, NotModelled } from '../../service';
import type { ElasticIp, NetworkInterface, WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, matching, page } from './listing';
import type { Views } from './views';

export function addressCalls(world: WorldPort, views: Views): Calls {
  return {
    DescribeNetworkInterfaces: ({ NetworkInterfaceIds, Filters, ...rest }: DescribeNetworkInterfacesCommandInput) => {
      const ids = NetworkInterfaceIds ?? [...world.vpc.interfaces.keys()];
      const all = ids.map((id) => views.networkInterface(interfaceNamed(world, id)));
      const { items, NextToken } = page(matching(all, Filters, interfaceFields), rest);
      return { NetworkInterfaces: items, NextToken };
    },
    DescribeSubnets: ({ SubnetIds, Filters, ...rest }: DescribeSubnetsCommandInput) => {
      const ids = SubnetIds ?? [...world.vpc.subnets.keys()];
      const all = ids.map((id): Subnet => {
        const subnet = world.vpc.subnets.get(id);
        if (subnet === undefined) throw errors.noSubnet(id);
        // The world gives its subnets no block of addresses.
        return { SubnetId: id, VpcId: subnet.vpcId, AvailabilityZone: subnet.availabilityZone, State: 'available' };
      });
      const { items, NextToken } = page(matching(all, Filters, subnetFields), rest);
      return { Subnets: items, NextToken };
    },
    DescribeAddresses: ({ AllocationIds, PublicIps, Filters }: DescribeAddressesCommandInput) => {
      const ids = AllocationIds ?? [...world.vpc.addresses.keys()];
      const all = ids.map((id) => views.address(allocated(world, id)));
      const wanted = all.filter((each) => PublicIps === undefined || PublicIps.includes(each.PublicIp!));
      return { Addresses: [...matching(wanted, Filters, addressFields)] };
    },
    AssociateAddress: (input: AssociateAddressCommandInput) => {
      if (input.AllocationId === undefined) throw errors.missingParameter('AllocationId');
      const address = allocated(world, input.AllocationId);
      const target = targetOf(world, input);
      if (address.associationId !== null && input.AllowReassociation === false)
        throw new AwsError(
          'Resource.AlreadyAssociated',
          `resource ${address.allocationId} is already associated with associate-id ${address.associationId}`,
        );
      const AssociationId = world.vpc.associate(address, target.id);
      world.packets.changed(`${address.publicIp} moves to ${target.instanceId ?? target.id}`);
      return { AssociationId };
    },
    AssignPrivateIpAddresses: (input: AssignPrivateIpAddressesCommandInput) => assign(world, input),
    DisassociateAddress: ({ AssociationId }: DisassociateAddressCommandInput) => {
      if (AssociationId === undefined) throw errors.missingParameter('AssociationId');
      const address = [...world.vpc.addresses.values()].find((each) => each.associationId === AssociationId);
      if (address === undefined) throw errors.noAssociation(AssociationId);
      world.vpc.disassociate(address);
      world.packets.changed(`${address.publicIp} is on no interface`);
      return {};
    },
    ModifyInstanceAttribute: ({ InstanceId = '', SourceDestCheck, ...rest }: ModifyInstanceAttributeCommandInput) => {
      if (!world.machines.all.has(InstanceId)) throw errors.noInstance(InstanceId);
      return setCheck(world, world.vpc.interfaceOf(InstanceId), SourceDestCheck?.Value, rest);
    },
    ModifyNetworkInterfaceAttribute: (input: ModifyNetworkInterfaceAttributeCommandInput) => {
      const { NetworkInterfaceId = '', SourceDestCheck, ...rest } = input;
      return setCheck(world, interfaceNamed(world, NetworkInterfaceId), SourceDestCheck?.Value, rest);
    },
    CreateTags: ({ Resources = [], Tags = [] }: CreateTagsCommandInput) => {
      const tagged = Resources.map((id) => {
        if (!/^(i|eni)-/.test(id)) throw new NotModelled('ec2', `tags on ${id}`);
        const tags = (world.machines.all.get(id) ?? world.vpc.interfaces.get(id))?.tags;
        if (tags === undefined) throw id.startsWith('i-') ? errors.noInstance(id) : errors.noInterface(id);
        return tags;
      });
      for (const tags of tagged) for (const { Key, Value } of Tags) tags.set(Key!, Value ?? '');
      return {};
    },
  };
}

function interfaceNamed(world: WorldPort, id: string): NetworkInterface {
  const found = world.vpc.interfaces.get(id);
  if (found === undefined) throw errors.noInterface(id);
  return found;
}

function allocated(world: WorldPort, id: string): ElasticIp {
  const found = world.vpc.addresses.get(id);
  if (found === undefined) throw errors.noAllocation(id);
  return found;
}

/** Any Elastic IP that hangs on such an address would go with it: here they hang on primary ones alone. */
function assign(world: WorldPort, input: AssignPrivateIpAddressesCommandInput): object {
  const { NetworkInterfaceId = '', PrivateIpAddresses = [], AllowReassignment = false, ...rest } = input;
  if (PrivateIpAddresses.length === 0 || Object.keys(rest).some((each) => each !== 'DryRun'))
    throw new NotModelled('ec2', 'addresses that EC2 is to choose');
  const on = interfaceNamed(world, NetworkInterfaceId);
  for (const address of PrivateIpAddresses) {
    const holder = world.vpc.interfaceAt(address, on.vpcId);
    if (holder === undefined || holder === on) continue;
    if (holder.subnetId !== on.subnetId) throw errors.outsideSubnet(address);
    if (holder.privateAddress === address || !AllowReassignment) throw errors.addressInUse(address);
  }
  for (const address of PrivateIpAddresses) {
    if (on.privateAddress === address) continue; // Its own primary one.
    world.vpc.assign(address, on.id);
    world.packets.changed(`${address} moves to ${on.instanceId ?? on.id}`);
  }
  const AssignedPrivateIpAddresses = PrivateIpAddresses.map((PrivateIpAddress) => ({ PrivateIpAddress }));
  return { NetworkInterfaceId, AssignedPrivateIpAddresses };
}

function targetOf(world: WorldPort, input: AssociateAddressCommandInput): NetworkInterface {
  if (input.NetworkInterfaceId !== undefined) return interfaceNamed(world, input.NetworkInterfaceId);
  const machine = world.machines.all.get(input.InstanceId ?? '');
  const found = machine && world.vpc.interfaceOf(machine.id);
  if (found === undefined) throw errors.noInstance(input.InstanceId ?? '');
  if (machine?.state === 'pending')
    throw new AwsError(
      'InvalidInstanceID',
      `The pending instance '${machine.id}' is not in a valid state for this operation.`,
    );
  return found;
}

function setCheck(
  world: WorldPort,
  on: NetworkInterface | undefined,
  value: boolean | undefined,
  rest: object,
): object {
  if (value === undefined || Object.keys(rest).some((each) => each !== 'DryRun'))
    throw new NotModelled('ec2', 'attributes other than SourceDestCheck');
  if (on === undefined) throw errors.missingParameter('networkInterfaceId');
  on.sourceDestCheck = value;
  world.packets.changed(`source/destination check of ${on.id} is ${value ? 'on' : 'off'}`);
  return {};
}

const subnetFields: Fields<Subnet> = {
  'subnet-id': (each) => [each.SubnetId],
  'vpc-id': (each) => [each.VpcId],
  'availability-zone': (each) => [each.AvailabilityZone],
};

const interfaceFields: Fields<Ec2Interface> = {
  'network-interface-id': (each) => [each.NetworkInterfaceId],
  'attachment.instance-id': (each) => [each.Attachment?.InstanceId],
  'private-ip-address': (each) => [each.PrivateIpAddress],
  'addresses.private-ip-address': (each) => each.PrivateIpAddresses?.map((one) => one.PrivateIpAddress) ?? [],
  'subnet-id': (each) => [each.SubnetId],
  'vpc-id': (each) => [each.VpcId],
  status: (each) => [each.Status],
  'tag:': (each) => each.TagSet?.map(({ Key, Value }) => `${Key}=${Value}`) ?? [],
};

const addressFields: Fields<Address> = {
  'allocation-id': (each) => [each.AllocationId],
  'association-id': (each) => [each.AssociationId],
  'instance-id': (each) => [each.InstanceId],
  'network-interface-id': (each) => [each.NetworkInterfaceId],
  'public-ip': (each) => [each.PublicIp],
};
