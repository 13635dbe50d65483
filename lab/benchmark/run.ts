/**
 * `npm run -s benchmark -- --runs 10 [--jobs 4]`: Switchback beside other people's methods, on the same packets. Writes
 * docs/benchmark/results.json, the plots beside it, and the tables of docs/BENCHMARK.md. Root on Linux.
 *
 * Each task runs in a process of its own, with its own lab; `--draw` makes tables and plots anew from the results.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ensureBundles } from '../../cli/bundles';
import { countUpTo } from '../../scripts/option-values';
import { obstacles } from '../lab';
import { plot } from './plot';
import { withTables } from './report';
import { emptyResults, type Results } from './results';
import { allTasks, derivedRows, perform, type Task, type TaskOutcome } from './tasks';

const folder = join(__dirname, '../../docs/benchmark');
const resultsFile = join(folder, 'results.json');
const page = join(__dirname, '../../docs/BENCHMARK.md');

function patternFrom(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const program = new Command('benchmark')
  .description('Dark times of Switchback and of other people’s methods, on the same lab.')
  .option('--runs <N>', 'runs of each method and fault', countUpTo(999), 10)
  .option('--minutes <N>', 'how long links lose packets', countUpTo(999), 5)
  .option('--jobs <N>', 'labs side by side', countUpTo(999), 1)
  .option('--only <text>', 'tasks whose JSON this pattern matches; their results replace the earlier ones', patternFrom)
  .option('--draw', 'no runs: tables and plots from docs/benchmark/results.json')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<{ runs: number; minutes: number; jobs: number; only?: RegExp; draw?: true }>();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  if (options.draw) {
    drawAll(JSON.parse(readFileSync(resultsFile, 'utf8')) as Results);
    return 0;
  }
  const inTheWay = await obstacles();
  for (const obstacle of inTheWay) say(obstacle);
  if (inTheWay.length > 0) return 2;
  ensureBundles();
  mkdirSync(folder, { recursive: true });
  const { only } = options;
  const all = allTasks(options.runs, options.minutes);
  const tasks = only === undefined ? all : all.filter((task) => only.test(JSON.stringify(task)));
  const isPartial = only !== undefined && existsSync(resultsFile);
  let results = isPartial
    ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results)
    : emptyResults(machine(), options.runs);
  let done = 0;
  let failed = 0;
  const queue = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const outcome = await inOwnProcess(task);
      if (outcome === null) failed++;
      else results = withOutcome(results, outcome, options.minutes);
      writeFileSync(resultsFile, `${JSON.stringify(results, null, 1)}\n`);
      say(`${++done} of ${tasks.length}: ${JSON.stringify(task)}${outcome === null ? ' FAILED' : ''}`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  drawAll(results);
  return failed === 0 ? 0 : 1;
}

/** Null: it failed, and has said why on standard error. */
function inOwnProcess(task: Task): Promise<TaskOutcome | null> {
  return new Promise((resolve) => {
    let outcome: TaskOutcome | null = null;
    const child = fork(__filename, [], { env: { ...process.env, BENCHMARK_TASK: JSON.stringify(task) } });
    child.on('message', (message) => {
      outcome = message as TaskOutcome;
    });
    child.on('exit', () => resolve(outcome));
  });
}

function withOutcome(results: Results, outcome: TaskOutcome, minutes: number): Results {
  switch (outcome.kind) {
    case 'fault': {
      const { row } = outcome;
      const isSame = (one: Results['rows'][number]): boolean =>
        one.method === row.method && one.fault === row.fault && one.hops === row.hops;
      return { ...results, rows: [...results.rows.filter((one) => !isSame(one)), row] };
    }
    case 'nowhere':
      return {
        ...results,
        standbyOneWay: { ...results.standbyOneWay, [outcome.method]: outcome.standbyOneWay },
        bothDown: { ...results.bothDown, [outcome.method]: outcome.bothDown },
      };
    case 'loss': {
      const counts = { ...results.falseMoves.counts };
      for (const [name, moves] of Object.entries(outcome.counts))
        counts[name] = { ...counts[name], [outcome.percent]: moves };
      return { ...results, falseMoves: { minutes, counts } };
    }
  }
}

function drawAll(measured: Results): void {
  const measuredRows = measured.rows.filter(({ how }) => how === 'measured');
  const order = (name: string): number => ordered.indexOf(name);
  const rows = [...measuredRows, ...derivedRows(measuredRows, measured.runs)].sort(
    (a, b) => order(a.method) - order(b.method),
  );
  const inOrder = <T>(byMethod: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(byMethod).sort(([a], [b]) => order(a) - order(b)));
  const results = {
    ...measured,
    rows,
    falseMoves: { ...measured.falseMoves, counts: inOrder(measured.falseMoves.counts) },
    standbyOneWay: inOrder(measured.standbyOneWay),
  };
  for (const [fault, title] of plots) {
    for (const hops of fault === 'one-way' ? [false] : [false, true]) {
      const file = join(folder, `${fault}${hops ? '-with-aws' : ''}.svg`);
      writeFileSync(file, plot(results, fault, hops, `${title}${hops ? ', with AWS’s times' : ''}`));
    }
  }
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), results));
  say(`tables in docs/BENCHMARK.md, plots in docs/benchmark/`);
}

const ordered = [
  'Switchback fast',
  'Switchback',
  'BGP with BFD',
  'keepalived VRRP',
  'AWS monitor script',
  'alternat',
  'BGP 10/30',
  'one-minute alarm',
  'five-minute schedule',
];

const plots = [
  ['host-hung', 'The home gateway hangs'],
  ['daemon-killed', 'Its VPN daemon is killed'],
  ['one-way', 'Its tunnel passes data one way only'],
] as const;

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
}

const own = process.env['BENCHMARK_TASK'];
const job = own === undefined ? main() : perform(JSON.parse(own) as Task).then((outcome) => answer(outcome));

function answer(outcome: TaskOutcome): Promise<number> {
  return new Promise((resolve) => process.send!(outcome, () => resolve(0)));
}

job.then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
