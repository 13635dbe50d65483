/**
 * What is installed is what was reviewed: by digest, from the one registry everybody uses, and without running anything
 * while it is installed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
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
const doWithout = ['@parcel/watcher', 'classic-level', 'esbuild', 'unrs-resolver'];

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

describe('what is asked for', () => {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(textOf('package.json')) as Readonly<
    Record<'dependencies' | 'devDependencies' | 'peerDependencies', Readonly<Record<string, string>>>
  >;
  const pinned = Object.entries({ ...dependencies, ...devDependencies });

  it('is one version each, and one of the AWS SDK', () => {
    expect(pinned.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const clients = pinned.filter(([name]) => name.startsWith('@aws-sdk/'));
    expect(new Set(clients.map(([, version]) => version)).size).toBe(1);
  });

  it('is for users what the library imports and no more, and we test with a version that the peers allow', () => {
    const library = join(root, 'dist/library');
    const texts = readdirSync(library, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(library, file), 'utf8'));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/\brequire\("((?:@[^/"]+\/)?[^./"][^/"]*)/g)].map(([, name]) => name!),
    );
    const packages = [...new Set(imported)].filter((name) => !isBuiltin(name)).sort();
    expect([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort()).toEqual(packages);
    expect(Object.keys(peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
    const majors = Object.entries(peerDependencies).map(([name, range]) => [name, /^\^(\d+)\./.exec(range)?.[1]]);
    expect(majors).toEqual(Object.keys(peerDependencies).map((name) => [name, devDependencies[name]!.split('.')[0]]));
  });
});
