/**
 * Routes in our tables that are not ours and still decide where packets go: the longest prefix wins, so a route inside a
 * listed destination takes its packets with it, wherever the listed route is moved.
 *
 * Left out: the VPC's own `local` routes, our canaries' host routes, and prefix lists, whose entries are not asked for.
 */
import { BlockList, isIP } from 'node:net';
import type { Canary, RouteSet, RouteTarget } from '../../core/words/domain';
import type { Shadow } from '../../core/words/evidence';

/** What a table shows, of whichever kind. */
export type TableRoutes = readonly {
  /** Undefined: a prefix list. */
  readonly destination: string | undefined;
  readonly target: RouteTarget;
  readonly isLocal: boolean;
}[];

/** A table may hold a thousand routes; a person needs the first few. */
const shadowsMax = 20;

/** One list per set. `canaries`: those whose host routes may stand in the tables. */
export function shadowsOf(
  sets: readonly RouteSet[],
  canaries: readonly Canary[],
  tables: ReadonlyMap<string | undefined, TableRoutes>,
): Shadow[][] {
  const ours = new Set([
    ...sets.flatMap((set) => set.tables.flatMap((table) => set.destinations.map((to) => `${table} ${to}`))),
    ...canaries.flatMap((c) => c.targets.map(({ address }) => `${c.routeTableId} ${address}/32`)),
  ]);
  return sets.map((set) =>
    set.tables
      .flatMap((table) =>
        (tables.get(table) ?? []).flatMap(({ destination, target, isLocal }): Shadow[] => {
          if (destination === undefined || isLocal || ours.has(`${table} ${destination}`)) return [];
          const within = set.destinations.find((wide) => isInside(destination, wide));
          if (within === undefined) return [];
          return [{ routeSet: set.name, table, destination, within, target }];
        }),
      )
      .slice(0, shadowsMax),
  );
}

/** Strictly: the same prefix is the same route. */
export function isInside(destination: string, wide: string): boolean {
  const [address = '', bits] = destination.split('/');
  const [network = '', width] = wide.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(address) !== isIP(network) || Number(bits) <= Number(width)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(width), family);
  return block.check(address, family);
}
