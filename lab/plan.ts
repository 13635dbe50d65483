/**
 * The lab's ground plan, derived from a deployment: which subnet has which addresses, which route table which number.
 *
 *     users, canaries -- vpc -- gateways -- inet -- remote gateways -- site -- server
 *
 * The VPC is 10.0.0.0/16 as declared: each gateway's subnet is the /24 of its private address; hosts get 10.0.100.0/24
 * and up. The outside of gateway n is 198.51.100.10+n beside its Elastic IP, that of remote gateway n is 192.0.2.4n+2.
 * Paths over AWS's own VPN connections have a transit gateway in place of the gateways: transit-plan.ts.
 */
import type { Connection, Deployment, InstanceGateway } from '../core/words/domain';
import { instancesOf, vpnsOf } from '../core/words/gateways';
import { endsPlan, farServer } from './ends-plan';
import type { GatewayPlan, HostPlan, RemotePlan, TunnelPlan, VpcPlan } from './places';
import { type TransitPlan, transitPlan } from './transit-plan';

/**
 * `static`: routes as the cloud's tables have them, answers go back the way they came. `bgp`: routers agree on both.
 * `answers`: there as the tables have it, back as the site's router hears by BGP (answers.ts).
 */
export type Routing = 'static' | 'bgp' | 'answers';

export interface LabPlan {
  readonly routing: Routing;
  readonly connection: Connection;
  readonly hosts: readonly HostPlan[];
  readonly gateways: readonly GatewayPlan[];
  readonly remotes: readonly RemotePlan[];
  /** Null: paths lead over instances. */
  readonly transit: TransitPlan | null;
  /** Numbers of the route tables that Switchback knows, of the VPC or of the transit gateway. */
  readonly tables: ReadonlyMap<string, number>;
  /** Of these, those that stand in a second VPC of ours, in place of the site. */
  readonly farTables: ReadonlySet<string>;
  /** Addresses of the server. */
  readonly targets: readonly string[];
}

export const vpcNetwork = '10.0.0.0/16';
export const siteNetwork = '172.16.0.0/16';
const nearVpc: VpcPlan = { space: 'vpc', network: vpcNetwork, across: siteNetwork };
export const serverNetwork = '172.16.0.0/24';
export const serverRouter = '172.16.0.1';
export const outsideNetwork = '198.51.100.0/24';
export const outsideRouter = '198.51.100.1';
export const remoteNetwork = '192.0.2.0/24';
const firstInside = 251;
const remotesMax = 4;
/** Of the link through tunnel `mark`, where routers talk over it: ours and theirs. */
export const transit = (mark: number): { readonly ours: string; readonly theirs: string } => ({
  ours: `169.254.${mark}.2`,
  theirs: `169.254.${mark}.1`,
});

/** Where users talk to, and the services there. */
export const server = { address: '172.16.0.10', udpPort: 7007, tcpPort: 7008 } as const;

/** Throws when the lab cannot build this deployment. `routing`: another than its own. */
export function planFor(deployment: Deployment, wanted?: Routing): LabPlan {
  const connections = Object.values(deployment.connections);
  const [connection] = connections;
  const routing = wanted ?? (connection?.routing === undefined ? 'static' : 'answers');
  if (connection === undefined || connections.length > 1)
    throw new Error(`The lab builds sites of one connection; this one has ${connections.length}`);
  if (connection.ends !== undefined) return acrossPlan(connection, deployment, routing);
  const destinations = Object.values(connection.routeSets).flatMap((set) => set.destinations);
  if (destinations.some((one) => one !== siteNetwork))
    throw new Error(`The lab's far side is ${siteNetwork}; routeSets lead to ${destinations.join(', ')}`);
  const gateways = Object.values(instancesOf(deployment)).map(gatewayPlan);
  const vpns = Object.values(vpnsOf(deployment));
  if (vpns.length > 0 && (gateways.length > 0 || connection.coupled || routing !== 'static'))
    throw new Error(
      'The lab plays VPN connections of AWS without instances beside them, not coupled, with static routes',
    );
  const hosts = hostPlans(connection);
  const tableIds = new Set([
    ...Object.values(connection.routeSets).flatMap((set) => set.tables),
    ...hosts.map(({ tableId }) => tableId),
  ]);
  const remotes = remotePlans(connection, deployment);
  return {
    routing,
    connection,
    hosts,
    gateways,
    remotes,
    transit: vpns.length === 0 ? null : transitPlan(vpns, remotes, hosts),
    tables: new Map([...tableIds].map((id, i) => [id, 100 + i])),
    farTables: new Set(),
    targets: [...new Set([server.address, ...connection.canaries.flatMap((c) => c.targets.map((t) => t.address))])],
  };
}

/** Between two VPCs of ours nothing is the partner's. */
function acrossPlan(connection: Connection, deployment: Deployment, routing: Routing): LabPlan {
  if (routing !== 'static' || connection.coupled)
    throw new Error('The lab plays two ends of ours with static routes, not coupled');
  const { gateways, hosts, farTables } = endsPlan(connection, deployment, nearVpc);
  const ids = new Set([
    ...Object.values(connection.routeSets).flatMap((set) => set.tables),
    ...hosts.map(({ tableId }) => tableId),
  ]);
  const tables = new Map([...ids].map((id, i) => [id, 100 + i]));
  return { routing, connection, hosts, gateways, tables, farTables, remotes: [], transit: null, targets: [farServer] };
}

const networkOf = (address: string): string => address.replace(/\.\d+$/, '');

function gatewayPlan(gateway: InstanceGateway, i: number): GatewayPlan {
  const network = networkOf(gateway.privateAddress);
  if (!network.startsWith('10.0.') || gateway.address === undefined)
    throw new Error(`The lab needs gateway ${gateway.name} inside ${vpcNetwork} and with an Elastic IP`);
  const { publicIp } = gateway.address;
  return { gateway, bridge: `gw${i}`, subnet: `${network}.0/24`, router: `${network}.1`, publicIp, vpc: nearVpc };
}

function hostPlans(connection: Connection): HostPlan[] {
  const [set] = Object.values(connection.routeSets);
  const workload = { name: 'users', subnetId: null, tableId: set!.tables[0]! };
  const canaries = connection.canaries.map((canary, i) => {
    const { watches } = canary;
    const watched = watches.kind === 'service' ? connection.routeSets[watches.routeSet]!.tables[0] : undefined;
    return { name: `canary${i}`, subnetId: canary.subnetId, tableId: canary.routeTableId ?? watched! };
  });
  return [workload, ...canaries].map((one, i) => {
    const network = `10.0.${100 + i}`;
    const space = nearVpc.space;
    return { ...one, space, subnet: `${network}.0/24`, router: `${network}.1`, address: `${network}.10` };
  });
}

/** One remote gateway for each tunnel, or one for all: equal selectors on one box are what couples them. */
function remotePlans(connection: Connection, deployment: Deployment): RemotePlan[] {
  const tunnels = Object.values(connection.paths).flatMap(({ name: path, gateway: gatewayName, tunnels: [name] }) => {
    const gateway = deployment.gateways[gatewayName]!;
    const addresses = gateway.kind === 'vpn' ? gateway.tunnels : [gateway.address!.publicIp];
    return addresses.map((publicIp, i): TunnelPlan => {
      const ownName = gateway.kind === 'vpn' ? `${gatewayName}-${i + 1}` : (name ?? path);
      return { name: ownName, path, gateway: gatewayName, publicIp };
    });
  });
  const groups = connection.coupled ? [tunnels] : tunnels.map((one) => [one]);
  if (groups.length > remotesMax) throw new Error(`The lab has room for ${remotesMax} tunnels, not ${groups.length}`);
  return groups.map((group, i) => ({
    name: `remote${i}`,
    outside: `192.0.2.${4 * i + 2}`,
    outsideRouter: `192.0.2.${4 * i + 1}`,
    inside: `172.16.${firstInside + i}.1`,
    insideRouter: `172.16.${firstInside + i}.2`,
    mark: i + 1,
    tunnels: group,
  }));
}

export function gatewayPlanOf(plan: LabPlan, path: string): GatewayPlan {
  return plan.gateways.find(({ gateway }) => gateway.name === plan.connection.paths[path]!.gateway)!;
}

/** Of all tunnels of a path: an instance has one, a VPN connection of AWS two. */
export const remotesOf = (plan: LabPlan, path: string): readonly RemotePlan[] =>
  plan.remotes.filter(({ tunnels }) => tunnels.some((one) => one.path === path));

export const remoteOf = (plan: LabPlan, path: string): RemotePlan => remotesOf(plan, path)[0]!;
