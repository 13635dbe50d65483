/**
 * Builds the Lambda bundles when they are missing or older than their sources: the local cloud runs what is deployed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..');
const sources = ['core', 'adapters', 'functions', 'scripts/build-functions.mjs', 'package-lock.json'];
const built = path.join(root, 'dist/functions/sweep/index.mjs');

/** Throws when the build fails, with what it printed. */
export function ensureBundles(): void {
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build-functions.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the function bundles could not be built:\n${stdout}${stderr}`);
}

function newest(names: readonly string[]): number {
  return Math.max(
    ...names.map((name) => {
      const full = path.join(root, name);
      const { mtimeMs } = statSync(full);
      if (!statSync(full).isDirectory()) return mtimeMs;
      return Math.max(mtimeMs, ...readdirSync(full).map((file) => statSync(path.join(full, file)).mtimeMs));
    }),
  );
}
