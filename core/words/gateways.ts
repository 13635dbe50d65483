/** Gateways by kind, for those who ask AWS about one kind only. */
import type {
  Deployment,
  Gateway,
  GatewayName,
  InstanceGateway,
  Speaker,
  VpnConnectionGateway,
  VpnConnectionView,
} from './domain';
import { heardBy } from './routing';
import { own } from './shape';

type Named<G> = Readonly<Record<GatewayName, G>>;

const isInstance = (gateway: Gateway): gateway is InstanceGateway => gateway.kind === 'instance';
const isVpn = (gateway: Gateway): gateway is VpnConnectionGateway => gateway.kind === 'vpn';

const ofKind = <G extends Gateway>({ gateways }: Pick<Deployment, 'gateways'>, is: (g: Gateway) => g is G): Named<G> =>
  Object.fromEntries(Object.entries(gateways).flatMap(([name, gateway]) => (is(gateway) ? [[name, gateway]] : [])));

export const instancesOf = (deployment: Pick<Deployment, 'gateways'>): Named<InstanceGateway> =>
  ofKind(deployment, isInstance);
/** Site-to-Site connections of AWS's own. */
export const vpnsOf = (deployment: Pick<Deployment, 'gateways'>): Named<VpnConnectionGateway> =>
  ofKind(deployment, isVpn);

/** Undefined: there is no such gateway, or it is of another kind. */
export function instanceNamed(
  { gateways }: Pick<Deployment, 'gateways'>,
  name: GatewayName,
): InstanceGateway | undefined {
  const gateway = own(gateways, name);
  return gateway !== undefined && isInstance(gateway) ? gateway : undefined;
}

/** Throws where it is none: who asks knows the kind. */
export function instanceAt(deployment: Pick<Deployment, 'gateways'>, name: GatewayName): InstanceGateway {
  const gateway = instanceNamed(deployment, name);
  if (gateway === undefined) throw new Error(`gateway ${name} is no instance`);
  return gateway;
}

/** The same of a Site-to-Site connection. */
export function vpnAt({ gateways }: Pick<Deployment, 'gateways'>, name: GatewayName): VpnConnectionGateway {
  const gateway = gateways[name];
  if (gateway === undefined || !isVpn(gateway)) throw new Error(`gateway ${name} is no VPN connection`);
  return gateway;
}

/** A speaker, and whom it speaks to about paths of our connections. */
export interface SpeakingGateway {
  readonly gateway: InstanceGateway;
  readonly speaker: Speaker;
  /** Addresses, each once. */
  readonly neighbors: readonly string[];
  /** Of these, endpoints of a Route Server. */
  readonly inside: readonly string[];
}

/** Speakers by gateway; one that speaks to nobody about a path of ours is none. */
export function speakersOf({
  gateways,
  connections,
}: Pick<Deployment, 'gateways' | 'connections'>): Named<SpeakingGateway> {
  const paths = Object.values(connections).flatMap((connection) => Object.values(connection.paths));
  return Object.fromEntries(
    Object.entries(gateways).flatMap(([name, gateway]): [GatewayName, SpeakingGateway][] => {
      if (!isInstance(gateway) || gateway.speaker === undefined) return [];
      const told = paths.flatMap(({ gateway: over, neighbor }) => (over === name ? (neighbor ?? []) : []));
      const neighbors = [...new Set(told.flatMap(heardBy))];
      const inside = [...new Set(told.flatMap((one) => one.inside ?? []))];
      return neighbors.length === 0 ? [] : [[name, { gateway, speaker: gateway.speaker, neighbors, inside }]];
    }),
  );
}

/** No Elastic IP: its public address is lent, another with each start, and peers find it by its name in DNS alone. */
export const isKnownByNameOnly = ({ record, address }: Pick<InstanceGateway, 'record' | 'address'>): boolean =>
  record !== undefined && address === undefined;

/** Gateways of whose tunnels AWS can tell: its own connections, and instances whose far end is one. */
export const viewsOf = ({ gateways, region }: Pick<Deployment, 'gateways' | 'region'>): Named<VpnConnectionView> =>
  Object.fromEntries(
    Object.entries(gateways).flatMap(([name, gateway]): [GatewayName, VpnConnectionView][] => {
      if (!isInstance(gateway))
        return [[name, { vpnConnectionId: gateway.vpnConnectionId, region, tunnels: gateway.tunnels }]];
      return gateway.seenBy === undefined ? [] : [[name, gateway.seenBy]];
    }),
  );

/** Some connection has its answers drawn to the tunnel of the path that users go to. */
export const attracts = ({ connections }: Pick<Deployment, 'connections'>): boolean =>
  Object.values(connections).some(({ attract }) => attract !== undefined);
