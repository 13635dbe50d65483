/**
 * Which path each route set is on, in the data plane, and every change of it.
 */
import type { PhysicalWorld } from './world';

export type RouteMap = Readonly<Record<string, string>>;

interface WatchedSet {
  /** The set's name, or `connection/set` where the name alone is not unique. */
  readonly label: string;
  readonly connection: string;
  readonly set: string;
}

/** While a set's routes are split or lead nowhere of ours. */
const between = 'between';

export class RouteWatch {
  readonly before: RouteMap;
  /** Every change since, oldest first. */
  readonly changes: ({ readonly atMs: number } & Readonly<Record<string, string | number>>)[] = [];
  private readonly sets: readonly WatchedSet[];
  private current: Record<string, string>;

  constructor(
    private readonly world: PhysicalWorld,
    private readonly onMove: (label: string, from: string, to: string, table: readonly string[]) => void = () => {},
  ) {
    this.sets = watchedSets(world);
    this.before = this.read();
    this.current = { ...this.before };
    const startedAt = world.clock.now();
    world.onChange(({ at, kind }) => {
      if (kind === 'routes' || kind === 'gateway') this.look(at - startedAt);
    });
  }

  get after(): RouteMap {
    return this.read();
  }

  /** The paths a set went through, the first included; moments between two paths are left out. */
  sequence(label: string): string[] {
    const seen = [this.before[label], ...this.changes.map((change) => change[label])].filter(
      (path): path is string => typeof path === 'string' && path !== between,
    );
    return seen.filter((path, i) => path !== seen[i - 1]);
  }

  private look(atMs: number): void {
    const now = this.read();
    const moved = this.sets.filter(({ label }) => now[label] !== this.current[label]);
    if (moved.length === 0) return;
    this.changes.push({ atMs, ...Object.fromEntries(moved.map(({ label }) => [label, now[label]!])) });
    for (const set of moved) this.onMove(set.label, this.current[set.label]!, now[set.label]!, this.table(set));
    this.current = { ...now };
  }

  /** The set's routes as packets meet them: `rtb-1 172.16.0.0/16 -> eni-a`. */
  table({ connection, set }: Pick<WatchedSet, 'connection' | 'set'>): string[] {
    const { tables, destinations } = this.world.deployment.connections[connection]!.routeSets[set]!;
    return tables.flatMap((table) =>
      destinations.map((to) => `${table} ${to} -> ${this.world.routes.forwarded(table, to)?.id ?? 'nothing'}`),
    );
  }

  private read(): RouteMap {
    const entries = this.sets.map(({ label, connection, set }) => [
      label,
      this.world.pathOf(connection, set) ?? between,
    ]);
    return Object.fromEntries(entries) as RouteMap;
  }
}

function watchedSets({ deployment }: PhysicalWorld): WatchedSet[] {
  const all = Object.values(deployment.connections).flatMap(({ name, routeSets }) =>
    Object.keys(routeSets).map((set) => ({ connection: name, set })),
  );
  return all.map(({ connection, set }) => {
    const isUnique = all.filter((one) => one.set === set).length === 1;
    return { connection, set, label: isUnique ? set : `${connection}/${set}` };
  });
}
