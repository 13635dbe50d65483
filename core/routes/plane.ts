/**
 * A route plane: in what kind of table a route set's routes stand, and so by which single writes they move. It belongs to
 * the set, not to the gateway its routes point at: a VPC's table can lead to an instance or to a virtual private gateway.
 */
import type { GatewayName, PathName, RouteSetName, RouteTarget } from '../words/domain';
import type { RouteFacts } from '../words/evidence';

export interface PlanStep {
  readonly routeSet: RouteSetName;
  readonly table: string;
  readonly destination: string;
  /** As its plane does it (plane.ts). */
  readonly kind: 'create' | 'replace' | 'delete';
  /** What the route must point at when the write happens; null: there must be no static route. */
  readonly expected: RouteTarget | null;
  /** Null for `delete`. */
  readonly to: RouteTarget | null;
}

/** What a move asks of a gateway's speaker, so that answers come back over the path that packets leave by. */
export interface SpeakerStep {
  readonly kind: 'drain' | 'undrain';
  readonly path: PathName;
  readonly speaker: GatewayName;
  /** The one neighbour that is spoken to otherwise: whoever else the speaker speaks to hears nothing of it. */
  readonly scope: string;
  readonly expected: Advertised;
  readonly to: Advertised;
}

/** What is said of a path over its session: as usual, or so that the partner prefers another. */
export type Advertised = 'normal' | 'drained';

export interface RoutePlane {
  /** Can a route in such a table point there? */
  holds(target: RouteTarget): boolean;
  /** The one write that makes this route, which is ours, point there. */
  stepTo(route: RouteFacts, to: RouteTarget): PlanStep;
}
