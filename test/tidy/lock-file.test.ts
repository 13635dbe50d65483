/**
 * What is installed is what was reviewed: by digest, from the one registry everybody uses, and without running anything
 * while it is installed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const root = join(__dirname, '../..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> };
const installed = Object.entries(packages).filter(([path, { inBundle }]) => path !== '' && inBundle !== true);

/** Would run code when installed, and do without: their binaries come as packages of their own, or lie in them. */
const doWithout = ['@parcel/watcher', '@swc/core', 'classic-level', 'esbuild', 'unrs-resolver'];

it('knows the digest of every package, and finds something to look at', () => {
  expect(installed.length).toBeGreaterThan(300);
  expect(installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path)).toEqual([]);
});

it('fetches nothing from elsewhere than the default registry', () => {
  const elsewhere = Object.entries(packages).filter(
    ([, { resolved, link }]) => link === true || !/^(https:\/\/registry\.npmjs\.org\/|$)/.test(resolved ?? ''),
  );
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});

it('lets no package run anything while it is installed, and none depend on that unseen', () => {
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(scripted.map(([path]) => path.replace(/^.*node_modules\//, '')).sort()).toEqual(doWithout);
  expect(textOf('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  expect(textOf('scripts/ensure-installed.mjs')).toMatch(/'ci', '--ignore-scripts'/);
});

it('has no hook that npm would skip with the scripts', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  expect(Object.keys(scripts).filter((name) => /^(pre|post)|^(install|prepare)$/.test(name))).toEqual([]);
});
