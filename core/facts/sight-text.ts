/**
 * What EC2 showed of a connection's route tables, as text that is stored each minute and read back in an hour in which
 * EC2 does not answer. Most routes of a table lead to one place, so a table is its usual way and the exceptions:
 * hundreds of routes take a few hundred bytes.
 *
 * Law: what cannot be read, or was seen of another configuration, is not there; a route is never made up.
 */
import { digestOf } from '../words/digest';
import type { Connection, RouteSet, RouteTarget } from '../words/domain';
import type { PinFacts, RouteFacts, Sight } from '../words/evidence';
import {
  isInstant,
  isRecord,
  isText,
  listOf,
  oneOf,
  orAbsent,
  orNull,
  own,
  parsed,
  recordOf,
  shapeOf,
} from '../words/shape';

/** Where a route leads, and how it stands there: shared by most routes of a table. */
type Way = Pick<RouteFacts, 'target' | 'state' | 'origin' | 'under'>;

interface StoredTable {
  /** Index of the usual way. */
  readonly way: number;
  /** Index of the way of each destination that is different. */
  readonly but: Readonly<Record<string, number>>;
}

interface StoredSet {
  /** Digest of its destinations: one that was configured since would be taken for a usual one. */
  readonly of: string;
  readonly tables: Readonly<Record<string, StoredTable>>;
}

interface StoredSight {
  readonly schema: 1;
  readonly ways: readonly Way[];
  readonly sets: Readonly<Record<string, StoredSet>>;
  readonly pins: Sight['pins'];
}

export function sightText({ routeSets }: Connection, { routes, pins }: Omit<Sight, 'seenAt'>): string {
  const ways: string[] = [];
  const indexOf = ({ target, state, origin, under }: RouteFacts): number => {
    const beneath = under == null ? {} : { under };
    const way = JSON.stringify({ target, state, origin, ...beneath } satisfies Way);
    return ways.includes(way) ? ways.indexOf(way) : ways.push(way) - 1;
  };
  const storedTable = (facts: readonly RouteFacts[]): StoredTable => {
    const found = facts.map((fact) => [fact.destination, indexOf(fact)] as const);
    const way = mostFrequent(found.map(([, index]) => index));
    return { way, but: Object.fromEntries(found.filter(([, index]) => index !== way)) };
  };
  const storedSet = (set: RouteSet): StoredSet => {
    const tables = set.tables.flatMap((table) => {
      const facts = routes.filter((fact) => fact.routeSet === set.name && fact.table === table);
      return facts.length === 0 ? [] : [[table, storedTable(facts)] as const];
    });
    return { of: digestOfDestinations(set), tables: Object.fromEntries(tables) };
  };
  const sets = Object.fromEntries(Object.values(routeSets).map((set) => [set.name, storedSet(set)]));
  const stored: StoredSight = { schema: 1, ways: ways.map((way) => JSON.parse(way) as Way), sets, pins };
  return JSON.stringify(stored);
}

/** Null: it cannot be read. Sets that have been configured anew since have no routes in it. */
export function sightFrom({ routeSets }: Connection, text: unknown, seenAt: unknown): Sight | null {
  const stored = isText(text) ? parsed(text) : undefined;
  if (!isStoredSight(stored) || !isInstant(seenAt)) return null;
  const routes = Object.values(routeSets).flatMap((set) => routesOf(set, own(stored.sets, set.name), stored.ways));
  return { seenAt, routes, pins: stored.pins };
}

function routesOf(set: RouteSet, stored: StoredSet | undefined, ways: readonly Way[]): RouteFacts[] {
  if (stored === undefined || stored.of !== digestOfDestinations(set)) return [];
  return set.tables.flatMap((table) => {
    const found = own(stored.tables, table);
    if (found === undefined) return [];
    return set.destinations.flatMap((destination) => {
      const way = ways[own(found.but, destination) ?? found.way];
      return way === undefined ? [] : [{ routeSet: set.name, table, destination, ...way }];
    });
  });
}

const digestOfDestinations = ({ destinations }: RouteSet): string => digestOf(destinations.join(' ')).slice(0, 12);

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

const isTargetKind = oneOf('network-interface', 'gateway', 'transit-gateway', 'attachment');
const isTarget = (value: unknown): value is RouteTarget =>
  isRecord(value) && isTargetKind(value['kind']) && isText(value['id']);

const isIndex = (value: unknown): value is number => Number.isInteger(value);

const isWay = shapeOf<Way>({
  target: orNull(isTarget),
  state: oneOf('active', 'blackhole', 'pending'),
  origin: oneOf('static', 'propagated'),
  under: orAbsent(isTarget),
});

const isStoredSet = shapeOf<StoredSet>({
  of: isText,
  tables: recordOf(shapeOf<StoredTable>({ way: isIndex, but: recordOf(isIndex) })),
});

const isStoredSight = shapeOf<StoredSight>({
  schema: oneOf(1),
  ways: listOf(isWay),
  sets: recordOf(isStoredSet),
  pins: recordOf(orNull(listOf(shapeOf<PinFacts[number]>({ address: isText, target: orNull(isTarget) })))),
});
