/**
 * What is observed: canary reports, EC2's view, routes, and the hints (signals) that wake a run.
 *
 * A signal wakes; only evidence convinces. Everything here is data with a timestamp and an observer; conclusions are
 * drawn in `assess.ts`.
 */
import type {
  CanaryId,
  ConnectionName,
  Declaration,
  GatewayIdentity,
  GatewayName,
  PathName,
  Replacement,
  RouteSetName,
  RouteTarget,
  TunnelAddress,
} from './domain';
import type { EndName } from './end';
import type { Rung } from './rungs';
import type { Unread } from './shape';
import type { Instant } from './time';

type SignalSource = 'alarm' | 'canary' | 'tunnels' | 'ec2' | 'sweep' | 'handover' | 'person';

/**
 * What an EC2 event said about a gateway's instance. Written by `sense`, into an item that only `sense` may write:
 * anybody who may start an execution can write its input, so that is never believed.
 */
export interface Observation {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly at: Instant;
}

/** What AWS Health said of a gateway's instance or connection. Written where observations are; told, and nothing else. */
export interface HealthWord {
  /** AWS's own, such as AWS_VPN_REDUNDANCY_LOSS. */
  readonly code: string;
  /** `open`, `upcoming`, `closed`; empty: AWS did not say. */
  readonly status: string;
  /** AWS's own words, cut short; empty: none. */
  readonly says: string;
  /** Id of the instance or connection. */
  readonly about: string;
  /** When it was heard first, by the clock of `sense`. */
  readonly at: Instant;
}

/** What starts an execution without a command: it wakes, and says nothing. `trigger` never comes from an event. */
export interface Signal {
  readonly connection: ConnectionName;
  readonly source: SignalSource;
}

/** What one canary says: `down` after missed rounds in a row, `degraded` by loss or latency, `unknown` before it knows. */
export type CanaryVerdict = 'healthy' | 'degraded' | 'down' | 'unknown';

/**
 * Do packets of full size pass? `out_only`: they leave, but the target has never that much to say, so nothing is known of
 * the way back. `lost`: small ones pass and these do not, an MTU black hole. `unmeasured`: no target can tell.
 */
export type FullSize = 'both_ways' | 'out_only' | 'lost' | 'unmeasured';

/** One item of the reports table, key `canary`. All instants by the canary's clock. */
export interface CanaryReport {
  readonly schema: 1;
  readonly canary: CanaryId;
  readonly connection: ConnectionName;
  readonly reportedAt: Instant;
  /** Since when `verdict` holds without a break, as far as this observer knows. */
  readonly since: Instant;
  readonly verdict: CanaryVerdict;
  /** Share of rounds in the recent window that lost an attempt, 0 to 1. */
  readonly lossRatio: number;
  /** Median round-trip time of the answered attempts in the window; null when none answered. */
  readonly rttMs: number | null;
  readonly missedInARow: number;
  readonly answeredInARow: number;
  /** When the last answered round started; 0: none yet. */
  readonly answeredAt: Instant;
  /** When the first missed round since the last answered one started; 0: that was the last. */
  readonly missedSince: Instant;
  /** Does the gateway's own private address answer? `none`: not probed (service canaries). */
  readonly gatewayProbe: 'up' | 'down' | 'none';
  /** So many probes of it in a row have had no answer. Absent: none. */
  readonly probeMissed?: number;
  readonly fullSize: FullSize;
  /**
   * Of a `down`: the target answers all the same, long after rounds have given it up. How long a round trip takes, in ms,
   * and when the last such attempt began. Absent: nothing came for seconds.
   */
  readonly lateMs?: number;
  readonly lateAt?: Instant;
  readonly runId: string;
  readonly round: number;
  /** The verdict differs from the previous report's: the stream filter looks at this. */
  readonly changed: boolean;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** What AWS is going to do to an instance, at a time of its own: a reboot, a stop, work on its host. */
export interface ScheduledEvent {
  /** `instance-event-…` */
  readonly id: string;
  /** EC2's own: `system-reboot`, `instance-retirement`. */
  readonly code: string;
  /** At the earliest. */
  readonly from: Instant;
  /** At the latest over; null: AWS does not say. */
  readonly until: Instant | null;
}

/** DescribeInstances, DescribeInstanceStatus and DescribeInstanceInformation about one gateway. */
export interface InstanceFacts {
  readonly gateway: GatewayName;
  readonly identity: GatewayIdentity;
  readonly state: InstanceState;
  /** EC2's StateTransitionReason: who or what stopped it, and when. Empty: nothing did. */
  readonly stopReason: string;
  readonly systemStatus: 'ok' | 'impaired' | 'unknown';
  readonly instanceStatus: 'ok' | 'impaired' | 'unknown';
  /**
   * Why it is not what was declared; empty where the route interface is attached to this instance, in the declared
   * subnet and VPC, and the instance holds the declared address.
   */
  readonly identityFault: string;
  /** `false` is what forwarding needs. */
  readonly sourceDestCheck: boolean;
  readonly agent: 'online' | 'lost' | 'unknown';
  /** What AWS has scheduled for it and not done yet; null: EC2 could not be asked. */
  readonly events: readonly ScheduledEvent[] | null;
  /** EC2's launch time: the last launch or start, not a reboot. Null: it did not say. */
  readonly launchedAt: Instant | null;
}

/** One listed (table, destination) as EC2 shows it now. */
export interface RouteFacts {
  readonly routeSet: RouteSetName;
  readonly table: string;
  readonly destination: string;
  /** Null: no such route. */
  readonly target: RouteTarget | null;
  /** `pending`: a transit gateway has taken the write, which has no effect yet. */
  readonly state: 'active' | 'blackhole' | 'pending';
  /** A propagated route cannot be replaced, only overridden by a static one. */
  readonly origin: 'static' | 'propagated';
  /**
   * What is propagated to the same destination in this table: beneath the static route, or the route itself. Null or
   * absent: nothing, or this kind of table does not show it.
   */
  readonly under?: RouteTarget | null;
}

/** One tunnel of a Site-to-Site connection, as AWS tells it. */
export interface TunnelFacts {
  /** Telemetry lags by minutes: an answered canary outweighs it. */
  readonly status: 'up' | 'down';
  /** When that changed, by AWS's clock. */
  readonly since: Instant;
  /** AWS's own words; empty: none. */
  readonly message: string;
  /** `pending`: its endpoint is being replaced or modified. */
  readonly provisioning: 'available' | 'pending' | 'failed' | 'unknown';
  /** Its startup action is `start`. Null: AWS did not say. */
  readonly initiatedByAws: boolean | null;
  /** When AWS applies pending maintenance by itself; null: none is announced. */
  readonly maintenanceBy: Instant | null;
  /** Bytes of the last whole five minutes, by CloudWatch; null: it had none. */
  readonly lastBytes: { readonly from: Instant; readonly out: number; readonly in: number } | null;
  /** The last whole five minutes in which it was the one that sent, and answers came; null: never seen. */
  readonly lastCarried: Instant | null;
}

/** What the alarms on a gateway's own numbers say, by CloudWatch's clock; null: not in ALARM. */
export interface OwnTunnelAlarms {
  /** Its daemon lives and says that none of its tunnels is up. */
  readonly noneUpSince: Instant | null;
  /** Nobody could tell: the daemon does not answer, or nothing is published. */
  readonly unmeasuredSince: Instant | null;
}

/** What `watch` saw of one Site-to-Site connection: item `tunnels#<gateway>` of the reports table. */
export interface TunnelReport {
  readonly schema: 1;
  readonly gateway: GatewayName;
  /** By the clock of `watch`. */
  readonly reportedAt: Instant;
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted';
  readonly tunnels: Readonly<Record<TunnelAddress, TunnelFacts>>;
  /** Something that decides differs from the report before: the stream filter looks at this. */
  readonly changed: boolean;
  /** When it was looked at for the first time. Absent: by an older version. */
  readonly watchedSince?: Instant;
  /** It could be looked at no more since then: all the rest is as old as `reportedAt`. Absent: it can. */
  readonly unmeasured?: { readonly since: Instant; readonly because: string };
}

/** One session of a speaker, as the speaker itself shows it. */
export interface NeighborFacts {
  readonly session: 'up' | 'down';
  /**
   * `partly`: some networks as usual and some drained, which is neither. `silent`: nothing is advertised over it: the
   * session is down, or no network is left to speak of.
   */
  readonly advertises: 'normal' | 'drained' | 'partly' | 'silent';
  /** Packets a second that came in by its tunnel, canaries' and BGP's own among them; null: it cannot be counted. */
  readonly receivedPerSecond: number | null;
}

/** What the speaker of one gateway says of itself: item `speaker#<gateway>` of the reports table. */
export interface SpeakerReport {
  readonly schema: 1;
  readonly gateway: GatewayName;
  /** When it was read, by the clock of `watch`. */
  readonly reportedAt: Instant;
  /** By the neighbour's address. */
  readonly neighbors: Readonly<Record<string, NeighborFacts>>;
  /** A session or what is advertised over it differs from the report before: the stream filter looks at this. */
  readonly changed: boolean;
  /** It could be read no more since then: all the rest is as old as `reportedAt`. Absent: it can. */
  readonly unmeasured?: { readonly since: Instant; readonly because: string };
}

/** Where packets of one path canary leave its own route table, target by target; a null target: nowhere. */
export type PinFacts = readonly { readonly address: string; readonly target: RouteTarget | null }[];

/**
 * A route that does not move with the listed destination it lies inside, or takes a block out of a listed prefix list: it
 * decides where its packets go.
 */
export interface Shadow {
  readonly routeSet: RouteSetName;
  readonly table: string;
  readonly destination: string;
  /** The listed destination around it: a block, or a prefix list that holds it. */
  readonly within: string;
  /** The prefix list it is a block of; absent: of none, it is a route of its own. */
  readonly of?: string;
  readonly target: RouteTarget;
}

/** What EC2 showed of one connection's route tables, and when it was asked. */
export interface Sight {
  readonly seenAt: Instant;
  readonly routes: readonly RouteFacts[];
  readonly pins: Readonly<Record<CanaryId, PinFacts | null>>;
}

/** GetAutomationExecution about one rung. */
export interface AutomationFacts {
  readonly id: string;
  /** `refused`: it came too late to claim its gateway, and has touched nothing. */
  readonly status: 'running' | 'success' | 'failed' | 'refused';
  readonly endedAt: Instant | null;
  /** The document's declared outputs, first value of each. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly failure: string;
}

/** Everything one assess looked at. A missing record entry or null means "could not be read": unknown, not down. */
export interface Evidence {
  /** When the reports were asked for: their age is counted to here, however long the rest took. */
  readonly reportsReadAt: Instant;
  /** Where the reports came from; `metrics` when the table could not be read, or no canary writes to it. */
  readonly reportsFrom: 'table' | 'metrics' | 'none';
  /** When one of its canaries reported last, though the table answers and their metrics arrive. Absent: they report. */
  readonly unwrittenSince?: Instant;
  /** This connection's canaries. */
  readonly reports: Readonly<Record<CanaryId, CanaryReport | null>>;
  /** Of canaries whose report is dated ahead of our clock, and so proves nothing: by how much. Absent: not judged yet. */
  readonly aheadMs?: Readonly<Record<CanaryId, number>>;
  /** All other connections' path canaries, for mass failure and shared gateways; empty when there are none. */
  readonly otherReports: Readonly<Record<CanaryId, CanaryReport | null>>;
  readonly instances: Readonly<Record<GatewayName, InstanceFacts | null>>;
  /** By gateway, of Site-to-Site connections that it is or ends on, as `watch` saw them last. */
  readonly tunnels: Readonly<Record<GatewayName, TunnelReport | null>>;
  /** Of gateways that publish how their own daemon sees its tunnels. Null: the alarms could not be read. */
  readonly tunnelAlarms: Readonly<Record<GatewayName, OwnTunnelAlarms | null>>;
  /** By gateway with a speaker, as `watch` read it last. Null: it was never read, or cannot be. */
  readonly speakers: Readonly<Record<GatewayName, SpeakerReport | null>>;
  readonly routes: readonly RouteFacts[];
  /** What EC2 showed last; null where it shows its tables now, or refuses to. */
  readonly lastSeen: Sight | null;
  /** Looks that IAM, or a policy above it, refuses us, in AWS's words; absent: none. */
  readonly denied?: readonly string[];
  /** Ends whose EC2 did not answer: of their routes nothing is known. Absent: all did. */
  readonly unreadEnds?: readonly EndName[];
  /** Listed tables that EC2, asked about them, does not list. */
  readonly missingTables: readonly string[];
  readonly shadows: readonly Shadow[];
  /** Routes of other connections whose paths share one of our gateways; empty when none does. */
  readonly otherRoutes: Readonly<Record<ConnectionName, readonly RouteFacts[]>>;
  /** Of this connection's path canaries. Null or absent: the pinning routes could not be read. */
  readonly pins: Readonly<Record<CanaryId, PinFacts | null>>;
  /** Gateway lease items: who repairs what. */
  readonly gatewayLeases: Readonly<Record<GatewayName, GatewayLease | null>>;
  /** Who was replaced, from where it is written beside the lock table: for gateways whose items could not be read. */
  readonly standIns: Readonly<Record<GatewayName, Replacement | null>>;
  /** The running rung's. */
  readonly automation: AutomationFacts | null;
  /** Claims left on gateways whose automation is known to have ended. */
  readonly endedClaims: readonly string[];
  /** The newest of each gateway. */
  readonly observations: Readonly<Record<GatewayName, Observation | null>>;
  /** The newest of each code, oldest first. */
  readonly healthWords: Readonly<Record<GatewayName, readonly HealthWord[]>>;
}

/** The lease item of a gateway: one repair at a time, whoever's connection it serves. */
export interface GatewayLease {
  readonly gateway: GatewayName;
  readonly holder: ConnectionName | null;
  readonly clientToken: string | null;
  readonly rung: Rung | null;
  readonly until: Instant;
  /** The automation that works on the gateway, by its own first step. */
  readonly claimedBy: string | null;
  /** Journalled by our own `replace`, in force or ended (core/gateways/identity.ts); null: as declared. */
  readonly identity: Replacement | null;
  /** What the configuration said of it when the sweep looked last; absent: nobody has written that down. */
  readonly declared?: Declaration;
  /** Written and journalled identity are not the same; absent: they are, or nobody has compared them. */
  readonly apart?: Apart;
  /** An identity was journalled and cannot be read. */
  readonly unread: Unread | null;
}

/**
 * Found by the sweep: a replacement that `replace` wrote down and no run has journalled, or one that is journalled and
 * not written down (core/gateways/adoption.ts).
 */
export interface Apart extends GatewayIdentity {
  readonly what: 'unjournalled' | 'unwritten';
  readonly since: Instant;
}

/** Where routes of a path point, as declared or journalled: one target for each kind of table that can lead there. */
type PathTargets = Readonly<Record<PathName, readonly RouteTarget[]>>;

/** Every interface that is or was a path's. */
export interface Places {
  readonly targets: PathTargets;
  /** Where a path led before its gateway was replaced or rebuilt, newest first: routes may still point there. */
  readonly former: Readonly<Record<PathName, readonly RouteTarget[]>>;
  /** The same, end by end. Absent: the connection has one. */
  readonly ends?: Readonly<Record<EndName, Places>>;
}
