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

const names = ['canary', 'sense', 'assess', 'apply', 'sweep', 'repin', 'watch', 'archive', 'herald', 'claim'];
const sizeMaxKb = 515;

// What the SDK imports only when it meets a case that no function here can meet; left out, it is not read at every start.
const neverReached = [
  // Lambda hands credentials over in the environment, where the SDK looks first: 110 kB.
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** Answers that come as a stream of events, which no call of ours asks for: 15 kB. S3's client holds them from its start. */
const streams = (name) => (name === 'archive' ? [] : ['@smithy/core/event-streams']);

/**
 * Each kind of error of a service is a class and a schema: 60 kB for Systems Manager, 25 kB for the three others. The
 * adapters know errors by their names, which the SDK gives to those it has no class for as well
 * (test/performance/error-names).
 */
const withoutErrorClasses = {
  file: /@aws-sdk\/client-[a-z]+\/dist-es\/schemas\/schemas_0\.js$/,
  cut: /^n0_registry\.registerError\(.*\n/gm,
  except: /client-ec2\//, // Has none.
};

/** DynamoDB's client keeps a cache of endpoints for a discovery that no command of ours asks for: 8 kB. */
const withoutEndpointCache = {
  file: /@aws-sdk\/middleware-endpoint-discovery\/dist-es\/resolveEndpointDiscoveryConfig\.js$/,
  cut: /^\s*endpointCache: new EndpointCache\(.*\n/gm,
};

const withoutWhatNobodyAsksFor = {
  name: 'without-what-nobody-asks-for',
  transform(code, id) {
    const applying = [withoutErrorClasses, withoutEndpointCache].filter(
      ({ file, except }) => file.test(id) && !except?.test(id),
    );
    for (const { cut } of applying)
      if (code.search(cut) < 0) throw new Error(`${id} has no line like ${cut}: the SDK writes it in another way now`);
    return applying.length === 0 ? null : { code: applying.reduce((text, { cut }) => text.replace(cut, ''), code) };
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
    external: [...neverReached, ...streams(name)],
    resolve: { mainFields: ['module', 'main'] },
    treeshake: { propertyReadSideEffects: false },
    plugins: [withoutWhatNobodyAsksFor],
  });
  const { output: chunks } = await bundle.write({
    file,
    format: 'esm',
    minify: true,
    comments: { annotation: false },
    codeSplitting: false,
  });
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
