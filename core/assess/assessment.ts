/**
 * What an assessment says, per path and per route set, and what it is made from. The verdicts are drawn in `assess.ts`
 * (sets, mass failure), `path-verdict.ts` and `own-side.ts`.
 */

import type { Condition, Facts } from '../gateways/kind';
import type { Desired } from '../store/lease';
import type { RungRun } from '../store/memory';
import type { Canary, CanaryId, GatewayName, PathName, RouteSetName } from '../words/domain';
import type { EndName } from '../words/end';
import type { CanaryReport, Evidence, Places } from '../words/evidence';
import { ageMs, type Instant } from '../words/time';

export type Verdict = 'healthy' | 'degraded' | 'severe' | 'down' | 'unknown';

/** As people read it. */
export function verdictText({ verdict, mtu }: Pick<PathAssessment, 'verdict' | 'mtu'>): string {
  return mtu ? `${verdict} (mtu)` : verdict;
}

/** Traffic gets through, well or badly. */
export function isWorking(verdict: Verdict): boolean {
  return verdict === 'healthy' || verdict === 'degraded' || verdict === 'severe';
}

/** Do its canaries look at the very interface that we would write? */
export const isPinned = ({ pin }: PathAssessment): boolean => pin.leads === 'target';

/** Down, and nothing says that it is coming back. */
export function isFailing({ verdict, answersAgain }: PathAssessment): boolean {
  return verdict === 'down' && !answersAgain;
}

/** What a path's canaries look at; see pins.ts. */
export interface Pin {
  /** `target`: where the path leads now. `former`: where it led before. `elsewhere`: at neither, or at several. */
  readonly leads: 'target' | 'former' | 'elsewhere';
  /** Ids of what routes would point at. Empty: elsewhere. */
  readonly places: readonly string[];
  /** Empty where it is right. */
  readonly because: string;
  /** The canaries that look where the path leads: their reports judge it. */
  readonly canaries: readonly CanaryId[];
}

/** May a rung act on this path's gateway now? Beside others' traffic, only on one tunnel alone, and never its daemon. */
export function mayTouch(path: PathAssessment, beside: boolean): boolean {
  return beside ? !path.tunnelCarries : !path.carries;
}

/** Is there still what a rung that has not begun was started for? What is not a repair wants a path that works. */
export function isStillWanted(path: PathAssessment, { purpose, beside }: Pick<RungRun, 'purpose' | 'beside'>): boolean {
  if (purpose === 'order') return true; // A speaker is spoken to whether or not packets pass.
  if (purpose !== undefined && purpose !== 'repair') return isWorking(path.verdict);
  return path.verdict === 'down' && mayTouch(path, beside === true);
}

export interface PathAssessment extends Omit<Condition, 'dead' | 'downUnheard'> {
  readonly path: PathName;
  /** Under which memory keeps since when it is well: the path's name, or `set@path` where a set has its own judges. */
  readonly scope: string;
  /** What a repair acts on: of two ends the worse one's. */
  readonly gateway: GatewayName;
  /** The end that this side of the path is at. Absent: the path has one side of ours. */
  readonly end?: EndName;
  /** Both sides of a path with two ends, the one to be repaired first before the other. Absent: it has one. */
  readonly sides?: readonly PathAssessment[];
  readonly verdict: Verdict;
  /** Which canary, or EC2, the verdict comes from, with the number that decided it. */
  readonly because: string;
  /** At which interface those canaries look. Unless that is where the path leads, nothing is proven about the path. */
  readonly pin: Pin;
  /** Healthy, and a canary said so within `freshMaxMs`: the only ground for a divert onto it. */
  readonly provenHealthy: boolean;
  /** When the last probe that was answered was sent. */
  readonly answeredAt: Instant;
  /** Down by its canaries: when the first probe that was missed was sent. Null when it is not, or when EC2 says so. */
  readonly failingSince: Instant | null;
  /** Down still, but the last probe was answered: in a moment it is up, or down beyond doubt. Nothing is done to it till then. */
  readonly answersAgain: boolean;
  /** Small packets pass and those of full size do not: degraded, whatever else is well. */
  readonly mtu: boolean;
  /** Answers at all (healthy, degraded or severe), as freshly. */
  readonly provenWorking: boolean;
  /** EC2 itself says it is gone: no canary can contradict that. */
  readonly dead: boolean;
  readonly gatewayProbe: CanaryReport['gatewayProbe'];
  /** It has not answered its last probe: too little to call it down, enough to send it nothing that can wait. */
  readonly gatewaySilent: boolean;
  /** Loss or latency now at the `severe` level, however short so far. */
  readonly severeNow: boolean;
  /** It answers without loss, but more slowly than the policy calls healthy. Median, in ms; null: it does not. */
  readonly slowMs: number | null;
  readonly drained: boolean;
  /** Working traffic of any connection runs over this path's gateway: nothing may be done to the machine or its daemon. */
  readonly carries: boolean;
  /** Users get their answers over this very tunnel, whatever its own canary says: not even it may be touched. */
  readonly tunnelCarries: boolean;
  /** Another tunnel of the gateway may be alive: its daemon works, however silent it is to us, and is never restarted. */
  readonly othersPass: boolean;
}

/** How a path serves one set over the interface that its routes are on. */
export interface Stray {
  readonly verdict: 'down' | 'unknown';
  /** EC2 itself says so, or nothing can come back there. */
  readonly dead: boolean;
  readonly because: string;
}

export type UsersState = 'served' | 'slow' | 'severe' | 'dark' | 'unknown';

export interface UsersAssessment {
  readonly state: UsersState;
  /** When it began, by who saw it; `now` where nobody can say. */
  readonly since: Instant;
  readonly because: string;
  /** Median round trip, as users have it, in ms; null: none is known. */
  readonly rttMs: number | null;
  /** The set has service canaries, and none of them has reported for a minute. */
  readonly unheard?: true;
}

export interface SetAssessment {
  readonly routeSet: RouteSetName;
  readonly home: PathName;
  /** Paths its routes follow now; more than one while a move is incomplete. */
  readonly used: readonly PathName[];
  /** Some route points at an interface that was its path's before a replacement or a rebuild. */
  readonly stale: boolean;
  /**
   * Where a last resort may lie over propagated routes. `wanted`: AWS propagates some no more, and none lies there.
   * `spare`: one lies over what AWS propagates again.
   */
  readonly cover: 'none' | 'wanted' | 'spare';
  /** Paths whose verdict does not speak for all of the set's routes; see strays.ts. */
  readonly strays: Readonly<Record<PathName, Stray>>;
  /** Routes that point at none of our paths: somebody else's decision. */
  readonly foreign: readonly string[];
  readonly service: 'up' | 'down' | 'unknown';
  /** When the service canary said so. */
  readonly serviceAt: Instant;
  /** When the last round that its service canary had answered was sent; 0: none that anybody remembers. */
  readonly servedAt: Instant;
  /** Paths that serve this set otherwise than the others: canaries of its own network judge them. */
  readonly onPaths: Readonly<Record<PathName, PathAssessment>>;
  /** What the set's users feel, whichever path its routes are on. */
  readonly users: UsersAssessment;
  /** Listed tables that EC2 does not list: their routes are nobody's. */
  readonly missingTables: readonly string[];
}

/** A set by its routes and canaries alone, before anything is said of its users. */
export type BareSet = Omit<SetAssessment, 'users' | 'onPaths'>;

/** The one path all routes of a set follow; null while they are split, foreign or unread. */
export function onlyPath({ used, foreign }: BareSet): PathName | null {
  return used.length === 1 && foreign.length === 0 ? used[0]! : null;
}

export interface Assessment extends Places {
  readonly paths: Readonly<Record<PathName, PathAssessment>>;
  readonly sets: Readonly<Record<RouteSetName, SetAssessment>>;
  /** A common cause: more than half of many paths at once, or nobody can report. */
  readonly mass: boolean;
  readonly massBecause: string;
  /** Routes and reports could both be read. */
  readonly complete: boolean;
  readonly missing: string;
}

/** One look: the evidence beside everything it is judged by. */
export interface Look extends Facts, Places {
  readonly desired: Desired;
}

/** EC2 showed nothing of the tables, neither routes nor that they are gone. */
export const areRoutesUnread = ({ routes, missingTables }: Pick<Evidence, 'routes' | 'missingTables'>): boolean =>
  routes.length === 0 && missingTables.length === 0;

/** How old a report was when it was asked for. One that was written since is fresh. */
export function reportAgeMs(
  { reportsReadAt }: Pick<Evidence, 'reportsReadAt'>,
  { reportedAt }: CanaryReport,
  now: Instant,
): number {
  return ageMs(reportedAt, Math.min(reportsReadAt, now));
}

/** Reports young enough to be believed at all; `provenHealthy` asks for more. */
export function freshReports(
  look: Pick<Look, 'connection' | 'now'> & {
    readonly evidence: Pick<Evidence, 'reports' | 'reportsFrom' | 'reportsReadAt'>;
  },
  which: (canary: Canary) => boolean,
): CanaryReport[] {
  const { connection, evidence, now } = look;
  const maxMs =
    evidence.reportsFrom === 'metrics' ? connection.policy.metricsFreshMaxMs : connection.policy.silentAfterMs;
  return connection.canaries.filter(which).flatMap((canary) => {
    const report = evidence.reports[canary.id];
    return report && reportAgeMs(evidence, report, now) <= maxMs ? [report] : [];
  });
}
