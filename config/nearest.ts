/** The name somebody probably meant. */
import leven from 'leven';

/** AWS's words for something else, one letter away from a name of ours. */
const otherWords: ReadonlySet<string> = new Set(['eni']);
/** A name longer than any of ours is no slip of the pen. */
const seenLengthMax = 64;
/** Half a name is one that was left off; two letters may be anything. */
const beginningMin = 4;

/** The name that takes the fewest letters to get to. */
export function nearest(seen: string, names: readonly string[]): string {
  const ranked = names.map((name) => ({ name, distance: distanceOf(seen, name) }));
  return ranked.reduce((best, one) => (one.distance < best.distance ? one : best)).name;
}

/** The same, where one is near enough to have been meant, and no other as near; null: it is none of these. */
export function meant(seen: string, names: readonly string[]): string | null {
  if (names.length === 0 || seen.length > seenLengthMax || otherWords.has(seen)) return null;
  const begun = names.filter((name) => bare(seen).length >= beginningMin && bare(name).startsWith(bare(seen)));
  if (begun.length === 1) return begun[0]!;
  const distances = names.map((name) => distanceOf(seen, name));
  const least = Math.min(...distances);
  const name = names[distances.indexOf(least)]!;
  const isOne = distances.filter((distance) => distance === least).length === 1;
  const slips = Math.min(name.length - 1, Math.max(1, Math.floor(name.length / 3)));
  return isOne && least <= slips ? name : null;
}

/** Capitals, dashes and underscores are habits, not letters. */
const bare = (text: string): string => text.slice(0, seenLengthMax).toLowerCase().replace(/[-_ ]/g, '');

/** `eu-wset-1`: two letters that have changed places are one slip. */
function distanceOf(seen: string, name: string): number {
  const [a, b] = [bare(seen), bare(name)];
  const swapped = Array.from(
    { length: Math.max(0, a.length - 1) },
    (_, i) => `${a.slice(0, i)}${a[i + 1]}${a[i]}${a.slice(i + 2)}`,
  );
  return swapped.includes(b) ? 1 : leven(a, b);
}
