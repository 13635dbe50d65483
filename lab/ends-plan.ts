/**
 * The ground plan where both ends are ours: a second VPC stands in place of the partner's site, with gateways of its own.
 *
 *     users, canaries -- vpc -- gateways -- inet -- gateways -- site -- server, canaries
 *
 * The near end's VPC is 10.0.0.0/16, the far end's 172.16.0.0/16. Near gateways start IKE, far ones wait for it.
 */
import type { Canary, Connection, Deployment, InstanceGateway } from '../core/words/domain';
import type { EndName } from '../core/words/end';
import { gatewayAt } from '../core/words/ends';
import { instanceAt } from '../core/words/gateways';
import { sideOf } from '../sim/network/across';
import type { GatewayPlan, HostPlan, VpcPlan } from './places';

/** Where the Elastic IPs of all gateways are: what a gateway sends to the other end's. */
export const addressNetwork = '203.0.113.0/24';

export const farVpc: VpcPlan = { space: 'site', network: '172.16.0.0/16', across: '10.0.0.0/16' };

/** Where users of the near end talk to. */
export const farServer = '172.16.100.10';

interface EndsPlan {
  readonly gateways: readonly GatewayPlan[];
  readonly hosts: readonly HostPlan[];
  /** Route tables of the far end. */
  readonly farTables: ReadonlySet<string>;
}

/** Throws when the lab cannot build it. */
export function endsPlan(connection: Connection, deployment: Deployment, nearVpc: VpcPlan): EndsPlan {
  const [near, far] = connection.ends!;
  const vpcOf = (end: EndName | undefined): VpcPlan => (sideOf(connection, end) === 'far' ? farVpc : nearVpc);
  for (const { end, destinations } of Object.values(connection.routeSets))
    if (destinations.some((one) => one !== vpcOf(end).across))
      throw new Error(
        `The lab's other end is ${vpcOf(end).across}; a set at ${end} leads to ${destinations.join(', ')}`,
      );
  const gateways = [near, far].flatMap((end) =>
    Object.keys(connection.paths).map((path) =>
      gatewayPlan(instanceAt(deployment, gatewayAt(connection, path, end)!), vpcOf(end)),
    ),
  );
  const hosts = [near, far].flatMap((end) => hostPlans(connection, end, vpcOf(end)));
  const farHosts = hosts.filter(({ space }) => space === farVpc.space);
  const farSets = Object.values(connection.routeSets).filter(({ end }) => end === far);
  return {
    gateways: gateways.map((gateway, i) => ({ ...gateway, bridge: `gw${i}` })),
    hosts,
    farTables: new Set([...farHosts.map(({ tableId }) => tableId), ...farSets.flatMap(({ tables }) => tables)]),
  };
}

const firstTwo = (network: string): string => network.split('.').slice(0, 2).join('.');

function gatewayPlan(gateway: InstanceGateway, vpc: VpcPlan): Omit<GatewayPlan, 'bridge'> {
  const { privateAddress, address } = gateway;
  if (!privateAddress.startsWith(`${firstTwo(vpc.network)}.`) || address?.publicIp.startsWith('203.0.113.') !== true)
    throw new Error(`The lab needs gateway ${gateway.name} inside ${vpc.network}, its Elastic IP in ${addressNetwork}`);
  const network = privateAddress.replace(/\.\d+$/, '');
  return { gateway, vpc, subnet: `${network}.0/24`, router: `${network}.1`, publicIp: address.publicIp };
}

/** Users near, a server far, and the canaries of either end, each in a subnet of its own. */
function hostPlans(connection: Connection, end: EndName, { space, network }: VpcPlan): HostPlan[] {
  const sets = Object.values(connection.routeSets).filter((set) => set.end === end);
  const isFar = space === farVpc.space;
  const workload = { name: isFar ? 'server' : 'users', subnetId: null, tableId: sets[0]!.tables[0]! };
  const canaries = connection.canaries
    .filter((canary) => canary.end === end)
    .map((canary, i) => ({
      name: `${isFar ? 'afar' : 'canary'}${i}`,
      subnetId: canary.subnetId,
      tableId: tableOf(canary, connection),
    }));
  return [workload, ...canaries].map((one, i) => {
    const own = `${firstTwo(network)}.${100 + i}`;
    return { ...one, space, subnet: `${own}.0/24`, router: `${own}.1`, address: `${own}.10` };
  });
}

function tableOf({ watches, routeTableId }: Canary, { routeSets }: Connection): string {
  const watched = watches.kind === 'service' ? routeSets[watches.routeSet]!.tables[0] : undefined;
  return routeTableId ?? watched!;
}
