/**
 * Twins on two paths: packets leave over one and are answered over the other. As a rule a move is under way, so it is given
 * a moment; then what was begun is finished. It is said where that lasts.
 */
import { onlyPath, type PathAssessment, type SetAssessment } from '../assess/assessment';
import type { MoveDecision } from '../words/decision';
import { choiceOf } from '../words/ends';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, spanText } from '../words/time';
import type { Concern, SpokenDue } from './concern';
import { moveDecision, setMove } from './pairs';
import { isContradicted, movableSets, pathFor, twinOf, type View } from './view';

interface Split {
  readonly near: SetAssessment;
  /** Who moved last, and who has not followed. */
  readonly ahead: SetAssessment;
  readonly behind: SetAssessment;
  readonly since: Instant;
}

/** Of each pair whose ends follow different paths, as far as EC2 shows both. */
function splits(view: View): Split[] {
  const [nearEnd] = view.connection.ends ?? [];
  const nearSets = Object.values(view.assessment.sets).filter(
    ({ routeSet }) => view.connection.routeSets[routeSet]?.end === nearEnd && nearEnd !== undefined,
  );
  return nearSets.flatMap((near): Split[] => {
    const far = twinOf(view, near);
    if (far === undefined || !isKnown(near) || !isKnown(far)) return [];
    const isOne = onlyPath(near) !== null && onlyPath(near) === onlyPath(far);
    if (isOne) return [];
    const changedAt = ({ routeSet }: SetAssessment): Instant => own(view.memory.usedSince, routeSet)?.at ?? 0;
    const [ahead, behind] = changedAt(far) > changedAt(near) ? [far, near] : [near, far];
    return [{ near, ahead, behind, since: changedAt(ahead) }];
  });
}

/** As far as EC2 shows them, both ends of each choice follow one path. */
export const areEndsOne = (view: View): boolean => splits(view).length === 0;

const isKnown = ({ used, foreign }: SetAssessment): boolean => used.length > 0 && foreign.length === 0;

// 7d -----------------------------------------------------------------------------------------------------------------

/**
 * Finishes what one end has begun: the other follows it, or, where nothing proves that path, it comes back.
 *
 * Example: `all` is rescued from a to b, and ohio's EC2 throttles: frankfurt is on b, ohio on a. Path a comes back before
 * ohio could be written. Twenty seconds later ohio follows to b, from where both go home together after a soak.
 */
export function finishSplit(view: View): MoveDecision | null {
  if (view.assessment.mass) return null;
  for (const { ahead, behind, since } of splits(view)) {
    if (view.now - since < limits.splitHoldMs) continue;
    const ways = [
      { set: behind, to: onlyPath(ahead) },
      { set: ahead, to: onlyPath(behind) },
    ];
    const way = ways.find(({ set, to }) => to !== null && mayGo(view, set, pathFor(view, set, to)));
    if (way === undefined) continue;
    const to = pathFor(view, way.set, way.to!);
    const lasted = since === 0 ? '' : ` for ${spanText(view.now - since)}`;
    return moveDecision(view, [setMove(way.set, to)], {
      kind: 'divert',
      rule: 'split',
      planned: true,
      because: `${placesText(view, ahead, behind)}${lasted}; path ${to.path} is proven healthy: ${to.because}`,
    });
  }
  return null;
}

function mayGo(view: View, set: SetAssessment, to: PathAssessment): boolean {
  const isFree = movableSets(view).some(({ routeSet }) => routeSet === set.routeSet);
  return isFree && to.provenHealthy && !to.drained && !isContradicted(view, set, to.path);
}

function placesText({ connection }: View, ...sets: readonly SetAssessment[]): string {
  const [first] = sets;
  const places = sets.map(({ routeSet, used }) => `on ${used.join('+')} at ${connection.routeSets[routeSet]!.end}`);
  return `routes of ${choiceOf(connection.routeSets[first!.routeSet]!)} are ${places.join(' and ')}`;
}

/** Said once it has lasted: what is under way ends sooner. */
export function splitConcerns(view: View): Concern[] {
  return splits(view).flatMap(({ near, ahead, behind, since }): Concern[] => {
    const key = `split/${near.routeSet}` as const;
    if (view.now - since < limits.splitToldMs && !(key in view.memory.told)) return [];
    const end = view.connection.routeSets[behind.routeSet]!.end;
    const text = `${placesText(view, ahead, behind)}: ${end} has not moved, so that what leaves over ${ahead.used.join('+')} is answered over ${behind.used.join('+')}; that works while both paths do`;
    return [{ key, urgent: false, text }];
  });
}

export const splitDues = (view: View): SpokenDue[] =>
  splits(view).flatMap(({ near, since }) => [
    {
      key: '',
      at: since + limits.splitHoldMs,
      because: `the ends of ${near.routeSet} are on two paths; what was begun is finished`,
    },
    {
      key: `split/${near.routeSet}`,
      at: since + limits.splitToldMs,
      because: `the ends of ${near.routeSet} are on two paths; people hear of it if that lasts`,
    },
  ]);
