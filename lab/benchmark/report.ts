/**
 * The tables of docs/BENCHMARK.md and its plots, from the results alone.
 */
import type { Fault } from './arena';
import { line, withPart } from './page';
import { darkCells, type Results, type Row } from './results';

const faults: readonly { readonly fault: Fault; readonly title: string }[] = [
  { fault: 'host-hung', title: 'The home gateway hangs' },
  { fault: 'daemon-killed', title: 'Its VPN daemon is killed' },
  { fault: 'one-way', title: 'Its tunnel passes data one way only' },
];

function tables(results: Results): string {
  return [...faults.map((one) => faultTable(results, one)), lossTable(results), otherTable(results)].join('\n\n');
}

function faultTable({ rows }: Results, { fault, title }: (typeof faults)[number]): string {
  const own = rows.filter((row) => row.fault === fault);
  const names = [...new Set(own.map(({ method }) => method))];
  const cells = (row: Row | undefined): string[] => {
    if (row === undefined) return ['', '', ''];
    const [median, p95, max] = darkCells(row);
    const note = row.how === 'measured' ? '' : row.how === 'computed' ? ' ᶜ' : ' ᵃ';
    return [`${median}${note}`, p95, max];
  };
  const lines = names.map((name) => {
    const find = (hops: boolean): Row | undefined => own.find((row) => row.method === name && row.hops === hops);
    return line([name, ...cells(find(false)), ...cells(find(true))]);
  });
  return [
    `### ${title}`,
    '',
    line(['method', 'median s', 'p95', 'max', 'with AWS: median s', 'p95', 'max']),
    line(['---', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...lines,
  ].join('\n');
}

function lossTable({ falseMoves }: Results): string {
  const { counts, minutes } = falseMoves;
  const ratios = [...new Set(Object.values(counts).flatMap((one) => Object.keys(one)))].sort(
    (a, b) => Number(a) - Number(b),
  );
  return [
    `### Moves off a link that loses packets but lives, in ${minutes} minutes`,
    '',
    line(['method', ...ratios.map((ratio) => `${ratio} % lost`)]),
    line(['---', ...ratios.map(() => '--:')]),
    ...Object.entries(counts).map(([name, one]) => line([name, ...ratios.map((ratio) => String(one[ratio] ?? ''))])),
  ].join('\n');
}

function otherTable({ standbyOneWay, bothDown }: Results): string {
  return [
    '### Where users end up when there is nowhere good to go',
    '',
    line(['method', 'home hangs, standby passes one way only', 'both gateways hang']),
    line(['---', '---', '---']),
    ...Object.keys(standbyOneWay).map((name) => line([name, standbyOneWay[name]!, bothDown[name] ?? ''])),
  ].join('\n');
}

/** Between the markers of the page. Throws when they are not there. */
export const withTables = (page: string, results: Results): string => withPart(page, 'results', tables(results));
