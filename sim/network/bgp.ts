/**
 * BGP between gateways and a partner's routers, where a connection's answers come back by it: sessions across the tunnels,
 * what each speaker tells, and the path that the partner's site picks for what it sends to users.
 *
 *     gateway ── tunnel ── partner's gateway ── partner's site
 *        told ──────────────── hop ───────────── hop: picked
 *
 * A session lives while packets of any kind pass: data that is lost one way leaves it up. Silence ends it at each end by
 * that end's own timer; a tunnel that vanishes here ends ours at once, and the partner's still only by its timer. Without
 * its session a gateway has no way to the partner: it learns that over it.
 *
 * The subnet of a path's canary is announced by that path's gateway alone, so that answers to it come back the way they
 * were asked while their session stands. Everything else is announced by both, by the standby with its AS twice.
 *
 * Figures measured on real FRR (docs/BENCHMARK.md, and the lab this grew from): a dead peer is noticed after 22.8 to 28.6 s
 * with timers of 10 and 30 s, 0.83 to 1.0 s with BFD; a change takes 0.1 to 0.5 s a hop.
 */
import { watchesPath } from '../../core/words/canaries';
import type { Connection, ConnectionName, Deployment, PathName } from '../../core/words/domain';
import { instanceNamed } from '../../core/words/gateways';
import { heardBy } from '../../core/words/routing';
import { secondMs } from '../../core/words/time';
import type { VirtualClock } from '../../local-cloud/clock';
import type { Random } from '../../local-cloud/random';
import type { Durations } from './durations';
import { type RouteAttributes, SimulatedFrr } from './frr';
import type { Machine, SimulatedInstances } from './instances';
import { RouteServers } from './route-server';
import type { RouteTables } from './route-tables';
import type { Tunnel, Tunnels } from './tunnels';
import type { Vpc } from './vpc';

/** What the partner's routers are like: nobody here can see that from outside. */
export interface Partner {
  /** It prefers home by local-preference, and looks at no AS path. */
  readonly prefersHome: boolean;
}

interface Terrain {
  readonly clock: VirtualClock;
  /** As last deployed. */
  readonly deployment: Deployment;
  readonly tunnels: Tunnels;
  readonly instances: SimulatedInstances;
  readonly durations: Durations;
  readonly vpc: Vpc;
  readonly routes: RouteTables;
}

interface Session {
  readonly connection: ConnectionName;
  readonly path: PathName;
  /** The gateway's machine on which it stands, or stood last. */
  host: string | null;
  ours: 'up' | 'down';
  theirs: 'up' | 'down';
  /** What the partner's site knows of the networks behind it; null: no way there by this path. */
  heard: RouteAttributes | null;
  /** What it will know when the last change has come through. */
  coming: string;
  connecting: boolean;
  silent: boolean;
  /** A timer of an earlier state compares unequal. */
  version: number;
  count: { packets: number; since: number; rate: number };
}

export const holdMs = { timers: [22_800, 28_600], bfd: [830, 1_000] } as const;
export const hopMs = [100, 500] as const;
/** FRR after its start, or after the tunnel is there again: until it has tried anew. */
export const connectMs = [1_000, 6_000] as const;
/** Only BFD keeps to that. */
export const bfdWithinMs = 10 * secondMs;
/** Packets a second that answer users, and those that answer one canary that asks twice a second. */
const usersRate = 400;
const canaryRate = 8;
/** What every speaker here announces to its neighbours. */
const network = '10.0.0.0/16';

const keyOf = (connection: ConnectionName, path: PathName): string => `${connection}/${path}`;

export const isByBgp = (connection: Connection | undefined): boolean => connection?.routing?.back === 'bgp';

export class Bgp {
  private readonly sessions = new Map<string, Session>();
  /** By machine, as of one life of it; null: it has been started anew since. */
  private readonly speakers = new Map<string, { readonly life: number | null; readonly frr: SimulatedFrr }>();
  private readonly partners = new Map<ConnectionName, Partner>();
  /** Whom the same speakers tell inside the VPC. */
  readonly routeServers: RouteServers;

  constructor(
    private readonly terrain: Terrain,
    private readonly random: Random,
    private readonly onChange: (what: string) => void,
  ) {
    this.routeServers = new RouteServers(terrain, this, random);
  }

  /** At the beginning of time, and at a redeployment for what is new: sessions stand, and everybody has heard. */
  settle(): void {
    for (const connection of Object.values(this.terrain.deployment.connections)) {
      if (!isByBgp(connection)) continue;
      for (const path of Object.keys(connection.paths)) {
        if (this.sessions.has(keyOf(connection.name, path))) continue;
        const session = this.placed(connection.name, path);
        this.sessions.set(keyOf(connection.name, path), session);
        if (this.passageOf(this.terrain.tunnels.get(connection.name, path)) !== 'open') continue;
        Object.assign(session, { ours: 'up', theirs: 'up' });
        session.heard = this.told(session);
        session.coming = JSON.stringify(session.heard);
      }
    }
    this.recount();
    this.routeServers.settle();
  }

  private placed(connection: ConnectionName, path: PathName): Session {
    const { host } = this.terrain.tunnels.get(connection, path);
    return {
      ...{ connection, path, host, ours: 'down', theirs: 'down', heard: null, coming: 'null' },
      ...{ connecting: false, silent: false, version: 0 },
      count: { packets: 0, since: this.terrain.clock.now(), rate: 0 },
    };
  }

  /** The partner's routers are of this kind from now on. */
  partnerIs(connection: ConnectionName, partner: Partner): void {
    this.partners.set(connection, partner);
    this.recount();
    this.onChange(`the partner of ${connection} prefers ${partner.prefersHome ? 'home' : 'by AS path'}`);
  }

  /** Its BGP daemon starts anew, and speaks as the machine starts. */
  restartSpeaker(machine: Machine): void {
    const known = this.speakers.get(machine.id);
    if (known !== undefined) this.speakers.set(machine.id, { ...known, life: null });
    for (const session of this.on(machine.id)) this.close(session, `the speaker on ${machine.id} starts anew`);
    this.routeServers.restartSpeaker(machine);
    this.reconsider();
  }

  /** The FRR of this machine as it runs now; null: no speaker is declared for it. */
  frrOf(machine: Machine): SimulatedFrr | null {
    const { deployment } = this.terrain;
    const gateways = machine.roles.flatMap((name) => instanceNamed(deployment, name) ?? []);
    const speaker = gateways.find((gateway) => gateway.speaker !== undefined)?.speaker;
    if (speaker === undefined) return null;
    const known = this.speakers.get(machine.id);
    const { life } = machine;
    if (known?.life === life) return known.frr;
    const paths = this.pathsOver(machine);
    const second = paths.filter(({ connection, path }) => homeOf(connection) !== path.name);
    const told = ({ path }: (typeof paths)[number]): readonly string[] => heardBy(path.neighbor!);
    const isFirst = known === undefined && machine.launchedAt < this.terrain.clock.now() - 3_600 * secondMs;
    const boot = {
      as: speaker.as,
      neighbors: paths.flatMap(told),
      inside: paths.flatMap(({ path }) => path.neighbor!.inside ?? []),
      isSecondTo: second.flatMap(told),
      isDrained: speaker.startsDrained && !isFirst,
    };
    const frr = new SimulatedFrr(boot, {
      isEstablished: (neighbor) =>
        this.sessionTo(machine, neighbor)?.ours === 'up' || this.routeServers.isEstablished(machine, neighbor),
      announced: (neighbor) => this.announcedTo(machine, neighbor),
      changed: () => this.reconsider(),
    });
    this.speakers.set(machine.id, { life, frr });
    return frr;
  }

  /** Our network to a partner; to a Route Server what has been learned from its partner. */
  private announcedTo(machine: Machine, neighbor: string): readonly string[] {
    const led = this.pathsOver(machine).find(({ path }) => path.neighbor!.inside?.includes(neighbor));
    if (led === undefined) return [network];
    const { connection, path } = led;
    if (!this.isLearned(connection.name, path.name)) return [];
    return [...new Set(Object.values(connection.routeSets).flatMap(({ destinations }) => destinations))];
  }

  private pathsOver(machine: Machine) {
    return Object.values(this.terrain.deployment.connections).flatMap((connection) =>
      Object.values(connection.paths)
        .filter(({ gateway, neighbor }) => machine.roles.includes(gateway) && neighbor !== undefined)
        .map((path) => ({ connection, path })),
    );
  }

  private pathTo(machine: Machine, neighbor: string) {
    return this.pathsOver(machine).find(({ path }) => path.neighbor!.across === neighbor);
  }

  /** The tunnel behind which this neighbour is, seen from the machine; null: no packet gets into it here. */
  tunnelTo(machine: Machine, neighbor: string): Tunnel | null {
    const found = this.pathTo(machine, neighbor);
    if (found === undefined) return null;
    const tunnel = this.terrain.tunnels.get(found.connection.name, found.path.name);
    return tunnel.host === machine.id ? tunnel : null;
  }

  private sessionTo(machine: Machine, neighbor: string): Session | undefined {
    const found = this.pathTo(machine, neighbor);
    const session = found && this.sessions.get(keyOf(found.connection.name, found.path.name));
    return session?.host === machine.id ? session : undefined;
  }

  private *on(machineId: string): Iterable<Session> {
    for (const session of this.sessions.values()) if (session.host === machineId) yield session;
  }

  // What packets ask.

  /** Does the gateway know a way to the partner by this path? */
  isLearned(connection: ConnectionName, path: PathName): boolean {
    return this.sessions.get(keyOf(connection, path))?.ours === 'up';
  }

  /** The path by which the partner's site answers users; null: it has no way to them. */
  answersOver(connection: ConnectionName): PathName | null {
    const prefersHome = this.partners.get(connection)?.prefersHome === true;
    const whole = this.terrain.deployment.connections[connection]!;
    const worth = ({ path, heard }: Session): readonly number[] => {
      const isShutting = heard!.communities.includes('graceful-shutdown');
      const localPreference = isShutting ? 0 : prefersHome && path === homeOf(whole) ? 200 : 100;
      return [-localPreference, heard!.asPath.length];
    };
    const heard = Object.keys(whole.paths).flatMap((path) => this.sessions.get(keyOf(connection, path)) ?? []);
    const known = heard.filter((session) => session.heard !== null);
    // MED is compared between ways through one neighbouring AS only, and here each path has its own.
    const [best] = [...known].sort((a, b) => compared(worth(a), worth(b)));
    return best?.path ?? null;
  }

  /** Has the partner's site heard of this path, and not as of one that is drained? */
  isAdvertised(connection: ConnectionName, path: PathName): boolean {
    const heard = this.sessions.get(keyOf(connection, path))?.heard;
    return heard != null && heard.med === 0;
  }

  /** Has it heard of this path, as of one that is drained? */
  isDrained(connection: ConnectionName, path: PathName): boolean {
    const heard = this.sessions.get(keyOf(connection, path))?.heard;
    return heard != null && heard.med !== 0;
  }

  /** The path by which it answers the canary of `path`. */
  answersCanary(connection: ConnectionName, path: PathName): PathName | null {
    const isHeard = this.sessions.get(keyOf(connection, path))?.heard != null;
    return isHeard ? path : this.answersOver(connection);
  }

  /** Packets that have come in through the tunnel to this neighbour since the machine was known. */
  receivedFrom(machine: Machine, neighbor: string): number {
    this.recount();
    const { packets = 0 } = this.sessionTo(machine, neighbor)?.count ?? {};
    return Math.floor(packets);
  }

  // What changes it.

  /** Machines, tunnels or what a speaker tells has changed. */
  reconsider(): void {
    for (const session of this.sessions.values()) {
      const tunnel = this.terrain.tunnels.get(session.connection, session.path);
      // Its tunnel vanished there, or ends on another machine: FRR ends the session with the device.
      if (session.ours === 'up' && tunnel.host !== session.host) session.ours = 'down';
      const passage = this.passageOf(tunnel);
      const isUp = session.ours === 'up' && session.theirs === 'up';
      if (passage !== 'open') this.forgetConnecting(session);
      if (passage === 'shut') this.close(session, `the session over ${session.path} is shut`);
      else if (passage === 'open' && !isUp) this.connect(session);
      else this.awaitSilence(session, passage === 'none' && (session.ours === 'up' || session.theirs === 'up'));
      this.spread(session, passage === 'open');
    }
    this.recount();
    this.routeServers.reconsider();
  }

  /** Do packets of the session pass? Data that is lost one way does not count. */
  private passageOf({ host, connection, path }: Tunnel): 'open' | 'shut' | 'none' {
    const { terrain } = this;
    const machine = host === null ? undefined : terrain.instances.machines.get(host);
    const passes = terrain.tunnels.carriesOut(terrain.tunnels.get(connection, path));
    const frr = machine !== undefined && passes && terrain.instances.answers(machine) ? this.frrOf(machine) : null;
    if (frr === null) return 'none';
    return frr.isShut(this.neighborOf(connection, path)) ? 'shut' : 'open';
  }

  private neighborOf(connection: ConnectionName, path: PathName): string {
    return this.terrain.deployment.connections[connection]!.paths[path]!.neighbor!.across;
  }

  private awaitSilence(session: Session, isSilent: boolean): void {
    if (session.silent === isSilent) return;
    session.silent = isSilent;
    const version = ++session.version;
    if (!isSilent) return;
    const isFast = this.terrain.deployment.connections[session.connection]!.routing!.convergeWithinMs <= bfdWithinMs;
    const lasts = this.between(isFast ? holdMs.bfd : holdMs.timers);
    this.terrain.clock.after(lasts, `hold time of ${session.connection}/${session.path}`, () => {
      if (session.version !== version) return;
      session.silent = false;
      this.close(session, `the session over ${session.path} is dead to its partner`);
      this.reconsider();
    });
  }

  private connect(session: Session): void {
    if (session.connecting) return;
    session.connecting = true;
    session.silent = false;
    const version = ++session.version;
    this.terrain.clock.after(this.between(connectMs), `session over ${session.connection}/${session.path}`, () => {
      if (session.version !== version) return;
      const { host } = this.terrain.tunnels.get(session.connection, session.path);
      Object.assign(session, { connecting: false, ours: 'up', theirs: 'up', host, coming: '' });
      this.onChange(`BGP over ${session.path} is established`);
      this.reconsider();
    });
  }

  private forgetConnecting(session: Session): void {
    if (!session.connecting) return;
    session.connecting = false;
    session.version++;
  }

  /** At both ends: told, or timed out. */
  private close(session: Session, what: string): void {
    if (session.ours === 'down' && session.theirs === 'down') return;
    this.forgetConnecting(session);
    Object.assign(session, { ours: 'down', theirs: 'down', silent: false });
    session.version++;
    this.onChange(what);
    this.spread(session, false);
  }

  /** What the partner's site should hear is another than what is on its way: it comes through, hop by hop. */
  private spread(session: Session, isOpen: boolean): void {
    const isTold = isOpen && session.ours === 'up';
    const next = session.theirs === 'down' ? null : isTold ? this.told(session) : session.heard;
    const coming = JSON.stringify(next);
    if (coming === session.coming) return;
    session.coming = coming;
    const hops = this.between(hopMs) + this.between(hopMs);
    this.terrain.clock.after(hops, `${session.connection}/${session.path} is announced`, () => {
      if (session.coming !== coming) return;
      const before = this.answersOver(session.connection);
      session.heard = next;
      this.recount();
      const after = this.answersOver(session.connection);
      if (before !== after) this.onChange(`the partner of ${session.connection} answers over ${after ?? 'nothing'}`);
    });
  }

  private told({ connection, path, host }: Session): RouteAttributes | null {
    const machine = host === null ? undefined : this.terrain.instances.machines.get(host);
    return (machine && this.frrOf(machine)?.tells(this.neighborOf(connection, path))) ?? null;
  }

  /** Counters run on at the rate of the moment. */
  private recount(): void {
    const now = this.terrain.clock.now();
    for (const session of this.sessions.values()) {
      const { count } = session;
      count.packets += (count.rate * (now - count.since)) / secondMs;
      count.since = now;
      count.rate = this.rateOf(session);
    }
  }

  private rateOf({ connection, path, heard }: Session): number {
    const { tunnels, deployment } = this.terrain;
    if (!tunnels.carriesBack(tunnels.get(connection, path))) return 0;
    const canaries = deployment.connections[connection]!.canaries.filter(watchesPath(path));
    const users = this.answersOver(connection) === path ? usersRate : 0;
    return users + (heard === null ? 0 : canaryRate * canaries.length);
  }

  private between([least, most]: readonly [number, number]): number {
    return Math.round(least + (most - least) * this.random.next());
  }
}

/** The path that the owner prefers by its speakers' standing policy. */
const homeOf = ({ routeSets }: Connection): PathName | undefined => Object.values(routeSets)[0]?.home;

const compared = (a: readonly number[], b: readonly number[]): number =>
  a.map((one, i) => one - b[i]!).find((difference) => difference !== 0) ?? 0;
