/**
 * Route tables seen three ways: as written (what EC2 will hold to), as Describe shows them (may lag a write), and as
 * the data plane forwards (lags the API by h10). Users feel only the last.
 *
 * Invariant: of two writes to one destination the later wins in every view, however their lags overlap.
 */
import type { RouteTarget } from '../../core/domain';
import type { VirtualClock } from '../clock';
import type { Random } from '../random';
import { draw, type Spread } from './durations';
import { prefixBits } from './prefix';

type Target = RouteTarget | null;

interface Entry {
  written: Target;
  shown: Target;
  forwarded: Target;
  version: number;
  shownVersion: number;
  forwardedVersion: number;
}

export interface ShownRoute {
  readonly destination: string;
  readonly target: RouteTarget;
  readonly propagated: boolean;
}

export interface RouteWrite {
  readonly tableId: string;
  readonly destination: string;
  readonly target: Target;
}

/** How often and how long Describe shows the state before a write. */
export interface Lag {
  readonly chance: number;
  readonly msMax: number;
}

export const defaultLag: Lag = { chance: 0.05, msMax: 1_000 };

export interface RouteTable {
  readonly id: string;
  readonly vpcId: string;
  readonly entries: Map<string, Entry>;
  readonly propagated: Map<string, RouteTarget>;
}

export class RouteTables {
  readonly tables = new Map<string, RouteTable>();
  /** What the latest write to each route replaced, by table and destination. */
  private readonly replaced = new Map<string, Target>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly effect: Spread,
    private readonly lag: Lag,
    private readonly onEffect: (write: RouteWrite) => void,
  ) {}

  add(id: string, vpcId: string): RouteTable {
    const table = this.tables.get(id) ?? { id, vpcId, entries: new Map(), propagated: new Map() };
    this.tables.set(id, table);
    return table;
  }

  /** State at the beginning: nothing lags. */
  install(tableId: string, destination: string, target: RouteTarget): void {
    const settled = { written: target, shown: target, forwarded: target };
    this.must(tableId).entries.set(destination, { ...settled, version: 0, shownVersion: 0, forwardedVersion: 0 });
  }

  /** A static write, null for delete; seen by Describe and by packets later, each after its own lag. */
  write(tableId: string, destination: string, target: Target): void {
    const table = this.must(tableId);
    const fresh = { written: null, shown: null, forwarded: null, version: 0, shownVersion: 0, forwardedVersion: 0 };
    const entry: Entry = table.entries.get(destination) ?? fresh;
    table.entries.set(destination, entry);
    this.replaced.set(`${tableId} ${destination}`, entry.written);
    entry.written = target;
    const version = ++entry.version;
    const lagMs = this.random.chance(this.lag.chance) ? this.random.int(1, this.lag.msMax) : 0;
    const show = (): void => {
      if (version <= entry.shownVersion) return;
      entry.shown = target;
      entry.shownVersion = version;
    };
    if (lagMs === 0) show();
    else this.clock.after(lagMs, `describe catches up ${tableId}`, show);
    this.clock.after(draw(this.effect, this.random), `route effect ${tableId} ${destination}`, () => {
      if (version <= entry.forwardedVersion) return;
      entry.forwarded = target;
      entry.forwardedVersion = version;
      this.onEffect({ tableId, destination, target });
    });
  }

  written(tableId: string, destination: string): Target {
    return this.must(tableId).entries.get(destination)?.written ?? null;
  }

  /** Where the route pointed before its latest write. */
  replacedBy(tableId: string, destination: string): Target {
    return this.replaced.get(`${tableId} ${destination}`) ?? null;
  }

  /** What Describe lists; static beats propagated for one destination, and both are shown. */
  shown(tableId: string): readonly ShownRoute[] {
    const table = this.must(tableId);
    const fixed = [...table.entries].flatMap(([destination, { shown }]) =>
      shown === null ? [] : [{ destination, target: shown, propagated: false }],
    );
    return [
      ...fixed,
      ...[...table.propagated].map(([destination, target]) => ({ destination, target, propagated: true })),
    ];
  }

  /** Where packets to exactly this destination go now. */
  forwarded(tableId: string, destination: string): Target {
    const table = this.must(tableId);
    return table.entries.get(destination)?.forwarded ?? table.propagated.get(destination) ?? null;
  }

  /** Where a packet goes now: longest prefix, then static before prefix list before propagated. */
  lookup(tableId: string, address: string, listHolds: (prefixList: string, address: string) => boolean): Target {
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
      if (destination.startsWith('pl-') && listHolds(destination, address)) offer(0.5, entry.forwarded);
    for (const [destination, target] of table.propagated) offer(prefixBits(destination, address), target);
    return best;
  }

  private must(tableId: string): RouteTable {
    const table = this.tables.get(tableId);
    if (table === undefined) throw new Error(`The simulated VPC has no route table ${tableId}`);
    return table;
  }
}
