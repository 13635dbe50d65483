// Pure-ESM packages are down-levelled for Jest on Node 20 (Jest can require ESM natively only on Node >= 24.9).
/** @type {import('jest').Config} */
module.exports = {
  // Loads the Lambda bundles with Node's own import(), which Jest's sandbox lacks.
  testEnvironment: '<rootDir>/test/environment.cjs',
  testSequencer: '<rootDir>/test/sequencer.cjs',
  // The sandbox's globals are behind a proxy; as parameters of each module they cost nothing.
  sandboxInjectedGlobals: [
    ...['Array', 'BigInt', 'Boolean', 'Date', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Reflect'],
    ...['RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'WeakMap', 'globalThis'],
  ],
  reporters: ['default', '<rootDir>/test/reporter.cjs'],
  // For what hangs. A slow or busy machine is no reason to fail, so no test has a limit of its own.
  testTimeout: 900_000,
  // Jest leaves one core idle by default; on two cores that is half the machine.
  maxWorkers: '100%',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Needs root and a real network: `npm run test:lab`. Takes long: `npm run first-night`. Needs a browser: `npm run test:report`.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/lab/',
    '<rootDir>/test/first-night/',
    '<rootDir>/test/report/',
  ],
  setupFiles: ['<rootDir>/test/setup-env.cjs'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
        module: { type: 'commonjs' },
      },
    ],
  },
};
