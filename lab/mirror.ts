/**
 * Makes the network what the local cloud says it is: routes take effect, instances boot, hang and stop, addresses move,
 * peers fail, attachments of VPN connections choose a tunnel (transit-mirror.ts). Level triggered: at each change of the world everything is compared with what was applied, and the difference
 * is done, one after the other.
 *
 * The daemon's own life is the exception: what happens to a real daemon in a real shell is told back to the world.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteTarget } from '../core/words/domain';
import type { Machine } from '../sim/network/instances';
import type { Tunnel } from '../sim/network/tunnels';
import type { SimulatedCloud } from '../sim/simulated-cloud';
import type { PhysicalWorld } from '../sim/world';
import { LabGateway, type LinkCondition } from './gateway';
import type { Lab } from './lab';
import type { Namespaces } from './namespaces';
import { noFaults, type RemoteFaults, setFaults } from './network';
import type { RemotePlan } from './places';
import { type LabPlan, remotesOf } from './plan';
import { TransitMirror } from './transit-mirror';

interface Applied {
  readonly condition: LinkCondition;
  readonly daemonAlive: boolean;
  readonly life: number;
}

/** Where a route's packets go on: the next hop, and whose gateway that is. */
interface NextHop {
  readonly address: string;
  readonly gateway: string | null;
}

/** Each reading starts a few processes beside the measurement. */
const readEveryMs = 500;

export class Mirror {
  readonly gateways = new Map<string, LabGateway>();
  /** Null: paths lead over instances. */
  readonly transit: TransitMirror | null;
  private readonly applied = new Map<string, Applied>();
  private readonly routes = new Map<string, string>();
  private readonly holders = new Map<string, string>();
  private readonly faults = new Map<string, string>();
  private work: Promise<void> = Promise.resolve();
  private failure: unknown;

  constructor(
    private readonly lab: Pick<Lab, 'spaces' | 'plan' | 'runFolder' | 'vpnTunnels'>,
    private readonly world: PhysicalWorld,
    /** Every route that took effect, when it did. */
    private readonly onRoute: (table: string, destination: string, gateway: string | null) => void,
  ) {
    const { spaces, plan, vpnTunnels } = lab;
    this.transit = plan.transit === null ? null : new TransitMirror(spaces, plan.transit, vpnTunnels, world);
  }

  /** From now on each change is followed. */
  static async over(
    { world }: Pick<SimulatedCloud, 'world'>,
    lab: Lab,
    onRoute: (table: string, destination: string, gateway: string | null) => void = () => {},
  ): Promise<Mirror> {
    const mirror = new Mirror(lab, world, onRoute);
    world.onChange(() => mirror.follow());
    mirror.follow();
    await mirror.settled();
    return mirror;
  }

  private get plan(): LabPlan {
    return this.lab.plan;
  }

  private get spaces(): Namespaces {
    return this.lab.spaces;
  }

  /** Throws what went wrong in following, once. */
  async settled(): Promise<void> {
    await this.work;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Until `isOver`: what real daemons say of the tunnels of AWS's own connections. */
  async watchTunnels(isOver: () => boolean): Promise<void> {
    const { transit } = this;
    if (transit === null) return;
    while (!isOver()) {
      await transit.read();
      this.follow();
      await sleep(readEveryMs);
    }
  }

  /** After a script: the daemon is what the shell made of it. */
  async readDaemon(instanceId: string): Promise<void> {
    const machine = this.world.instances.machines.get(instanceId)!;
    const applied = this.applied.get(instanceId);
    const alive = await this.gateways.get(instanceId)!.daemon.isAlive();
    if (applied !== undefined) this.applied.set(instanceId, { ...applied, daemonAlive: alive });
    machine.daemonAlive = alive;
  }

  private follow(): void {
    this.work = this.work
      .then(() => this.reconcile())
      .catch((error: unknown) => {
        this.failure ??= error;
      });
  }

  private async reconcile(): Promise<void> {
    await this.reconcileRoutes();
    await this.transit?.reconcile();
    for (const machine of this.world.instances.machines.values()) await this.reconcileMachine(machine);
    for (const path of Object.keys(this.plan.connection.paths)) await this.reconcileFaults(path);
    await this.reconcileAddresses();
  }

  private async reconcileRoutes(): Promise<void> {
    const { world, plan } = this;
    const written: (() => void)[] = [];
    const lines = { vpc: [] as string[], site: [] as string[], tgw: [] as string[] };
    for (const [tableId, number] of plan.tables) {
      for (const destination of world.routes.tables.get(tableId)?.entries.keys() ?? []) {
        const hop = this.nextHop(world.routes.forwarded(tableId, destination));
        const way = hop === null ? 'blackhole' : `via ${hop.address}`;
        const key = `${tableId} ${destination}`;
        if (this.routes.get(key) === way) continue;
        this.routes.set(key, way);
        const space = plan.transit !== null ? 'tgw' : plan.farTables.has(tableId) ? 'site' : 'vpc';
        lines[space].push(
          hop === null
            ? `route replace blackhole ${destination} table ${number}`
            : `route replace ${destination} ${way} table ${number}`,
        );
        written.push(() => this.onRoute(tableId, destination, hop?.gateway ?? null));
      }
    }
    for (const [space, own] of Object.entries(lines)) if (own.length > 0) await this.spaces.ip(space, own);
    for (const tell of written) tell();
  }

  private nextHop(target: RouteTarget | null): NextHop | null {
    if (target?.kind === 'attachment') {
      const found = this.plan.transit?.vpns.find(({ attachmentId }) => attachmentId === target.id);
      return found === undefined ? null : { address: found.link.far, gateway: found.gateway.name };
    }
    const owner = target === null ? undefined : this.world.vpc.interfaces.get(target.id);
    if (owner === undefined) return null;
    const gateway = this.plan.gateways.find((one) => one.gateway.routeInterfaceId === target?.id);
    return { address: owner.privateAddress, gateway: gateway?.gateway.name ?? null };
  }

  private async reconcileFaults(path: string): Promise<void> {
    const line = this.world.tunnels.get(this.plan.connection.name, path);
    if (line.extraMs > 0) throw new Error('The lab cannot delay packets: this kernel has no netem');
    if (line.mtuBlackHole || line.usersBlocked) throw new Error('The lab tells no packet by its size or its sender');
    const { oneWay, lossRatio, mate } = line;
    if (mate !== null) return this.reconcileEnds(line, mate);
    for (const remote of remotesOf(this.plan, path)) {
      const wanted: RemoteFaults = { gone: !line.peerUp, oneWay: oneWay || this.isOneWay(remote), lossRatio };
      const text = JSON.stringify(wanted);
      const known = this.faults.get(remote.name) ?? JSON.stringify(noFaults);
      this.faults.set(remote.name, text);
      if (known !== text) await setFaults(this.spaces, remote, wanted);
    }
  }

  /** What does not come back to one end is dropped by the gateway of the other as it leaves. */
  private async reconcileEnds(near: Tunnel, far: Tunnel): Promise<void> {
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      const gateway = [...this.gateways.values()].findLast(({ gatewayName }) => gatewayName === other.gateway);
      if (gateway === undefined) continue;
      const isFar = end === near;
      const wanted = { gone: isFar && !near.peerUp, oneWay: end.oneWay, lossRatio: isFar ? near.lossRatio : 0 };
      const text = JSON.stringify(wanted);
      const known = this.faults.get(gateway.namespace) ?? JSON.stringify(noFaults);
      this.faults.set(gateway.namespace, text);
      if (known !== text) await setFaults(this.spaces, { name: gateway.namespace }, wanted, true);
    }
  }

  /** One tunnel of two: the line itself passes both ways. */
  private isOneWay({ tunnels }: RemotePlan): boolean {
    return tunnels.some(({ gateway, publicIp }) => {
      const vpn = this.world.vpns.of(gateway);
      return vpn?.tunnels.some(({ outsideAddress, oneWay }) => outsideAddress === publicIp && oneWay) === true;
    });
  }

  private async reconcileMachine(machine: Machine): Promise<void> {
    const { id, life, daemonAlive } = machine;
    const condition: LinkCondition = machine.hung ? 'hung' : machine.booted ? 'up' : 'off';
    const gateway = this.gateways.get(id) ?? (await this.make(machine));
    const before = this.applied.get(id) ?? { condition: 'off' as const, daemonAlive: false, life: -1 };
    this.applied.set(id, { condition, daemonAlive, life });
    if (before.condition !== condition) await gateway.become(condition);
    if (condition !== 'up') return;
    const isBooted = before.condition !== 'up' || (before.life !== life && daemonAlive);
    if (isBooted || (daemonAlive && !before.daemonAlive)) await gateway.daemon.restart();
    else if (!daemonAlive && before.daemonAlive) await gateway.daemon.kill();
  }

  private async make({ id, roles }: Machine): Promise<LabGateway> {
    const { world, plan } = this;
    const home = world.vpc.interfaceOf(id);
    const place = plan.gateways.find(({ gateway }) => roles.includes(gateway.name));
    if (home === undefined || place === undefined) throw new Error(`Instance ${id} has no place in the lab`);
    const { privateAddress } = home;
    const number = this.gateways.size;
    const gateway = new LabGateway(this.spaces, plan, this.lab.runFolder, {
      instanceId: id,
      privateAddress,
      plan: place,
      number,
    });
    this.gateways.set(id, gateway);
    await gateway.build();
    await gateway.become('off');
    return gateway;
  }

  private async reconcileAddresses(): Promise<void> {
    const { world } = this;
    for (const { allocationId, interfaceId } of world.vpc.addresses.values()) {
      const holder = (interfaceId && world.vpc.interfaces.get(interfaceId)?.instanceId) || '';
      const before = this.holders.get(allocationId) ?? '';
      if (holder === before) continue;
      this.holders.set(allocationId, holder);
      await this.gateways.get(before)?.loseAddress();
      await this.gateways.get(holder)?.takeAddress();
    }
  }
}
