/**
 * Route tables seen three ways: as written (what EC2 will hold to), as Describe shows them (may lag a write), and as
 * the data plane forwards (lags the API by h10). Users feel only the last.
 *
 * Invariant: of two writes to one destination the later wins in every view, however their lags overlap.
 */
import type { RouteSet, RouteTarget } from '../../core/words/domain';
import type { VirtualClock } from '../../local-cloud/clock';
import { type Lag, lagMs } from '../../local-cloud/latency';
import type { Random } from '../../local-cloud/random';
import type { ShownRoute } from '../../local-cloud/shown-route';
import { prefixBits } from './prefix';
import { longerThan } from './samples';

type Target = RouteTarget | null;

interface Entry {
  written: Target;
  shown: Target;
  forwarded: Target;
  version: number;
  shownVersion: number;
  forwardedVersion: number;
}

export interface RouteWrite {
  readonly tableId: string;
  readonly destination: string;
  readonly target: Target;
}

export const defaultLag: Lag = { chance: 0.05, msMax: 1_000 };

export interface RouteTable {
  readonly id: string;
  /** Null: a transit gateway's. */
  readonly vpcId: string | null;
  readonly entries: Map<string, Entry>;
  readonly propagated: Map<string, RouteTarget>;
  /**
   * EC2 knows it no more: an infrastructure tool has made another in its place. Its subnets keep the routes it had.
   */
  isMissing: boolean;
  /** What `longerThan` has found, until a route comes or goes. */
  readonly longer: Map<string, readonly string[]>;
}

export class RouteTables {
  readonly tables = new Map<string, RouteTable>();
  /** What the latest write to each route replaced, by table and destination. */
  private readonly replaced = new Map<string, Target>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly effectMs: (random: Random, table: RouteTable) => number,
    private readonly lag: () => Lag,
    private readonly onEffect: (write: RouteWrite) => void,
  ) {}

  add(id: string, vpcId: string | null): RouteTable {
    const table = this.tables.get(id) ?? {
      id,
      vpcId,
      entries: new Map(),
      propagated: new Map(),
      isMissing: false,
      longer: new Map(),
    };
    this.tables.set(id, table);
    return table;
  }

  /** State at the beginning: nothing lags. */
  install(tableId: string, destination: string, target: RouteTarget): void {
    const settled = { written: target, shown: target, forwarded: target };
    const { entries, longer } = this.must(tableId);
    longer.clear();
    entries.set(destination, { ...settled, version: 0, shownVersion: 0, forwardedVersion: 0 });
  }

  /** Has this static route ever been there? */
  has(tableId: string, destination: string): boolean {
    return this.must(tableId).entries.has(destination);
  }

  /** A static write, null for delete; seen by Describe and by packets later, each after its own lag. */
  write(tableId: string, destination: string, target: Target): void {
    const table = this.must(tableId);
    const fresh = { written: null, shown: null, forwarded: null, version: 0, shownVersion: 0, forwardedVersion: 0 };
    const entry: Entry = table.entries.get(destination) ?? fresh;
    table.entries.set(destination, entry);
    this.replaced.set(`${tableId} ${destination}`, this.held(tableId, destination));
    entry.written = target;
    const version = ++entry.version;
    const lateMs = lagMs(this.lag(), this.random);
    const show = (): void => {
      if (version <= entry.shownVersion) return;
      entry.shown = target;
      entry.shownVersion = version;
    };
    if (lateMs === 0) show();
    else this.clock.after(lateMs, `describe catches up ${tableId}`, show);
    this.clock.after(this.effectMs(this.random, table), `route effect ${tableId} ${destination}`, () => {
      if (version <= entry.forwardedVersion) return;
      if ((entry.forwarded === null) !== (target === null)) table.longer.clear();
      entry.forwarded = target;
      entry.forwardedVersion = version;
      this.onEffect({ tableId, destination, target });
    });
  }

  /** The network decides: a gateway propagates this route from now on; null: it has withdrawn it. */
  propagate(tableId: string, destination: string, target: Target): void {
    const { propagated, longer } = this.must(tableId);
    longer.clear();
    if (target === null) propagated.delete(destination);
    else propagated.set(destination, target);
    this.onEffect({ tableId, destination, target });
  }

  /** EC2 has no such table any more, or has it again. */
  lose(tableId: string, isMissing: boolean): void {
    this.must(tableId).isMissing = isMissing;
  }

  /** Does EC2 know the table? */
  isListed(tableId: string): boolean {
    return this.tables.get(tableId)?.isMissing === false;
  }

  written(tableId: string, destination: string): Target {
    return this.must(tableId).entries.get(destination)?.written ?? null;
  }

  /** As written, or as propagated where nobody has written; null: there is none. */
  held(tableId: string, destination: string): Target {
    return this.written(tableId, destination) ?? this.must(tableId).propagated.get(destination) ?? null;
  }

  /** Where the route pointed before its latest write. */
  replacedBy(tableId: string, destination: string): Target {
    return this.replaced.get(`${tableId} ${destination}`) ?? null;
  }

  /**
   * What EC2 lists. Static beats propagated for one destination: a VPC's table shows both, a transit gateway's only the
   * one that counts.
   */
  shown(tableId: string): readonly ShownRoute[] {
    const table = this.must(tableId);
    const fixed = [...table.entries].flatMap(([destination, { shown }]) =>
      shown === null ? [] : [{ destination, target: shown, propagated: false }],
    );
    const propagated = [...table.propagated].map(([destination, target]) => ({
      destination,
      target,
      propagated: true,
    }));
    const isCovered = (destination: string): boolean => fixed.some((route) => route.destination === destination);
    return [...fixed, ...propagated.filter(({ destination }) => table.vpcId !== null || !isCovered(destination))];
  }

  /** Where packets to exactly this destination go now. */
  forwarded(tableId: string, destination: string): Target {
    const table = this.must(tableId);
    return table.entries.get(destination)?.forwarded ?? table.propagated.get(destination) ?? null;
  }

  forwardedAll({ tables, destinations }: Pick<RouteSet, 'tables' | 'destinations'>): Target[] {
    return tables.flatMap((table) => destinations.map((destination) => this.forwarded(table, destination)));
  }

  /** What the table forwards at this moment that lies inside this destination. */
  longerThan(tableId: string, destination: string): readonly string[] {
    const { entries, propagated, longer } = this.must(tableId);
    const known = longer.get(destination);
    if (known !== undefined) return known;
    const fixed = [...entries].flatMap(([block, { forwarded }]) => (forwarded === null ? [] : [block]));
    const found = longerThan(destination, [...new Set([...fixed, ...propagated.keys()])]);
    longer.set(destination, found);
    return found;
  }

  /**
   * Where a packet goes now: longest prefix, then static before prefix list before propagated. `listBits`: the length of
   * a list's longest block that holds the address, -1 where none does.
   */
  lookup(tableId: string, address: string, listBits: (prefixList: string, address: string) => number): Target {
    const table = this.must(tableId);
    let best: Target = null;
    let bestBits = -1;
    const offer = (bits: number, target: Target): void => {
      if (target === null || bits <= bestBits) return;
      best = target;
      bestBits = bits;
    };
    for (const [destination, entry] of table.entries) offer(prefixBits(destination, address), entry.forwarded);
    for (const [destination, entry] of table.entries)
      if (destination.startsWith('pl-')) offer(listBits(destination, address), entry.forwarded);
    for (const [destination, target] of table.propagated) offer(prefixBits(destination, address), target);
    return best;
  }

  private must(tableId: string): RouteTable {
    const table = this.tables.get(tableId);
    if (table === undefined) throw new Error(`The simulated VPC has no route table ${tableId}`);
    return table;
  }
}
