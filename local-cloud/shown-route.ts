/** A route of a table, of whichever kind, as EC2 shows it. */

/** Where a route points. `attachment`: in a transit gateway's table; an empty id drops what meets the route. */
export interface RouteEnd {
  readonly kind: 'network-interface' | 'gateway' | 'transit-gateway' | 'attachment';
  readonly id: string;
}

export interface ShownRoute {
  readonly destination: string;
  readonly target: RouteEnd;
  readonly propagated: boolean;
}
