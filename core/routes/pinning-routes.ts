/** The routes that hold canaries to a path over a gateway, whoever serves as it: they move with its interface. */
import type { Deployment, GatewayName } from '../words/domain';

export interface PinningRoute {
  readonly table: string;
  readonly destination: string;
}

/** Each once: a host route for every target, or all destinations of the connection in a canary subnet's own table. */
export function canaryRoutes(gateway: GatewayName, { connections }: Deployment): PinningRoute[] {
  const routes = Object.values(connections).flatMap(({ canaries, paths, routeSets }) =>
    canaries.flatMap(({ watches, pin, routeTableId: table, targets }) => {
      if (watches.kind !== 'path' || table === undefined || paths[watches.path]?.gateway !== gateway) return [];
      const destinations =
        pin === 'target'
          ? targets.map(({ address }) => `${address}/32`)
          : Object.values(routeSets).flatMap((s) => s.destinations);
      return destinations.map((destination) => ({ table, destination }));
    }),
  );
  return [...new Map(routes.map((route) => [`${route.table} ${route.destination}`, route])).values()];
}
