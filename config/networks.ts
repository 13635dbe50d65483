/**
 * Every destination of a configuration as a block of addresses, with whose it is: what lies where, and who else leads
 * there. Prefix lists are not among them: what they hold is written elsewhere.
 */
import { type Block, blockFrom, holds } from './addresses';
import type { Step } from './problems';

/** Where packets come by. */
type Ways = Pick<Network, 'tables' | 'gateways'>;

export interface Network {
  readonly at: readonly Step[];
  readonly connection: string;
  readonly set: string;
  readonly block: Block;
  readonly tables: ReadonlySet<string>;
  readonly gateways: ReadonlySet<string>;
}

interface BareConnection {
  readonly paths: Readonly<Record<string, { readonly gateway: string }>>;
  readonly routeSets: Readonly<
    Record<string, { readonly tables: readonly string[]; readonly destinations: readonly string[] }>
  >;
}

/** Sets with more routes are refused by their size, and not looked into. */
export function networksOf(connections: Readonly<Record<string, BareConnection>>, routesMax: number): Network[] {
  return Object.entries(connections).flatMap(([connection, { paths, routeSets }]) => {
    const gateways = new Set(Object.values(paths).map(({ gateway }) => gateway));
    return Object.entries(routeSets).flatMap(([set, { tables, destinations }]) => {
      if (tables.length * destinations.length > routesMax) return [];
      const own = new Set(tables);
      return destinations.flatMap((destination, i): Network[] => {
        const block = blockFrom(destination);
        const at = ['connections', connection, 'routeSets', set, 'destinations', i];
        return block === null ? [] : [{ at, connection, set, block, tables: own, gateways }];
      });
    });
  });
}

/** Whose a target is: the longest block that holds it; null: nobody's. */
export function longest(networks: readonly Network[], target: Block): Network | null {
  const holding = networks.filter(({ block }) => holds(block, target));
  return holding.reduce<Network | null>(
    (best, one) => (best === null || one.block.prefix > best.block.prefix ? one : best),
    null,
  );
}

export const shareTable = (a: Ways, b: Ways): boolean => shares(a.tables, b.tables);

/** Packets for both come by: in a table, or on a gateway that has to choose between two tunnels. */
export const meet = (a: Ways, b: Ways): boolean => shareTable(a, b) || shares(a.gateways, b.gateways);

const shares = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  [...a].some((one) => one !== '' && b.has(one));
