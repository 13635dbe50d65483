/**
 * The two sets of one choice. Whatever rule speaks for one of them speaks for both: packets that leave over one path and
 * are answered over another pass while both tunnels do, and no longer.
 *
 *     a rescue      both at once; an end that cannot be written to keeps nobody from the other
 *     what is planned   both or neither, the far end first
 */
import type { PathAssessment, SetAssessment } from '../assess/assessment';
import { buildPlan } from '../routes/plan';
import type { MoveDecision, SetMove } from '../words/decision';
import { own } from '../words/shape';
import { isContradicted, isElsewhere, movableSets, pathFor, twinOf, type View } from './view';

/** As `traffic.ts` decides it for each set by itself. */
interface Shape {
  readonly planned: boolean;
  readonly lastResort: boolean;
}

export const setMove = (set: SetAssessment, to: PathAssessment | string): SetMove => ({
  routeSet: set.routeSet,
  from: set.used,
  to: typeof to === 'string' ? to : to.path,
  passed: set.service === 'up',
  ...(set.missingTables.length > 0 && { missing: set.missingTables.length }),
});

/** These moves, and what they ask of the sets at the other end. */
function inPairs(view: View, moves: readonly SetMove[], shape: Shape): SetMove[] {
  const handled = new Set<string>();
  return moves.flatMap((move) => {
    const set = own(view.assessment.sets, move.routeSet);
    if (handled.has(move.routeSet)) return [];
    handled.add(move.routeSet);
    const twin = set && twinOf(view, set);
    if (twin === undefined) return [move];
    handled.add(twin.routeSet);
    const other = moves.find(({ routeSet }) => routeSet === twin.routeSet);
    if (isThere(twin, move.to)) return [move];
    const may = other?.to === move.to || mayFollow(view, twin, move.to, shape);
    if (!may) return shape.planned ? [] : [move];
    const both = [move, setMove(twin, move.to)];
    return shape.planned ? farFirst(view, both) : both;
  });
}

const isThere = (set: SetAssessment, path: string): boolean =>
  set.used.length === 1 && set.used[0] === path && own(set.strays, path)?.verdict !== 'down';

/** What holds a set by itself holds it here as well: somebody else's hand, a refusal a moment ago, users it left dark. */
function mayFollow(view: View, twin: SetAssessment, to: string, { planned, lastResort }: Shape): boolean {
  if (!movableSets(view).some(({ routeSet }) => routeSet === twin.routeSet)) return false;
  const path = pathFor(view, twin, to);
  if (twin.used.length === 1 && !isElsewhere(twin, path)) return false;
  if (lastResort) return twin.used.every((one) => pathFor(view, twin, one).verdict === 'down');
  return !(planned && isContradicted(view, twin, to));
}

/** Where the second refuses after all, the first is taken back: what is nearer is asked last, and answers sooner. */
function farFirst({ connection }: View, moves: readonly SetMove[]): SetMove[] {
  const far = connection.ends?.[1];
  const isFar = ({ routeSet }: SetMove): boolean => connection.routeSets[routeSet]?.end === far;
  return [...moves.filter(isFar), ...moves.filter((move) => !isFar(move))];
}

type MoveShape = Pick<MoveDecision, 'kind' | 'rule' | 'because'> &
  Partial<Pick<MoveDecision, 'planned' | 'lastResort' | 'severe' | 'trial'>>;

/** The decision to make these moves; null when the plan would be empty: an empty plan does not speak. */
export function moveDecision(view: View, wanted: readonly SetMove[], shape: MoveShape): MoveDecision | null {
  const { planned = false, lastResort = false } = shape;
  const moves = inPairs(view, wanted, { planned, lastResort });
  if (moves.length === 0) return null;
  const plan = buildPlan(view.connection, view.assessment, view.evidence.routes, moves);
  if (plan.steps.length === 0) return null;
  return {
    planned: false,
    lastResort: false,
    severe: false,
    trial: false,
    ...shape,
    moves,
    planDigest: plan.digest,
    decidedAt: view.now,
  };
}
