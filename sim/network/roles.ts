/**
 * Who stands for a gateway: several machines may be able to (a replacement, the one it replaced), the Elastic IP that
 * the peer knows decides which one's tunnels come up. Without an address the youngest does.
 */
import type { ConnectionName, Deployment, GatewayName, PathName, RouteTarget } from '../../core/words/domain';
import { gatewaysOfPath } from '../../core/words/ends';
import { instanceNamed, instancesOf } from '../../core/words/gateways';
import type { Machine, SimulatedInstances } from './instances';
import type { Names } from './names';
import type { TransitGateways } from './transit-gateway';
import type { Vpc } from './vpc';

export class Roles {
  private readonly formerly = new Map<string, GatewayName>();

  constructor(
    private readonly declared: () => Deployment,
    private readonly vpc: Vpc,
    private readonly instances: SimulatedInstances,
    private readonly transit: Pick<TransitGateways, 'vpnsBehind'>,
    private readonly names: Pick<Names, 'addressCalled'>,
  ) {}

  /** Peers take whoever has the keys, from wherever it calls; otherwise they must find it by its address or name. */
  takesAnyAddress = false;

  /** An interface that was declared for this gateway stays one of its, whatever is declared now. */
  remember(gateway: GatewayName, interfaceId: string): void {
    this.formerly.set(interfaceId, gateway);
  }

  /** The machine with the gateway's address, else the youngest that is not gone, else the one that went last. */
  machineOf(gateway: GatewayName): Machine {
    const candidates = this.candidates(gateway);
    // One that was set aside by a repair stands for nobody.
    const left = candidates.filter((each) => each.state !== 'terminated' && !each.tags.has('switchback:quarantined'));
    const heir = left.findLast(({ isSpare }) => !isSpare) ?? left.at(-1) ?? candidates.at(-1);
    const found = candidates.find((each) => this.holdsAddress(each, gateway)) ?? heir;
    if (found === undefined) throw new Error(`No machine stands for gateway ${gateway}`);
    return found;
  }

  /** The instance whose daemon should end the gateway's tunnels now; null: none can. */
  tunnelHost(gateway: GatewayName): string | null {
    const able = this.candidates(gateway).filter(isDaemonUp);
    const { address, record } = instanceNamed(this.declared(), gateway) ?? {};
    const peerKnowsIt = (address !== undefined || record !== undefined) && !this.takesAnyAddress;
    const youngest = able.findLast(({ isSpare }) => !isSpare) ?? able.at(-1);
    const found = peerKnowsIt ? able.find((each) => this.holdsAddress(each, gateway)) : youngest;
    return found?.id ?? null;
  }

  /** The path of this connection that a route target belongs to, whether it works, or stands, or not. */
  pathTo(connection: ConnectionName, target: RouteTarget | null): PathName | null {
    const managed = this.transit.vpnsBehind(target).map(({ gateway }) => gateway);
    const instanceId = target && this.vpc.ownerOf(target.id);
    const roles = (instanceId && this.instances.machines.get(instanceId)?.roles) || [];
    const { gateways, connections } = this.declared();
    const named = Object.values(instancesOf({ gateways })).find((each) => each.routeInterfaceId === target?.id)?.name;
    const owner = named ?? this.formerly.get(target?.id ?? '');
    const paths = Object.values(connections[connection]?.paths ?? {});
    const isMeant = (gateway: GatewayName): boolean => gateway === owner || [...roles, ...managed].includes(gateway);
    return paths.find((path) => gatewaysOfPath(path).some(isMeant))?.name ?? null;
  }

  /** Null: they lead to several, or nowhere known. */
  onlyPathTo(connection: ConnectionName, targets: readonly (RouteTarget | null)[]): PathName | null {
    const paths = new Set(targets.map((target) => this.pathTo(connection, target)));
    const [only] = paths;
    return paths.size === 1 ? (only ?? null) : null;
  }

  /** In order of launch. */
  private candidates(gateway: GatewayName): readonly Machine[] {
    return [...this.instances.machines.values()].filter((each) => each.roles.includes(gateway));
  }

  /** The Elastic IP, or what peers call where there is a name only. */
  private holdsAddress(machine: Machine, gateway: GatewayName): boolean {
    const { address, record } = instanceNamed(this.declared(), gateway) ?? {};
    if (address === undefined && record !== undefined)
      return this.vpc.interfaceOf(machine.id)?.publicAddress === this.names.addressCalled(record.name);
    const allocation = address?.allocationId;
    const interfaceId = allocation && this.vpc.addresses.get(allocation)?.interfaceId;
    return interfaceId != null && this.vpc.interfaces.get(interfaceId)?.instanceId === machine.id;
  }
}

/** The system runs and its VPN daemon lives; its zone aside. */
export function isDaemonUp(machine: Machine | undefined): boolean {
  return machine?.booted === true && !machine.hung && machine.daemonAlive;
}
