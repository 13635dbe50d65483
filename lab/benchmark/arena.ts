/**
 * A lab for other people's methods: the same network, gateways and users, and nobody in charge. A method watches from where
 * its authors put it, and moves the routes itself; AWS's part of that takes what the hop model draws, for all the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../../core/words/domain';
import { type HopName, Latencies } from '../../local-cloud/latency';
import { draw, randomStream } from '../../local-cloud/random';
import { measuredDurations } from '../../sim/network/durations';
import { attempt } from '../command';
import { LabGateway } from '../gateway';
import { Lab } from '../lab';
import { setFaults } from '../network';
import type { RemotePlan } from '../places';
import { gatewayPlanOf, planFor, type Routing, remoteOf, server, siteNetwork } from '../plan';
import { now } from '../real-time';

export type Fault = 'host-hung' | 'daemon-killed' | 'one-way';

/** What AWS takes, of one run. */
export class Hops {
  private readonly latencies: Latencies;
  private readonly effect;

  constructor(
    seed: number,
    private readonly withHops: boolean,
  ) {
    this.latencies = new Latencies(seed, { regime: withHops ? 'calm' : 'instant' });
    this.effect = randomStream(seed, 'benchmark/route effect');
  }

  async pass(...names: readonly HopName[]): Promise<void> {
    if (!this.withHops) return;
    for (const name of names) await sleep(this.latencies.draw(name));
  }

  /** A route write: the call, and until packets follow it. */
  async routeWrite(): Promise<void> {
    await this.pass('ec2Write');
    if (this.withHops) await sleep(draw(measuredDurations.routeEffect, this.effect));
  }
}

export class Arena {
  readonly gateways = new Map<string, LabGateway>();
  /** When each route move took effect, and to which path. */
  readonly moves: { readonly at: number; readonly path: string }[] = [];
  /** The path that carries users, where routes are moved by hand. */
  current: string;
  /** Users' next hop, where something else than a route write moves them; null: their table has no route at all. */
  nextHop: string | null | undefined;

  private constructor(
    readonly lab: Lab,
    readonly home: string,
    readonly standby: string,
  ) {
    this.current = home;
  }

  static async build(deployment: Deployment, routing: Routing = 'static'): Promise<Arena> {
    const plan = planFor(deployment, routing);
    const lab = await Lab.build(plan);
    const [set] = Object.values(plan.connection.routeSets);
    const home = set!.home;
    const standby = Object.keys(plan.connection.paths).find((path) => path !== home)!;
    const arena = new Arena(lab, home, standby);
    try {
      await arena.raise();
      return arena;
    } catch (error) {
      await lab.end();
      throw error;
    }
  }

  private async raise(): Promise<void> {
    const { lab } = this;
    for (const [number, plan] of lab.plan.gateways.entries()) {
      const { instanceId, privateAddress, name } = plan.gateway;
      const gateway = new LabGateway(lab.spaces, lab.plan, lab.runFolder, { instanceId, privateAddress, plan, number });
      this.gateways.set(name, gateway);
      await gateway.build();
      await gateway.takeAddress();
    }
    for (const canary of lab.plan.connection.canaries) {
      const path = canary.watches.kind === 'path' ? canary.watches.path : this.home;
      const host = lab.plan.hosts.find(({ subnetId }) => subnetId === canary.subnetId)!;
      await this.point(lab.plan.tables.get(host.tableId)!, path);
    }
    await this.settle();
  }

  /** As before any fault: both paths carry, users go home. A tunnel that was refused once is final: then once more. */
  async settle(triesMax = 3): Promise<void> {
    const { lab } = this;
    await Promise.all(
      [this.home, this.standby].map(async (path) => {
        await setFaults(lab.spaces, this.remoteOf(path), { gone: false, oneWay: false, lossRatio: 0 });
        const gateway = this.gatewayOf(path);
        await gateway.become('up');
        await gateway.daemon.restart();
      }),
    );
    await this.pointUsers(this.home);
    this.moves.length = 0;
    // With BGP nothing passes before the routers agree; the method waits for that.
    if (lab.plan.routing !== 'static') return;
    try {
      await lab.tunnelsUp();
    } catch (error) {
      if (triesMax === 1) throw error;
      await this.settle(triesMax - 1);
    }
  }

  gatewayOf(path: string): LabGateway {
    return this.gateways.get(this.lab.plan.connection.paths[path]!.gateway)!;
  }

  remoteOf(path: string): RemotePlan {
    return remoteOf(this.lab.plan, path);
  }

  /** The method decides: AWS's time passes, then packets follow. */
  async move(path: string, hops: Hops): Promise<void> {
    if (path === this.current) return;
    await hops.routeWrite();
    await this.pointUsers(path);
    this.moves.push({ at: now(), path });
  }

  /** The path that users' packets follow now, whoever decides; null: none. */
  async follows(): Promise<string | null> {
    const { spaces, plan } = this.lab;
    const users = plan.hosts.find(({ name }) => name === 'users')!;
    const ask = ['ip', 'route', 'get', server.address, 'from', users.address, 'iif', users.name];
    const { stdout } = await attempt(spaces.inside('vpc', ask));
    const via = / via (\S+)/.exec(stdout)?.[1] ?? '';
    for (const path of [this.home, this.standby]) {
      const addresses = await attempt(spaces.inside(this.gatewayOf(path).namespace, ['ip', '-br', '-4', 'addr']));
      if (addresses.stdout.includes(` ${via}/`)) return path;
    }
    return null;
  }

  async strike(fault: Fault, path: string): Promise<void> {
    if (fault === 'host-hung') return this.gatewayOf(path).become('hung');
    if (fault === 'daemon-killed') return this.gatewayOf(path).daemon.kill();
    return setFaults(this.lab.spaces, this.remoteOf(path), { gone: false, oneWay: true, lossRatio: 0 });
  }

  async lose(path: string, lossRatio: number): Promise<void> {
    await setFaults(this.lab.spaces, this.remoteOf(path), { gone: false, oneWay: false, lossRatio });
  }

  private async pointUsers(path: string): Promise<void> {
    const sets = Object.values(this.lab.plan.connection.routeSets);
    for (const table of new Set(sets.flatMap((set) => set.tables))) {
      const number = this.lab.plan.tables.get(table)!;
      if (this.nextHop === undefined) await this.point(number, path);
      else if (this.nextHop === null) await this.lab.spaces.ip('vpc', [`route flush table ${number}`]);
      else await this.lab.spaces.ip('vpc', [`route replace ${siteNetwork} via ${this.nextHop} table ${number}`]);
    }
    this.current = path;
  }

  /** Users follow this address from now on, or what routers agree on. */
  async giveUp(nextHop: string | null): Promise<void> {
    this.nextHop = nextHop;
    await this.pointUsers(this.home);
  }

  private async point(table: number, path: string): Promise<void> {
    const { privateAddress } = gatewayPlanOf(this.lab.plan, path).gateway;
    await this.lab.spaces.ip('vpc', [`route replace ${siteNetwork} via ${privateAddress} table ${table}`]);
  }
}
