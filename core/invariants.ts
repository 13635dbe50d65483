/**
 * The laws, as checks. They stay on in production where they are cheap: a violated law is a bug of ours, so the run
 * ends, routes stay as they are, and people are paged. The simulator checks them at every instant.
 *
 * Each law has a name; a comment elsewhere that leans on one names it.
 */
import type { Decision, MoveDecision } from './decision';
import type { View } from './view';

/** A bug in Switchback: never retried, never caught to go on. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

export function invariant(condition: boolean, law: string): asserts condition {
  if (!condition) throw new InvariantViolated(law);
}

/** Every law a decision can break, checked against what it was decided on. */
export function checkDecision(view: View, decision: Decision): void {
  switch (decision.kind) {
    case 'divert':
    case 'undo':
    case 'failback':
      neverDivertsBlind(view, decision);
      neverTouchesForeignRoutes(view, decision);
      return;
    case 'repair': {
      const path = view.assessment.paths[decision.path];
      invariant(path !== undefined && !path.drained, 'no repair of a drained path');
      invariant(!path.carries, 'no repair of a gateway that carries working traffic');
      return;
    }
    default:
      return;
  }
}

/** A move goes to a path proven healthy; as a last resort or an undo, only off a path that serves nobody or back. */
export function neverDivertsBlind(view: View, decision: MoveDecision): void {
  for (const move of decision.moves) {
    const to = view.assessment.paths[move.to];
    invariant(to !== undefined, 'a move goes to a configured path');
    if (decision.lastResort) {
      const from = move.from.map((path) => view.assessment.paths[path]);
      invariant(
        from.every((path) => path?.verdict === 'down'),
        'a last resort leaves only paths that are down',
      );
      invariant(to.drained ? view.desired.drains[move.to]?.kind === 'soft' : true, 'a hard drain is never used');
    } else {
      invariant(
        to.provenWorking && (decision.kind === 'undo' || to.provenHealthy),
        'a move goes to a path proven healthy',
      );
      invariant(decision.kind === 'undo' || !to.drained, 'a move never goes to a drained path');
    }
  }
}

export function neverTouchesForeignRoutes(view: View, decision: MoveDecision): void {
  for (const { routeSet } of decision.moves) {
    invariant(
      view.assessment.sets[routeSet]?.foreign.length === 0,
      'routes somebody else changed are never overwritten',
    );
  }
}
