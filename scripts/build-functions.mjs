// Bundles the functions to dist/functions/<name>/index.mjs (ESM, minified) and prints their sizes.
//
// Rolldown with propertyReadSideEffects off shakes out the SDK's schema tables, which esbuild must keep: a client-ec2
// function shrinks from 874 kB to about 290 kB and starts in 30 ms instead of 80. A bundle above the limit fails the
// build: a cold start lies on the way to every decision.
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { packageFolders } from './bundled-packages.mjs';

const names = ['canary', 'sense', 'assess', 'apply', 'sweep', 'repin', 'watch', 'archive'];
const sizeMaxKb = 490;

// Lambda hands credentials over in the environment, where the SDK looks first. The other sources are only ever
// imported when those are missing; left out, they spare each function 110 kB.
const neverReached = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/**
 * Systems Manager has 140 kinds of errors, each a class and a schema: 60 kB in each function that asks it anything. The
 * adapters know errors by their names, which the SDK gives to those it has no class for as well.
 */
const withoutErrorClasses = {
  name: 'without-error-classes',
  transform(code, id) {
    if (!/client-ssm\/dist-es\/schemas\/schemas_0\.js$/.test(id)) return null;
    const kept = code.split('\n').filter((line) => !line.startsWith('n0_registry.registerError('));
    if (kept.length === code.split('\n').length) throw new Error(`${id} registers its errors in another way`);
    return { code: kept.join('\n'), map: null };
  },
};

const root = path.join(import.meta.dirname, '..');
const output = path.join(root, 'dist/functions');
rmSync(output, { recursive: true, force: true });

let tooLarge = false;
const bundled = new Set();
for (const name of names) {
  const file = path.join(output, name, 'index.mjs');
  const bundle = await rolldown({
    input: path.join(root, 'functions', name, 'index.ts'),
    platform: 'node',
    external: neverReached,
    resolve: { mainFields: ['module', 'main'] },
    treeshake: { propertyReadSideEffects: false },
    plugins: [withoutErrorClasses],
  });
  const { output: chunks } = await bundle.write({ file, format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  if (!chunks[0].exports.includes('handler')) throw new Error(`functions/${name}/index.ts exports no handler`);
  const missing = chunks[0].imports.filter((name) => !isBuiltin(name));
  if (missing.length > 0) throw new Error(`${name} would need ${missing.join(', ')} at start`);
  for (const folder of packageFolders(root, chunks)) bundled.add(folder);
  const kb = statSync(file).size / 1024;
  console.log(`${name.padEnd(7)} ${kb.toFixed(0).padStart(4)} kB`);
  if (kb > sizeMaxKb) {
    console.error(`${name} is larger than ${sizeMaxKb} kB: look for a whole client or library that one call pulled in`);
    tooLarge = true;
  }
}
// For the licences that travel with the package (build-package.mjs).
writeFileSync(path.join(output, 'bundled-packages.json'), JSON.stringify([...bundled].sort()));
process.exitCode = tooLarge ? 1 : 0;
