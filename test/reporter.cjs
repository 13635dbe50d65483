// The last lines of `npm test`: what this machine lacks and so was not played, by name; with COSTS=1 also what each
// suite cost in processor time, its own child processes' included (`test/environment.cjs` notes it).
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = class {
  onRunStart() {
    if (process.env.COSTS !== '1') return;
    this.folder = mkdtempSync(join(tmpdir(), 'switchback-costs-'));
    process.env.SUITE_COSTS = join(this.folder, 'costs.jsonl'); // Workers are started later, with this in their environment.
  }

  onRunComplete(_contexts, { testResults }) {
    const notPlayed = testResults.flatMap((suite) => suite.testResults).filter(({ status }) => status === 'todo');
    for (const { fullName } of notPlayed) console.error(`!!! NOT PLAYED ON THIS MACHINE: ${fullName}`);
    if (this.folder !== undefined) this.sayCosts();
  }

  sayCosts() {
    const costs = new Map();
    for (const line of readFileSync(process.env.SUITE_COSTS, 'utf8').trim().split('\n')) {
      const { suite, cpuMs } = JSON.parse(line);
      costs.set(suite, (costs.get(suite) ?? 0) + cpuMs);
    }
    rmSync(this.folder, { recursive: true });
    const dearest = [...costs].sort(([, a], [, b]) => b - a);
    const row = (what, ms) => console.error(`${(ms / 1_000).toFixed(1).padStart(8)} CPU-seconds  ${what}`);
    for (const [suite, cpuMs] of dearest) row(suite, cpuMs);
    row(
      `in ${dearest.length} suites`,
      dearest.reduce((sum, [, cpuMs]) => sum + cpuMs, 0),
    );
  }
};
