/**
 * Route Servers: what gateways of ours tell their endpoints, the one path that each picks of it, and the routes that it then
 * puts into the tables of the VPC.
 *
 *     gateway ── endpoint ──── hop: heard ──── picked ──── table, after an installation time of its own
 *
 * A session stands between an endpoint and an address: whichever machine has that is the peer. It is given up as the partner's
 * are (bgp.ts), after 22.8 to 28.6 s or, with BFD, 0.83 to 1.0 s of silence. What is heard is compared by the length of the AS
 * path, then by MED; there is one route for a network, never two. What a gateway has not learned from its partner it tells
 * nobody. Routes are not persisted: with the last session gone they are gone.
 *
 * How long a route takes to be installed is an estimate; nobody here has had an account to see it in.
 */
import type { Connection, ConnectionName, Deployment, PathName, RouteTarget } from '../../core/words/domain';
import { instanceNamed } from '../../core/words/gateways';
import { isMovedByNetwork } from '../../core/words/routing';
import type { VirtualClock } from '../../local-cloud/clock';
import { draw, type Random } from '../../local-cloud/random';
import { type Bgp, bfdWithinMs, connectMs, holdMs, hopMs } from './bgp';
import type { Durations } from './durations';
import type { RouteAttributes } from './frr';
import type { Machine, SimulatedInstances } from './instances';
import type { RouteTables } from './route-tables';
import type { Vpc } from './vpc';

interface Terrain {
  readonly clock: VirtualClock;
  /** As last deployed. */
  readonly deployment: Deployment;
  readonly durations: Durations;
  readonly instances: SimulatedInstances;
  readonly vpc: Vpc;
  readonly routes: RouteTables;
}

interface Peer {
  readonly connection: ConnectionName;
  readonly path: PathName;
  readonly endpoint: string;
  isUp: boolean;
  connecting: boolean;
  silent: boolean;
  /** A timer of an earlier state compares unequal. */
  version: number;
  heard: RouteAttributes | null;
  /** What it will have heard when the last change has come through. */
  coming: string;
}

/** A route that a Route Server has put into a table, or will. */
interface Installed {
  wanted: string;
  attempt: number;
}

export class RouteServers {
  private readonly peers: Peer[] = [];
  /** By table and destination. */
  private readonly installed = new Map<string, Installed>();

  constructor(
    private readonly terrain: Terrain,
    private readonly bgp: Bgp,
    private readonly random: Random,
  ) {}

  /** At the beginning of time, and at a redeployment for what is new: sessions stand, and routes are installed. */
  settle(): void {
    for (const connection of this.led())
      for (const { name: path, neighbor } of Object.values(connection.paths))
        for (const endpoint of neighbor?.inside ?? []) this.settlePeer(connection.name, path, endpoint);
    for (const connection of this.led()) this.install(connection, () => 0);
  }

  private settlePeer(connection: ConnectionName, path: PathName, endpoint: string): void {
    const is = (one: Peer): boolean => one.connection === connection && one.path === path && one.endpoint === endpoint;
    if (this.peers.some(is)) return;
    const state = { isUp: false, connecting: false, silent: false, version: 0, heard: null, coming: 'null' };
    const peer: Peer = { connection, path, endpoint, ...state };
    this.peers.push(peer);
    if (this.speaking(peer) === null) return;
    peer.isUp = true;
    peer.heard = this.told(peer);
    peer.coming = JSON.stringify(peer.heard);
  }

  private led(): Connection[] {
    return Object.values(this.terrain.deployment.connections).filter(isMovedByNetwork);
  }

  // What is asked.

  /** Does the session between this machine and an endpoint stand? */
  isEstablished(machine: Machine, endpoint: string): boolean {
    return this.peers.some((peer) => peer.endpoint === endpoint && peer.isUp && this.machineOf(peer) === machine);
  }

  /** The path that the Route Server of this connection has picked; null: it has heard of none. */
  picked(connection: ConnectionName): PathName | null {
    const heard = this.peers.filter((peer) => peer.connection === connection && peer.isUp && peer.heard !== null);
    const [best] = [...heard].sort(
      (a, b) => a.heard!.asPath.length - b.heard!.asPath.length || a.heard!.med - b.heard!.med,
    );
    return best?.path ?? null;
  }

  // What changes it.

  /** The BGP daemon on this machine starts anew, and says so. */
  restartSpeaker(machine: Machine): void {
    for (const peer of this.peers) if (this.machineOf(peer) === machine) this.close(peer);
    this.reconsider();
  }

  /** Machines, addresses or what a speaker tells has changed. */
  reconsider(): void {
    for (const peer of this.peers) {
      const isHeard = this.speaking(peer) !== null;
      if (isHeard && !peer.isUp) this.connect(peer);
      if (!isHeard && peer.connecting) Object.assign(peer, { connecting: false, version: peer.version + 1 });
      this.awaitSilence(peer, !isHeard && peer.isUp);
      this.spread(peer, isHeard);
    }
    for (const connection of this.led())
      this.install(connection, () => draw(this.terrain.durations.routeServerInstall, this.random));
  }

  /** Whoever has the address to which the endpoint speaks. */
  private machineOf({ connection, path }: Peer): Machine | undefined {
    const { deployment, vpc, instances } = this.terrain;
    const gateway = instanceNamed(deployment, deployment.connections[connection]?.paths[path]?.gateway ?? '');
    if (gateway === undefined) return undefined;
    const found = vpc.interfaceAt(gateway.secondaryAddress ?? gateway.privateAddress, gateway.vpcId);
    return instances.machines.get(found?.instanceId ?? '');
  }

  /** The machine whose FRR is heard now; null: there is silence. */
  private speaking(peer: Peer): Machine | null {
    const machine = this.machineOf(peer);
    if (machine === undefined || !this.terrain.instances.answers(machine)) return null;
    return this.bgp.frrOf(machine) === null ? null : machine;
  }

  private connect(peer: Peer): void {
    if (peer.connecting) return;
    peer.connecting = true;
    const version = ++peer.version;
    this.terrain.clock.after(this.between(connectMs), `session of ${peer.path} with ${peer.endpoint}`, () => {
      if (peer.version !== version) return;
      Object.assign(peer, { connecting: false, isUp: true, silent: false, coming: '' });
      this.reconsider();
    });
  }

  private awaitSilence(peer: Peer, isSilent: boolean): void {
    if (peer.silent === isSilent) return;
    peer.silent = isSilent;
    const version = ++peer.version;
    if (!isSilent) return;
    const { convergeWithinMs } = this.terrain.deployment.connections[peer.connection]!.routing!;
    const lasts = this.between(convergeWithinMs <= bfdWithinMs ? holdMs.bfd : holdMs.timers);
    this.terrain.clock.after(lasts, `hold time of ${peer.path} with ${peer.endpoint}`, () => {
      if (peer.version !== version) return;
      this.close(peer);
      this.reconsider();
    });
  }

  private close(peer: Peer): void {
    Object.assign(peer, { isUp: false, connecting: false, silent: false, heard: null, coming: 'null' });
    peer.version++;
  }

  /** What it should have heard is another than what is on its way. */
  private spread(peer: Peer, isHeard: boolean): void {
    if (!peer.isUp || !isHeard) return;
    const next = this.told(peer);
    const coming = JSON.stringify(next);
    if (coming === peer.coming) return;
    peer.coming = coming;
    this.terrain.clock.after(this.between(hopMs), `${peer.path} is told to ${peer.endpoint}`, () => {
      if (peer.coming !== coming || !peer.isUp) return;
      peer.heard = next;
      this.reconsider();
    });
  }

  /** Nothing of a network that the gateway has not learned. */
  private told(peer: Peer): RouteAttributes | null {
    const machine = this.speaking(peer);
    if (machine === null || !this.bgp.isLearned(peer.connection, peer.path)) return null;
    return this.bgp.frrOf(machine)?.tells(peer.endpoint) ?? null;
  }

  private install(connection: Connection, lastsMs: () => number): void {
    const picked = this.picked(connection.name);
    const target = picked === null ? null : this.targetOf(connection, picked);
    const wanted = JSON.stringify(target);
    for (const { tables, destinations } of Object.values(connection.routeSets))
      for (const table of tables)
        for (const destination of destinations) this.put(table, destination, { target, wanted, lastsMs: lastsMs() });
  }

  private put(
    table: string,
    destination: string,
    { target, wanted, lastsMs }: { target: RouteTarget | null; wanted: string; lastsMs: number },
  ): void {
    const key = `${table} ${destination}`;
    const route = this.installed.get(key) ?? { wanted: 'null', attempt: 0 };
    this.installed.set(key, route);
    if (route.wanted === wanted) return;
    route.wanted = wanted;
    const attempt = ++route.attempt;
    const put = (): void => {
      if (route.attempt !== attempt) return;
      this.terrain.routes.propagate(table, destination, target);
    };
    if (lastsMs === 0) put();
    else this.terrain.clock.after(lastsMs, `the Route Server installs ${key}`, put);
  }

  /** The interface that has the peer's address, which is the next hop it tells. */
  private targetOf({ name, paths }: Connection, path: PathName): RouteTarget | null {
    const { deployment, vpc } = this.terrain;
    const gateway = instanceNamed(deployment, paths[path]!.gateway)!;
    const found = vpc.interfaceAt(gateway.secondaryAddress ?? gateway.privateAddress, gateway.vpcId);
    if (found === undefined)
      throw new Error(`Nobody has the address of ${gateway.name}, to which ${name}/${path} leads`);
    return { kind: 'network-interface', id: found.id };
  }

  private between([least, most]: readonly [number, number]): number {
    return Math.round(least + (most - least) * this.random.next());
  }
}
