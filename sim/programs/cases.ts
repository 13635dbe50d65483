/**
 * `npm run -s cases -- DIR`: plays every case below DIR (see sim/cases.ts) and prints one line per failure.
 *
 * Exits with 1 when one fails. Last line: `N passed, N failed`. Files that are no cases are named on stderr.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { Worker } from 'jest-worker';
import { ensureBundles } from '../../cli/bundles';
import { countUpTo } from '../../scripts/option-values';
import { type Case, findCases } from '../cases';

const program = new Command('cases')
  .description('Plays every scenario and judges every configuration below a folder.')
  .argument('<dir>', 'where the cases are')
  .option('--jobs <N>', 'processes', countUpTo(256), Math.min(2, availableParallelism()))
  .option('--only <text>', 'only those whose name has this in it', '')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<{ jobs: number; only: string }>();
const folder = resolve(program.args[0]!);

async function playAll(cases: readonly Case[]): Promise<number> {
  const worker = new Worker(join(__dirname, '../case-worker.ts'), {
    numWorkers: Math.max(1, options.jobs),
    exposedMethods: ['playCase'],
    forkOptions: { execArgv: ['-r', 'tsx/cjs'] },
  }) as Worker & { playCase(one: Case): Promise<readonly string[]> };
  let failed = 0;
  try {
    await Promise.all(
      cases.map(async (one) => {
        const wrong = await worker.playCase(one);
        if (wrong.length > 0) failed++;
        for (const line of wrong) process.stdout.write(`${one.name}: ${line.replaceAll('\n', ' / ')}\n`);
      }),
    );
  } finally {
    await worker.end();
  }
  return failed;
}

async function main(): Promise<number> {
  const found = findCases(folder);
  for (const stranger of found.strangers) process.stderr.write(`Not a case: ${stranger}\n`);
  const cases = found.cases.filter(({ name }) => name.includes(options.only));
  if (cases.length === 0) throw new Error(`There is no case in ${folder}`);
  ensureBundles();
  const failed = await playAll(cases);
  process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`cases: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
