/** What the tables of docs/BENCHMARK.md have in common. */

export const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** `text` between the markers of that name. Throws when they are not there. */
export function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
