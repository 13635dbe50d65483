// What belongs to one run: a folder for the scenarios that its suites play (`test/simulation/played.ts`) and for the
// templates they share (`sim/synthesis-cache.ts`), and the last lines of `npm test`: what this machine lacks and so was
// not played, by name; with COSTS=1 also what each suite cost in processor time, dearest first, and all of them
// together, with the programs they started (`test/handshake.mjs` notes it). A busy machine makes a run longer, hardly dearer.
const { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, relative } = require('node:path');

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
    if (process.env.COSTS === '1') this.sayCosts();
    rmSync(this.folder, { recursive: true });
  }

  sayCosts() {
    const row = (what, ms) => console.error(`${(ms / 1_000).toFixed(1).padStart(8)} ${what}`);
    const file = process.env.SUITE_COSTS;
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    // Each line is the sum of its process so far. What a process cost before its first suite is with that suite.
    const sums = new Map();
    const costs = lines.map((line) => {
      const [pid, ms, suite] = line.split(' ');
      const own = Number(ms) - (sums.get(pid) ?? 0);
      sums.set(pid, Number(ms));
      return { suite, own };
    });
    for (const { suite, own } of costs.sort((a, b) => b.own - a.own)) row(relative(process.cwd(), suite), own);
    const sum = costs.reduce((before, { own }) => before + own, 0);
    row(`CPU-seconds in the ${sums.size} processes of ${costs.length} suites`, sum);
  }
};
