/**
 * What the local cloud asks of the world behind it: machines, their interfaces and addresses, routes as packets feel
 * them, and what answers an attempt. EC2, Systems Manager and Lambda's network have no state of their own: all they say
 * is read here, all they are told to do is done here. `sim/network/port.ts` is our world; `emptyWorld` is none at all.
 *
 * Time belongs to the world too: it finishes in its own time what a call begins, on the clock that the cloud runs on.
 */
import type { Instant } from '../core/words/time';
import type { VirtualClock } from './clock';
import type { Lag } from './latency';
import type { RouteEnd, ShownRoute } from './shown-route';
import type { SiteToSitePort, TransitPort } from './site-to-site';

/** EC2's six. */
export type MachineState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** What AWS has scheduled for an instance. */
export interface MachineEvent {
  readonly id: string;
  readonly code: 'instance-reboot' | 'system-reboot' | 'system-maintenance' | 'instance-retirement' | 'instance-stop';
  readonly from: Instant;
  /** Null: EC2 does not say. */
  readonly until: Instant | null;
  /** EC2 lists it for a week more. */
  readonly isOver: boolean;
}

/** An EC2 instance. */
export interface VirtualMachine {
  readonly id: string;
  readonly availabilityZone: string;
  /** The launch's client token; absent on instances that stand since the beginning. */
  readonly clientToken?: string;
  /** EC2's LaunchTime: of the last launch or start. */
  readonly launchedAt: Instant;
  readonly tags: Map<string, string>;
  readonly state: MachineState;
  readonly stateReason: string;
  readonly hung: boolean;
  /** Status checks fail from here; null: nothing wrong. */
  readonly impairedAt: Instant | null;
  /** EC2's status checks fail although the machine is up and passes traffic. */
  readonly checksFail: boolean;
  /** Status checks pass from here; before it they say `initializing`. */
  readonly checksPassAt: Instant;
  /** Last heartbeat of the Systems Manager agent; null: never seen. */
  readonly agentSeenAt: Instant | null;
  /** What AWS has scheduled for it, as EC2 lists it. */
  readonly events: readonly MachineEvent[];
  /** Grows with each boot, stop and end: what ran in an earlier life runs no more. */
  readonly life: number;
}

export interface NetworkInterface {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  /** Its primary private address, which never leaves it. */
  readonly privateAddress: string;
  readonly secondaryAddresses: Set<string>;
  /** What its subnet gave it, until its machine stops; null: none now. Absent: it never has one. */
  publicAddress?: string | null;
  sourceDestCheck: boolean;
  /** Null: available. */
  instanceId: string | null;
  readonly attachmentId: string;
  /** False for interfaces that outlive their instance. */
  readonly deleteOnTermination: boolean;
  readonly tags: Map<string, string>;
}

export interface ElasticIp {
  readonly allocationId: string;
  readonly publicIp: string;
  associationId: string | null;
  interfaceId: string | null;
}

export interface VpcSubnet {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  routeTableId: string | null;
}

export type NewInterface = Omit<NetworkInterface, 'attachmentId' | 'tags' | 'secondaryAddresses'>;

/** Which address is on which interface of which instance. */
export interface VpcPort {
  readonly subnets: ReadonlyMap<string, VpcSubnet>;
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
  readonly addresses: ReadonlyMap<string, ElasticIp>;
  /** Interfaces that were and are no more. */
  readonly gone: ReadonlySet<string>;
  newId(prefix: string): string;
  addInterface(wanted: NewInterface): NetworkInterface;
  /** A free address beside `neighbour`. */
  freeAddress(neighbour: string): string;
  /** One of the region's own, for a machine that has no Elastic IP. */
  freePublicAddress(): string;
  interfaceOf(instanceId: string): NetworkInterface | undefined;
  /** In this VPC, by its primary address or a secondary one; where two have held it, the later. */
  interfaceAt(privateAddress: string, vpcId: string | undefined): NetworkInterface | undefined;
  addressOn(interfaceId: string): ElasticIp | undefined;
  /** Answers with the new association's id. */
  associate(address: ElasticIp, interfaceId: string): string;
  disassociate(address: ElasticIp): void;
  /** As a secondary private address: whoever else in its VPC has it as one loses it. */
  assign(address: string, interfaceId: string): void;
}

/** What a launch from a template makes: where, as what, with which role. */
export interface Launchable {
  /** What the world calls it. */
  readonly name: string;
  readonly version: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly privateAddress: string;
  /** Its subnet gives it a public one. */
  readonly isPublic: boolean;
  /** Name of the instance profile's role. */
  readonly role?: string | undefined;
}

interface Launch {
  readonly id: string;
  /** What the new machine may stand for: those of the template that were meant. */
  readonly as: readonly Launchable[];
  readonly availabilityZone: string;
  readonly clientToken?: string | undefined;
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** What a shell on a machine can call. */
export type Program = (args: readonly string[], stdin: string) => ProgramResult | Promise<ProgramResult>;

interface MachinesPort {
  readonly all: ReadonlyMap<string, VirtualMachine>;
  start(id: string): void;
  /** `plugPulled`: by `Force` together with `SkipOsShutdown`. */
  stop(id: string, plugPulled: boolean): void;
  /** `Force` on a machine that is stopping already. */
  hastenStop(id: string, plugPulled: boolean): void;
  reboot(id: string): void;
  terminate(id: string): void;
  /** By id of the launch template; empty: there is none. */
  launchables(launchTemplateId: string): readonly Launchable[];
  launch(launch: Launch): VirtualMachine;
  hasCapacity(zone: string): boolean;
  /** Does the agent answer? */
  agentReachable(id: string): boolean;
  /** What Systems Manager still believes of it. */
  agentSeemsOnline(id: string): boolean;
  /** What a script finds on the machine, by name of the program. */
  programsOn(id: string, sleep: (ms: number) => Promise<void>): Readonly<Record<string, Program>>;
  /** EC2's own state of a machine changed. */
  onState(listener: (machine: VirtualMachine) => void): void;
}

interface RoutesPort {
  readonly tables: ReadonlyMap<
    string,
    {
      /** Null: a transit gateway's. */
      readonly vpcId: string | null;
      readonly isMissing: boolean;
      /** By destination. */
      readonly propagated: ReadonlyMap<string, RouteEnd>;
    }
  >;
  /** Does EC2 know the table? */
  isListed(tableId: string): boolean;
  /** The static route as last written; null: there is none. */
  written(tableId: string, destination: string): RouteEnd | null;
  /** What Describe lists. */
  shown(tableId: string): readonly ShownRoute[];
  /** Null: deletes the static route. */
  write(tableId: string, destination: string, target: RouteEnd | null): void;
}

/** What one attempt tries: a TCP connection, a UDP echo, or an HTTP request. */
export interface ConnectAttempt {
  readonly address: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly protocol?: 'tcp' | 'udp' | 'http';
  /** For HTTP: what is asked for. */
  readonly page?: string;
  /** UDP and HTTP: at least this much is sent, and as much awaited. */
  readonly payloadBytes?: number;
}

/** How one attempt went: silence is an answer. */
export interface ConnectResult {
  readonly answered: boolean;
  /** The peer refused: a round trip all the same. */
  readonly refused: boolean;
  readonly rttMs: number;
  /** Where a payload was asked for: how much came back. */
  readonly bytesBack?: number;
}

interface PacketsPort {
  zoneIsUp(zone: string): boolean;
  /** Nothing gets out of this subnet or back. */
  isCutOff(subnetId: string): boolean;
  connect(fromSubnetId: string, fromZone: string, to: ConnectAttempt): ConnectResult;
  /** An address or an interface was changed: packets go another way from now on. */
  changed(what: string): void;
}

/** An A record with one address. */
export interface RecordSet {
  readonly value: string;
  readonly ttlSeconds: number;
}

/** A public zone: what its servers answer, by name. */
export interface NameZone {
  readonly id: string;
  readonly name: string;
  readonly served: Map<string, RecordSet>;
}

export interface NamesPort {
  /** By id. */
  readonly zones: ReadonlyMap<string, NameZone>;
  /** All of its servers answer so from now on. */
  serve(zoneId: string, name: string, record: RecordSet): void;
}

export interface WorldPort {
  readonly clock: VirtualClock;
  readonly names: NamesPort;
  readonly vpc: VpcPort;
  readonly machines: MachinesPort;
  readonly routes: RoutesPort;
  readonly packets: PacketsPort;
  readonly siteToSite: SiteToSitePort;
  readonly transit: TransitPort;
  /** How EC2's Describe lags its writes, now. */
  lag(): Lag;
}

/** The handshake of an HTTP request, then the request and its answer. */
export const httpRoundTrips = 2;

const nothingHere = (): never => {
  throw new Error('The world behind this local cloud is empty');
};

/** Behind a template that has functions, tables, rules and machines, and nothing on EC2. */
export function emptyWorld(clock: VirtualClock): WorldPort {
  const none = new Map<string, never>();
  return {
    clock,
    names: { zones: none, serve: nothingHere },
    vpc: {
      ...{ subnets: none, interfaces: none, addresses: none, gone: new Set<string>() },
      ...{ newId: nothingHere, addInterface: nothingHere, freeAddress: nothingHere, associate: nothingHere },
      ...{ freePublicAddress: nothingHere },
      ...{ interfaceOf: () => undefined, interfaceAt: () => undefined, addressOn: () => undefined },
      ...{ disassociate: nothingHere, assign: nothingHere },
    },
    machines: {
      ...{ all: none, start: nothingHere, stop: nothingHere, hastenStop: nothingHere, reboot: nothingHere },
      ...{ terminate: nothingHere, launchables: () => [], launch: nothingHere, hasCapacity: () => false },
      ...{ agentReachable: () => false, agentSeemsOnline: () => false, programsOn: () => ({}), onState: () => {} },
    },
    routes: { tables: none, isListed: () => false, written: () => null, shown: () => [], write: nothingHere },
    packets: {
      zoneIsUp: () => true,
      isCutOff: () => false,
      connect: () => ({ answered: false, refused: false, rttMs: 0 }),
      changed: () => {},
    },
    siteToSite: { connections: () => [], replaceTunnel: nothingHere, onMetric: () => {}, onTold: () => {} },
    transit: {
      ...{ tables: none, attachments: none, prefixLists: none },
      ...{ shown: () => [], referenceState: nothingHere, isChanging: () => false },
    },
    lag: () => ({ chance: 0, msMax: 1 }),
  };
}
