/**
 * The VPC as it stands before anything happens, derived from the deployment: gateways with their interfaces and
 * addresses, workload tables pointing home, canary tables pinning each canary to its path.
 *
 * A service canary's subnet uses the first table of its route set; a path canary's subnet uses the canary's own table.
 *
 * Laid again at a redeployment, it adds what is new and moves nothing: another instance of a gateway stands beside the
 * old one, which keeps its address while it lives, and routes stay as they are.
 */

import type {
  Canary,
  Connection,
  Deployment,
  Gateway,
  GatewayIdentity,
  InstanceGateway,
  RouteSet,
  RouteTarget,
  VpnConnectionGateway,
} from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import { gatewayAt } from '../../core/words/ends';
import { isKnownByNameOnly } from '../../core/words/gateways';
import { planeOf } from '../../core/words/planes';
import { isMovedByNetwork } from '../../core/words/routing';
import { sideOf } from './across';
import type { SimulatedInstances } from './instances';
import type { ManagedVpns } from './managed-vpn';
import type { Names } from './names';
import type { Propagation } from './propagation';
import type { RouteTables } from './route-tables';
import type { TransitGateways } from './transit-gateway';
import type { Tunnels } from './tunnels';
import type { Vpc } from './vpc';

export interface Ground {
  readonly names: Names;
  readonly vpc: Vpc;
  readonly instances: SimulatedInstances;
  readonly routes: RouteTables;
  readonly tunnels: Tunnels;
  readonly vpns: ManagedVpns;
  readonly transit: TransitGateways;
  readonly propagation: Propagation;
}

/** Where something of a connection is laid down. */
interface Place {
  readonly connection: Connection;
  readonly deployment: Deployment;
  readonly ground: Ground;
  readonly end: EndName | undefined;
}

/** Where routes in this table point when they follow this gateway. */
export function placeOf(gateway: Gateway, table: string): RouteTarget {
  if (gateway.kind === 'instance') return { kind: 'network-interface', id: gateway.routeInterfaceId };
  const { endsOn } = gateway;
  if (endsOn.kind === 'vpn-gateway') return { kind: 'gateway', id: endsOn.id };
  return isTransit(table)
    ? { kind: 'attachment', id: endsOn.attachmentId }
    : { kind: 'transit-gateway', id: endsOn.id };
}

const isTransit = (table: string): boolean => planeOf(table) === 'tgw-table';

export function layGround(deployment: Deployment, ground: Ground): void {
  for (const gateway of Object.values(deployment.gateways))
    if (gateway.kind === 'instance') placeGateway(gateway, ground);
    else placeVpn(gateway, ground);
  for (const connection of Object.values(deployment.connections)) {
    placeTunnels(connection, deployment, ground);
    placeRouteSets(connection, deployment, ground);
    for (const canary of connection.canaries) placeCanary(canary, connection, deployment, ground);
  }
}

function placeGateway(gateway: InstanceGateway, { vpc, instances, names }: Ground): void {
  const { availabilityZone, subnetId, vpcId, instanceId } = gateway;
  vpc.addSubnet({ id: subnetId, vpcId, availabilityZone, routeTableId: null });
  const known = instances.machines.get(instanceId);
  if (known !== undefined && !known.roles.includes(gateway.name)) known.roles.push(gateway.name);
  if (known === undefined)
    instances.settled({
      id: instanceId,
      roles: [gateway.name],
      availabilityZone,
      launchTemplate: gateway.launchTemplate ?? null,
      agentInstalled: gateway.control === 'ssm',
      isSpare: [...instances.machines.values()].some(({ roles }) => roles.includes(gateway.name)),
    });
  const place = { id: gateway.routeInterfaceId, subnetId, vpcId, availabilityZone, instanceId };
  const privateAddress = gateway.privateAddress;
  const isNewcomer = !vpc.interfaces.has(place.id) && !vpc.gone.has(place.id);
  const publicAddress = isKnownByNameOnly(gateway) ? { publicAddress: vpc.freePublicAddress() } : {};
  const own = { ...place, privateAddress, ...publicAddress };
  if (isNewcomer) vpc.addInterface({ ...own, sourceDestCheck: false, deleteOnTermination: false });
  placeAddress(gateway, isNewcomer, { vpc, instances });
  placeSecondaryAddress(gateway, isNewcomer, { vpc, instances });
  placeName(gateway, { vpc, names });
}

function placeName(
  { record, address, routeInterfaceId }: InstanceGateway,
  { vpc, names }: Pick<Ground, 'vpc' | 'names'>,
) {
  if (record === undefined) return;
  const value = address?.publicIp ?? vpc.interfaces.get(routeInterfaceId)?.publicAddress;
  if (value != null) names.lay(record.zoneId, record.name, { value, ttlSeconds: record.ttlSeconds });
}

/**
 * Who lives keeps the address; from the dead a newcomer takes it. A deployment that changes nothing about this gateway
 * moves no address, e.g. back to an instance that one of our replacements has relieved.
 */
function placeAddress(
  gateway: InstanceGateway,
  isNewcomer: boolean,
  { vpc, instances }: Pick<Ground, 'vpc' | 'instances'>,
) {
  if (gateway.address === undefined) return;
  const fresh = { ...gateway.address, associationId: null, interfaceId: null };
  const known = vpc.addresses.get(fresh.allocationId);
  if (known !== undefined && !isNewcomer) return;
  const address = known ?? fresh;
  vpc.addresses.set(address.allocationId, address);
  const holder = vpc.interfaces.get(address.interfaceId ?? '')?.instanceId;
  if (!isOfLiving(holder, instances)) vpc.associate(address, gateway.routeInterfaceId);
}

/** As with the Elastic IP. */
function placeSecondaryAddress(
  { secondaryAddress, routeInterfaceId, vpcId }: InstanceGateway,
  isNewcomer: boolean,
  { vpc, instances }: Pick<Ground, 'vpc' | 'instances'>,
) {
  if (secondaryAddress === undefined) return;
  const known = vpc.interfaceAt(secondaryAddress, vpcId);
  if (known !== undefined && (!isNewcomer || isOfLiving(known.instanceId, instances))) return;
  vpc.assign(secondaryAddress, routeInterfaceId);
}

const isOfLiving = (instanceId: string | null | undefined, { machines }: Ground['instances']): boolean =>
  instanceId != null && machines.get(instanceId)?.state === 'running';

/** As one of our replacements left it long ago: the newcomer has address, tunnels and routes, the old one is put aside. */
export function placeReplacement(gateway: InstanceGateway, ids: GatewayIdentity, ground: Ground): void {
  const { vpc, instances, routes, tunnels } = ground;
  const old = instances.machines.get(gateway.instanceId)!;
  Object.assign(old, { state: 'stopped', booted: false, daemonAlive: false, agentAlive: false });
  old.tags.set('switchback:quarantined', 'long ago');
  const { availabilityZone, subnetId, vpcId, launchTemplate = null, control } = gateway;
  const { instanceId, routeInterfaceId: id } = ids;
  const made = { id: instanceId, roles: [gateway.name], availabilityZone, launchTemplate };
  instances.settled({ ...made, agentInstalled: control === 'ssm' }).tags.set('switchback:gateway', gateway.name);
  const place = {
    id,
    subnetId,
    vpcId,
    availabilityZone,
    instanceId,
    privateAddress: vpc.freeAddress(gateway.privateAddress),
  };
  vpc.addInterface({ ...place, sourceDestCheck: false, deleteOnTermination: true });
  const address = vpc.addresses.get(gateway.address?.allocationId ?? '');
  if (address !== undefined) vpc.associate(address, id);
  if (gateway.secondaryAddress !== undefined) vpc.assign(gateway.secondaryAddress, id);
  for (const tunnel of tunnels.all) if (tunnel.gateway === gateway.name) tunnel.host = instanceId;
  for (const table of routes.tables.values())
    for (const [destination, { written }] of table.entries)
      if (written?.id === gateway.routeInterfaceId)
        routes.install(table.id, destination, { kind: 'network-interface', id });
}

function placeVpn(gateway: VpnConnectionGateway, { vpns, transit }: Ground): void {
  vpns.add(gateway);
  const { endsOn, vpnConnectionId: resourceId } = gateway;
  if (endsOn.kind === 'transit-gateway')
    transit.attach({ id: endsOn.attachmentId, transitGatewayId: endsOn.id, resourceType: 'vpn', resourceId });
}

/** The path's gateway at this end of the connection; absent: where the connection has one end only. */
function gatewayOfPath(connection: Connection, path: string, deployment: Deployment, end?: EndName): Gateway {
  const gateway = deployment.gateways[gatewayAt(connection, path, end) ?? ''];
  if (gateway === undefined) throw new Error(`No gateway carries ${connection.name}/${path}`);
  return gateway;
}

function placeTunnels(connection: Connection, deployment: Deployment, { tunnels }: Ground): void {
  const home = Object.values(connection.routeSets)[0]?.home ?? Object.keys(connection.paths)[0]!;
  // Where both ends are ours, their route tables say by which path answers come.
  tunnels.addConnection(connection.name, connection.coupled && connection.ends === undefined, home);
  for (const path of Object.values(connection.paths)) {
    for (const end of connection.ends ?? [undefined]) {
      const side = sideOf(connection, end);
      const gateway = gatewayOfPath(connection, path.name, deployment, end);
      const isManaged = gateway.kind === 'vpn';
      const host = gateway.kind === 'vpn' ? gateway.vpnConnectionId : gateway.instanceId;
      const own = side === 'far' ? path.far!.tunnels : path.tunnels;
      const names = own.length === 0 ? [path.name] : own;
      tunnels.add(connection.name, path.name, { side, gateway: gateway.name, names, isManaged, host });
    }
  }
}

/** The VPC of the connection's instances there; managed ones alone do not say theirs, which has then this id. */
function vpcOf(connection: Connection, deployment: Deployment, end?: EndName): string {
  const ours = Object.keys(connection.paths).map((path) => gatewayOfPath(connection, path, deployment, end));
  return ours.find((gateway) => gateway.kind === 'instance')?.vpcId ?? 'vpc-00000000000000001';
}

/** A table of the transit gateway that this connection's paths end on; or a VPC's. */
function placeTable(table: string, { connection, deployment, ground, end }: Place): void {
  if (isTransit(table)) ground.transit.addTable(table, transitGatewayOf(connection, deployment));
  else ground.routes.add(table, vpcOf(connection, deployment, end));
}

function transitGatewayOf(connection: Connection, { gateways }: Deployment): string {
  for (const { gateway } of Object.values(connection.paths)) {
    const found = gateways[gateway];
    if (found?.kind === 'vpn' && found.endsOn.kind === 'transit-gateway') return found.endsOn.id;
  }
  throw new Error(`No path of ${connection.name} ends on a transit gateway`);
}

function placeRouteSets(connection: Connection, deployment: Deployment, ground: Ground): void {
  for (const set of Object.values(connection.routeSets)) {
    const gateway = gatewayOfPath(connection, set.home, deployment, set.end);
    for (const table of set.tables) {
      placeTable(table, { connection, deployment, ground, end: set.end });
      if (isTransit(table)) placePrefixLists(connection, set, ground);
      if (isMovedByNetwork(connection)) continue; // Its Route Server puts routes there.
      if (set.propagated) propagateInto(table, set, gateway, ground);
      else installMissing(table, set.destinations, placeOf(gateway, table), ground.routes);
    }
  }
}

/** A list holds the networks that canaries of its users aim at, and one more that nobody aims at. */
function placePrefixLists({ canaries }: Connection, { name, destinations }: RouteSet, { transit }: Ground): void {
  const aims = canaries.flatMap(({ watches, targets }) =>
    watches.kind === 'service' && watches.routeSet === name ? targets.map(({ address }) => address) : [],
  );
  const networks = new Set(aims.map((address) => `${address.split('.').slice(0, 3).join('.')}.0/24`));
  for (const list of destinations.filter((one) => one.startsWith('pl-') && !transit.prefixLists.has(one))) {
    transit.prefixLists.set(list, [...networks, `10.250.${transit.prefixLists.size}.0/24`]);
    networks.clear(); // Another list of the set holds other networks.
  }
}

function propagateInto(table: string, { destinations }: RouteSet, gateway: Gateway, { propagation }: Ground): void {
  if (gateway.kind !== 'vpn') throw new Error(`${gateway.name} propagates no routes: it is an instance`);
  for (const destination of destinations) propagation.add(table, destination, gateway.endsOn.id);
}

function placeCanary(canary: Canary, connection: Connection, deployment: Deployment, ground: Ground): void {
  const { watches } = canary;
  const set = watches.kind === 'service' ? connection.routeSets[watches.routeSet] : undefined;
  const path = watches.kind === 'path' ? watches.path : set!.home;
  const { end } = canary;
  const gateway = gatewayOfPath(connection, path, deployment, end);
  const tableId = canary.routeTableId ?? set?.tables[0];
  if (tableId === undefined) throw new Error(`Canary ${canary.id} has no route table`);
  placeTable(tableId, { connection, deployment, ground, end });
  placeSubnet(canary, tableId, vpcOf(connection, deployment, end), ground);
  installMissing(tableId, pinnedDestinations(canary, connection), placeOf(gateway, tableId), ground.routes);
}

/** Behind a transit gateway's table stands a VPC of its own, all of whose packets go there. */
function placeSubnet(canary: Canary, tableId: string, ownVpcId: string, { vpc, routes, transit }: Ground): void {
  const place = { id: canary.subnetId, availabilityZone: canary.availabilityZone };
  const transitGatewayId = transit.tables.get(tableId)?.transitGatewayId;
  if (transitGatewayId === undefined) return void vpc.addSubnet({ ...place, vpcId: ownVpcId, routeTableId: tableId });
  const suffix = tableId.replace(/^tgw-rtb-/, '');
  const [vpcId, routeTableId] = [`vpc-${suffix}`, `rtb-${suffix}`];
  const attachment = { transitGatewayId, resourceType: 'vpc', resourceId: vpcId } as const;
  transit.attach({ ...attachment, id: `tgw-attach-${suffix}` }, tableId);
  routes.add(routeTableId, vpcId);
  installMissing(routeTableId, ['0.0.0.0/0'], { kind: 'transit-gateway', id: transitGatewayId }, routes);
  vpc.addSubnet({ ...place, vpcId, routeTableId });
}

function installMissing(
  table: string,
  destinations: readonly string[],
  target: RouteTarget,
  routes: Ground['routes'],
): void {
  for (const destination of destinations)
    if (!routes.has(table, destination)) routes.install(table, destination, target);
}

function pinnedDestinations(canary: Canary, connection: Connection): readonly string[] {
  if (canary.watches.kind === 'service' || canary.pin === 'follows') return [];
  if (canary.pin === 'target') return canary.targets.map(({ address }) => `${address}/32`);
  const sets = Object.values(connection.routeSets).filter(({ end }) => end === canary.end);
  return [...new Set(sets.flatMap((set) => set.destinations))];
}
