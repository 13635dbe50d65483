/**
 * Are the users of a route set served? A verdict of its own, above paths: the partner's far side may answer the path's
 * canary and turn users away, so what the service canary sees outranks what any path says.
 *
 *     service canary:  misses every round -> dark    loses or waits as in `severe` -> severe    waits -> slow
 *     it says nothing: every path the routes are on is down -> dark, severe -> severe; otherwise nobody knows
 *
 * Law: `finish` is said only of users who are served (invariants.laws.served).
 */

import { watchesUsersOf } from '../words/canaries';
import type { RouteSetName } from '../words/domain';
import type { CanaryReport } from '../words/evidence';
import { ageMs, type Instant, minuteMs, spanText } from '../words/time';
import {
  type Assessment,
  type BareSet,
  freshReports,
  isFailing,
  type Look,
  type PathAssessment,
  type UsersAssessment,
  type UsersState,
} from './assessment';
import { isTooYoungForLoss, showsSevere } from './severity';

export const usersOf = (look: Look, set: BareSet, paths: Assessment['paths']): UsersAssessment => ({
  ...(byCanaries(look, set.routeSet) ?? byPaths(look, set, paths)),
  ...(isUnheard(look, set.routeSet) && { unheard: true }),
});

/** From reports alone, where nothing is known of paths. */
export const usersByReports = (heard: Heard, routeSet: RouteSetName): UsersAssessment =>
  byCanaries(heard, routeSet) ?? unheard(heard);

type Heard = Parameters<typeof freshReports>[0] & Pick<Look, 'memory'>;

/**
 * Several service canaries: one that is answered well speaks for the set, as for a path. Null: none has
 * reported lately that could tell.
 */
function byCanaries(heard: Heard, routeSet: RouteSetName): UsersAssessment | null {
  const reports = freshReports(heard, watchesUsersOf(routeSet));
  const felt = reports.filter((r) => r.verdict !== 'unknown').map((report) => feltBy(heard, routeSet, report));
  if (felt.length === 0) return null;
  return felt.reduce((best, one) => (severity[one.state] < severity[best.state] ? one : best));
}

const severity: Readonly<Record<UsersState, number>> = { served: 0, slow: 1, severe: 2, dark: 3, unknown: 4 };

function feltBy(
  { connection: { policy }, memory, now }: Heard,
  routeSet: RouteSetName,
  report: CanaryReport,
): UsersAssessment {
  const { canary, lossRatio, rttMs } = report;
  const age = `${spanText(ageMs(report.reportedAt, now))} ago`;
  if (report.verdict === 'down' && report.answeredInARow > 0)
    return { state: 'unknown', since: now, rttMs, because: `canary ${canary} was down and answers again (${age})` };
  if (report.verdict === 'down') {
    const since = report.missedSince > 0 ? report.missedSince : report.since;
    return {
      state: 'dark',
      since,
      rttMs: null,
      because: `canary ${canary} missed ${report.missedInARow} rounds in a row (${age})`,
    };
  }
  const before = memory.unserved[routeSet];
  const lasts = before !== undefined && before.hurt !== null && before.dark === null;
  const seen = `canary ${canary} sees ${Math.round(lossRatio * 100)} % loss, ${Math.round(rttMs ?? 0)} ms (${age})`;
  if (showsSevere(report, policy, lasts)) return { state: 'severe', since: now, rttMs, because: seen };
  if (lasts && isTooYoungForLoss(report, policy))
    return {
      state: 'unknown',
      since: now,
      rttMs,
      because: `canary ${canary} has just begun to count loss anew (${age})`,
    };
  if ((rttMs ?? 0) > policy.degradedRttMs) return { state: 'slow', since: now, rttMs, because: seen };
  // Each round begins an interval after the one before it, and answeredAt is when the last of them began.
  const firstAt = report.answeredAt - (report.answeredInARow - 1) * policy.roundIntervalMs;
  const since = report.answeredInARow > 0 ? Math.min(now, firstAt) : now;
  return { state: 'served', since, rttMs, because: `canary ${canary} is answered (${age})` };
}

/**
 * Has the set service canaries, and has none of them reported for a minute? Nobody knows then how its users are, and what
 * was told of them is neither so nor over.
 */
function isUnheard({ connection, evidence, now }: Heard, routeSet: RouteSetName): boolean {
  const own = connection.canaries.filter(watchesUsersOf(routeSet));
  return own.length > 0 && own.every(({ id }) => now - (evidence.reports[id]?.reportedAt ?? 0) >= minuteMs);
}

const unheard = ({ now }: Heard): UsersAssessment => ({
  state: 'unknown',
  since: now,
  rttMs: null,
  because: 'no service canary has reported lately',
});

function byPaths(look: Look, { used }: BareSet, paths: Assessment['paths']): UsersAssessment {
  const { now } = look;
  const on = used.map((path) => paths[path]!);
  const unknown = unheard(look);
  if (on.length === 0) return unknown;
  const because = on.map((p) => `path ${p.path} is ${p.verdict}: ${p.because}`).join('; ');
  if (on.every(isFailing)) return { ...unknown, state: 'dark', since: firstFailure(on, now), because };
  if (on.every((p) => p.severeNow || isFailing(p))) return { ...unknown, state: 'severe', because };
  return unknown;
}

const firstFailure = (paths: readonly PathAssessment[], now: Instant): Instant =>
  Math.max(...paths.map((p) => p.failingSince ?? now));
