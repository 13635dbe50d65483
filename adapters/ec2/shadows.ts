/**
 * Routes in our tables that are not ours and still decide where packets go: the longest prefix wins, so a route inside a
 * listed destination takes its packets with it, wherever the listed route is moved. So does one for just a block of a
 * listed prefix list: a static route comes before a list, and of two lists AWS picks one.
 *
 * Left out: the VPC's own `local` routes, our canaries' host routes, and prefix lists in a VPC's table, whose blocks are
 * not asked for. What one block of the configuration holds of another its author has been told (config/warnings.ts).
 */
import { BlockList, isIP } from 'node:net';
import { isPrefixList } from '../../core/words/destinations';
import type { Canary, RouteSet, RouteTarget } from '../../core/words/domain';
import type { Shadow } from '../../core/words/evidence';

/** What a table shows, of whichever kind. */
export type TableRoutes = readonly {
  /** Undefined: a prefix list. */
  readonly destination: string | undefined;
  readonly target: RouteTarget;
  readonly isLocal: boolean;
  /** The prefix list that this is a block of, in a table that shows those one by one. */
  readonly list?: string;
}[];

/** Blocks by prefix list; one that is not there could not be looked into. */
export type BlocksOfLists = ReadonlyMap<string, readonly string[]>;

/** A table may hold a thousand routes; a person needs the first few. */
const shadowsMax = 20;

/** One list per set. `canaries`: those whose host routes may stand in the tables. */
export function shadowsOf(
  sets: readonly RouteSet[],
  canaries: readonly Canary[],
  tables: ReadonlyMap<string | undefined, TableRoutes>,
  lists: BlocksOfLists = new Map(),
): Shadow[][] {
  const listed = new Set(
    sets.flatMap((set) => set.tables.flatMap((table) => set.destinations.map((to) => `${table} ${to}`))),
  );
  const pins = new Set(canaries.flatMap((c) => c.targets.map(({ address }) => `${c.routeTableId} ${address}/32`)));
  /** Does it lie inside this destination, and may nobody have been told so? */
  const isShadowIn = (wide: string, table: string, destination: string): boolean => {
    if (isPrefixList(wide))
      return (lists.get(wide) ?? []).some((one) => one === destination || isInside(destination, one));
    return isInside(destination, wide) && !listed.has(`${table} ${destination}`);
  };
  return sets.map((set) =>
    set.tables
      .flatMap((table) =>
        (tables.get(table) ?? []).flatMap(({ destination, target, isLocal, list }): Shadow[] => {
          if (destination === undefined || isLocal || pins.has(`${table} ${destination}`)) return [];
          const moves = set.destinations.includes(list ?? destination);
          const within = moves ? undefined : set.destinations.find((wide) => isShadowIn(wide, table, destination));
          if (within === undefined) return [];
          return [{ routeSet: set.name, table, destination, within, ...(list !== undefined && { of: list }), target }];
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
