/** Values of command line options, checked where commander asks: `new Option(..., countUpTo(999))`. */
import { InvalidArgumentError } from 'commander';

export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** Throws `InvalidArgumentError`, as commander wants it. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^[1-9]\d*$/.test(text) && count <= max) return count;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${max}`);
  };
}

/** `A..B`, both included. Throws `InvalidArgumentError`. */
export function seedRange(text: string): SeedRange {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || from > to || !Number.isSafeInteger(to))
    throw new InvalidArgumentError('expected two whole numbers, the smaller first, e.g. 1..2000');
  return { from, to };
}
