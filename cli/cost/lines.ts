/**
 * A bill as lines: how much of what, for whom. Counting, subtracting and scaling all work on lines, so a table can say
 * of each sum where it comes from.
 */
import { type PriceName, prices } from './prices';

/** The scope of what all connections use. */
export const shared = '(shared)';

export interface Line {
  /** A connection's name, or `shared`. */
  readonly scope: string;
  /** What it is, for people. */
  readonly item: string;
  readonly price: PriceName;
  /** In the price's unit. */
  readonly quantity: number;
  /** Counted or read: false. Worked out from an assumption: true. */
  readonly estimated?: boolean;
}

export const usdOf = ({ price, quantity }: Line): number => prices[price].usd * quantity;

export const total = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + usdOf(line), 0);

/** Lines of one scope, item and price become one; what came first stays first. */
export function merged(lines: readonly Line[]): Line[] {
  const byKey = new Map<string, Line>();
  for (const line of lines) {
    const key = `${line.scope}|${line.item}|${line.price}`;
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? line : { ...known, quantity: known.quantity + line.quantity });
  }
  return [...byKey.values()].filter(({ quantity }) => quantity !== 0);
}

export const scaled = (lines: readonly Line[], factor: number): Line[] =>
  lines.map((line) => ({ ...line, quantity: line.quantity * factor }));

/** What is in `lines` beyond `base`. Less than nothing is possible and kept: a dead canary saves money. */
export const beyond = (lines: readonly Line[], base: readonly Line[]): Line[] =>
  merged([...lines, ...scaled(base, -1)]);
