// What belongs to one run: a folder for the scenarios that its suites play (`test/simulation/played.ts`) and for the
// templates they share (`sim/synthesis-cache.ts`), and the last
// lines of `npm test`: what this machine lacks and so was not played, by name; with COSTS=1 also what each
// suite cost in processor time, its own child processes' included (`test/environment.cjs` notes it).
const { mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = class {
  /** Workers are started later, with these in their environment. */
  onRunStart() {
    this.folder = mkdtempSync(join(tmpdir(), 'switchback-run-'));
    process.env.PLAYED = this.folder;
    process.env.SYNTHESES = join(this.folder, 'syntheses');
    mkdirSync(process.env.SYNTHESES);
    if (process.env.COSTS === '1') process.env.SUITE_COSTS = join(this.folder, 'costs.jsonl');
  }

  onRunComplete(_contexts, { testResults }) {
    const notPlayed = testResults.flatMap((suite) => suite.testResults).filter(({ status }) => status === 'todo');
    for (const { fullName } of notPlayed) console.error(`!!! NOT PLAYED ON THIS MACHINE: ${fullName}`);
    if (process.env.COSTS === '1') this.sayCosts();
    rmSync(this.folder, { recursive: true });
  }

  sayCosts() {
    const costs = new Map();
    for (const line of readFileSync(process.env.SUITE_COSTS, 'utf8').trim().split('\n')) {
      const { suite, cpuMs } = JSON.parse(line);
      costs.set(suite, (costs.get(suite) ?? 0) + cpuMs);
    }
    const dearest = [...costs].sort(([, a], [, b]) => b - a);
    const row = (what, ms) => console.error(`${(ms / 1_000).toFixed(1).padStart(8)} CPU-seconds  ${what}`);
    for (const [suite, cpuMs] of dearest) row(suite, cpuMs);
    row(
      `in ${dearest.length} suites`,
      dearest.reduce((sum, [, cpuMs]) => sum + cpuMs, 0),
    );
  }
};
