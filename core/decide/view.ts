/**
 * What the rules look at: one connection, assessed, with what it remembers, and the few questions several rules ask.
 * Questions never act.
 */

import {
  type Assessment,
  isFailing,
  isPinned,
  onlyPath,
  type PathAssessment,
  type SetAssessment,
} from '../assess/assessment';
import { outlastsMs, rhythmOf } from '../assess/blips';
import type { Facts } from '../gateways/kind';
import { rungSpecs } from '../gateways/kinds';
import type { Desired } from '../store/lease';
import { openRung, type RungRun } from '../store/memory';
import { unreadMemory } from '../store/stored';
import type { PathName } from '../words/domain';
import { gatewaysOf, isMeant, isOver } from '../words/ends';
import { budgetWindowMs, limits } from '../words/policy';
import { isMovedByNetwork } from '../words/routing';
import { own, type Unread } from '../words/shape';
import { type Instant, minuteMs, secondMs } from '../words/time';
import { divertWord, isBackFromDrill } from './asked';

export interface View extends Facts {
  readonly assessment: Assessment;
  readonly desired: Desired;
  /** The automation of the running rung, once its start is journalled. */
  readonly automationId: string | null;
  /** The lock table is down: nothing of earlier looks is remembered, and nothing of this one will be. */
  readonly failOpen: boolean;
}

/** Facts, and what people asked for. */
export type Asked = Pick<View, keyof Facts | 'desired'>;

/** Stored facts of this connection that cannot be read. */
export function unreadOf(view: View): Unread[] {
  const identities = gatewaysOf(view.connection).flatMap(
    (gateway) => view.evidence.gatewayLeases[gateway]?.unread ?? [],
  );
  return [...unreadMemory(view.memory), ...view.desired.unread, ...identities];
}

/** Is a move of this set still unproven, so that nothing else may move it? (Rule 2.) */
export function isSettling(view: View, set: SetAssessment): boolean {
  const move = view.memory.moves[set.routeSet];
  if (move === undefined || move.outcome !== 'unconfirmed') return false;
  if (isBackFromDrill(view, set.routeSet) && move.to !== set.home) return false; // Users wait for nothing of a drill.
  const down = own(view.assessment.paths, move.to) !== undefined && pathFor(view, set, move.to).verdict === 'down';
  // A move made in part is not settling, it is to be finished; one that EC2 took and does not show yet is.
  const whole = set.used.length === 1 && set.used[0] === move.to && !set.stale && set.cover !== 'wanted';
  return (whole || move.state === 'sent') && !down && view.now - move.at < view.connection.policy.confirmAfterMs;
}

/**
 * Sets that rules may move: not settling, not in somebody else's hands, not refused by EC2 a moment ago, not well where
 * they belong. None where the network moves them: what its speakers say is all that we change there (orders.ts).
 */
export function movableSets(view: View): SetAssessment[] {
  if (isMovedByNetwork(view.connection)) return [];
  return Object.values(view.assessment.sets).filter(
    (set) =>
      set.foreign.length === 0 &&
      set.used.length > 0 &&
      !isHomeAndHealthy(view, set) &&
      !isSettling(view, set) &&
      writesAgainAt(view, set) <= view.now,
  );
}

/** The set of the other end. Undefined: the connection has one end, or nothing is known of it. */
export const twinOf = ({ connection, assessment }: View, { routeSet }: SetAssessment): SetAssessment | undefined =>
  own(assessment.sets, own(connection.routeSets, routeSet)?.twin ?? '');

/** Paths a set could go to, best first: home, then as configured. */
export function candidates(view: View, set: SetAssessment): PathAssessment[] {
  const all = Object.keys(view.assessment.paths).map((path) => pathFor(view, set, path));
  // Where the other end is already: nobody there is moved a second time.
  const twin = twinOf(view, set);
  const shared = twin && onlyPath(twin);
  const first = ({ path }: PathAssessment): boolean => path === shared && !set.used.includes(path);
  const rest = all.filter((p) => !first(p));
  return [...all.filter(first), ...rest.filter((p) => p.path === set.home), ...rest.filter((p) => p.path !== set.home)];
}

/** A path as it serves this set: by the canaries of the set's own network, where it has some. */
export const pathFor = (view: View, set: SetAssessment, path: PathName): PathAssessment =>
  own(set.onPaths, path) ?? view.assessment.paths[path]!;

/** The paths a set is on, as they serve it: over the interfaces that its own routes are on. */
export const usedPaths = (view: View, set: SetAssessment): PathAssessment[] =>
  set.used.map((path) => {
    const stray = own(set.strays, path);
    const whole = pathFor(view, set, path);
    return stray === undefined ? whole : { ...whole, ...unproven, ...stray };
  });

/** A path whose canary looks at another interface than the routes are on: nothing it says proves this one. */
const unproven = {
  provenHealthy: false,
  provenWorking: false,
  mtu: false,
  failingSince: null,
  answersAgain: false,
  ownSide: 'unknown',
  gatewayProbe: 'none',
  gatewaySilent: false,
  severeNow: false,
} as const satisfies Partial<PathAssessment>;

/** May `set` move to this path? A path it is on already is a place to go only for routes that strayed from it. */
export const isElsewhere = (set: SetAssessment, path: PathAssessment): boolean =>
  !set.used.includes(path.path) || own(set.strays, path.path)?.verdict === 'down';

/** Both sets of a pair: one that is at home goes where the other must. */
export function isHomeAndHealthy(view: View, set: SetAssessment): boolean {
  const twin = twinOf(view, set);
  return isAtHomeAndHealthy(view, set) && (twin === undefined || isAtHomeAndHealthy(view, twin));
}

/**
 * Home, whole, and serving: nothing writes there (law `homeAndHealthy`), unless a person wants its users elsewhere.
 * Unknown is not unhealthy.
 */
function isAtHomeAndHealthy(view: View, set: SetAssessment): boolean {
  if (divertWord(view, set.routeSet) !== null) return false;
  const [home] = usedPaths(view, set);
  if (isAway(set) || set.cover !== 'none' || home === undefined || home.drained || set.service === 'down') return false;
  return home.verdict === 'healthy' || (home.verdict === 'unknown' && set.service === 'up');
}

/** A human acknowledged after the budget was first used up in this window: it counts from there. */
export function budgetLeft(view: Asked, spent: readonly Instant[], max: number): boolean {
  return spentOf(view, spent).length < max;
}

/** When a used-up budget has room again: a day after its oldest entry that counts. */
export function budgetFreeAt(view: View, spent: readonly Instant[], max: number): Instant {
  const counted = spentOf(view, spent);
  return (counted[counted.length - max] ?? view.now) + budgetWindowMs;
}

function spentOf(view: Asked, spent: readonly Instant[]): Instant[] {
  const from = Math.max(view.now - budgetWindowMs, view.desired.acknowledgedAt);
  return spent.filter((at) => at > from);
}

export const runningRung = (view: View): RungRun | null => openRung(view.memory);

/** A repair of this path runs, or ended less than its settle time ago. (Rule 8.) */
export function isUnderRepair(view: View, path: PathName): boolean {
  return view.memory.rungs.some((r) => r.path === path && (r.endedAt === null || view.now < settledAt(view, r)));
}

const untouched: readonly RungRun['result'][] = ['refused', 'undelivered', 'unseen', 'left', 'denied', 'declined'];

/**
 * When a rung that has ended has had its time to show an effect. A rung that never began touched nothing, so there is
 * nothing to wait for.
 */
export function settledAt(view: Facts, run: RungRun): Instant {
  const endedAt = run.endedAt ?? view.now;
  if (untouched.includes(run.result)) return endedAt;
  // A gateway that was taken out of the configuration has no more to show.
  const path = own(view.connection.paths, run.path);
  const isKnown = path !== undefined && isOver(path, run.gateway);
  const shown = isKnown ? rungSpecs[run.rung].settledAt?.(view, run) : undefined;
  return shown ?? endedAt + view.connection.policy.repairSettleMs;
}

/**
 * How long home must have been healthy before failback: doubled by each further unplanned move of the last 24 h, and in
 * any case longer than it holds between two of the blips it keeps having.
 */
export function soakMs(view: View, home: PathName): number {
  const { soakMs: base, soakMaxMs } = view.connection.policy;
  const moves = spentOf(view, view.memory.budgets.moves).length;
  const doubled = Math.min(soakMaxMs, base * 2 ** Math.max(0, moves - 1));
  const rhythm = rhythmOf(view.memory, home, view.desired.acknowledgedAt);
  return rhythm === null ? doubled : Math.max(doubled, outlastsMs(rhythm));
}

export function isInFailbackWindow(view: View): boolean {
  const window = view.connection.policy.failbackWindow;
  if (window === undefined) return true;
  const hour = new Date(view.now).getUTCHours();
  const { fromHourUtc: from, toHourUtc: to } = window;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}

export const isAway = (set: SetAssessment): boolean => set.used.length !== 1 || set.used[0] !== set.home;

/** Is the set's home a place it may return to, once it has been healthy long enough? */
export function maySoakHome(view: View, set: SetAssessment): boolean {
  return isHomeWell(view, set) && !isHomeContradicted(view, set);
}

export function isHomeWell(view: View, set: SetAssessment): boolean {
  const home = pathFor(view, set, set.home);
  return home.verdict === 'healthy' && isPinned(home) && !home.drained && runningRung(view)?.path !== home.path;
}

/** The set's users got nothing on this path though its own canary passed, and nobody has acknowledged that since. */
export function isContradicted({ memory, desired }: View, set: SetAssessment, path: PathName): boolean {
  const at = own(memory.contradicted[set.routeSet] ?? {}, path);
  return at !== undefined && desired.acknowledgedAt <= at;
}

export const isHomeContradicted = (view: View, set: SetAssessment): boolean => isContradicted(view, set, set.home);

/**
 * When writing a set's routes is tried again; 0: now. Where EC2 or IAM refused the write it is tried more and more
 * rarely.
 */
export function writesAgainAt({ memory }: View, { routeSet }: SetAssessment): Instant {
  const left = memory.unwritten[routeSet];
  if (left === undefined) return 0;
  const { firstMs, maxMs } = left.refused ? retryRefusedMs : retryFailedMs;
  return left.at + Math.min(maxMs, firstMs * 2 ** (left.tries - 1));
}

const retryRefusedMs = { firstMs: 5 * secondMs, maxMs: minuteMs };
const retryFailedMs = { firstMs: secondMs, maxMs: 20 * secondMs };

/**
 * Has a person said that this set may go home? The word stands until the set is there, is moved away again (but by a
 * drain), or is put elsewhere by hand; and for a day at most.
 */
export function hasWord(view: View, set: SetAssessment): boolean {
  const word = view.desired.failback;
  if (word === null || !isMeant(word.routeSet, set.routeSet)) return false;
  if (view.now - word.since > limits.failbackWordMs) return false;
  const move = own(view.memory.moves, set.routeSet);
  const usedSince = own(view.memory.usedSince, set.routeSet)?.at ?? 0;
  if (move === undefined || move.at <= word.since) return usedSince <= word.since;
  // A move that EC2 has not shown yet may not have moved anybody: the person's word still stands.
  if (move.state === 'tried' || move.state === 'sent')
    return usedSince <= (move.kind === 'failback' ? move.at : word.since);
  // A failback that was made in part goes on; a drain elsewhere has not brought anybody home.
  if (move.kind === 'failback') return set.used.length > 1;
  return move.kind === 'divert' && move.planned && !move.from.includes(set.home);
}

/** But for the proof that home is well: is it time for this set to go home? */
export function isTimeForHome(view: View, set: SetAssessment): boolean {
  const { failback, failbacks24hMax } = view.connection.policy;
  if (divertWord(view, set.routeSet) !== null) return false;
  if (hasWord(view, set) || mayLeaveDrill(view, set)) return true;
  return (
    failback === 'automatic' &&
    isInFailbackWindow(view) &&
    soakedAt(view, set) <= view.now &&
    budgetLeft(view, view.memory.budgets.failbacks, failbacks24hMax)
  );
}

/** Its drill is over. A home that was well all the time has nothing to soak for; one that failed meanwhile has. */
export function mayLeaveDrill(view: View, set: SetAssessment): boolean {
  if (!isBackFromDrill(view, set.routeSet)) return false;
  const { scope } = pathFor(view, set, set.home);
  const well = view.memory.healthySince[scope] ?? view.now;
  return well <= view.memory.drill!.openedAt || soakedAt(view, set) <= view.now;
}

export const soakedAt = (view: View, set: SetAssessment): number =>
  (view.memory.healthySince[pathFor(view, set, set.home).scope] ?? view.now) + soakMs(view, set.home);

/** Users wait for a proof that is one report away: traffic first, so nothing else starts meanwhile. */
export function isRescueNear(view: View): boolean {
  return movableSets(view).some((set) => {
    const used = usedPaths(view, set);
    if (used.every((p) => !isFailing(p) && !p.drained)) return false;
    return candidates(view, set).some(
      (p) =>
        p.verdict === 'healthy' &&
        isPinned(p) &&
        !p.drained &&
        isElsewhere(set, p) &&
        !(p.provenHealthy && isProvenSince(p, used)),
    );
  });
}

/**
 * Is the proof of `to` newer than the failure of what is left? Two paths that die together look, for a report interval,
 * like one that died and one that was well a moment ago.
 */
export function isProvenSince(to: PathAssessment, left: readonly PathAssessment[]): boolean {
  return left.every((path) => path.failingSince === null || to.answeredAt >= path.failingSince);
}
