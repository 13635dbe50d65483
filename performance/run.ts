/**
 * `npm run -s performance`: weighs every Lambda bundle (performance-measure.ts), prints the table of
 * docs/PERFORMANCE.md, and times the refusal of oversized configurations. `-- --write` puts the table there. Ends with 1
 * when something is beyond a limit.
 *
 * `-- --quick` is CI's: fewer and shorter measurements, and times are told but not judged, because machines differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ensureBundles } from '../cli/bundles';
import { deploymentFrom, parseConfig } from '../config/read';
import { millionsOfRoutes, oversized } from '../test/property/oversized-config';
import { callsMin, limits, type Weight, weigh } from './measure';

const file = join(__dirname, '../docs/PERFORMANCE.md');
const fence = /(?<=<!-- made by npm run -s performance -- --write -->\n```\n)[\s\S]*?(?=```\n)/;

async function main(options: readonly string[]): Promise<number> {
  ensureBundles();
  const quick = options.includes('--quick');
  const weights = await weigh(quick ? { imports: 3, canaryMs: 20_000 } : { imports: 11, canaryMs: 75_000 });
  const text = table(weights);
  process.stdout.write(text);
  if (options.includes('--write')) writeFileSync(file, readFileSync(file, 'utf8').replace(fence, text));
  const slow = [...weights.flatMap(slowImports), ...slowRefusals()];
  for (const line of slow) console.error(quick ? `slow here, and not judged: ${line}` : line);
  const faults = weights.flatMap(faultsOf);
  for (const fault of faults) console.error(fault);
  return faults.length > 0 || (slow.length > 0 && !quick) ? 1 : 0;
}

function slowImports({ name, importCpuMs }: Weight): string[] {
  if (importCpuMs <= limits.importMsMax) return [];
  return [`${name}: imported in ${importCpuMs.toFixed(0)} ms, at most ${limits.importMsMax}`];
}

/** What an oversized configuration takes until it is refused. */
function slowRefusals(): string[] {
  const refusals: [string, () => { ok: boolean }][] = [
    ...oversized.map(([title, text]): [string, () => { ok: boolean }] => [title, () => parseConfig(text)]),
    ['routes by the million', () => deploymentFrom(millionsOfRoutes())],
  ];
  return refusals.flatMap(([title, refuse]) => {
    const before = process.cpuUsage();
    if (refuse().ok) throw new Error(`the configuration with ${title} was taken`);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000;
    return ms <= limits.refusalMsMax
      ? []
      : [`${title}: refused in ${ms.toFixed(0)} ms, at most ${limits.refusalMsMax}`];
  });
}

const headroom = ({ peakMb, memoryMb }: Weight): number => 1 - peakMb / memoryMb;

function faultsOf(weight: Weight): string[] {
  const { name, sizeKb, calls } = weight;
  return [
    ...(sizeKb > limits.sizeMaxKb ? [`${name}: ${sizeKb.toFixed(0)} kB, at most ${limits.sizeMaxKb}`] : []),
    ...(calls < callsMin[name] ? [`${name}: ${calls} calls to AWS, at least ${callsMin[name]}: not at work`] : []),
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
