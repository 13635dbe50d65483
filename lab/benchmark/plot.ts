/** Dark times as a picture: a strip per method, on a logarithmic axis; hollow: never recovered. */
import type { Fault } from './arena';
import { darkOf, type Results, type Row } from './results';
import { type StripPlot, stripPlot } from './strips';

const low = 0.3;
const high = 400;
const grid = [0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const colours = { ours: '#c2410c', theirs: '#334155' };

const shareOf = (seconds: number): number =>
  (Math.log(Math.max(low, seconds)) - Math.log(low)) / (Math.log(high) - Math.log(low));

export function plot({ rows, runs }: Results, fault: Fault, hops: boolean, title: string): string {
  return stripPlot({
    title: `${title}: how long users are dark, by method`,
    heading: title,
    caption: `Users dark, seconds (logarithmic); a dot per run, ${runs} runs, the bar is the median; hollow: never served again; ᶜ computed`,
    ...{ left: 190, right: 90, grid, shareOf },
    strips: rows.filter((row) => row.fault === fault && row.hops === hops).map(strip),
  });
}

function strip(row: Row): StripPlot['strips'][number] {
  const colour = row.method.startsWith('Switchback') ? colours.ours : colours.theirs;
  const { dark } = darkOf(row);
  return {
    label: `${row.method}${row.how === 'computed' ? ' ᶜ' : ''}`,
    said: dark === null ? 'never' : `${(dark.median / 1_000).toFixed(dark.median < 10_000 ? 2 : 1)} s`,
    seconds: row.trials.map(({ recovered, darkMs }) => (recovered ? darkMs / 1_000 : null)),
    median: dark === null ? null : dark.median / 1_000,
    colours: { label: colour, dot: colour, hollow: colour },
  };
}
