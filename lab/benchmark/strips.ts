/**
 * Times as a picture: a strip per row, a dot per run, a bar at the median, seconds along the axis. Runs that never came to
 * their end stand at the right edge, hollow.
 */
interface Strip {
  readonly label: string;
  /** At the right edge. */
  readonly said: string;
  /** Of each run; null: never. */
  readonly seconds: readonly (number | null)[];
  readonly median: number | null;
  readonly colours: { readonly label: string; readonly dot: string; readonly hollow: string };
}

export interface StripPlot {
  readonly title: string;
  readonly heading: string;
  readonly caption: string;
  /** Room for labels, and for what is said. */
  readonly left: number;
  readonly right: number;
  /** Seconds that have a line. */
  readonly grid: readonly number[];
  /** Where between the ends of the axis, 0 and 1, so many seconds stand. */
  readonly shareOf: (seconds: number) => number;
  readonly strips: readonly Strip[];
}

const width = 860;
const rowHeight = 30;
const top = 58;

export function stripPlot(plot: StripPlot): string {
  const { title, heading, caption, grid, strips } = plot;
  const bottom = top + strips.length * rowHeight;
  const height = bottom + 44;
  const lines = grid.map((seconds) => {
    const x = xOf(plot, seconds);
    return (
      `<line x1="${x}" y1="${top - 8}" x2="${x}" y2="${bottom}" stroke="#e2e8f0"/>` +
      `<text x="${x}" y="${bottom + 18}" text-anchor="middle" fill="#475569">${seconds}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="24" font-size="16" font-weight="600" fill="#0f172a">${heading}</text>
<text x="16" y="43" fill="#475569">${caption}</text>
${lines.join('\n')}
${strips.map((strip, i) => drawn(plot, strip, top + i * rowHeight + rowHeight / 2)).join('\n')}
</svg>
`;
}

const xOf = ({ left, right, shareOf }: StripPlot, seconds: number): number =>
  left + shareOf(seconds) * (width - left - right);

function drawn(plot: StripPlot, { label, said, seconds, median, colours }: Strip, y: number): string {
  const dots = seconds.map((each, i) => {
    const at = y + ((i % 3) - 1) * 4;
    if (each === null)
      return `<circle cx="${width - plot.right + 20}" cy="${at}" r="4" fill="none" stroke="${colours.hollow}"/>`;
    return `<circle cx="${xOf(plot, each).toFixed(1)}" cy="${at}" r="4" fill="${colours.dot}" fill-opacity="0.55"/>`;
  });
  const x = median === null ? null : xOf(plot, median);
  const bar =
    x === null
      ? ''
      : `<line x1="${x}" y1="${y - 11}" x2="${x}" y2="${y + 11}" stroke="${colours.dot}" stroke-width="3"/>`;
  return `<text x="${plot.left - 12}" y="${y + 4}" text-anchor="end" fill="${colours.label}">${label}</text>
${dots.join('')}${bar}
<text x="${width - 16}" y="${y + 4}" text-anchor="end" fill="#0f172a">${said}</text>`;
}
