/**
 * The site's network on moto, built by calls of the SDK; the configuration gets the ids that moto gave.
 */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateLaunchTemplateCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Connection, Deployment, InstanceGateway } from '../../core/words/domain';
import { instanceAt, instancesOf } from '../../core/words/gateways';
import { type Part, pair } from './site';

/** Ids of the configuration, and moto's in their place. */
type Ids = Map<string, string>;

const image = { ImageId: 'ami-12c6146b', InstanceType: 't3.micro' } as const;

/** Interfaces always; instances with addresses and launch templates, and route tables, when asked for. */
export async function buildNetwork(ec2: EC2Client, parts: readonly Part[]): Promise<Deployment> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const gateways = Object.values(instancesOf(pair));
  const ids: Ids = new Map([[gateways[0]!.vpcId, VpcId]]);
  const build = async (gateway: InstanceGateway): Promise<void> => {
    await buildInterface(ec2, ids, VpcId, gateway);
    if (parts.includes('gateways')) await buildGateway(ec2, ids, gateway);
  };
  await Promise.all(gateways.map(build));
  if (parts.includes('routes'))
    for (const connection of Object.values(pair.connections)) await buildRoutes(ec2, ids, VpcId, connection);
  let text = JSON.stringify(pair);
  for (const [was, is] of ids) text = text.replaceAll(`"${was}"`, `"${is}"`);
  return JSON.parse(text) as Deployment;
}

async function buildInterface(ec2: EC2Client, ids: Ids, VpcId: string, gateway: InstanceGateway): Promise<void> {
  const { availabilityZone: AvailabilityZone, privateAddress: PrivateIpAddress } = gateway;
  const CidrBlock = PrivateIpAddress.replace(/\d+$/, '0/24');
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
  const SubnetId = Subnet!.SubnetId!;
  const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress }));
  ids.set(gateway.subnetId, SubnetId);
  ids.set(gateway.routeInterfaceId, NetworkInterface!.NetworkInterfaceId!);
}

async function buildGateway(ec2: EC2Client, ids: Ids, gateway: InstanceGateway): Promise<void> {
  const { subnetId, routeInterfaceId, instanceId, address, launchTemplate } = gateway;
  const NetworkInterfaceId = ids.get(routeInterfaceId)!;
  const unchecked = { NetworkInterfaceId, SourceDestCheck: { Value: false } };
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand(unchecked));
  const one = { MinCount: 1, MaxCount: 1, NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] };
  const { Instances } = await ec2.send(new RunInstancesCommand({ ...image, ...one }));
  const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId }));
  const NetworkInterfaces = [{ DeviceIndex: 0, SubnetId: ids.get(subnetId)! }];
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `gateway-${NetworkInterfaceId}`,
      LaunchTemplateData: { ...image, NetworkInterfaces },
    }),
  );
  ids.set(instanceId, Instances![0]!.InstanceId!);
  ids.set(address!.allocationId, AllocationId!);
  ids.set(address!.publicIp, PublicIp!);
  ids.set(launchTemplate!.id, LaunchTemplate!.LaunchTemplateId!);
  ids.set(launchTemplate!.version, '1');
}

async function buildRoutes(ec2: EC2Client, ids: Ids, VpcId: string, connection: Connection): Promise<void> {
  const sets = Object.values(connection.routeSets);
  const home = (path: string): string => instanceAt(pair, connection.paths[path]!.gateway).routeInterfaceId;
  const tables = [
    ...sets.flatMap((set) => set.tables.map((table) => [table, set.home] as const)),
    ...connection.canaries.flatMap(({ watches, routeTableId }) =>
      watches.kind === 'path' && routeTableId !== undefined ? [[routeTableId, watches.path] as const] : [],
    ),
  ];
  const build = async ([table, path]: (typeof tables)[number]): Promise<void> => {
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
    const RouteTableId = RouteTable!.RouteTableId!;
    ids.set(table, RouteTableId);
    const route = { RouteTableId, NetworkInterfaceId: ids.get(home(path))! };
    for (const DestinationCidrBlock of new Set(sets.flatMap((set) => set.destinations)))
      await ec2.send(new CreateRouteCommand({ ...route, DestinationCidrBlock }));
  };
  await Promise.all(tables.map(build));
}
