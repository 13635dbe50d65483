/** What can be said of a distribution from a sample of it. */

/** Of the standard normal distribution: 95 of 100 lie within so many deviations. */
const z95 = 1.96;

/** The value, and what it would be in 95 of 100 samples like this one. */
export interface Estimate {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The smallest value that this share of all does not exceed. Its interval is that of the ranks between which the share lies
 * in 95 of 100 samples; of a sample too small for an upper rank it has no upper end.
 */
export function quantile(values: readonly number[], share: number): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  const spread = z95 * Math.sqrt(length * share * (1 - share));
  const ranked = (rank: number): number => sorted[Math.max(0, rank - 1)] ?? Number.POSITIVE_INFINITY;
  return {
    value: sorted[Math.max(0, Math.ceil(length * share) - 1)] ?? Number.NaN,
    from: ranked(Math.floor(length * share - spread)),
    to: ranked(Math.ceil(length * share + spread) + 1),
  };
}

/** Of so many tries so many did: Wilson's interval, which holds for a share of none too. */
export function shareOf(hits: number, tries: number): Estimate {
  const share = hits / tries;
  const z2 = z95 * z95;
  const middle = (share + z2 / (2 * tries)) / (1 + z2 / tries);
  const half = (z95 / (1 + z2 / tries)) * Math.sqrt((share * (1 - share)) / tries + z2 / (4 * tries * tries));
  return { value: share, from: Math.max(0, middle - half), to: Math.min(1, middle + half) };
}
