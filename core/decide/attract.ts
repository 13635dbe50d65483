/**
 * Where a partner holds both tunnels in one box, a moved route is half a move: it goes on answering over the tunnel that was
 * keyed last, until it has given that one up. So each move takes an order with it, to key the tunnel of its path anew.
 *
 * Best effort, once per move: nobody can read which tunnel the partner answers over. Users who are dark are told of as ever.
 */
import type { Decision, RepairDecision } from '../words/decision';
import type { PathName } from '../words/domain';
import { repairDecision } from './ladder';
import { whyNotSent } from './speaker-wants';
import { runningRung, type View } from './view';

/** Example: gw-a has stopped, and `office` goes to b: the tunnel of b is keyed anew beside the route writes. */
export function besideMove(view: View, decision: Decision): RepairDecision | null {
  if (decision.kind !== 'divert' && decision.kind !== 'undo' && decision.kind !== 'failback') return null;
  if (view.connection.attract === undefined || view.failOpen || runningRung(view) !== null) return null;
  const to = onlyPath(view, decision.moves);
  const path = to === null ? undefined : view.assessment.paths[to];
  if (path === undefined || !mayDraw(view, path.path)) return null;
  const because = `users go to path ${path.path}, and the partner answers over the tunnel that was keyed last: that of ${path.gateway} is keyed anew`;
  return repairDecision(view, path, { rung: 'attract', tunnel: null, purpose: 'order', because });
}

/** All users are on one path then: elsewhere some would lose what others gain. Null: they are not, or nobody knows. */
function onlyPath(
  { assessment }: View,
  moves: readonly { readonly routeSet: string; readonly to: PathName }[],
): PathName | null {
  const after = Object.values(assessment.sets).flatMap(({ routeSet, used }): readonly (PathName | null)[] => {
    const move = moves.find((one) => one.routeSet === routeSet);
    if (move !== undefined) return [move.to];
    return used.length === 0 ? [null] : used;
  });
  const [first = null] = after;
  return after.every((path) => path === first) ? first : null;
}

/** May a start that got no answer be made again? Only while its users are there. */
export const mayDrawAgain = (view: View, path: PathName): boolean =>
  view.connection.attract !== undefined &&
  Object.values(view.assessment.sets).every(({ used }) => used.length === 1 && used[0] === path) &&
  mayDraw(view, path);

const mayDraw = (view: View, path: PathName): boolean => whyNotSent(view, view.assessment.paths[path]!) === '';
