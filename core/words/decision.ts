/**
 * The answers `decide` can give, and the messages that carry them between the state machine and the functions.
 *
 * Every decision says why in one sentence and which rule spoke. Messages carry a schema version: a run that was
 * started by older code and reads a newer answer assesses again instead of guessing.
 */
import type {
  CanaryId,
  ConnectionName,
  DeclaredIds,
  Drain,
  GatewayName,
  Mode,
  PathName,
  Replacement,
  RouteSetName,
  TunnelAddress,
} from './domain';
import type { EndName } from './end';
import type { CanaryReport } from './evidence';
import type { RuleName } from './rules';
import type { Rung } from './rungs';
import type { Instant } from './time';
import type { ToldKey } from './told-kinds';

interface Because {
  /** The rule that spoke. */
  readonly rule: RuleName;
  /** One sentence: why. */
  readonly because: string;
}

/** One route set and where it shall point. */
export interface SetMove {
  readonly routeSet: RouteSetName;
  readonly from: readonly PathName[];
  readonly to: PathName;
  /** The set's service canary passed when this was decided: only then can it contradict the move. */
  readonly passed: boolean;
  /** So many of its tables EC2 did not list then: their routes stay where they are. Absent: none. */
  readonly missing?: number;
}

/** Off a former interface of the very path that the routes follow: its gateway became another. */
export const staysOnPath = ({ from, to }: Pick<SetMove, 'from' | 'to'>): boolean => from.length === 1 && from[0] === to;

/** As people read it. */
export const moveText = ({ routeSet, from, to }: Pick<SetMove, 'routeSet' | 'from' | 'to'>): string =>
  staysOnPath({ from, to })
    ? `${routeSet} to where path ${to} leads now`
    : `${routeSet} from ${from.join('+')} to ${to}`;

export interface MoveDecision extends Because {
  readonly kind: 'divert' | 'failback' | 'undo';
  readonly moves: readonly SetMove[];
  readonly planned: boolean;
  readonly lastResort: boolean;
  /** Moves off a severe path are budgeted. */
  readonly severe: boolean;
  /** For users who are dark on a path that answers its own canary: once a day, and back if it is no better. */
  readonly trial: boolean;
  /** EC2 does not show its routes: the plan is made of those it showed then. Absent: of those it shows. */
  readonly lastSeenAt?: Instant;
  /** What EC2 showed of the connection's routes, as `sightText` has it: a rescue need not ask it a second time at once. */
  readonly seen?: { readonly at: Instant; readonly text: string };
  /** Digest of the plan `core/routes/plan.ts` made of these moves; `apply` makes it again and compares. */
  readonly planDigest: string;
  /** Given beside the writes, so that answers leave a dead path with the packets. Absent: none is due, or it can wait a turn. */
  readonly order?: RepairDecision;
  readonly decidedAt: Instant;
}

/** Off a path that is down, onto one proven healthy: nothing slow may stand before it. */
export const isRescue = (decision: Decision): decision is MoveDecision =>
  decision.kind === 'divert' && decision.rule === 'rescue' && !decision.planned;

export interface RepairDecision extends Because {
  readonly kind: 'repair';
  readonly path: PathName;
  readonly gateway: GatewayName;
  readonly rung: Rung;
  /** The end in another region or account that the gateway stands at. Absent: it stands where the deployment is. */
  readonly end?: EndName;
  readonly document: string;
  /** As StartAutomationExecution takes them: every value a list of strings. From the bundled configuration only. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly clientToken: string;
  /** Others' traffic may pass over the gateway: one tunnel alone is touched, never the daemon. */
  readonly beside: boolean;
  /** The one it acts on; null: it acts on the whole gateway. */
  readonly tunnel: TunnelAddress | null;
  readonly purpose: 'repair' | 'maintenance' | 'rehearsal' | 'order';
  readonly deadlineAt: Instant;
  readonly decidedAt: Instant;
  /** The gateway lease is taken until here: deadline plus settle time. */
  readonly gatewayUntil: Instant;
  /** The automation that claimed the gateway last and has ended since; `none`: nobody has left a claim. */
  readonly endedClaim: string;
  /** As the configuration has the gateway now: what a replacement of it stands in for. */
  readonly declared: DeclaredIds | null;
}

interface HoldDecision extends Because {
  readonly kind: 'hold';
  /** When something is due; the run sleeps at most till then. */
  readonly until: Instant;
}

/** A human is needed, and told once per incident under this key. */
export interface EscalateDecision extends Because {
  readonly kind: 'escalate';
  readonly key: ToldKey;
}

/** `finish`: all home and healthy. `park`: open, but nothing is due soon; a signal or the sweep resumes it. */
interface EndDecision extends Because {
  readonly kind: 'finish' | 'park';
}

/** The request of this execution is sound: record it in the connection item, then assess again. */
export interface RecordDecision extends Because {
  readonly kind: 'record_request';
  /**
   * Arguments of the DynamoDB update that makes the request desired state. Its condition is what the review rests on:
   * when another command was recorded meanwhile, this one is reviewed again.
   */
  readonly update: {
    readonly expression: string;
    readonly condition: string;
    readonly names: Readonly<Record<string, string>>;
    readonly values: Readonly<Record<string, { readonly S: string } | { readonly N: string }>>;
  };
}

/** One command for several connections: recorded for all of them, or for none. */
export interface RecordTogetherDecision extends Because {
  readonly kind: 'record_together';
  readonly updates: readonly (RecordDecision['update'] & { readonly connection: ConnectionName })[];
}

/** The request is refused, or cannot be understood. Nothing has happened. */
export interface RefuseDecision extends Because {
  readonly kind: 'refuse_request';
  /** How the command's author can put it right. */
  readonly mend: string;
}

/** The connection is configured and nobody has stored an item for it yet: that comes first. */
interface SeedDecision extends Because {
  readonly kind: 'seed';
}

export type Decision =
  | MoveDecision
  | RepairDecision
  | HoldDecision
  | EscalateDecision
  | EndDecision
  | RecordDecision
  | RecordTogetherDecision
  | RefuseDecision
  | SeedDecision;

/** What `apply` was to move when it failed, or did not answer. */
export type UnansweredWrite = Readonly<{ because: string; moves: readonly Pick<SetMove, 'routeSet' | 'to'>[] }>;

/** State machine -> assess. */
export interface AssessRequest {
  readonly schema: 1;
  readonly connection: ConnectionName;
  /** This execution's ARN. */
  readonly holder: string;
  /** Null: no lease is held (a request under review, or the lock table is down). */
  readonly token: number | null;
  /** The lock table did not answer: only a divert onto a proven path is allowed. */
  readonly failOpen: boolean;
  /** The connection's item as this execution's own take showed it; null or absent: it is read. */
  readonly item?: unknown;
  /** When Step Functions handed the item on. */
  readonly itemAt?: Instant;
  /** What Step Functions heard when it last tried to start a repair; empty: it could, or has not tried. */
  readonly startFault?: string;
  /** The write it tried last, when nothing was heard of it; null or absent: something was, or it tried none. */
  readonly unanswered?: UnansweredWrite | null;
  /** The execution's raw input, as long as it carries a command that is not recorded yet. */
  readonly request: unknown;
}

/** One mail. */
export interface Notice {
  readonly subject: string;
  readonly message: string;
  /** What it is about, as a part of an execution's name: without the lock table that name remembers that it was told. */
  readonly topic: string;
  /** The same for programs. Null: the lock table is silent, and nobody knows which incident it is. */
  readonly event: IncidentEvent | null;
}

/** What we put on the default event bus with each notice: docs/EVENTS.md. */
export interface IncidentEvent {
  readonly detailType: `switchback.incident.${IncidentEventDetail['status']}`;
  readonly detail: IncidentEventDetail;
}

interface IncidentEventDetail {
  /** Of this form; a field that is added leaves it as it is. */
  readonly version: '1';
  /** The same in every event of an incident: the key by which they are told to be one. */
  readonly incidentId: string;
  readonly status: 'opened' | 'updated' | 'closed';
  /** `critical`: users suffer. `error`: a person is needed. `warning`: it is being dealt with. `info`: it is over. */
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly needsPeople: boolean;
  readonly deployment: string;
  readonly region: string;
  readonly connection: ConnectionName;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly openedAt: string;
  /** The first line of the notice. */
  readonly summary: string;
  /** What is announced, one sentence each. */
  readonly announcements: readonly string[];
  readonly open: readonly string[];
  readonly next: string;
  readonly paths: Readonly<Record<PathName, string>>;
  readonly routeSets: Readonly<
    Record<RouteSetName, { readonly on: string; readonly users: string; readonly darkMs: number }>
  >;
  readonly execution: string;
  /** The command that shows more. */
  readonly explain: string;
}

/** What every notice has, whoever writes it. */
export interface Letterhead {
  /** `[switchback paris] `: the deployment and the connection. */
  readonly subject: string;
  /** How users are; a sentence without its end. */
  readonly users: string;
  /** When and where. */
  readonly place: string;
  /** The command that shows more, and links, one a line. */
  readonly more: string;
}

/** assess -> state machine. */
export interface AssessResult {
  readonly schema: 1;
  /** The signal counter, read before anything else was looked at. */
  readonly signals: number;
  /** The connection item could not be read: its memory is unknown, so none of this may be stored over it. */
  readonly failOpen: boolean;
  readonly decision: Decision;
  /** The memory to store with the next conditional write, as JSON text. */
  readonly memory: string;
  /** The same after the pending announcements are made. */
  readonly memoryTold: string;
  /** What people must be told now; null: nothing. */
  readonly notice: Notice | null;
  /** The id of the incident that is open, or is closed by this; empty: none, or the lock table is silent. */
  readonly incident: string;
  /** What the state machine makes a notice of where it must speak for itself. */
  readonly letterhead: Letterhead;
  /**
   * A rung ended, or was given up before it began: until when its gateway is still left alone by every connection and,
   * after `replace`, the identity to journal.
   */
  readonly rungEnded: {
    readonly gateway: GatewayName;
    readonly clientToken: string;
    readonly until: Instant;
    readonly identity: Replacement | null;
    /** Who has claimed the gateway, as far as this assessment saw; `none`: nobody. */
    readonly claim: string;
    /** The automation is known to have ended: the claim it left is removed with its lease. */
    readonly isOver: boolean;
  } | null;
  /** Whole seconds, 1 to 30. */
  readonly sleepSeconds: number;
  /** For people and `explain`: verdict per path, path per route set. */
  readonly situation: Situation;
  /** Another configuration was deployed since the lease was taken: whatever is to be done, a fresh run does it. */
  readonly outdated: boolean;
}

export interface Situation {
  readonly mode: Mode;
  readonly paths: Readonly<Record<PathName, string>>;
  readonly sets: Readonly<Record<RouteSetName, string>>;
  readonly drained: readonly PathName[];
  /** Why each path has its verdict. */
  readonly why: Readonly<Record<PathName, string>>;
  /** What the users of each set feel. */
  readonly users: Readonly<Record<RouteSetName, { readonly state: string; readonly because: string }>>;
  /** What each canary's last report says, fresh or not. */
  readonly canaries: Readonly<
    Record<
      CanaryId,
      Pick<CanaryReport, 'verdict' | 'since' | 'lossRatio' | 'rttMs'> & {
        readonly path?: PathName;
        readonly routeSet?: RouteSetName;
      }
    >
  >;
}

/** State machine -> apply. */
export interface ApplyRequest {
  readonly schema: 1;
  readonly connection: ConnectionName;
  /** Null: fail open, the lock table is down. */
  readonly lease: { readonly holder: string; readonly token: number } | null;
  readonly decision: MoveDecision;
  /** The memory as assess returned it. */
  readonly memory: string;
}

export interface StepResult {
  readonly routeSet: RouteSetName;
  /** Where the table stands. Absent: the connection has one end. */
  readonly end?: EndName;
  readonly table: string;
  readonly destination: string;
  readonly kind: 'create' | 'replace' | 'delete';
  readonly from: string | null;
  readonly to: string | null;
  /**
   * By what EC2 shows afterwards. `sent`: EC2 took the write and does not show it yet. `waiting`: no time was left for
   * it. `refused`: EC2 or IAM says no. `failed`: no answer.
   */
  readonly result: 'done' | 'sent' | 'waiting' | 'conflict' | 'throttled' | 'refused' | 'failed';
  readonly detail: string;
}

/** apply -> state machine. */
export interface ApplyResult {
  readonly schema: 1;
  /** `unwritten`: no route has moved, and EC2 has taken no write. */
  readonly outcome: 'applied' | 'partial' | 'unwritten' | 'stale_plan' | 'lease_lost' | 'nothing_to_do';
  readonly because: string;
  readonly steps: readonly StepResult[];
}

/** A human's command, as `core/turn/request.ts` parses it. */
export type OperatorRequest =
  | {
      readonly trigger: 'maintenance';
      readonly connection: ConnectionName;
      readonly path: PathName;
      readonly until: Instant;
      readonly reason: string;
      readonly requestedBy: string;
      readonly drain: Drain['kind'];
      readonly force: boolean;
    }
  | {
      readonly trigger: 'maintenance_end';
      readonly connection: ConnectionName;
      readonly path: PathName;
      readonly requestedBy: string;
    }
  | {
      readonly trigger: 'pause';
      readonly connection: ConnectionName;
      readonly until: Instant;
      readonly reason: string;
      readonly requestedBy: string;
    }
  | {
      readonly trigger: 'failback';
      readonly connection: ConnectionName;
      /** Absent: every set that is away. */
      readonly routeSet?: RouteSetName;
      readonly requestedBy: string;
    }
  | {
      readonly trigger: 'divert';
      readonly connection: ConnectionName;
      /** At least one. */
      readonly routeSets: readonly RouteSetName[];
      readonly to: PathName;
      readonly until: Instant;
      readonly reason: string;
      readonly requestedBy: string;
    }
  | {
      readonly trigger: 'drill';
      readonly connection: ConnectionName;
      /** Absent: every set. */
      readonly routeSet?: RouteSetName;
      readonly requestedBy: string;
    }
  | { readonly trigger: 'rehearsal'; readonly connection: ConnectionName; readonly requestedBy: string }
  | { readonly trigger: 'resume'; readonly connection: ConnectionName; readonly requestedBy: string }
  | { readonly trigger: 'acknowledge'; readonly connection: ConnectionName; readonly requestedBy: string };

export type Trigger = OperatorRequest['trigger'];
