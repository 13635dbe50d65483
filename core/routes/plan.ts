/**
 * From "this set to that path" to single route writes. Pure: `assess` makes the plan to decide, `apply` makes it again
 * from fresh routes and compares digests, so nothing is written that was not decided on.
 *
 * Ownership is an allow-list: listed tables x listed destinations, and there only routes that point at one of our own
 * paths. Anything else is a conflict: reported, never overwritten.
 */

import type { SetMove } from '../words/decision';
import { digestOf } from '../words/digest';
import type { Connection, PathName, RouteSetName, RouteTarget } from '../words/domain';
import type { Places, RouteFacts } from '../words/evidence';
import type { PlanStep } from './plane';
import { planes } from './planes';

interface Conflict {
  readonly routeSet: RouteSetName;
  readonly table: string;
  readonly destination: string;
  readonly because: string;
}

export interface Plan {
  /** In order of importance: as the moves, then as the configuration lists tables. */
  readonly steps: readonly PlanStep[];
  readonly conflicts: readonly Conflict[];
  readonly digest: string;
}

export const targetText = (target: RouteTarget | null): string => (target === null ? 'nothing' : target.id);
export const sameTarget = (a: RouteTarget | null, b: RouteTarget | null): boolean =>
  a?.kind === b?.kind && a?.id === b?.id;

/** Which path a route follows now. `stale`: it points at an interface that was this path's before. */
export function pathOf(
  target: RouteTarget | null,
  { targets, former }: Places,
): { readonly path: PathName; readonly stale: boolean } | null {
  if (target === null) return null;
  const current = Object.keys(targets).find((path) => sameTarget(targets[path]!, target));
  if (current !== undefined) return { path: current, stale: false };
  const before = Object.keys(former).find((path) => former[path]!.some((place) => sameTarget(place, target)));
  return before === undefined ? null : { path: before, stale: true };
}

export function buildPlan(
  sets: Connection['routeSets'],
  places: Places,
  routes: readonly RouteFacts[],
  moves: readonly SetMove[],
): Plan {
  const steps: PlanStep[] = [];
  const conflicts: Conflict[] = [];
  for (const move of moves) {
    const to = places.targets[move.to]!;
    for (const route of routes.filter((r) => r.routeSet === move.routeSet)) {
      if (sameTarget(route.target, to)) continue;
      if (pathOf(route.target, places) === null) {
        const { routeSet, table, destination } = route;
        conflicts.push({
          routeSet,
          table,
          destination,
          because: `points at ${targetText(route.target)}, which is none of ours`,
        });
        continue;
      }
      steps.push(planes[sets[move.routeSet]!.plane].stepTo(route, to));
    }
  }
  return { steps, conflicts, digest: digestOf(JSON.stringify(steps)) };
}
