/**
 * The physical truth of the local cloud: zones, gateways, tunnels, peers and routes as packets feel them, built from a
 * `Deployment`. EC2's fake tells what EC2 would tell of it; canaries and users feel it; scenarios break it.
 *
 * Nothing here knows of Switchback's state machine or functions. Paths are named `connection/path`, or just `path`
 * where only one connection has it.
 *
 * Invariant: every change that users could feel is announced to `onChange`, at the instant it happens.
 */
import type {
  ConnectionName,
  Deployment,
  GatewayName,
  PathName,
  RouteSetName,
  RouteTarget,
} from '../core/words/domain';
import { instanceNamed, instancesOf } from '../core/words/gateways';
import type { Attempt, AttemptResult } from '../functions/world';
import type { VirtualClock } from '../local-cloud/clock';
import type { Lag } from '../local-cloud/latency';
import { draw, type Random, randomStream } from '../local-cloud/random';
import { sideOf } from './network/across';
import { Bgp } from './network/bgp';
import { type Durations, measuredDurations } from './network/durations';
import { layGround } from './network/ground';
import { type Machine, nothingToBuild, SimulatedInstances } from './network/instances';
import { ManagedVpns } from './network/managed-vpn';
import { Names } from './network/names';
import { type Hardship, isHalfDead, isSevere, Passage, tripsOver } from './network/passage';
import { Propagation } from './network/propagation';
import { Roles } from './network/roles';
import { defaultLag, RouteTables } from './network/route-tables';
import { interfaceNamed, targetNamed, tunnelsNamed } from './network/spoken-names';
import { TransitGateways } from './network/transit-gateway';
import { isHeard, placeNow, tunnelHosts } from './network/tunnel-ends';
import { type Tunnel, Tunnels } from './network/tunnels';
import { Vpc } from './network/vpc';

export interface WorldChange {
  readonly at: number;
  readonly kind: 'gateway' | 'tunnel' | 'zone' | 'routes';
  /** One sentence for the timeline. */
  readonly what: string;
}

export interface WorldOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly durations?: Partial<Durations>;
  /** How EC2's Describe lags its writes, and how many times as long a route takes to be effective. */
  readonly lag?: Lag;
  readonly slowness?: () => number;
}

const anyTunnel = (_: Tunnel): boolean => true;

export class PhysicalWorld {
  readonly clock: VirtualClock;
  readonly durations: Durations;
  readonly vpc: Vpc;
  readonly instances: SimulatedInstances;
  readonly routes: RouteTables;
  readonly tunnels: Tunnels;
  readonly vpns: ManagedVpns;
  readonly transit: TransitGateways;
  readonly propagation: Propagation;
  lag: Lag;
  /** As last deployed. */
  deployment: Deployment;
  private readonly lagAtFirst: Lag;
  readonly names: Names;
  readonly roles: Roles;
  readonly bgp: Bgp;
  private readonly passage: Passage;
  private readonly deadZones = new Set<string>();
  private readonly cutOff = new Set<string>();
  private readonly changeListeners: ((change: WorldChange) => void)[] = [];
  private readonly stateListeners: ((machine: Machine) => void)[] = [];
  private capacity = true;
  /** What is launched comes up with its agent. */
  agentsCome = true;
  /** What an instance that is launched now has to do before it has a daemon. */
  firstBoot = nothingToBuild;

  constructor(deployment: Deployment, { clock, seed, durations, lag = defaultLag, slowness = () => 1 }: WorldOptions) {
    const stream = (purpose: string): Random => randomStream(seed, `world/${purpose}`);
    this.clock = clock;
    this.deployment = deployment;
    this.durations = { ...measuredDurations, ...durations };
    this.lag = lag;
    this.lagAtFirst = lag;
    this.vpc = new Vpc(stream('ids'));
    this.instances = new SimulatedInstances(clock, stream('instances'), this.durations, (zone) => this.zoneIsUp(zone), {
      stateChanged: (machine) => {
        this.vpc.powered(machine);
        for (const each of this.stateListeners) each(machine);
      },
      changed: (_machine, what, daemonStarted) => {
        this.announce('gateway', what);
        this.reconsider(daemonStarted);
      },
    });
    this.routes = new RouteTables(
      clock,
      stream('routes'),
      (random, { vpcId }) => {
        const { routeEffect, transitRouteEffect } = this.durations;
        return draw(vpcId === null ? transitRouteEffect : routeEffect, random) * slowness();
      },
      () => this.lag,
      (write) =>
        this.announce('routes', `${write.destination} in ${write.tableId} goes to ${write.target?.id ?? 'nowhere'}`),
    );
    this.vpns = new ManagedVpns({
      clock,
      random: stream('managed'),
      networkManager: stream('network manager'),
      durations: this.durations,
      isHeard: (gateway) => isHeard(this.tunnels, gateway),
      onChange: (what) => {
        this.tunnels.reconsider();
        this.propagation.reconsider();
        this.announce('tunnel', what);
      },
    });
    this.transit = new TransitGateways(this.vpns, this.routes, stream('transit'));
    this.propagation = new Propagation(clock, stream('propagation'), this.durations, this.vpns, this.routes);
    this.names = new Names(clock, stream('names'), (what) => this.networkChanged(what));
    this.roles = new Roles(() => this.deployment, this.vpc, this.instances, this.transit, this.names);
    const { vpns, instances, roles } = this;
    const hosts = tunnelHosts({ vpns, instances, roles, zoneIsUp: (zone) => this.zoneIsUp(zone) });
    this.tunnels = new Tunnels(clock, stream('tunnels'), this.durations, hosts, (what) =>
      this.announce('tunnel', what),
    );
    this.bgp = new Bgp(this, stream('bgp'), (what) => this.tell('tunnel', what));
    this.passage = new Passage(this, stream);
    layGround(deployment, this);
    this.bgp.settle();
  }

  private reconsider(daemonStarted = false): void {
    this.vpns.reconsider();
    this.tunnels.reconsider(daemonStarted);
    this.bgp.reconsider();
  }

  // Questions.

  zoneIsUp(zone: string): boolean {
    return !this.deadZones.has(zone);
  }

  /** Nothing gets out of this subnet or back. */
  isCutOff(subnetId: string): boolean {
    return this.cutOff.has(subnetId);
  }

  hasCapacity(zone: string): boolean {
    return this.capacity && this.zoneIsUp(zone);
  }

  /** One attempt from a subnet; who calls waits `rttMs`, or its own timeout when nothing answered. */
  connect(fromSubnetId: string, fromZone: string, to: Attempt): AttemptResult {
    return this.passage.attempt(fromSubnetId, fromZone, to);
  }

  /** Do all packets to the set's destinations lead, in the data plane and right now, over a path that passes both ways? */
  usersServed(connection: ConnectionName, routeSet: RouteSetName): boolean {
    const whole = this.deployment.connections[connection];
    const set = whole?.routeSets[routeSet];
    if (set === undefined) throw new Error(`No route set ${connection}/${routeSet}`);
    return this.passage.serves(whole!, set);
  }

  /** Are the users of all its route sets? */
  connectionServed(connection: ConnectionName): boolean {
    const sets = this.deployment.connections[connection]?.routeSets ?? {};
    return Object.keys(sets).every((set) => this.usersServed(connection, set));
  }

  /** The path all routes of the set are effectively on; null while they are split or lead nowhere known. */
  pathOf(connection: ConnectionName, routeSet: RouteSetName): PathName | null {
    const set = this.deployment.connections[connection]!.routeSets[routeSet]!;
    return this.roles.onlyPathTo(connection, this.routes.forwardedAll(set));
  }

  /** What users on this path would meet right now, by the connection's own policy: the truth that canaries estimate. */
  pathState(connection: ConnectionName, path: PathName): 'works' | 'limps' | 'dark' {
    const hardship = this.hardshipOn(connection, path);
    if (hardship === null) return 'dark';
    const whole = this.deployment.connections[connection]!;
    return isSevere(hardship, whole.policy, tripsOver(whole, path)) || isHalfDead(hardship) ? 'limps' : 'works';
  }

  /** What users' packets would suffer on this path; null: none of them passes. */
  hardshipOn(connection: ConnectionName, path: PathName): Hardship | null {
    const place = placeNow(this, this.deployment.connections[connection]!.paths[path]!.gateway);
    return place === null ? null : this.passage.hardship(connection, place);
  }

  /** The path of this connection that a route target belongs to, whether it works or not. */
  pathTo(connection: ConnectionName, target: RouteTarget | null): PathName | null {
    return this.roles.pathTo(connection, target);
  }

  /** The machine that stands for a gateway now: the one with its address, else the youngest that is not gone. */
  machineOf(gateway: GatewayName): Machine {
    return this.roles.machineOf(gateway);
  }

  onChange(listener: (change: WorldChange) => void): void {
    this.changeListeners.push(listener);
  }

  /** EC2's instance state changed. */
  onInstanceState(listener: (machine: Machine) => void): void {
    this.stateListeners.push(listener);
  }

  // What scenarios do.

  /** By its user, or by EC2 itself, whose host is being retired. */
  stopInstance(gateway: GatewayName, by: 'user' | 'host' = 'user'): void {
    this.instances.stop(this.machineOf(gateway), false, by === 'user' ? 'User initiated' : 'Server.ScheduledStop');
  }

  startInstance(gateway: GatewayName): void {
    const machine = this.machineOf(gateway);
    if (machine.state === 'stopped') this.instances.start(machine);
  }

  hangInstance(gateway: GatewayName): void {
    this.instances.hang(this.machineOf(gateway));
  }

  /** It hangs, and no reboot brings it back: only a stop and a start do, onto another host. */
  breakHost(gateway: GatewayName): void {
    this.instances.breakHost(this.machineOf(gateway));
  }

  /** For good; its interface goes with it, its address stays ours. */
  terminateInstance(gateway: GatewayName): void {
    const machine = this.machineOf(gateway);
    this.instances.terminate(machine, () => this.vpc.release(machine.id));
  }

  rebootByHand(gateway: GatewayName): void {
    this.instances.reboot(this.machineOf(gateway));
  }

  /** A person repairs it for good, whatever it had: an instance that is gone for ever stays so. */
  mendGateway(gateway: GatewayName): void {
    this.instances.mend(this.machineOf(gateway));
  }

  killDaemon(gateway: GatewayName): void {
    this.instances.killDaemon(this.machineOf(gateway));
  }

  /** The agent stops and stays away on this instance. */
  agentGone(gateway: GatewayName): void {
    this.instances.loseAgent(this.machineOf(gateway));
  }

  /** `tunnel`: of several that the path has, this one only. */
  /** Between two ends of ours data passes from the near one only, or from `from`. */
  oneWay(path: string, on: boolean, tunnel?: string, from?: string): void {
    const only = on ? ` one way only${from === undefined ? '' : `, from ${from}`}` : ' both ways';
    const isMeant = ({ connection, side }: Tunnel): boolean =>
      (!on && from === undefined) || side === sideOf(this.deployment.connections[connection]!, from);
    this.alterTunnel(path, `${tunnel ?? path} passes data${only}`, { oneWay: on }, tunnel, isMeant);
  }

  loss(path: string, lossRatio: number): void {
    this.alterTunnel(path, `${path} loses ${Math.round(lossRatio * 100)} %`, { lossRatio });
  }

  latency(path: string, extraMs: number): void {
    this.alterTunnel(path, `${path} takes ${extraMs} ms longer`, { extraMs });
  }

  /** From here on large packets vanish in the tunnel, either way, and nobody is told; small ones pass. */
  mtuBlackHole(path: string, on: boolean): void {
    this.alterTunnel(path, `${path} ${on ? 'swallows' : 'passes'} large packets`, { mtuBlackHole: on });
  }

  /** The far side lets the canaries pinned to this path in, and nobody else: a firewall that knows them and not the users. */
  usersBlocked(path: string, on: boolean): void {
    this.alterTunnel(path, `${path} ${on ? 'turns users away' : 'lets users in'}`, { usersBlocked: on });
  }

  peerDown(path: string): void {
    this.alterTunnel(path, `the peer of ${path} is down`, { peerUp: false });
  }

  peerUp(path: string): void {
    this.alterTunnel(path, `the peer of ${path} is up`, { peerUp: true });
  }

  zoneDown(zone: string): void {
    if (!this.zoneIsUp(zone)) return;
    this.instances.zoneLost(zone);
    this.deadZones.add(zone);
    this.announce('zone', `zone ${zone} is down`);
    this.tunnels.reconsider();
  }

  zoneUp(zone: string): void {
    if (this.zoneIsUp(zone)) return;
    this.deadZones.delete(zone);
    this.announce('zone', `zone ${zone} is up`);
    this.tunnels.reconsider();
    this.instances.zoneBack(zone);
  }

  /** A canary's subnet is cut off, by an access list say: its code runs on and reaches nothing, DynamoDB included. */
  cutOffSubnet(subnetId: string, on: boolean): void {
    if (on) this.cutOff.add(subnetId);
    else this.cutOff.delete(subnetId);
  }

  noCapacity(on: boolean): void {
    this.capacity = !on;
  }

  /** Its status checks fail, or pass again, while it forwards as ever. */
  failChecks(gateway: GatewayName, on: boolean): void {
    this.machineOf(gateway).checksFail = on;
  }

  /** With the check on, what it should forward is dropped. */
  checkSourceDest(gateway: GatewayName, on: boolean): void {
    const own = this.vpc.interfaceOf(this.machineOf(gateway).id);
    if (own === undefined) throw new Error(`The instance of ${gateway} has no interface`);
    own.sourceDestCheck = on;
    this.networkChanged(`source/destination check of ${own.id} is ${on ? 'on' : 'off'}`);
  }

  /** Somebody takes its Elastic IP away, or puts it on another gateway's, instance's or interface's place; null: on none. */
  moveAddress(gateway: GatewayName, to: string | null): void {
    const address = this.vpc.addresses.get(instanceNamed(this.deployment, gateway)?.address?.allocationId ?? '');
    if (address === undefined) throw new Error(`Gateway ${gateway} has no Elastic IP`);
    if (to === null) this.vpc.disassociate(address);
    else this.vpc.associate(address, interfaceNamed(this, to));
    this.networkChanged(`${address.publicIp} is on ${to ?? 'no interface'}`);
  }

  /** Describe shows every write so much later from now on; 0: as ever. */
  lagDescribe(ms: number): void {
    this.lag = ms === 0 ? this.lagAtFirst : { chance: 1, msMin: ms, msMax: ms };
  }

  /** Other things are declared now. What stands, stands; what is new is there, and has been running. */
  redeploy(deployment: Deployment): void {
    for (const { name, routeInterfaceId } of Object.values(instancesOf(this.deployment)))
      this.roles.remember(name, routeInterfaceId);
    this.deployment = deployment;
    this.passage.redeployed();
    layGround(deployment, this);
    this.bgp.settle();
    this.networkChanged('another configuration is deployed');
  }

  /** A gateway propagates this route, or (`none`) has withdrawn it; targets as in `routeByHand`. */
  propagateRoute(table: string, destination: string, target: string): void {
    this.routes.propagate(table, destination, targetNamed(this.deployment, table, target));
  }

  /** Somebody writes a route past us. */
  routeByHand(table: string, destination: string, target: string): void {
    this.routes.write(table, destination, targetNamed(this.deployment, table, target));
  }

  // What Elastic IPs and commands on the gateway do to tunnels.

  /** An address or an interface changed: tunnels leave the old instance at once and come up on the new one. */
  networkChanged(what: string): void {
    this.announce('gateway', what);
    this.reconsider();
  }

  private alterTunnel(path: string, what: string, change: Partial<Tunnel>, only?: string, isMeant = anyTunnel): void {
    for (const tunnel of tunnelsNamed(this.tunnels.all, path, only)) if (isMeant(tunnel)) Object.assign(tunnel, change);
    this.announce('tunnel', what);
    this.reconsider();
  }

  private announce(kind: WorldChange['kind'], what: string): void {
    if (kind !== 'routes') this.bgp?.reconsider(); // Not there while the ground is laid.
    this.tell(kind, what);
  }

  private tell(kind: WorldChange['kind'], what: string): void {
    const change = { at: this.clock.now(), kind, what };
    for (const each of this.changeListeners) each(change);
  }
}
