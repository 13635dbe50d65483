/**
 * EC2's description of one route, read: where it leads and who made it. Pure.
 */
import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import type { RouteTarget } from '../../core/words/domain';
import type { RouteFacts } from '../../core/words/evidence';
import type { TableRoutes } from './shadows';

/** Propagated by a gateway or advertised by a route server: neither can be replaced, only overridden. */
export const originOf = (route: Route): RouteFacts['origin'] =>
  (route.Origin as string | undefined) === 'EnableVgwRoutePropagation' ||
  (route.Origin as string | undefined) === 'Advertisement'
    ? 'propagated'
    : 'static';

/** Targets we never write still have an identity, so that they are seen as somebody else's. */
export function targetOf(route: Route): RouteTarget {
  if (route.NetworkInterfaceId) return { kind: 'network-interface', id: route.NetworkInterfaceId };
  if (route.TransitGatewayId) return { kind: 'transit-gateway', id: route.TransitGatewayId };
  const other =
    route.GatewayId ??
    route.NatGatewayId ??
    route.VpcPeeringConnectionId ??
    route.EgressOnlyInternetGatewayId ??
    route.LocalGatewayId ??
    route.CarrierGatewayId ??
    route.CoreNetworkArn ??
    route.InstanceId;
  return { kind: 'gateway', id: other ?? 'an unknown target' };
}

export const shownIn = ({ Routes = [] }: RouteTable): TableRoutes =>
  Routes.map((route) => ({
    destination: route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock,
    target: targetOf(route),
    isLocal: route.GatewayId === 'local',
  }));
