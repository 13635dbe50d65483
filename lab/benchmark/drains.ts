/**
 * `npm run -s benchmark:drains -- --runs 10`: what a drain costs, by each method and against each kind of peer. Writes
 * docs/benchmark/drains.json, the picture beside it, and the table of docs/BENCHMARK.md. Root on Linux, with FRR.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { countUpTo } from '../../scripts/option-values';
import { obstacles } from '../lab';
import { labScenario } from '../play';
import { type DrainResults, type DrainRow, drainPlot, type Preference, withDrainTable } from './drain-report';
import { DrainArena, type TrialMethod } from './drain-trial';

const folder = join(__dirname, '../../docs/benchmark');
const record = join(folder, 'drains.json');
const page = join(__dirname, '../../docs/BENCHMARK.md');

const program = new Command('drains')
  .description('What a drain costs users, and when answers have moved.')
  .option('--runs <N>', 'drains by each method', countUpTo(99), 10)
  .option('--draw', 'no runs: table and picture from docs/benchmark/drains.json')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<{ runs: number; draw?: true }>();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const methods: readonly TrialMethod[] = ['prepend', 'graceful-shutdown', 'shutdown'];
const preferences: readonly Preference[] = ['AS path', 'local-preference'];

async function main(): Promise<number> {
  if (options.draw) {
    draw(JSON.parse(readFileSync(record, 'utf8')) as DrainResults);
    return 0;
  }
  const inTheWay = await obstacles();
  for (const obstacle of inTheWay) say(obstacle);
  if (inTheWay.length > 0) return 2;
  const rows: DrainRow[] = [];
  const loads: number[] = [];
  for (const preference of preferences) rows.push(...(await rowsOf(preference, loads)));
  const load = Math.round(loads.reduce((sum, one) => sum + one, 0) / loads.length);
  const results: DrainResults = { machine: `${cpus().length} cores`, load, rows };
  writeFileSync(record, `${JSON.stringify(results, null, 1)}\n`);
  draw(results);
  return 0;
}

/** One lab for all of them: a drain leaves no trace. Methods take turns, so that each meets the same load. */
async function rowsOf(preference: Preference, loads: number[]): Promise<DrainRow[]> {
  const lab = await DrainArena.build(labScenario('charon-killed').deployment, preference === 'local-preference');
  try {
    const rows = methods.map((method) => ({ method, preference, trials: [] as DrainRow['trials'][number][] }));
    for (let run = 1; run <= options.runs; run++)
      for (const { method, trials } of rows) {
        trials.push(await lab.trial(method, run));
        loads.push(loadavg()[0]!);
        say(`${preference}, ${method}, ${JSON.stringify(trials.at(-1))}`);
      }
    return rows;
  } finally {
    await lab.arena.lab.end();
  }
}

function draw(results: DrainResults): void {
  writeFileSync(join(folder, 'drain.svg'), drainPlot(results));
  writeFileSync(page, withDrainTable(readFileSync(page, 'utf8'), results));
  say('table in docs/BENCHMARK.md, picture in docs/benchmark/');
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
