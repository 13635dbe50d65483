/**
 * A rescue by the routes last seen: users are dark beside a proven path, and EC2 does not show its route tables, because
 * it is throttled or slow. Waiting for the read is what keeps them dark; the write has a bucket of its own.
 *
 * Law: only off a path that is down, onto one proven healthy, by routes seen lately on paths of ours, by replacing alone,
 * and never after EC2 or IAM said no. It is done once: until EC2 shows it, nothing is written unseen again, but what EC2
 * did not answer, and that to the same place.
 */
import { assess } from '../assess/assess';
import { isFailing, type SetAssessment } from '../assess/assessment';
import { unseenSets, withLastSeen } from '../assess/unseen';
import { buildPlan, type Plan } from '../routes/plan';
import type { MoveDecision } from '../words/decision';
import type { RouteSetName } from '../words/domain';
import type { Sight } from '../words/evidence';
import { limits } from '../words/policy';
import { type Instant, spanText } from '../words/time';
import { checkDecision } from './invariants';
import { divertFromDown } from './traffic';
import { usedPaths, type View } from './view';

/**
 * The rescue while EC2 does not show its route tables: by the routes it showed last, and only where they are replaced
 * like for like.
 *
 * Example: EC2 throttles all reads, and path a goes down. The sweep saw `office` on a a minute ago, path b is proven
 * healthy: its routes are replaced by b's. After three minutes without a look nothing is written any more: somebody may
 * have moved the routes meanwhile, and EC2 takes no condition on a write.
 */
export function rescueByLastSeen(view: View): MoveDecision | null {
  const seen = view.evidence.lastSeen;
  if (seen === null || !isLate(seen, view.now)) return null;
  const unseen = unseenSets(view);
  if (unseen.length === 0) return null;
  const then = asOf(view, seen, unseen);
  const mayMove = (set: SetAssessment): boolean => unseen.includes(set.routeSet) && mayMoveUnseen(then, set, seen);
  const sets = Object.values(then.assessment.sets).filter(mayMove);
  const rescue = rescueOf(then, sets);
  if (rescue === null || rescue.planned) return null;
  if (!replacesOnly(buildPlan(view.connection, then.assessment, then.evidence.routes, rescue.moves))) return null;
  checkDecision(then, rescue);
  const because = `${rescue.because}; EC2 does not show its routes, so by those seen ${spanText(view.now - seen.seenAt)} ago`;
  return { ...rescue, because, lastSeenAt: seen.seenAt };
}

/** Lately enough: nobody has sent a person there in the meantime. */
export const isLate = ({ seenAt }: Sight, now: Instant): boolean =>
  now - seenAt <= limits.lastSeenMs && seenAt <= now + limits.aheadMaxMs;

/** Creating would override a propagated route that may be gone by now, deleting would bare one that never was. */
export const replacesOnly = ({ steps, conflicts }: Plan): boolean =>
  conflicts.length === 0 && steps.every(({ kind }) => kind === 'replace');

/** The connection as it would look if EC2 still showed of these sets what it showed then. */
function asOf(view: View, seen: Sight, unseen: readonly RouteSetName[]): View {
  const { unreadEnds: _, ...evidence } = view.evidence;
  const then = { ...view, evidence: { ...evidence, routes: withLastSeen(evidence.routes, seen, unseen) } };
  return { ...then, assessment: assess(then) };
}

const rescueOf = (then: View, sets: readonly SetAssessment[]): MoveDecision | null =>
  divertFromDown({
    ...then,
    assessment: { ...then.assessment, sets: Object.fromEntries(sets.map((set) => [set.routeSet, set])) },
  });

/** EC2 gave no answer to the write: made again to the same place, it does no harm where it has been made. */
function isTriedAgain(then: View, set: SetAssessment): boolean {
  const move = then.memory.moves[set.routeSet];
  return move?.state === 'tried' && rescueOf(then, [set])?.moves[0]?.to === move.to;
}

function mayMoveUnseen(view: View, set: SetAssessment, seen: Sight): boolean {
  const { memory } = view;
  const move = memory.moves[set.routeSet];
  // A write of ours that nobody has seen yet: what was seen before it is no longer so.
  if (move?.state === 'sent' || memory.unwritten[set.routeSet]?.refused === true) return false;
  const isCurrent = move === undefined || seen.seenAt >= move.at || (set.used.length === 1 && set.used[0] === move.to);
  const bad = usedPaths(view, set).filter((path) => isFailing(path) || path.drained);
  const isOurs = set.foreign.length === 0 && !set.stale;
  return isOurs && bad.length > 0 && bad.every(isFailing) && (isCurrent || isTriedAgain(view, set));
}
