/**
 * Builds the Lambda bundles when they are missing or older than their sources: the local cloud runs what is deployed.
 * An installed package has them ready and has no sources; there is nothing to build then.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { packagePath } from '../config/package-files';

const builder = 'scripts/build-functions.mjs';
const sources = ['core', 'adapters', 'functions', builder, 'package-lock.json'];

/** Throws when the build fails, with what it printed. */
export function ensureBundles(): void {
  if (!existsSync(packagePath(builder))) return;
  const built = packagePath('dist/functions/sweep/index.mjs');
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) return;
  run(builder);
}

/** The same for the script and the style of a report's page. */
export function ensureReportPage(): void {
  const own = 'scripts/build-report-page.mjs';
  if (!existsSync(packagePath(own))) return;
  const built = packagePath('dist/report-page/page.css');
  if (existsSync(built) && newest(['cli/report/browser', own, 'package-lock.json']) <= statSync(built).mtimeMs) return;
  run(own);
}

function run(script: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: packagePath('.'), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} failed:\n${stdout}${stderr}`);
}

function newest(names: readonly string[]): number {
  return Math.max(
    ...names.map((name) => {
      const full = packagePath(name);
      const { mtimeMs } = statSync(full);
      if (!statSync(full).isDirectory()) return mtimeMs;
      return Math.max(
        mtimeMs,
        ...readdirSync(full, { recursive: true, encoding: 'utf8' }).map(
          (file) => statSync(path.join(full, file)).mtimeMs,
        ),
      );
    }),
  );
}
