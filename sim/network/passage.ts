/**
 * Where one packet goes and whether its answer comes back: subnet, table, route, interface, instance, tunnel, peer,
 * the tunnel the peer answers over, and home.
 *
 * Random loss is drawn per tunnel from its own stream. `passes` is the same question without luck: users are served
 * unless loss is total. An MTU black hole swallows what is large, and only UDP and HTTP carry anything large.
 */
import type { Connection, ConnectionName, Deployment, PathName, RouteSet, RouteTarget } from '../../core/words/domain';
import type { Policy } from '../../core/words/policy';
import type { Attempt, AttemptResult } from '../../functions/world';
import type { Random } from '../../local-cloud/random';
import { httpRoundTrips } from '../../local-cloud/world-port';
import { Across, type Way } from './across';
import { type Bgp, isByBgp } from './bgp';
import { baseRttMs } from './durations';
import type { SimulatedInstances } from './instances';
import type { ManagedVpns, TunnelPair } from './managed-vpn';
import { prefixBits } from './prefix';
import type { RouteTables } from './route-tables';
import { samplesOf } from './samples';
import type { TransitGateways } from './transit-gateway';
import type { Tunnel, Tunnels } from './tunnels';
import type { Vpc } from './vpc';

/** What a packet meets on its way. */
interface Terrain {
  /** As last deployed. */
  readonly deployment: Deployment;
  readonly vpc: Vpc;
  readonly instances: SimulatedInstances;
  readonly routes: RouteTables;
  readonly tunnels: Tunnels;
  readonly bgp: Bgp;
  readonly vpns: ManagedVpns;
  readonly transit: TransitGateways;
  zoneIsUp(zone: string): boolean;
  isCutOff(subnetId: string): boolean;
}

/** Who has this address on the far side. */
interface Holders {
  readonly holding: readonly Connection[];
  readonly lists: ReadonlySet<string>;
}

export interface Hardship {
  /** Of round trips. */
  readonly lossRatio: number;
  readonly extraMs: number;
  readonly mtuBlackHole: boolean;
  readonly usersBlocked: boolean;
}

/** A tunnel's loss is of round trips; a way over two tunnels takes half of each. */
const hardshipOf = ({ out, back }: Way): Hardship => ({
  lossRatio: 1 - Math.sqrt((1 - out.lossRatio) * (1 - back.lossRatio)),
  extraMs: (out.extraMs + back.extraMs) / 2,
  mtuBlackHole: out.mtuBlackHole || back.mtuBlackHole,
  usersBlocked: out.usersBlocked,
});

/** Nothing this size is lost to headers alone, and no probe of a round comes near it. */
const largeBytesMin = 1_200;

const silence: AttemptResult = { answered: false, refused: false, rttMs: 0 };
/** A VPC's list holds what its connection aims at, and nobody knows by how long a block: the shortest there is. */
const unknownListBits = 0.5;
/** The port a gateway listens on; any other is refused by its kernel, which proves as much. */
const sshPort = 22;

export class Passage {
  private readonly luck = new Map<string, Random>();
  private readonly jitter: Random;
  private readonly across: Across;
  /** What answers in the VPC by itself: control targets are all we know of that. */
  private controls: ReadonlySet<string> = new Set();
  /** Where canaries stand that test one path. */
  private pinned: ReadonlySet<string> = new Set();

  /** By address, until the next deployment: asked for at every packet. */
  private readonly holders = new Map<string, Holders>();

  constructor(
    private readonly terrain: Terrain,
    private readonly stream: (purpose: string) => Random,
  ) {
    this.jitter = stream('rtt');
    this.across = new Across(terrain);
    this.redeployed();
  }

  /** A new deployment may place canaries elsewhere, and aim them at other addresses. */
  redeployed(): void {
    this.holders.clear();
    const canaries = Object.values(this.terrain.deployment.connections).flatMap((connection) => connection.canaries);
    this.controls = new Set(canaries.flatMap(({ controlTarget }) => (controlTarget ? [controlTarget.address] : [])));
    const ofPaths = canaries.filter(({ watches }) => watches.kind === 'path');
    this.pinned = new Set(ofPaths.map(({ subnetId }) => subnetId));
  }

  attempt(subnetId: string, zone: string, to: Attempt): AttemptResult {
    if (!this.terrain.zoneIsUp(zone)) return silence;
    if (this.terrain.isCutOff(subnetId)) return silence;
    if (this.controls.has(to.address)) return { answered: true, refused: false, rttMs: this.jitter.lognormal(1, 3) };
    const local = this.terrain.vpc.interfaceAt(to.address, this.terrain.vpc.subnets.get(subnetId)?.vpcId);
    return local === undefined ? this.overTunnel(subnetId, to) : this.inVpc(local.instanceId, to);
  }

  /** Do users of this set get their answers right now? What the other end's set forwards says how answers come back. */
  serves(connection: Connection, set: RouteSet): boolean {
    const twin = set.twin === undefined ? undefined : connection.routeSets[set.twin];
    return [set, ...(twin === undefined ? [] : [twin])].every(({ tables, destinations }) =>
      tables.every((table) => destinations.every((destination) => this.served(connection, table, destination))),
    );
  }

  /** Of this listed destination, whichever routes their packets take right now. */
  private served(connection: Connection, tableId: string, destination: string): boolean {
    const { routes, transit } = this.terrain;
    const blocks = transit.prefixLists.get(destination);
    if (blocks !== undefined && transit.tables.has(tableId))
      return blocks
        .filter((block) => this.isOurBlock(connection, tableId, block))
        .every((block) => this.served(connection, tableId, block));
    const exact = routes.forwarded(tableId, destination);
    const longer = routes.longerThan(tableId, destination);
    if (exact !== null && longer.length === 0) return this.passes(connection.name, exact);
    const aimedAt = aimsOf(connection).filter(
      (address) => destination.startsWith('pl-') || prefixBits(destination, address) >= 0,
    );
    const ours = longer.filter((block) => this.isOurs(tableId, block, aimedAt));
    const samples = samplesOf(destination, longer, ours, aimedAt);
    if (samples.length === 0) return this.passes(connection.name, exact);
    return samples.every((address) => this.passes(connection.name, this.leadsTo(connection, tableId, address)));
  }

  /** A static route for just this block takes it out of the list; whose it is then is asked as of longer ones. */
  private isOurBlock(connection: Connection, tableId: string, block: string): boolean {
    const aimedAt = aimsOf(connection).filter((address) => prefixBits(block, address) >= 0);
    return this.terrain.routes.forwarded(tableId, block) === null || this.isOurs(tableId, block, aimedAt);
  }

  /** Listed ones are another set's affair; those into another network are nobody's, unless a canary aims there. */
  private isOurs(tableId: string, block: string, aimedAt: readonly string[]): boolean {
    const { deployment, routes, transit } = this.terrain;
    const sets = Object.values(deployment.connections).flatMap(({ routeSets }) => Object.values(routeSets));
    if (sets.some(({ tables, destinations }) => tables.includes(tableId) && destinations.includes(block))) return false;
    if (this.isPin(tableId, block)) return false;
    const target = routes.forwarded(tableId, block);
    const isElsewhere = target?.kind !== 'network-interface' && transit.vpnsBehind(target).length === 0;
    return !isElsewhere || aimedAt.some((address) => prefixBits(block, address) >= 0);
  }

  /** A path canary's own host route: nobody else sends there. */
  private isPin(tableId: string, block: string): boolean {
    const canaries = Object.values(this.terrain.deployment.connections).flatMap((connection) => connection.canaries);
    return canaries.some(
      ({ routeTableId, targets }) =>
        routeTableId === tableId && targets.some(({ address }) => `${address}/32` === block),
    );
  }

  /** Where a packet from this table goes; a prefix list holds what this connection's canaries aim at. */
  private leadsTo(connection: Connection, tableId: string, address: string): RouteTarget | null {
    const { routes, transit } = this.terrain;
    if (transit.tables.has(tableId)) return routes.lookup(tableId, address, transit.bitsOf);
    const listed = destinationsOf(connection);
    return routes.lookup(tableId, address, (list) => (listed.includes(list) ? unknownListBits : -1));
  }

  /**
   * Does users' traffic of this connection, sent to this target, pass right now? Both ways, where answers come as the
   * partner likes; where both ends are ours, only to the other end, from which answers come by its own routes.
   */
  passes(connection: ConnectionName, target: RouteTarget | null): boolean {
    const line = this.lineTo(connection, target);
    if (line === null || line.usersBlocked) return false;
    return line.mate === null ? this.wayOn(line, false) !== null : this.across.arrives(line);
  }

  /**
   * What that traffic suffers on the path itself, over whichever tunnel its answers come back; null: nothing passes.
   * Where a speaker's order says by which path answers come, that is this one.
   */
  hardship(connection: ConnectionName, target: RouteTarget | null): Hardship | null {
    const line = this.lineTo(connection, target);
    if (line === null) return null;
    const way = line.mate === null ? this.wayOn(line, true) : this.across.roundTrip(line);
    return way === null ? null : hardshipOf(way);
  }

  private inVpc(instanceId: string | null, { port, protocol = 'tcp' }: Attempt): AttemptResult {
    const machine = instanceId === null ? undefined : this.terrain.instances.machines.get(instanceId);
    if (machine === undefined || !this.terrain.instances.answers(machine)) return silence;
    return saidBy(port, protocol, this.jitter.lognormal(1, 3));
  }

  private overTunnel(subnetId: string, to: Attempt): AttemptResult {
    const { address } = to;
    const { vpc, routes } = this.terrain;
    const tableId = vpc.subnets.get(subnetId)?.routeTableId;
    if (tableId == null) throw new Error(`Subnet ${subnetId} has no route table in the simulated VPC`);
    const { holding, lists } = this.holdersOf(address);
    const listBits = (list: string): number => (lists.has(list) ? unknownListBits : -1);
    const target = this.throughTransit(tableId, routes.lookup(tableId, address, listBits), address);
    for (const connection of holding) {
      const out = this.lineTo(connection.name, target);
      if (out === null) continue;
      const way = out.mate === null ? this.wayOn(out, this.pinned.has(subnetId)) : this.wayAcross(out, address);
      const isTurnedAway = way?.out.usersBlocked === true && !this.pinned.has(subnetId);
      const result = way === null || isTurnedAway ? silence : this.roundTrip(way, to);
      this.countBytes(out, to, result);
      if (way !== null) return result;
    }
    return silence;
  }

  /** To an address of our other end; what its route table says of the asker is what it says of the asker's network. */
  private wayAcross(out: Tunnel, address: string): Way | null {
    const { ends } = this.terrain.deployment.connections[out.connection]!;
    const end = out.side === 'near' ? ends?.[0] : ends?.[1];
    return this.across.way(out, address, end, ({ tables, destinations }) =>
      this.lineTo(out.connection, this.terrain.routes.forwarded(tables[0]!, destinations[0]!)),
    );
  }

  /** The connections whose far side holds the address, and all that they list. */
  private holdersOf(address: string): Holders {
    const known = this.holders.get(address);
    if (known !== undefined) return known;
    const holding = Object.values(this.terrain.deployment.connections).filter((each) => reaches(each, address));
    const made = { holding, lists: new Set(holding.flatMap(destinationsOf)) };
    this.holders.set(address, made);
    return made;
  }

  /** A transit gateway asks a table of its own, where one is associated with the VPC. */
  private throughTransit(tableId: string, target: RouteTarget | null, address: string): RouteTarget | null {
    const vpcId = this.terrain.routes.tables.get(tableId)?.vpcId;
    if (target?.kind !== 'transit-gateway' || vpcId == null) return target;
    const led = this.terrain.transit.leadsTo(target.id, vpcId, address);
    return led === undefined ? target : led;
  }

  /** AWS counts what it sends into the tunnel it has picked, answered or not. */
  private countBytes(out: Tunnel, { payloadBytes = 0 }: Attempt, { answered, refused }: AttemptResult): void {
    const pair = this.pairOf(out);
    if (pair !== null) this.terrain.vpns.meter.count(pair, answered || refused, payloadBytes);
  }

  /** Null: the line is no managed connection's, or none of its tunnels is UP. */
  private pairOf({ gateway, isManaged }: Tunnel): TunnelPair | null {
    return isManaged ? this.terrain.vpns.pairOf(this.terrain.vpns.named(gateway)) : null;
  }

  /** The tunnel of this connection that packets to this target enter; null: none, or it is not there. */
  private lineTo(connection: ConnectionName, target: RouteTarget | null): Tunnel | null {
    const { vpc, tunnels, transit } = this.terrain;
    const lines = tunnels.all.filter((each) => each.connection === connection);
    const managed = transit.vpnsBehind(target).filter(({ attachmentId }) => !this.isGone(attachmentId));
    const line = lines.find(({ gateway }) => managed.some((vpn) => vpn.gateway === gateway));
    if (line !== undefined) return line;
    const entry = target?.kind === 'network-interface' ? vpc.interfaces.get(target.id) : undefined;
    const instanceId = entry?.instanceId;
    if (!instanceId || entry.sourceDestCheck || !this.answers(instanceId)) return null;
    return lines.find((each) => each.host === instanceId && tunnels.carries(each)) ?? null;
  }

  /** `isPinned`: asked by the path's own canary. */
  private wayOn(out: Tunnel, isPinned: boolean): Way | null {
    const { tunnels } = this.terrain;
    if (!tunnels.carriesOut(out)) return null;
    const back = this.answering(out, isPinned);
    if (back === null || !tunnels.carriesBack(back)) return null;
    if (back.isManaged) return this.pairOf(back)?.back.oneWay === false ? { out, back } : null;
    return back.host === out.host || this.forwards(back.host!) ? { out, back } : null;
  }

  /** The tunnel by which the partner answers; null: it has no way, or we have none to it. */
  private answering(out: Tunnel, isPinned: boolean): Tunnel | null {
    const { tunnels, bgp, deployment } = this.terrain;
    const { connection, path } = out;
    const whole = deployment.connections[connection];
    if (!isByBgp(whole)) return tunnels.answering(out);
    if (!bgp.isLearned(connection, path)) return null;
    const isOwn = isPinned && whole?.coupled !== true;
    const back = isOwn ? bgp.answersCanary(connection, path) : bgp.answersOver(connection);
    return back === null ? null : tunnels.get(connection, back);
  }

  private isGone(attachmentId: string | null): boolean {
    return this.terrain.transit.attachments.get(attachmentId ?? '')?.isGone === true;
  }

  private answers(instanceId: string): boolean {
    const { instances } = this.terrain;
    return instances.answers(instances.machines.get(instanceId)!);
  }

  private forwards(instanceId: string): boolean {
    return this.answers(instanceId) && this.terrain.vpc.interfaceOf(instanceId)?.sourceDestCheck === false;
  }

  private roundTrip(way: Way, { address, port, protocol = 'tcp', payloadBytes = 0 }: Attempt): AttemptResult {
    const { lossRatio, extraMs, mtuBlackHole } = hardshipOf(way);
    const bytesBack = protocol === 'tcp' ? 0 : payloadBytes; // As far as TCP is concerned, nobody sends any.
    if (mtuBlackHole && bytesBack >= largeBytesMin) return silence;
    if (lossRatio > 0 && !this.luckOf(way.out).chance(1 - lossRatio)) return silence;
    const rttMs = this.jitter.lognormal(baseRttMs, 1.5 * baseRttMs) + extraMs;
    // A gateway of our other end answers as a machine does: what it does not listen on, its kernel refuses.
    if (way.out.mate !== null && this.across.machineAt(way.out, address) !== undefined)
      return saidBy(port, protocol, rttMs);
    return { answered: true, refused: false, rttMs, ...(bytesBack > 0 && { bytesBack }) };
  }

  private luckOf({ connection, path }: Tunnel): Random {
    const key = `loss/${connection}/${path}`;
    const luck = this.luck.get(key) ?? this.stream(key);
    this.luck.set(key, luck);
    return luck;
  }
}

/** What a gateway itself says to an attempt. */
function saidBy(port: number, protocol: 'tcp' | 'udp' | 'http', rttMs: number): AttemptResult {
  const answered = port === sshPort && protocol === 'tcp';
  return { answered, refused: !answered, rttMs };
}

/** What its service canaries aim at: addresses that are known to be users' own. */
function aimsOf({ canaries }: Connection): readonly string[] {
  const service = canaries.filter(({ watches }) => watches.kind === 'service');
  return service.flatMap(({ targets }) => targets.map(({ address }) => address));
}

function destinationsOf(connection: Connection): readonly string[] {
  return Object.values(connection.routeSets).flatMap((set) => set.destinations);
}

/** Does the far side of this connection hold the address? A prefix list holds what the connection's canaries probe. */
function reaches(connection: Connection, address: string): boolean {
  if (connection.canaries.some((canary) => canary.targets.some((target) => target.address === address))) return true;
  return destinationsOf(connection).some((destination) => prefixBits(destination, address) >= 0);
}

/** `trips`: round trips that one attempt takes; all of them must fit into its time. */
export function isSevere({ lossRatio, extraMs }: Hardship, policy: Policy, trips = 1): boolean {
  const isSlow = 2 * baseRttMs + extraMs >= Math.min(policy.severeRttMs, policy.attemptTimeoutMs / trips);
  return isSlow || lossRatio >= policy.severeLossRatio;
}

/** How many round trips the slowest attempt over this path takes, of its own canaries or of users. */
export function tripsOver({ canaries }: Connection, path: PathName): number {
  const speaking = canaries.filter(({ watches }) => watches.kind === 'service' || watches.path === path);
  return speaking.some(({ targets }) => targets.some(({ protocol }) => protocol === 'http')) ? httpRoundTrips : 1;
}

/** Some packets pass, and not all users' do. */
export const isHalfDead = ({ mtuBlackHole, usersBlocked }: Hardship): boolean => mtuBlackHole || usersBlocked;
