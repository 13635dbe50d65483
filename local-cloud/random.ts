/**
 * Seeded randomness, one independent stream per purpose: a draw added in one place moves nothing in another, so old
 * seeds keep their meaning. Generators are pure-rand's; the code never touches Math.random.
 */
import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [from, to]. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Log-normal with this median and 99th percentile, both in the caller's unit. */
  lognormal(p50: number, p99: number): number;
  /** A version 4 shaped UUID. */
  uuid(): string;
}

/** A log-normal duration: median and 99th percentile. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** Whole milliseconds, at least 1. */
export function draw({ p50, p99 }: Spread, random: Random): number {
  return Math.max(1, Math.round(random.lognormal(p50, p99)));
}

/** z of the 99th percentile of the normal distribution. */
const z99 = 2.3263;
const hexDigits = '0123456789abcdef';

export function randomStream(seed: number, purpose: string): Random {
  const digest = createHash('sha256').update(`${seed}/${purpose}`).digest();
  const generator = xoroshiro128plus(digest.readInt32LE(0));
  const next = (): number => uniformFloat64(generator);
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(0, items.length - 1)]!,
    lognormal: (p50, p99) => p50 * Math.exp((Math.log(p99 / p50) / z99) * normal()),
    uuid: () => {
      let text = '';
      for (let i = 0; i < 32; i++) {
        if (i === 8 || i === 12 || i === 16 || i === 20) text += '-';
        text += hexDigits[i === 12 ? 4 : i === 16 ? int(8, 11) : int(0, 15)];
      }
      return text;
    },
  };
}
