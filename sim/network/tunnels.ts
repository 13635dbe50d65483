/**
 * The VPN tunnels, one or more per path (of a managed connection: the line to its partner, whichever tunnel AWS picks):
 * where they end on our side, what they do to packets, and over which path a
 * coupled peer answers.
 *
 * A tunnel is *established* by the gateway's daemon on the instance that holds the address the peer knows. It goes
 * down at once with that instance or daemon; when only the far end or the line is silent it goes after the dead-peer
 * time, so a short silence costs nothing but itself. One-way loss of data does neither: keys and probes pass.
 *
 * Of several tunnels of a path the first that is established carries everything, whether it passes packets or not: a
 * daemon does not look. The peer answers over the one that was asked.
 *
 * Coupled return: the peer answers everything over the tunnel established last (measured: all return traffic leaves
 * by the most recently installed CHILD_SA), in the beginning the home path's; after that one dies it needs its
 * dead-peer time to move to another.
 *
 * Where both ends are ours, each gateway holds the tunnel for itself: two entries, each the other's `mate`. They are
 * established together, by whichever daemon begins; when one gateway dies the other's entry outlives it by the
 * dead-peer time. Over which path answers come back is then the route tables' affair (across.ts), never coupled.
 */
import type { ConnectionName, PathName } from '../../core/words/domain';
import type { Instant } from '../../core/words/time';
import type { VirtualClock } from '../../local-cloud/clock';
import { draw, type Random } from '../../local-cloud/random';
import { type Durations, peerDpdMs } from './durations';

/** Of a connection with two ends of ours; what has one end is near. */
export type Side = 'near' | 'far';

export interface Tunnel {
  readonly connection: ConnectionName;
  readonly path: PathName;
  readonly side: Side;
  /** The same tunnel as the gateway at our other end holds it; null: its far end is the partner's. */
  mate: Tunnel | null;
  gateway: string;
  /** The connection's name in the gateway's own configuration. */
  name: string;
  /** Ends on this instance, or VPN connection; null: not established. */
  host: string | null;
  /** Of AWS's own: its tunnels come and go by themselves (managed-vpn.ts), and this with them. */
  readonly isManaged: boolean;
  establishedAt: Instant;
  peerUp: boolean;
  /** Data leaves, nothing comes back; IKE stays up. */
  oneWay: boolean;
  /** Of round trips, 0 to 1. */
  lossRatio: number;
  extraMs: number;
  /** The peer's end of this one tunnel is gone, and has said so; the path's others stay. */
  endGone: boolean;
  /** Since when what leaves by it is not answered; null: it is. */
  deafSince: Instant | null;
  /** Large packets vanish without a word; keys and small ones pass. */
  mtuBlackHole: boolean;
  /** Only canaries pinned to this path get an answer over it. */
  usersBlocked: boolean;
  /** An establishment or a dead-peer timer that is no longer wanted compares unequal. */
  attempt: number;
  establishing: string | null;
  fading: boolean;
}

/** What the tunnels need to know of the machines. */
export interface TunnelHosts {
  /** The instance that should end this gateway's tunnels: it holds the address, it is up, its daemon lives. */
  able(gateway: string): string | null;
  /** Is this instance's daemon alive and its system up, its zone aside? */
  lives(instanceId: string): boolean;
  /** Is its zone there? */
  reachable(instanceId: string): boolean;
}

/** The tunnels of one path: they end on this gateway, in the beginning on this instance. */
export interface PathTunnels {
  readonly side: Side;
  readonly gateway: string;
  readonly names: readonly string[];
  readonly isManaged: boolean;
  readonly host: string;
}

const asNew = {
  ...{
    peerUp: true,
    oneWay: false,
    lossRatio: 0,
    extraMs: 0,
    mtuBlackHole: false,
    usersBlocked: false,
    endGone: false,
  },
  ...{ deafSince: null, attempt: 0, establishing: null, fading: false },
};

const isLineUp = ({ peerUp, endGone, lossRatio }: Tunnel): boolean => peerUp && !endGone && lossRatio < 1;

/** Measured: what an attempt of a canary sends, and what comes back. */
const attemptBytes = 216;
const answerBytes = 155;

interface Return {
  readonly coupled: boolean;
  path: PathName;
  version: number;
}

export class Tunnels {
  readonly all: Tunnel[] = [];
  private readonly returns = new Map<ConnectionName, Return>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly durations: Durations,
    private readonly hosts: TunnelHosts,
    private readonly onChange: (what: string) => void,
  ) {}

  addConnection(connection: ConnectionName, coupled: boolean, home: PathName): void {
    if (!this.returns.has(connection)) this.returns.set(connection, { coupled, path: home, version: 0 });
  }

  /** Those that are there already lead over this gateway from now on, under these names. */
  add(connection: ConnectionName, path: PathName, { names, ...end }: PathTunnels): void {
    const known = this.ofPath(connection, path, end.side);
    for (const [i, name] of names.entries()) {
      if (known[i] !== undefined) Object.assign(known[i], { gateway: end.gateway, name });
      else this.all.push({ connection, path, name, ...end, mate: null, establishedAt: this.clock.now(), ...asNew });
    }
    for (const one of known.slice(names.length)) this.all.splice(this.all.indexOf(one), 1);
    const others = this.ofPath(connection, path, end.side === 'near' ? 'far' : 'near');
    for (const [i, tunnel] of this.ofPath(connection, path, end.side).entries()) {
      tunnel.mate = others[i] ?? null;
      if (tunnel.mate !== null) tunnel.mate.mate = tunnel;
    }
  }

  private ofPath(connection: ConnectionName, path: PathName, side: Side): Tunnel[] {
    return this.all.filter((each) => each.connection === connection && each.path === path && each.side === side);
  }

  /** The one that carries the path's traffic; where none is established, the first. */
  get(connection: ConnectionName, path: PathName, side: Side = 'near'): Tunnel {
    const ofPath = this.ofPath(connection, path, side);
    const found = ofPath.find(({ host }) => host !== null) ?? ofPath[0];
    if (found === undefined) throw new Error(`The simulated world has no path ${connection}/${path}`);
    return found;
  }

  /** The peer's end of one tunnel goes, and says so, or comes back; the path's other tunnels stay. */
  peerEnd(gateway: string, name: string, isThere: boolean): void {
    const found = this.all.find((each) => each.gateway === gateway && each.name === name);
    if (found === undefined) throw new Error(`Gateway ${gateway} has no tunnel ${name}`);
    found.endGone = !isThere;
    this.onChange(`the peer's end of ${name} is ${isThere ? 'there' : 'gone'}`);
    this.reconsider();
  }

  /** Does its daemon send what the path carries into this one? */
  carries = (tunnel: Tunnel): boolean =>
    tunnel.host !== null && this.get(tunnel.connection, tunnel.path, tunnel.side) === tunnel;

  /** The tunnel that carries the answer to what was sent over `sent`. */
  answering(sent: Tunnel): Tunnel {
    const way = this.returns.get(sent.connection)!;
    return way.coupled && way.path !== sent.path ? this.get(sent.connection, way.path) : sent;
  }

  /** Packets pass out through this tunnel, random loss aside. */
  carriesOut(tunnel: Tunnel): boolean {
    return this.keysPass(tunnel) && tunnel.mate?.oneWay !== true;
  }

  /** Both daemons hear each other; data may get through or not. */
  private keysPass(tunnel: Tunnel): boolean {
    if (tunnel.host === null || !this.hosts.reachable(tunnel.host) || !isLineUp(tunnel)) return false;
    const { mate } = tunnel;
    return mate === null || (mate.host !== null && this.ready(mate) === mate.host && this.hosts.lives(mate.host));
  }

  /** The machine that could end it now, at its own end; null: none, or it does not get through. */
  private ready(tunnel: Tunnel): string | null {
    const able = this.hosts.able(tunnel.gateway);
    return able !== null && this.hosts.reachable(able) && isLineUp(tunnel) ? able : null;
  }

  private isMateReady = ({ mate }: Tunnel): boolean => mate === null || this.ready(mate) !== null;

  carriesBack(tunnel: Tunnel): boolean {
    return this.carriesOut(tunnel) && !tunnel.oneWay;
  }

  /** In and out since it was established, as the daemon counts them: a canary's round every half second, and no more. */
  bytesOf(tunnel: Tunnel): readonly [bytesIn: number, bytesOut: number] {
    if (!this.carries(tunnel)) return [0, 0];
    const sentUntil = (until: Instant): number => Math.max(0, Math.floor((until - tunnel.establishedAt) / 500));
    const now = this.clock.now();
    return [answerBytes * sentUntil(tunnel.deafSince ?? now), attemptBytes * sentUntil(now)];
  }

  /** The daemon was told to take the tunnel down or a new CHILD_SA up; the peer is told, so its return moves at once. */
  terminate(tunnel: Tunnel): void {
    if (tunnel.host === null) return;
    this.drop(tunnel, `tunnel ${tunnel.path} is taken down`);
    if (tunnel.mate?.host != null) this.drop(tunnel.mate, `tunnel ${tunnel.path} is taken down by its other end`);
    this.moveReturn(tunnel.connection);
  }

  /** Establishes anew from `instanceId`, and so attracts a coupled return; false when the peer does not answer. */
  initiate(tunnel: Tunnel, instanceId: string): boolean {
    if (this.ready(tunnel) !== instanceId || !this.isMateReady(tunnel)) return false;
    this.establish(tunnel, instanceId);
    return true;
  }

  /** The machines or the line changed: what goes down goes down, what can come up starts to. */
  reconsider(daemonStarted = false): void {
    for (const tunnel of this.all) {
      const able = this.hosts.able(tunnel.gateway);
      if (tunnel.host !== null && (tunnel.host !== able || !this.hosts.lives(tunnel.host)))
        this.drop(tunnel, `tunnel ${tunnel.path} is down`);
      if (tunnel.host !== null && tunnel.endGone) this.terminate(tunnel);
      if (tunnel.isManaged) this.follow(tunnel, able);
      else if (tunnel.host !== null) this.watchLine(tunnel);
      else this.tryEstablish(tunnel, able, daemonStarted);
      tunnel.deafSince = this.carriesBack(tunnel) ? null : (tunnel.deafSince ?? this.clock.now());
    }
  }

  /** AWS's end has done all the waiting. */
  private follow(tunnel: Tunnel, able: string | null): void {
    if (tunnel.host === null && able !== null) this.establish(tunnel, able);
  }

  private tryEstablish(tunnel: Tunnel, able: string | null, daemonStarted: boolean): void {
    const possible = able !== null && this.hosts.reachable(able) && isLineUp(tunnel) && this.isMateReady(tunnel);
    const wanted = possible ? able : null;
    if (wanted === tunnel.establishing) return;
    tunnel.establishing = wanted;
    const attempt = ++tunnel.attempt;
    if (wanted === null) return;
    const lasts = daemonStarted ? this.durations.tunnelInitiate : this.durations.tunnelAfterBoot;
    this.clock.after(draw(lasts, this.random), `tunnel ${tunnel.connection}/${tunnel.path} establishes`, () => {
      if (tunnel.attempt === attempt) this.establish(tunnel, wanted);
    });
  }

  /** Nothing comes through though our daemon lives: the association dies after the dead-peer time. */
  private watchLine(tunnel: Tunnel): void {
    const silent = !this.keysPass(tunnel);
    if (silent === tunnel.fading) return;
    tunnel.fading = silent;
    const attempt = ++tunnel.attempt;
    if (!silent) return;
    this.clock.after(peerDpdMs, `dead-peer time of ${tunnel.connection}/${tunnel.path}`, () => {
      if (tunnel.attempt !== attempt || !tunnel.fading) return;
      this.drop(tunnel, `tunnel ${tunnel.path} is dead to its peer`);
      this.moveReturn(tunnel.connection);
    });
  }

  /** By one daemon, with the other's end of it. */
  private establish(tunnel: Tunnel, instanceId: string): void {
    const { mate } = tunnel;
    this.hold(tunnel, instanceId);
    if (mate !== null) this.hold(mate, this.ready(mate));
    for (const each of [tunnel, ...(mate === null ? [] : [mate])])
      each.deafSince = this.carriesBack(each) ? null : this.clock.now();
    const way = this.returns.get(tunnel.connection)!;
    way.version++;
    if (way.coupled) way.path = tunnel.path;
    this.onChange(`tunnel ${tunnel.path} is established`);
  }

  private hold(tunnel: Tunnel, host: string | null): void {
    Object.assign(tunnel, { host, establishedAt: this.clock.now(), establishing: null, fading: false });
    tunnel.attempt++;
  }

  private drop(tunnel: Tunnel, what: string): void {
    tunnel.host = null;
    tunnel.fading = false;
    tunnel.establishing = null;
    tunnel.attempt++;
    const way = this.returns.get(tunnel.connection)!;
    if (way.coupled && way.path === tunnel.path && this.get(tunnel.connection, tunnel.path).host === null) {
      const version = ++way.version;
      this.clock.after(peerDpdMs, `the peer of ${tunnel.connection} gives ${tunnel.path} up`, () => {
        if (way.version === version) this.moveReturn(tunnel.connection);
      });
    }
    this.onChange(what);
  }

  private moveReturn(connection: ConnectionName): void {
    const way = this.returns.get(connection)!;
    if (!way.coupled || this.get(connection, way.path).host !== null) return;
    const live = this.all.filter((each) => each.connection === connection && each.host !== null);
    const newest = live.reduce<Tunnel | null>(
      (a, b) => (a === null || b.establishedAt > a.establishedAt ? b : a),
      null,
    );
    if (newest === null) return;
    way.path = newest.path;
    way.version++;
    this.onChange(`the peer of ${connection} answers over ${newest.path}`);
  }
}
