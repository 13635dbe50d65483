/**
 * `npm run -s performance`: weighs every Lambda bundle (performance-measure.ts) and prints the table of
 * docs/PERFORMANCE.md. `-- --write` puts it there. Ends with 1 when a bundle is beyond a limit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ensureBundles } from '../cli/bundles';
import { limits, type Weight, weigh } from './performance-measure';

const file = join(__dirname, '../docs/PERFORMANCE.md');
const fence = /(?<=<!-- made by npm run -s performance -- --write -->\n```\n)[\s\S]*?(?=```\n)/;

async function main(options: readonly string[]): Promise<number> {
  ensureBundles();
  const weights = await weigh({ imports: 11, canaryMs: 75_000 });
  const text = table(weights);
  process.stdout.write(text);
  if (options.includes('--write')) writeFileSync(file, readFileSync(file, 'utf8').replace(fence, text));
  const faults = weights.flatMap(faultsOf);
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

const headroom = ({ peakMb, memoryMb }: Weight): number => 1 - peakMb / memoryMb;

function faultsOf(weight: Weight): string[] {
  const { name, sizeKb, importCpuMs } = weight;
  return [
    ...(sizeKb > limits.sizeMaxKb ? [`${name}: ${sizeKb.toFixed(0)} kB, at most ${limits.sizeMaxKb}`] : []),
    ...(importCpuMs > limits.importMsMax
      ? [`${name}: imported in ${importCpuMs.toFixed(0)} ms, at most ${limits.importMsMax}`]
      : []),
    ...(headroom(weight) < limits.headroomMin ? [`${name}: ${percent(headroom(weight))} headroom, at least 30 %`] : []),
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function table(weights: readonly Weight[]): string {
  const columns = ['function', 'bundle', 'import', 'by the clock', 'peak memory', 'given', 'headroom', 'calls to AWS'];
  const rows = weights.map((weight) => [
    weight.name,
    `${weight.sizeKb.toFixed(0)} kB`,
    `${weight.importCpuMs.toFixed(0)} ms`,
    `${weight.importMs.toFixed(0)} ms`,
    `${weight.peakMb.toFixed(0)} MB`,
    `${weight.memoryMb} MB`,
    percent(headroom(weight)),
    String(weight.calls),
  ]);
  const allowed = [
    'limit',
    `${limits.sizeMaxKb} kB`,
    `${limits.importMsMax} ms`,
    '',
    '',
    '',
    `>= ${percent(limits.headroomMin)}`,
    '',
  ];
  const all = [columns, ...rows, allowed];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  const machine = `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`;
  return `${all.map(line).join('\n')}\n\n${machine}\n`;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
