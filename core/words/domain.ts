/**
 * The nouns of Switchback: connections, paths, gateways, route sets, canaries, drains. See docs/GLOSSARY.md.
 *
 * These are the shapes of the *configuration* (what `switchback.yaml` says, validated) and of desired state. What is
 * observed lives in `evidence.ts`, what is concluded in `assessment.ts`, what is remembered in `memory.ts`.
 * What is not built is refused by name in `config/unbuilt.ts`.
 *
 * Invariant: every name in one record is unique and equals its key.
 */
import type { End, EndName, StandsInFor } from './end';
import type { Installation } from './installation';
import type { Plane } from './planes';
import type { Policy } from './policy';
import type { Directions, Neighbor } from './routing';
import type { Rung } from './rungs';
import type { Instant } from './time';

export type ConnectionName = string;
export type PathName = string;
export type GatewayName = string;
export type RouteSetName = string;
/** `<connection>/<canary>`: unique in a deployment. */
export type CanaryId = string;

/** How far automation goes: decide only, move routes, or repair as well. */
export type Mode = 'observe' | 'divert' | 'repair';
/** How the gateway's software is reached for repairs. */
export type Control = 'ssm' | 'api' | 'none';
/** TCP: a connection. UDP: an echo of the same bytes. HTTP: any answer to a request. Lambda cannot send ICMP. */
export type ProbeProtocol = 'tcp' | 'udp' | 'http';
/** Where a route can point. */
export type RouteTarget =
  | { readonly kind: 'network-interface'; readonly id: string }
  | { readonly kind: 'gateway'; readonly id: string }
  | { readonly kind: 'transit-gateway'; readonly id: string }
  /** `tgw-attach-…`, in a transit gateway's route table. */
  | { readonly kind: 'attachment'; readonly id: string };

/** The AWS-side device of one or more paths; each kind has its file in core/gateways/. */
export type Gateway = InstanceGateway | VpnConnectionGateway;

/** An EC2 instance with a VPN daemon. Its identity is declared here or journalled by our own `replace`. */
export interface InstanceGateway {
  readonly kind: 'instance';
  readonly name: GatewayName;
  readonly instanceId: string;
  readonly availabilityZone: string;
  readonly vpcId: string;
  readonly subnetId: string;
  /** The network interface that routes point at. */
  readonly routeInterfaceId: string;
  /** The private IPv4 address on `routeInterfaceId`; canaries probe it to tell "our gateway" from "the peer". */
  readonly privateAddress: string;
  /**
   * A secondary private IPv4 address on `routeInterfaceId` that peers and canaries aim at: a replacement takes it over, in
   * the same subnet. Absent: none does.
   */
  readonly secondaryAddress?: string;
  /** The TCP port the gateway probe tries; a refusal counts as alive. */
  readonly probePort: number;
  /** The Elastic IP the peer knows; absent when the peer knows none. */
  readonly address?: { readonly allocationId: string; readonly publicIp: string };
  /** The A record in Route 53 that follows it, its name in small letters; absent when peers know none. */
  readonly record?: { readonly zoneId: string; readonly name: string; readonly ttlSeconds: number };
  readonly control: Control;
  /** Needed by `replace`; absent: that rung is refused. */
  readonly launchTemplate?: {
    readonly id: string;
    readonly version: string;
    /** Name of the instance profile's role, which the repair role must be allowed to pass. */
    readonly role?: string;
  };
  /** What AWS schedules for it is told, and nobody is moved. Absent: users leave its paths ahead of it. */
  readonly scheduledEvents?: 'tell';
  /** It publishes how its own daemon sees its tunnels, and alarms watch that. Absent: it does not. */
  readonly tunnelMetrics?: true;
  /** It tells the partners' routers by BGP which networks are reached over it. Absent: it does not. */
  readonly speaker?: Speaker;
  /** The Site-to-Site connection that its tunnels end on, in another region say: looked at, never touched. */
  readonly seenBy?: VpnConnectionView;
  /** The end of the deployment that it stands at. Absent: the deployment names none. */
  readonly end?: EndName;
}

/** The BGP daemon of a gateway. What it says decides over which path a partner's answers come back. */
export interface Speaker {
  readonly software: 'frr';
  /** Its own autonomous system. */
  readonly as: number;
  /** Its boot configuration is drained: a machine that a repair started draws no answers before it has soaked. */
  readonly startsDrained: boolean;
}

/** Where AWS can be asked about a Site-to-Site connection. */
export interface VpnConnectionView {
  /** `vpn-…` */
  readonly vpnConnectionId: string;
  readonly region: string;
  /** AWS's two outside addresses; a replaced tunnel keeps its own. */
  readonly tunnels: readonly TunnelAddress[];
}

/** A Site-to-Site VPN connection of AWS's own: two tunnels, of which AWS chooses the one it sends through. */
export interface VpnConnectionGateway {
  readonly kind: 'vpn';
  readonly name: GatewayName;
  /** `vpn-…` */
  readonly vpnConnectionId: string;
  /** What it ends on at AWS. */
  readonly endsOn:
    | { readonly kind: 'transit-gateway'; readonly id: string; readonly attachmentId: string }
    | { readonly kind: 'vpn-gateway'; readonly id: string };
  /** AWS's two outside addresses; a replaced tunnel keeps its own. */
  readonly tunnels: readonly TunnelAddress[];
  /** Who starts IKE after a tunnel was replaced: `aws` where its startup action is `start`. */
  readonly initiatedBy: 'peer' | 'aws';
  /** The author says that the partner's device comes back by itself. Without it a replaced tunnel may stay down. */
  readonly peerInitiates: boolean;
  /** What is done about endpoint maintenance that AWS has announced. */
  readonly maintenance: 'apply' | 'window' | 'never';
  /** When, for `window`; absent for the others. */
  readonly window?: readonly QuietWindow[];
}

/** An IPv4 address of AWS's end: the name of a tunnel of a Site-to-Site connection. */
export type TunnelAddress = string;

/** What may change about a gateway when we replace its instance. */
export interface GatewayIdentity {
  readonly instanceId: string;
  readonly routeInterfaceId: string;
}

/** A gateway's ids as the configuration declares them: what a replacement stands in for. */
export interface DeclaredIds extends GatewayIdentity {
  /** Allocation id of the Elastic IP; null: the peer knows none. */
  readonly allocationId: string | null;
}

/** What was declared last, as the sweep wrote it down, and what before that. */
export interface Declaration extends DeclaredIds {
  /** Newest first. */
  readonly former: readonly GatewayIdentity[];
}

/** What our own `replace` journalled. It counts only while the configuration declares what it replaced. */
export interface Replacement extends GatewayIdentity {
  /** Absent: journalled by a version that did not keep it. */
  readonly replaced?: DeclaredIds;
  /** Who the gateway was before, newest first. */
  readonly former?: readonly GatewayIdentity[];
}

/** One way across a connection: a VPN connection, never a single tunnel. */
export interface Path {
  readonly name: PathName;
  /** The one at the near end, where the connection has two. */
  readonly gateway: GatewayName;
  /**
   * Names in the gateway's own configuration (strongSwan: connection and child; Libreswan: connection), for
   * `restart-tunnel`. Several, as an AWS connection has, carry the same traffic: the path works while one of them does.
   * None on a NAT instance.
   */
  readonly tunnels: readonly string[];
  /** The session of its gateway's speaker with the partner. Absent: no BGP is spoken over it. */
  readonly neighbor?: Neighbor;
  /** The gateway of ours at the far end, and its own names for the same tunnels. Absent: the far end is a partner's. */
  readonly far?: FarSide;
}

interface FarSide {
  readonly gateway: GatewayName;
  readonly tunnels: readonly string[];
}

/** Routes (tables x destinations) that move together. */
export interface RouteSet {
  /** Where a connection has two ends there is a set for each: `all.frankfurt` and `all.ohio` are `all` of its author. */
  readonly name: RouteSetName;
  /** Where its tables stand. Absent: the connection has one end. */
  readonly end?: EndName;
  /** The set of the other end: both go over one path, or answers come back another way. */
  readonly twin?: RouteSetName;
  readonly home: PathName;
  readonly region: string;
  /** In what kind of table its routes stand. */
  readonly plane: Plane;
  /** Ids of route tables (`rtb-…`, or `tgw-rtb-…`); the most important first. */
  readonly tables: readonly string[];
  /** At home AWS propagates its routes: home is where no static route of ours lies over them. */
  readonly propagated: boolean;
  /** Where AWS propagates them no more though home carries, static ones are laid over. Absent: people are told alone. */
  readonly lastResort?: 'routes';
  /** Canonical IPv4/IPv6 CIDRs or prefix list ids (`pl-…`). */
  readonly destinations: readonly string[];
}

/** An address that answers over the connection. */
export interface ProbeTarget {
  /** IPv4 address, never a name: DNS may live behind the VPN. */
  readonly address: string;
  readonly port: number;
  readonly protocol: ProbeProtocol;
  /** For HTTP: what is asked for. Absent: `/`. */
  readonly page?: string;
  /** A refused connection proves the round trip. False where our own gateway may refuse for the peer. */
  readonly refusedIsUp: boolean;
}

/** A probe: of one path (pinned, never diverted) or of a route set (follows the routes: what users feel). */
export interface Canary {
  readonly id: CanaryId;
  readonly connection: ConnectionName;
  readonly watches:
    | { readonly kind: 'path'; readonly path: PathName }
    | { readonly kind: 'service'; readonly routeSet: RouteSetName };
  /** Where it stands, and what it sees from there. Absent: the connection has one end. */
  readonly end?: EndName;
  readonly availabilityZone: string;
  readonly subnetId: string;
  readonly securityGroupId: string;
  /**
   * How a path canary is held to its path: its subnet's own route table, or one host route per target in a shared
   * table. Service canaries follow the routes.
   */
  readonly pin: 'subnet' | 'target' | 'follows';
  /** The route table that holds the pinning routes; `replace` re-points them. Absent on service canaries. */
  readonly routeTableId?: string;
  readonly targets: readonly ProbeTarget[];
  /**
   * Of a path canary: the sets whose destinations hold its targets. It judges those and no other: behind one tunnel one
   * network may answer and another not. Absent: all of the connection.
   */
  readonly judges?: readonly RouteSetName[];
  /**
   * Answers without the VPN. While it is silent too, the canary itself is cut off and says nothing. Absent: that it can
   * write its report is all that shows the canary is well.
   */
  readonly controlTarget?: ProbeTarget;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** Hours of the week: those in which people switch gateways off on purpose (quiet.ts), or in which something is planned. */
export interface QuietWindow {
  /** On which it begins. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight on the wall clock, 0 to 1,439. */
  readonly fromMinute: number;
  /** 1 to 1,440; not after `fromMinute`: on the next day. */
  readonly toMinute: number;
  /** IANA name. */
  readonly timezone: string;
}

/** How the second tunnel of a single connection is shown to pass anything: the one in use is taken away on purpose. */
export interface Rehearsal {
  /** `peer`: undone in seconds. `aws`: a replacement, which nothing undoes. */
  readonly by: 'peer' | 'aws';
  readonly everyMs: number;
  /** Absent: only when a person asks. */
  readonly window?: readonly QuietWindow[];
  /** The schedule may open one by AWS. */
  readonly unattended: boolean;
}

/** When drills are held by themselves, and when none may be, whoever asks. */
export interface DrillSchedule {
  /** As EventBridge Scheduler takes it: `cron(0 6 ? * TUE#1 *)`. Absent: only when a person asks. */
  readonly schedule?: string;
  /** IANA name; of the schedule and of `blockedDates`. */
  readonly timezone: string;
  /** Hours of the week. */
  readonly blocked: readonly QuietWindow[];
  readonly blockedDates: readonly Period[];
}

/** From one instant to another, which is no longer in it. */
export interface Period {
  readonly from: Instant;
  readonly until: Instant;
}

/** A redundant link to one remote network: the unit of lease, decision and history. */
export interface Connection {
  readonly name: ConnectionName;
  readonly mode: Mode;
  /** True until a drill has proven that each canary is answered over its own path. */
  readonly coupled: boolean;
  /** `none`: one path, said aloud. It is watched, told of and repaired; there is none that routes could be moved to. */
  readonly standby: 'path' | 'none';
  /** Both ends are ours, and routes are moved at both. Absent: it has one, and a partner at the far end. */
  readonly ends?: readonly [near: EndName, far: EndName];
  /** Absent: how answers come back is the partner's business alone. */
  readonly routing?: Directions;
  /**
   * The partner holds all tunnels in one box, which answers over the one that was keyed last: `rekey` keys that of the path
   * that users move to anew. Absent: nobody does.
   */
  readonly attract?: 'rekey';
  readonly paths: Readonly<Record<PathName, Path>>;
  readonly routeSets: Readonly<Record<RouteSetName, RouteSet>>;
  readonly canaries: readonly Canary[];
  /** Absent: none. */
  readonly quiet?: readonly QuietWindow[];
  /** Absent: none. Only where there is no other path. */
  readonly rehearsal?: Rehearsal;
  /** Absent: only when a person asks, and at any time. */
  readonly drills?: DrillSchedule;
  readonly policy: Policy;
}

/** Everything a function needs to know: `switchback.yaml` validated, with defaults filled in; bundled, never fetched. */
export interface Deployment {
  readonly schema: 1;
  /** Prefix of every resource name. */
  readonly name: string;
  readonly region: string;
  /** Absent: everything stands where the deployment does. */
  readonly ends?: Readonly<Record<EndName, End>>;
  readonly gateways: Readonly<Record<GatewayName, Gateway>>;
  readonly connections: Readonly<Record<ConnectionName, Connection>>;
  /** SSM Automation document name of each rung. */
  readonly runbooks: Readonly<Record<Rung, string>>;
  /** Its AWS account. Absent: whichever it is deployed to; known wherever an end is in another. */
  readonly account?: string;
  readonly installation?: Installation;
  readonly standsInFor?: StandsInFor;
}

/** A path kept out on purpose. `soft`: usable as a last resort; `hard`: never. */
export interface Drain {
  readonly kind: 'soft' | 'hard';
  readonly since: Instant;
  /** The drain ends by itself here. */
  readonly until: Instant;
  readonly reason: string;
  readonly requestedBy: string;
}

/** A human's word that users may go home now. It ends when they are there, or have been moved away again. */
export interface FailbackWord {
  readonly since: Instant;
  /** Null: every set that is away. */
  readonly routeSet: RouteSetName | null;
  readonly requestedBy: string;
}

/** A human's word that the users of a set go to this path and stay there. It ends by `failback`, or when routes leave it. */
export interface DivertWord {
  readonly since: Instant;
  /** From here on the set goes home as it would after any divert. */
  readonly until: Instant;
  readonly to: PathName;
  readonly reason: string;
  readonly requestedBy: string;
}

/** A human's word that the second tunnel may be rehearsed. It ends with the rehearsal it opens, or after a day. */
export interface RehearsalWord {
  readonly since: Instant;
  readonly requestedBy: string;
}

/** A human's word, or the schedule's, for a drill. It counts once, and not for long. */
export interface DrillWord {
  readonly since: Instant;
  /** Null: every set. */
  readonly routeSet: RouteSetName | null;
  readonly requestedBy: string;
}

/** A human's stop: nothing starts until it is lifted. */
export interface Pause {
  readonly since: Instant;
  readonly until: Instant;
  readonly reason: string;
  readonly requestedBy: string;
}
