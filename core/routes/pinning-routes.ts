/** The routes that hold canaries to a path over a gateway, whoever serves as it: they move with its interface. */

import type { Deployment, GatewayName } from '../words/domain';
import { gatewayOfCanary } from '../words/ends';

export interface PinningRoute {
  readonly table: string;
  readonly destination: string;
}

/** Each once: a host route for every target, or all destinations of the connection in a canary subnet's own table. */
export function canaryRoutes(gateway: GatewayName, { connections }: Deployment): PinningRoute[] {
  const routes = Object.values(connections).flatMap((connection) =>
    connection.canaries.flatMap((canary) => {
      const { pin, routeTableId: table, targets, end } = canary;
      if (table === undefined || gatewayOfCanary(connection, canary) !== gateway) return [];
      const destinations =
        pin === 'target'
          ? targets.map(({ address }) => `${address}/32`)
          : Object.values(connection.routeSets).flatMap((set) => (set.end === end ? set.destinations : []));
      return destinations.map((destination) => ({ table, destination }));
    }),
  );
  return [...new Map(routes.map((route) => [`${route.table} ${route.destination}`, route])).values()];
}
