/**
 * Makes the network what the local cloud says it is: routes take effect, instances boot, hang and stop, addresses move,
 * peers fail. Level triggered: at each change of the world everything is compared with what was applied, and the difference
 * is done, one after the other.
 *
 * The daemon's own life is the exception: what happens to a real daemon in a real shell is told back to the world.
 */

import type { Machine } from '../sim/network/instances';
import type { SimulatedCloud } from '../sim/simulated-cloud';
import type { PhysicalWorld } from '../sim/world';
import { LabGateway, type LinkCondition } from './gateway';
import type { Namespaces } from './namespaces';
import { type RemoteFaults, setFaults } from './network';
import { type LabPlan, remoteOf } from './plan';

interface Applied {
  readonly condition: LinkCondition;
  readonly daemonAlive: boolean;
  readonly life: number;
}

export class Mirror {
  readonly gateways = new Map<string, LabGateway>();
  private readonly applied = new Map<string, Applied>();
  private readonly routes = new Map<string, string>();
  private readonly holders = new Map<string, string>();
  private readonly faults = new Map<string, string>();
  private work: Promise<void> = Promise.resolve();
  private failure: unknown;

  constructor(
    private readonly spaces: Namespaces,
    private readonly plan: LabPlan,
    private readonly runFolder: string,
    private readonly world: PhysicalWorld,
    /** Every route that took effect, when it did. */
    private readonly onRoute: (table: string, destination: string, gateway: string | null) => void,
  ) {}

  /** From now on each change is followed. */
  static async over(
    { world }: Pick<SimulatedCloud, 'world'>,
    { spaces, plan, runFolder }: { spaces: Namespaces; plan: LabPlan; runFolder: string },
    onRoute: (table: string, destination: string, gateway: string | null) => void = () => {},
  ): Promise<Mirror> {
    const mirror = new Mirror(spaces, plan, runFolder, world, onRoute);
    world.onChange(() => mirror.follow());
    mirror.follow();
    await mirror.settled();
    return mirror;
  }

  /** Throws what went wrong in following, once. */
  async settled(): Promise<void> {
    await this.work;
    if (this.failure !== undefined) throw this.failure;
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
    for (const path of Object.keys(this.plan.connection.paths)) await this.reconcileFaults(path);
    for (const machine of this.world.instances.machines.values()) await this.reconcileMachine(machine);
    await this.reconcileAddresses();
  }

  private async reconcileRoutes(): Promise<void> {
    const { world, plan } = this;
    const written: (() => void)[] = [];
    const lines: string[] = [];
    for (const [tableId, number] of plan.tables) {
      for (const destination of world.routes.tables.get(tableId)?.entries.keys() ?? []) {
        const target = world.routes.forwarded(tableId, destination);
        const owner = target === null ? undefined : world.vpc.interfaces.get(target.id);
        const way = owner === undefined ? 'blackhole' : `via ${owner.privateAddress}`;
        const key = `${tableId} ${destination}`;
        if (this.routes.get(key) === way) continue;
        this.routes.set(key, way);
        lines.push(
          owner === undefined
            ? `route replace blackhole ${destination} table ${number}`
            : `route replace ${destination} ${way} table ${number}`,
        );
        const gateway = plan.gateways.find((one) => one.gateway.routeInterfaceId === target?.id);
        written.push(() => this.onRoute(tableId, destination, gateway?.gateway.name ?? null));
      }
    }
    if (lines.length === 0) return;
    await this.spaces.ip('vpc', lines);
    for (const tell of written) tell();
  }

  private async reconcileFaults(path: string): Promise<void> {
    const tunnel = this.world.tunnels.get(this.plan.connection.name, path);
    if (tunnel.extraMs > 0) throw new Error('The lab cannot delay packets: this kernel has no netem');
    if (tunnel.mtuBlackHole || tunnel.usersBlocked)
      throw new Error('The lab tells no packet by its size or its sender');
    const remote = remoteOf(this.plan, path);
    const wanted: RemoteFaults = { gone: !tunnel.peerUp, oneWay: tunnel.oneWay, lossRatio: tunnel.lossRatio };
    const text = JSON.stringify(wanted);
    const known = this.faults.get(path) ?? JSON.stringify({ gone: false, oneWay: false, lossRatio: 0 });
    this.faults.set(path, text);
    if (known !== text) await setFaults(this.spaces, remote, wanted);
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
    const gateway = new LabGateway(this.spaces, plan, this.runFolder, {
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
