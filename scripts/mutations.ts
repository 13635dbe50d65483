/**
 * `npm run mutations [-- --seeds A..B] [--only TEXT]`: makes each bug of test/mutations/mutations.ts in a copy of the
 * tree, builds it, and lets the swarm look for it. Prints a table: bug, law that caught it, first seed.
 *
 * Exits with 1 when one survives.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Mutation, mutations } from '../test/mutations/mutations';

const root = join(__dirname, '..');
const copied = [
  'core',
  'adapters',
  'functions',
  'config',
  'infra',
  'sim',
  'cli',
  'scripts',
  'statemachines',
  'runbooks',
];
const files = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];

const options = new Command('mutations')
  .option('--seeds <A..B>', 'where the swarm looks', '0..1999')
  .option('--only <text>', 'only mutations whose name holds this text', '')
  .parse()
  .opts<{ seeds: string; only: string }>();

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

/** Null: the swarm saw nothing. */
function hunt(directory: string): Verdict | null {
  const run = spawnSync(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'scripts/sim.ts', '--seeds', options.seeds],
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
for (const mutation of mutations.filter(({ name }) => name.includes(options.only))) {
  const directory = copyOfTree();
  try {
    make(mutation, directory);
    const verdict = hunt(directory);
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
