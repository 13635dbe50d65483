/** What carries the VPC's traffic to other networks today, and what could: instances that forward, and VPN connections. */
import type { NetworkInterface, Route, RouteTable } from '@aws-sdk/client-ec2';
import { blockFrom, holds } from '../../../config/addresses';
import type { SeenVpn } from '../tunnels';
import type { SeenVpc } from './seen';

export type Carrier =
  | {
      readonly kind: 'instance';
      readonly name: string;
      readonly instanceId: string;
      readonly interface: NetworkInterface;
    }
  | { readonly kind: 'vpn'; readonly name: string; readonly vpn: SeenVpn; readonly vpnGatewayId: string };

/** Routes of one destination that lead to one carrier. */
export interface Lead {
  readonly destination: string;
  readonly carrier: string;
  readonly tables: readonly string[];
  readonly propagated: boolean;
}

export interface Carried {
  readonly carriers: readonly Carrier[];
  readonly leads: readonly Lead[];
  /** Why something that was found is not proposed. */
  readonly left: readonly string[];
}

/** A connection has no more. */
const pathsMax = 4;
const letters = ['a', 'b', 'c', 'd'];

export function carried(seen: SeenVpc): Carried {
  const own = ownBlocks(seen.tables);
  const routes = seen.tables.flatMap((table) =>
    (table.Routes ?? []).flatMap((route) => {
      const destination = route.DestinationCidrBlock ?? route.DestinationPrefixListId;
      return destination === undefined || isOurs(destination, own)
        ? []
        : [{ table: table.RouteTableId ?? '', route, destination }];
    }),
  );
  const routed = new Set(routes.map(({ route }) => endOf(route)));
  const machines = forwarding(seen.interfaces, routed);
  const gateways = [...new Set(seen.vpns.flatMap(({ vpnGatewayId }) => vpnGatewayId ?? []))].filter((id) =>
    routed.has(id),
  );
  const left: string[] = [];
  const carriers: Carrier[] = machines.slice(0, pathsMax - gateways.length).map((one, i) => ({
    ...{ kind: 'instance', name: `gw-${letters[i]}`, interface: one, instanceId: one.Attachment?.InstanceId ?? '' },
  }));
  for (const one of machines.slice(pathsMax - gateways.length))
    left.push(
      `${one.NetworkInterfaceId} of ${one.Attachment?.InstanceId} forwards too: a connection has ${pathsMax} paths at most`,
    );
  for (const [i, id] of gateways.entries()) {
    const [vpn, ...others] = seen.vpns.filter(({ vpnGatewayId }) => vpnGatewayId === id);
    carriers.push({ kind: 'vpn', name: `vpn-${letters[i]}`, vpn: vpn!, vpnGatewayId: id });
    left.push(
      ...others.map(
        (other) => `${other.id} ends on ${id} too: no route can choose between two connections of one gateway`,
      ),
    );
  }
  left.push(...onTransit(seen, routes));
  const nameOf = new Map(
    carriers.map((one) => [one.kind === 'vpn' ? one.vpnGatewayId : (one.interface.NetworkInterfaceId ?? ''), one.name]),
  );
  return { carriers, leads: leadsOf(routes, nameOf), left };
}

/** The VPC's own blocks, which lead to nobody else. */
const ownBlocks = (tables: readonly RouteTable[]): readonly string[] => [
  ...new Set(
    tables.flatMap(({ Routes = [] }) =>
      Routes.filter(({ GatewayId }) => GatewayId === 'local').flatMap(
        ({ DestinationCidrBlock }) => DestinationCidrBlock ?? [],
      ),
    ),
  ),
];

function isOurs(destination: string, own: readonly string[]): boolean {
  const block = blockFrom(destination);
  return destination === '0.0.0.0/0' || (block !== null && own.some((one) => holds(blockFrom(one)!, block)));
}

const endOf = ({ NetworkInterfaceId, GatewayId }: Route): string => NetworkInterfaceId ?? GatewayId ?? '';

/** Of an instance, and either a route leads there or it may forward: a standby has no routes. */
const forwarding = (
  interfaces: readonly NetworkInterface[],
  routed: ReadonlySet<string>,
): readonly NetworkInterface[] =>
  interfaces
    .filter(({ Attachment }) => (Attachment?.InstanceId ?? '') !== '')
    .filter((one) => routed.has(one.NetworkInterfaceId ?? '') || one.SourceDestCheck === false)
    .sort((one, other) => rank(one, routed) - rank(other, routed) || idOf(one).localeCompare(idOf(other)));

const idOf = ({ NetworkInterfaceId = '' }: NetworkInterface): string => NetworkInterfaceId;
const rank = (one: NetworkInterface, routed: ReadonlySet<string>): number => (routed.has(idOf(one)) ? 0 : 1);

interface Found {
  readonly table: string;
  readonly route: Route;
  readonly destination: string;
}

function onTransit({ vpns }: SeenVpc, routes: readonly Found[]): readonly string[] {
  const used = new Set(routes.flatMap(({ route }) => route.TransitGatewayId ?? []));
  return vpns
    .filter(({ transitGatewayId }) => transitGatewayId !== null && used.has(transitGatewayId))
    .map(
      ({ id, transitGatewayId }) =>
        `${id} ends on ${transitGatewayId}: write it by hand, as in examples/transit-gateway`,
    );
}

/** Host routes are somebody's pins, no networks. */
function leadsOf(routes: readonly Found[], nameOf: ReadonlyMap<string, string>): readonly Lead[] {
  const leads = new Map<string, Lead>();
  for (const { table, route, destination } of routes) {
    const carrier = nameOf.get(endOf(route));
    if (carrier === undefined || destination.endsWith('/32')) continue;
    const key = `${destination} ${carrier}`;
    const known = leads.get(key);
    const propagated = String(route.Origin) === 'EnableVgwRoutePropagation';
    leads.set(key, {
      ...{ destination, carrier, propagated: propagated || known?.propagated === true },
      tables: [...(known?.tables ?? []), table],
    });
  }
  return [...leads.values()];
}
