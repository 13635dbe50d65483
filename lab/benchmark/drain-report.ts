/**
 * What drains cost, as a table and a picture, from the record alone.
 */
import { type Distribution, distributionOf } from '../measure';
import type { DrainHalf, DrainTrial, TrialMethod } from './drain-trial';

export type Preference = 'AS path' | 'local-preference';

export interface DrainRow {
  readonly method: TrialMethod;
  /** What the peer chooses the way of answers by, before the AS path or by it. */
  readonly preference: Preference;
  readonly trials: readonly DrainTrial[];
}

export interface DrainResults {
  readonly machine: string;
  /** Processes that wanted a core, on average over the runs. */
  readonly load: number;
  readonly rows: readonly DrainRow[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

const spread = (values: readonly (number | null)[]): Distribution | null => {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : distributionOf(known);
};

/** Probes lost in the run in the middle and in the worst, and for how long. */
function lost(halves: readonly DrainHalf[]): string {
  const { median, max } = distributionOf(halves.map(({ lostProbes }) => lostProbes));
  const dark = Math.max(...halves.map(({ darkMs }) => darkMs));
  return max === 0 ? '0' : `${median}, ${max} (${seconds(dark)} s)`;
}

function movedText(halves: readonly DrainHalf[]): string {
  const moved = spread(halves.map(({ movedMs }) => movedMs));
  return moved === null ? '**never**' : `${seconds(moved.median)}, ${seconds(moved.max)}`;
}

function emptyText(halves: readonly DrainHalf[]): string {
  const empty = spread(halves.map(({ emptyMs }) => emptyMs));
  return empty === null ? 'never' : `${seconds(empty.median)}, ${seconds(empty.max)}`;
}

function tableRow({ method, preference, trials }: DrainRow): string {
  const drains = trials.map(({ drain }) => drain);
  const undrains = trials.flatMap(({ undrain }) => undrain ?? []);
  const home = undrains.length === 0 ? ['', ''] : [lost(undrains), movedText(undrains)];
  const first = [method, preference, String(trials.length), lost(drains), movedText(drains), emptyText(drains)];
  return line([...first, ...home]);
}

function drainTable({ rows }: DrainResults): string {
  return [
    line(['drained by', 'the peer prefers by', 'runs', 'lost', 'moved s', 'empty s', 'undrained: lost', 'home s']),
    line(['---', '---', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...rows.map(tableRow),
  ].join('\n');
}

/** Between the markers of the page. Throws when they are not there. */
export function withDrainTable(page: string, results: DrainResults): string {
  const [begin, end] = ['<!-- drains -->', '<!-- end of drains -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${drainTable(results)}\n${page.slice(to)}`;
}

const width = 860;
const left = 320;
const right = 150;
const rowHeight = 30;
const top = 58;
const highestS = 3;
const x = (ms: number): number => left + (Math.min(ms / 1_000, highestS) / highestS) * (width - left - right);

/** A dot per drain at the second when answers had moved; hollow: never. At the right, what was lost. */
export function drainPlot({ rows }: DrainResults): string {
  const bottom = top + rows.length * rowHeight;
  const grid = Array.from({ length: highestS + 1 }, (_, second) => second);
  const lines = grid.map(
    (second) =>
      `<line x1="${x(1_000 * second)}" y1="${top - 8}" x2="${x(1_000 * second)}" y2="${bottom}" stroke="#e2e8f0"/>` +
      `<text x="${x(1_000 * second)}" y="${bottom + 18}" text-anchor="middle" fill="#475569">${second}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 44}" width="${width}" height="${bottom + 44}" font-family="system-ui, sans-serif" font-size="13">
<title>What a drain costs</title>
<rect width="${width}" height="${bottom + 44}" fill="#ffffff"/>
<text x="16" y="24" font-size="16" font-weight="600" fill="#0f172a">What a drain costs</text>
<text x="16" y="43" fill="#475569">Seconds from the order until answers come the other way; a dot per run, the bar is the median; hollow: never</text>
${lines.join('\n')}
${rows.map((row, i) => strip(row, top + i * rowHeight + rowHeight / 2)).join('\n')}
</svg>
`;
}

function strip({ method, preference, trials }: DrainRow, y: number): string {
  const drains = trials.map(({ drain }) => drain);
  const dots = drains.map(({ movedMs }, i) => {
    const at = y + ((i % 3) - 1) * 4;
    if (movedMs === null)
      return `<circle cx="${x(1_000 * highestS) + 20}" cy="${at}" r="4" fill="none" stroke="#334155"/>`;
    return `<circle cx="${x(movedMs).toFixed(1)}" cy="${at}" r="4" fill="#c2410c" fill-opacity="0.55"/>`;
  });
  const moved = spread(drains.map(({ movedMs }) => movedMs));
  const bar =
    moved === null
      ? ''
      : `<line x1="${x(moved.median)}" y1="${y - 11}" x2="${x(moved.median)}" y2="${y + 11}" stroke="#c2410c" stroke-width="3"/>`;
  const { median } = distributionOf(drains.map(({ lostProbes }) => lostProbes));
  return `<text x="${left - 12}" y="${y + 4}" text-anchor="end" fill="#0f172a">${method}, peer by ${preference}</text>
${dots.join('')}${bar}
<text x="${width - 16}" y="${y + 4}" text-anchor="end" fill="#0f172a">lost, median: ${median}</text>`;
}
