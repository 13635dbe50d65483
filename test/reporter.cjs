// What belongs to one run: a folder for the scenarios that its suites play (`test/simulation/played.ts`) and for the
// templates they share (`sim/synthesis-cache.ts`), and the last lines of `npm test`: what this machine lacks and so was
// not played, by name; with COSTS=1 also how long each suite took, and the processor time of all (`test/setup-env.cjs`
// notes it).
const { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = class {
  constructor({ testNamePattern }) {
    this.isFiltered = Boolean(testNamePattern);
  }

  /** The processes of the tests are started later, with these in their environment. */
  onRunStart() {
    this.folder = mkdtempSync(join(tmpdir(), 'switchback-run-'));
    process.env.PLAYED = this.folder;
    process.env.SYNTHESES = join(this.folder, 'syntheses');
    mkdirSync(process.env.SYNTHESES);
    if (process.env.COSTS === '1') process.env.SUITE_COSTS = join(this.folder, 'costs.txt');
  }

  onRunComplete(_contexts, { testResults }) {
    const skipped = testResults.flatMap((suite) => suite.testResults).filter(({ status }) => status === 'pending');
    if (!this.isFiltered)
      for (const { fullName } of skipped) console.error(`!!! NOT PLAYED ON THIS MACHINE: ${fullName}`);
    if (process.env.COSTS === '1') this.sayCosts(testResults);
    rmSync(this.folder, { recursive: true });
  }

  sayCosts(suites) {
    const row = (what, ms) => console.error(`${(ms / 1_000).toFixed(1).padStart(8)} ${what}`);
    const slowest = [...suites].sort((a, b) => b.perfStats.runtime - a.perfStats.runtime);
    for (const { testFilePath, perfStats } of slowest) row(`s ${testFilePath}`, perfStats.runtime);
    const file = process.env.SUITE_COSTS;
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    // By process; its last line is the sum of all before.
    const costs = new Map(lines.map((line) => line.split(' ').map(Number)));
    const sum = [...costs.values()].reduce((before, ms) => before + ms, 0);
    row(`CPU-seconds in the ${costs.size} processes of ${suites.length} suites`, sum);
  }
};
