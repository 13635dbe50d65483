/**
 * What drains cost, as a table and a picture, from the record alone.
 */
import { type Distribution, distributionOf } from '../measure';
import type { DrainHalf, DrainTrial, TrialMethod } from './drain-trial';
import { line, withPart } from './page';
import { type StripPlot, stripPlot } from './strips';

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
export const withDrainTable = (page: string, results: DrainResults): string =>
  withPart(page, 'drains', drainTable(results));

const highestS = 3;

/** A dot per drain at the second when answers had moved; hollow: never. At the right, what was lost. */
export function drainPlot({ rows }: DrainResults): string {
  return stripPlot({
    title: 'What a drain costs',
    heading: 'What a drain costs',
    caption:
      'Seconds from the order until answers come the other way; a dot per run, the bar is the median; hollow: never',
    ...{ left: 320, right: 150 },
    grid: Array.from({ length: highestS + 1 }, (_, second) => second),
    shareOf: (second) => Math.min(second, highestS) / highestS,
    strips: rows.map(strip),
  });
}

function strip({ method, preference, trials }: DrainRow): StripPlot['strips'][number] {
  const drains = trials.map(({ drain }) => drain);
  const moved = spread(drains.map(({ movedMs }) => movedMs));
  return {
    label: `${method}, peer by ${preference}`,
    said: `lost, median: ${distributionOf(drains.map(({ lostProbes }) => lostProbes)).median}`,
    seconds: drains.map(({ movedMs }) => (movedMs === null ? null : movedMs / 1_000)),
    median: moved === null ? null : moved.median / 1_000,
    colours: { label: '#0f172a', dot: '#c2410c', hollow: '#334155' },
  };
}
