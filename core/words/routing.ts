/** Who moves users from path to path: we, by writing routes, or the network, by what the gateways' speakers tell it. */

/**
 * How a speaker makes a partner's router prefer another path: by a worse route, or by the community that asks for it. Not by
 * shutting the session: the gateway would lose its own way to the partner, and its canary with it.
 */
export type DrainMethod = 'prepend' | 'graceful-shutdown';

/** Whom a speaker speaks to about a path: an order to it is about these sessions alone. */
export interface Neighbor {
  /** The partner's router at the far end of the path's tunnel, by its IPv4 address there. */
  readonly across: string;
  /** Endpoints of the Route Server, by their IPv4 addresses in the VPC. Absent: the route tables are ours to write. */
  readonly inside?: readonly string[];
  /** How the partner is made to prefer another path; Route Server always by a worse route. */
  readonly drain: DrainMethod;
}

/** Who decides over which path packets go, by direction. */
export interface Directions {
  /** Answers follow what the gateways' speakers say. */
  readonly back: 'bgp';
  /**
   * `rs-…`: packets leave over the path that this Route Server picks by what the same speakers say, and no route is ours to
   * write. Absent: they follow the route tables, which are.
   */
  readonly routeServer?: string;
  /** The partner's routers, and Route Server, have followed an order by then. */
  readonly convergeWithinMs: number;
}

/** No route of the connection is ours to write: the lever is what its speakers say. */
export const isMovedByNetwork = ({ routing }: { readonly routing?: Directions }): boolean =>
  routing?.routeServer !== undefined;

/** Everybody who hears of a path: its partner, then the endpoints of the Route Server. */
export const heardBy = ({ across, inside = [] }: Neighbor): readonly string[] => [across, ...inside];
