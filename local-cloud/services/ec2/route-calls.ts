/**
 * DescribeRouteTables, CreateRoute, ReplaceRoute, DeleteRoute.
 *
 * A write is decided on what is written, not on what Describe shows. A route is `blackhole` when its interface is gone,
 * detached, or its instance is stopped or terminated; a hung instance stays `active`: the state is no health signal.
 * Target kinds: network interface, instance (its interface), gateway, transit gateway.
 */
import type {
  CreateRouteCommandInput,
  DeleteRouteCommandInput,
  DescribeRouteTablesCommandInput,
  ReplaceRouteCommandInput,
  Route,
  RouteTable,
} from '@aws-sdk/client-ec2';
import ipaddr from 'ipaddr.js';
import { AwsError, NotModelled } from '../../service';
import type { RouteEnd, ShownRoute } from '../../shown-route';
import type { WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, matching, page } from './listing';

export function routeCalls(world: WorldPort, accountId: string): Calls {
  return {
    DescribeRouteTables: ({ RouteTableIds, Filters, ...rest }: DescribeRouteTablesCommandInput) => {
      const ids = RouteTableIds ?? [...world.routes.tables.keys()].filter((id) => isListed(world, id));
      const tables = ids.map((id) => describeTable(world, accountId, id));
      const { items, NextToken } = page(matching(tables, Filters, fields), rest);
      return { RouteTables: items, NextToken };
    },
    CreateRoute: (input: CreateRouteCommandInput) => {
      const { table, destination } = place(world, input);
      const target = targetOf(world, input, table);
      if (world.routes.written(table, destination) !== null) throw errors.routeExists(destination);
      world.routes.write(table, destination, target);
      return { Return: true };
    },
    ReplaceRoute: (input: ReplaceRouteCommandInput) => {
      const { table, destination } = place(world, input);
      const target = targetOf(world, input, table);
      if (world.routes.written(table, destination) === null) throw errors.noSuchRouteToReplace(destination);
      world.routes.write(table, destination, target);
      return {};
    },
    DeleteRoute: (input: DeleteRouteCommandInput) => {
      const { table, destination } = place(world, input);
      if (world.routes.written(table, destination) === null) throw errors.noSuchRouteToDelete(destination, table);
      world.routes.write(table, destination, null);
      return {};
    },
  };
}

/** Those of transit gateways are asked for in another way. */
const isListed = ({ routes }: WorldPort, id: string): boolean =>
  routes.isListed(id) && routes.tables.get(id)!.vpcId !== null;

type Destination = Pick<
  CreateRouteCommandInput,
  'RouteTableId' | 'DestinationCidrBlock' | 'DestinationIpv6CidrBlock' | 'DestinationPrefixListId'
>;

function place(world: WorldPort, input: Destination): { table: string; destination: string } {
  const table = input.RouteTableId;
  if (table === undefined) throw errors.missingParameter('routeTableId');
  if (!isListed(world, table)) throw errors.noRouteTable(table);
  const cidr = input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock;
  const destination = cidr ?? input.DestinationPrefixListId;
  if (destination === undefined) throw errors.missingParameter('destinationCidrBlock');
  if (cidr !== undefined && !ipaddr.isValidCIDR(cidr))
    throw errors.invalidValue(
      `Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return { table, destination };
}

const targetMembers = ['NetworkInterfaceId', 'InstanceId', 'GatewayId', 'TransitGatewayId'] as const;
const otherTargets = [
  'NatGatewayId',
  'VpcEndpointId',
  'VpcPeeringConnectionId',
  'LocalGatewayId',
  'CoreNetworkArn',
] as const;

function targetOf(world: WorldPort, input: CreateRouteCommandInput, tableId: string): RouteEnd {
  if (otherTargets.some((each) => input[each] !== undefined)) throw new NotModelled('ec2', 'this kind of route target');
  const given = targetMembers.filter((each) => input[each] !== undefined);
  if (given.length === 0) throw errors.missingParameter('networkInterfaceId');
  if (given.length > 1)
    throw new AwsError('InvalidParameterCombination', 'You may specify only one target for a route');
  if (input.TransitGatewayId !== undefined) return { kind: 'transit-gateway', id: input.TransitGatewayId };
  if (input.GatewayId !== undefined) return { kind: 'gateway', id: input.GatewayId };
  const id = input.NetworkInterfaceId ?? interfaceOf(world, input.InstanceId!);
  const found = world.vpc.interfaces.get(id);
  if (found === undefined) throw errors.noInterface(id);
  if (found.vpcId !== world.routes.tables.get(tableId)!.vpcId)
    throw errors.invalidValue(`route table ${tableId} and interface ${id} belong to different networks`);
  return { kind: 'network-interface', id };
}

function interfaceOf(world: WorldPort, instanceId: string): string {
  const found = world.vpc.interfaceOf(instanceId);
  if (found === undefined) throw errors.noInstance(instanceId);
  return found.id;
}

const fields: Fields<RouteTable> = {
  'route-table-id': (table) => [table.RouteTableId],
  'vpc-id': (table) => [table.VpcId],
  'association.subnet-id': (table) => table.Associations?.map((each) => each.SubnetId) ?? [],
  'route.destination-cidr-block': (table) => table.Routes?.map((each) => each.DestinationCidrBlock) ?? [],
  'route.state': (table) => table.Routes?.map((each) => each.State) ?? [],
  'route.gateway-id': (table) => table.Routes?.map((each) => each.GatewayId) ?? [],
};

function describeTable(world: WorldPort, accountId: string, id: string): RouteTable {
  const table = world.routes.tables.get(id);
  if (table === undefined || table.isMissing || table.vpcId === null) throw errors.noRouteTable(id);
  const subnets = [...world.vpc.subnets.values()].filter((each) => each.routeTableId === id);
  return {
    RouteTableId: id,
    VpcId: table.vpcId,
    OwnerId: accountId,
    Tags: [],
    PropagatingVgws: [...new Set([...table.propagated.values()].flatMap(vgwIdOf))].map((GatewayId) => ({ GatewayId })),
    Associations: subnets.map((subnet) => ({
      Main: false,
      RouteTableAssociationId: `rtbassoc-${subnet.id.replace(/^subnet-/, '')}`,
      RouteTableId: id,
      SubnetId: subnet.id,
      AssociationState: { State: 'associated' },
    })),
    Routes: [
      {
        DestinationCidrBlock: vpcCidr(world, table.vpcId),
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      },
      ...world.routes.shown(id).map((route) => describeRoute(world, accountId, route)),
    ],
  };
}

const vgwIdOf = ({ kind, id }: RouteEnd): string[] => (kind === 'gateway' ? [id] : []);

/** The world does not say the VPC's own block; the /16 around its interfaces stands for it. */
function vpcCidr(world: WorldPort, vpcId: string): string {
  const inside = [...world.vpc.interfaces.values()].find((each) => each.vpcId === vpcId);
  return (inside?.privateAddress ?? '10.0.0.0').replace(/\.\d+\.\d+$/, '.0.0/16');
}

function describeRoute(world: WorldPort, accountId: string, { destination, target, propagated }: ShownRoute): Route {
  const instanceId = world.vpc.interfaces.get(target.id)?.instanceId;
  const onInstance = instanceId == null ? {} : { InstanceId: instanceId, InstanceOwnerId: accountId };
  return {
    ...(destination.startsWith('pl-')
      ? { DestinationPrefixListId: destination }
      : destination.includes(':')
        ? { DestinationIpv6CidrBlock: destination }
        : { DestinationCidrBlock: destination }),
    ...(target.kind === 'network-interface' && { NetworkInterfaceId: target.id, ...onInstance }),
    ...(target.kind === 'gateway' && { GatewayId: target.id }),
    ...(target.kind === 'transit-gateway' && { TransitGatewayId: target.id }),
    Origin: !propagated
      ? 'CreateRoute'
      : target.kind === 'network-interface'
        ? 'Advertisement' // By a Route Server.
        : 'EnableVgwRoutePropagation',
    State: target.kind === 'network-interface' && isGone(world, target.id) ? 'blackhole' : 'active',
  };
}

/** An interface this world has never had is somebody else's, and as well as we know. */
function isGone(world: WorldPort, interfaceId: string): boolean {
  const found = world.vpc.interfaces.get(interfaceId);
  if (found === undefined) return world.vpc.gone.has(interfaceId);
  const { instanceId } = found;
  const state = instanceId == null ? 'terminated' : world.machines.all.get(instanceId)?.state;
  return state === 'stopped' || state === 'terminated';
}
