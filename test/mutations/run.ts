/**
 * `npm run mutations [-- --seeds A..B] [--only TEXT] [--in-tests]`: makes each bug of test/mutations/mutations.ts in a copy
 * of the tree and lets the test it names see it, or the swarm look for it. Prints a table: bug, who caught it, first seed.
 *
 * Exits with 1 when one survives.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Mutation, mutations } from './mutations';

const root = join(__dirname, '../..');
const copied = [
  'core',
  'adapters',
  'functions',
  'config',
  'infra',
  'local-cloud',
  'sim',
  'model',
  'performance',
  'cli',
  'scripts',
  'statemachines',
  'runbooks',
  'test',
];
const files = ['cdk.json', 'jest.config.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'];

const options = new Command('mutations')
  .option('--seeds <A..B>', 'where the swarm looks', '0..1999')
  .option('--only <text>', 'only mutations whose name holds this text', '')
  .option('--in-tests', 'only those that a test must see: a few minutes')
  .parse()
  .opts<{ seeds: string; only: string; inTests?: true }>();

interface Verdict {
  readonly law: string;
  readonly seed: string;
}

function copyOfTree(): string {
  const directory = mkdtempSync(join(tmpdir(), 'switchback-mutation-'));
  for (const name of copied) cpSync(join(root, name), join(directory, name), { recursive: true });
  for (const name of files) cpSync(join(root, name), join(directory, name));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function make({ name, edits }: Mutation, directory: string): void {
  for (const { file, find, put } of edits) {
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    const found = text.split(find).length - 1;
    if (found !== 1) throw new Error(`mutation '${name}': its text is found ${found} times in ${file}`);
    writeFileSync(
      path,
      text.replace(find, () => put),
    );
  }
}

/** A test of `npm test` that fails with the bug. Null: it passes. */
function askTest(directory: string, test: string): Verdict | null {
  const run = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', test, '--maxWorkers=1'], {
    cwd: directory,
    encoding: 'utf8',
  });
  const failed = /● (.*)/.exec(run.stderr)?.[1];
  if (run.status !== 0 && failed === undefined) throw new Error(`${test} could not run:\n${run.stderr}`);
  return run.status === 0 ? null : { law: `${test}: ${failed}`, seed: 'in npm test' };
}

/** Null: the swarm saw nothing. */
function hunt(directory: string): Verdict | null {
  const run = spawnSync(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'sim/programs/swarm.ts', '--seeds', options.seeds],
    {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  const law = /^Law broken: (.*)$/m.exec(run.stdout)?.[1];
  const seed = /^Seed: +(\d+)/m.exec(run.stdout)?.[1];
  if (law !== undefined && seed !== undefined) return { law, seed };
  if (run.status === 2) throw new Error(`the swarm could not run:\n${run.stdout}${run.stderr}`);
  return null;
}

let survived = 0;
const isAsked = ({ name, test }: Mutation): boolean =>
  name.includes(options.only) && (options.inTests === undefined || test !== undefined);

for (const mutation of mutations.filter(isAsked)) {
  const directory = copyOfTree();
  try {
    make(mutation, directory);
    const verdict = mutation.test === undefined ? hunt(directory) : askTest(directory, mutation.test);
    if (verdict === null) survived++;
    process.stdout.write(
      verdict === null
        ? `| ${mutation.name} | SURVIVED ${options.seeds} | |\n`
        : `| ${mutation.name} | ${verdict.law} | ${verdict.seed} |\n`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
process.exitCode = survived === 0 ? 0 : 1;
