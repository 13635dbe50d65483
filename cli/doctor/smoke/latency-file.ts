/** What `smoke` measured, as the file that `simulate --calibrated` reads (sim/calibrated.ts). */
import type { HopName } from '../../../local-cloud/latency';
import type { Samples } from './step';

interface Spread {
  readonly p50: number;
  readonly p99: number;
  /** How many it was made of: of few, `p99` is the longest. */
  readonly samples: number;
}

export interface LatencyFile {
  readonly schema: 1;
  readonly site: string;
  readonly region: string;
  readonly at: string;
  readonly hops: Readonly<Partial<Record<HopName, Spread>>>;
}

export function hopsFrom(all: readonly Samples[]): LatencyFile['hops'] {
  const names = [...new Set(all.flatMap((samples) => Object.keys(samples)))] as HopName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = all.flatMap((samples) => samples[name] ?? []).filter((value) => value >= 0);
      return values.length === 0 ? [] : [[name, spreadOf(values)]];
    }),
  );
}

/** A clock of milliseconds shows 0 for what is quicker; no draw is. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const quantile = (share: number): number =>
    Math.max(1, sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!);
  const p50 = quantile(0.5);
  return { p50, p99: Math.max(p50, quantile(0.99)), samples: sorted.length };
}
