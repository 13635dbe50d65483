/**
 * From "this set to that path" to single route writes. Pure: `assess` makes the plan to decide, `apply` makes it again
 * from fresh routes and compares digests, so nothing is written that was not decided on.
 *
 * Ownership is an allow-list: listed tables x listed destinations, and there only routes that point at one of our own
 * paths. Anything else is a conflict: reported, never overwritten.
 */

import type { SetMove } from '../words/decision';
import { digestOf } from '../words/digest';
import type { Connection, PathName, RouteSet, RouteSetName, RouteTarget } from '../words/domain';
import type { Places, RouteFacts } from '../words/evidence';
import { sameTarget, targetText } from '../words/targets';
import type { PlanStep, SpeakerStep } from './plane';
import { planes } from './planes';
import { type Placement, speakerSteps } from './speakers';

interface Conflict {
  readonly routeSet: RouteSetName;
  readonly table: string;
  readonly destination: string;
  readonly because: string;
}

export interface Plan {
  /** In order of importance: as the moves, then as the configuration lists tables. */
  readonly steps: readonly PlanStep[];
  /** Ordered once the routes have moved, one after the other: routes wait for no speaker. */
  readonly orders: readonly SpeakerStep[];
  readonly conflicts: readonly Conflict[];
  readonly digest: string;
}

/** Which path routes that point there follow. `stale`: it is an interface that was this path's before. */
export function pathOf(
  target: RouteTarget | null,
  { targets, former }: Places,
): { readonly path: PathName; readonly stale: boolean } | null {
  if (target === null) return null;
  const current = Object.keys(targets).find((path) => targets[path]!.some((place) => sameTarget(place, target)));
  if (current !== undefined) return { path: current, stale: false };
  const before = Object.keys(former).find((path) => former[path]!.some((place) => sameTarget(place, target)));
  return before === undefined ? null : { path: before, stale: true };
}

/** Where a path leads from the end that a set's tables stand at: at the other end it leads elsewhere. */
const placesAt = ({ end }: Pick<RouteSet, 'end'>, places: Places): Places =>
  (end === undefined ? undefined : places.ends?.[end]) ?? places;

/** Where routes of this set point when they follow that path. The configuration sees to it that there is one. */
export const placeIn = (set: Pick<RouteSet, 'plane' | 'end'>, places: Places, path: PathName) =>
  placesAt(set, places).targets[path]!.find((place) => planes[set.plane].holds(place))!;

/**
 * Which path a route of this set follows. A propagated one that AWS has withdrawn belongs to home, where it comes back:
 * taken for somebody's hand, it would hold the set just when its tunnels are down.
 */
export function pathOfRoute(
  { target }: RouteFacts,
  set: Pick<RouteSet, 'propagated' | 'home' | 'end'>,
  places: Places,
): ReturnType<typeof pathOf> {
  return target === null && set.propagated ? { path: set.home, stale: false } : pathOf(target, placesAt(set, places));
}

/** Routes of the set that AWS propagated once, and nobody has written. */
export const withdrawnOf = ({ name, propagated }: RouteSet, routes: readonly RouteFacts[]): RouteFacts[] =>
  propagated ? routes.filter(({ routeSet, target }) => routeSet === name && target === null) : [];

/** A static route of ours that AWS propagates beneath again: taken away, it leaves packets where they go now. */
export const isSpare = ({ target, origin, under }: RouteFacts, { lastResort }: RouteSet): boolean =>
  lastResort === 'routes' && origin === 'static' && target !== null && sameTarget(under ?? null, target);

export function buildPlan(
  connection: Pick<Connection, 'routeSets' | 'paths'>,
  places: Places,
  routes: readonly RouteFacts[],
  moves: readonly SetMove[],
): Plan {
  const steps: PlanStep[] = [];
  const conflicts: Conflict[] = [];
  for (const move of moves) {
    const set = connection.routeSets[move.routeSet]!;
    const to = placeIn(set, places, move.to);
    for (const route of routes.filter((r) => r.routeSet === move.routeSet)) {
      if (sameTarget(route.target, to) && !isSpare(route, set)) continue;
      if (pathOfRoute(route, set, places) === null) {
        const { routeSet, table, destination } = route;
        conflicts.push({
          routeSet,
          table,
          destination,
          because: `points at ${targetText(route.target)}, which is none of ours`,
        });
        continue;
      }
      steps.push(planes[set.plane].stepTo(route, to));
    }
  }
  const before = placementOf(connection, places, routes);
  const moved = Object.fromEntries(moves.map(({ routeSet, to }) => [routeSet, [to]]));
  const orders = steps.length === 0 ? [] : speakerSteps(connection, before, { ...before, ...moved });
  return { steps, orders, conflicts, digest: digestOf(JSON.stringify(orders.length === 0 ? steps : [steps, orders])) };
}

function placementOf(
  { routeSets }: Pick<Connection, 'routeSets'>,
  places: Places,
  routes: readonly RouteFacts[],
): Placement {
  const on = (set: RouteSet): PathName[] =>
    routes.flatMap((route) => (route.routeSet === set.name ? (pathOfRoute(route, set, places)?.path ?? []) : []));
  return Object.fromEntries(Object.values(routeSets).map((set) => [set.name, [...new Set(on(set))]]));
}
