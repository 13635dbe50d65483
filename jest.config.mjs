/**
 * Tests run in bare Node, in a process for each core: the sandbox that Jest makes for each suite would look up every global
 * through a proxy and load CDK and AWS's clients anew, at twice the cost. So what one suite leaves behind, such as a
 * variable of the environment, the next one of that process finds.
 */
// Of this process, where `--maxWorkers=1` runs tests; then of those that the runner starts.
import 'tsx';

const handshake = new URL('test/handshake.mjs', import.meta.url).href;
const options = `--import ${handshake} --import tsx --max-semi-space-size=64`;
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${options}`.trim();

/** @type {import('jest').Config} */
export default {
  runner: 'jest-light-runner/child-process',
  testSequencer: '<rootDir>/test/sequencer.cjs',
  reporters: ['default', '<rootDir>/test/reporter.cjs'],
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
  transform: {},
};
