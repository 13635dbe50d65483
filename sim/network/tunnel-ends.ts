/** What tunnels end on at our side: an instance with a daemon, or a VPN connection of AWS's own. */
import type { GatewayName, RouteTarget } from '../../core/words/domain';
import type { SimulatedInstances } from './instances';
import type { ManagedVpns } from './managed-vpn';
import { isDaemonUp, type Roles } from './roles';
import type { TunnelHosts, Tunnels } from './tunnels';
import type { Vpc } from './vpc';

interface Ends {
  readonly vpns: ManagedVpns;
  readonly instances: SimulatedInstances;
  readonly roles: Roles;
  readonly vpc: Vpc;
  zoneIsUp(zone: string): boolean;
}

export function tunnelHosts({ vpns, instances, roles, zoneIsUp }: Omit<Ends, 'vpc'>): TunnelHosts {
  const upOf = (id: string): boolean | undefined => {
    const vpn = vpns.all.find((each) => each.id === id);
    return vpn && vpns.isUp(vpn);
  };
  return {
    able: (gateway) => {
      const vpn = vpns.of(gateway);
      if (vpn === undefined) return roles.tunnelHost(gateway);
      return vpns.isUp(vpn) ? vpn.id : null;
    },
    lives: (id) => upOf(id) ?? isDaemonUp(instances.machines.get(id)),
    reachable: (id) => upOf(id) ?? zoneIsUp(instances.machines.get(id)!.availabilityZone),
  };
}

/** Does the partner's device answer AWS's end? One without lines of ours has nothing to be silent about. */
export function isHeard({ all }: Tunnels, gateway: GatewayName): boolean {
  const lines = all.filter((each) => each.gateway === gateway);
  return lines.length === 0 || lines.some(({ peerUp, lossRatio }) => peerUp && lossRatio < 1);
}

/** Where packets over this gateway go; null: its machine has no interface. */
export function placeNow({ vpns, vpc, roles }: Pick<Ends, 'vpns' | 'vpc' | 'roles'>, gateway: GatewayName) {
  const vpn = vpns.of(gateway);
  if (vpn === undefined) {
    const own = vpc.interfaceOf(roles.machineOf(gateway).id);
    return own === undefined ? null : ({ kind: 'network-interface', id: own.id } satisfies RouteTarget);
  }
  if (vpn.attachmentId !== null) return { kind: 'attachment', id: vpn.attachmentId } satisfies RouteTarget;
  return { kind: 'gateway', id: vpn.endsOn.id } satisfies RouteTarget;
}
