/**
 * Slips of the pen. A group under a misspelt name would be missing, and so would all that rests on it: one letter, and
 * twenty complaints. So the tree is read as it was meant, and what is found there is said in the author's own words.
 */
import { type Finding, type Step, valueAt } from './problems';

interface Slip {
  /** Of the group, in the mended tree. */
  readonly at: readonly Step[];
  readonly from: string;
  readonly to: string;
}

export interface Mended {
  readonly tree: unknown;
  readonly slips: readonly Slip[];
}

/** A name is misspelt inside a group whose own name was; deeper than this nobody's file goes. */
export const roundsMax = 4;

export const asWritten = (tree: unknown): Mended => ({ tree, slips: [] });

/** The tree with these fields under the names that were meant. */
export function mend({ tree, slips }: Mended, findings: readonly Finding[]): Mended {
  const news = findings.flatMap(({ at, meant }): Slip[] =>
    meant === undefined ? [] : [{ at: at.slice(0, -1), from: String(at.at(-1)), to: meant }],
  );
  // Two misspellings of one name: the first is it, the second is unknown.
  const first = news.filter(
    ({ at, to }, i) => !news.slice(0, i).some((one) => one.to === to && JSON.stringify(one.at) === JSON.stringify(at)),
  );
  return { tree: first.reduce(renamed, tree), slips: [...slips, ...first] };
}

function renamed(tree: unknown, { at, from, to }: Slip): unknown {
  const group = valueAt(tree, at);
  if (typeof group !== 'object' || group === null) return tree;
  const entries = Object.entries(group).map(([key, value]) => [key === from ? to : key, value]);
  return withValue(tree, at, Object.fromEntries(entries));
}

function withValue(tree: unknown, at: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = at;
  if (step === undefined) return value;
  const inner = withValue((tree as Record<Step, unknown>)[step], rest, value);
  if (Array.isArray(tree)) return tree.map((one, i) => (i === step ? inner : one));
  return { ...(tree as object), [step]: inner };
}

/** A place of the mended tree, in the file. */
export function placeWritten(at: readonly Step[], slips: readonly Slip[]): readonly Step[] {
  return at.map((step, i) => slips.find((slip) => slip.to === step && isSame(slip.at, at.slice(0, i)))?.from ?? step);
}

const isSame = (a: readonly Step[], b: readonly Step[]): boolean =>
  a.length === b.length && a.every((step, i) => b[i] === step);
