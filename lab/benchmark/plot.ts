/**
 * Dark times as a picture: a line per method, a dot per run, a bar at the median, seconds on a logarithmic axis. Runs that
 * never recovered stand at the right edge, hollow.
 */
import type { Fault } from './arena';
import { darkOf, type Results, type Row } from './results';

const width = 860;
const left = 190;
const right = 90;
const rowHeight = 30;
const top = 58;
const low = 0.3;
const high = 400;
const grid = [0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const colours = { ours: '#c2410c', theirs: '#334155' };

const x = (seconds: number): number => {
  const share = (Math.log(Math.max(low, seconds)) - Math.log(low)) / (Math.log(high) - Math.log(low));
  return left + share * (width - left - right);
};

export function plot({ rows, runs }: Results, fault: Fault, hops: boolean, title: string): string {
  const own = rows.filter((row) => row.fault === fault && row.hops === hops);
  const height = top + own.length * rowHeight + 44;
  const bottom = top + own.length * rowHeight;
  const lines = grid.map(
    (at) =>
      `<line x1="${x(at)}" y1="${top - 8}" x2="${x(at)}" y2="${bottom}" stroke="#e2e8f0"/>` +
      `<text x="${x(at)}" y="${bottom + 18}" text-anchor="middle" fill="#475569">${at}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<title>${title}: how long users are dark, by method</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="24" font-size="16" font-weight="600" fill="#0f172a">${title}</text>
<text x="16" y="43" fill="#475569">Users dark, seconds (logarithmic); a dot per run, ${runs} runs, the bar is the median; hollow: never served again; ᶜ computed</text>
${lines.join('\n')}
${own.map((row, i) => strip(row, top + i * rowHeight + rowHeight / 2)).join('\n')}
</svg>
`;
}

function strip(row: Row, y: number): string {
  const colour = row.method.startsWith('Switchback') ? colours.ours : colours.theirs;
  const { dark } = darkOf(row);
  const dots = row.trials.map(({ recovered, darkMs }, i) => {
    const at = y + ((i % 3) - 1) * 4;
    if (!recovered) return `<circle cx="${width - right + 20}" cy="${at}" r="4" fill="none" stroke="${colour}"/>`;
    return `<circle cx="${x(darkMs / 1_000).toFixed(1)}" cy="${at}" r="4" fill="${colour}" fill-opacity="0.55"/>`;
  });
  const median = dark === null ? null : x(dark.median / 1_000);
  const bar =
    median === null
      ? ''
      : `<line x1="${median}" y1="${y - 11}" x2="${median}" y2="${y + 11}" stroke="${colour}" stroke-width="3"/>`;
  const said = dark === null ? 'never' : `${(dark.median / 1_000).toFixed(dark.median < 10_000 ? 2 : 1)} s`;
  const mark = row.how === 'computed' ? ' ᶜ' : '';
  return `<text x="${left - 12}" y="${y + 4}" text-anchor="end" fill="${colour}">${row.method}${mark}</text>
${dots.join('')}${bar}
<text x="${width - 16}" y="${y + 4}" text-anchor="end" fill="#0f172a">${said}</text>`;
}
