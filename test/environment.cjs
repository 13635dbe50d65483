// Jest's sandbox cannot import ES modules on Node 20; the bundles Lambda runs are ES modules. This environment hands
// tests Node's own import(). With SUITE_COSTS=FILE it also notes there what each suite cost, one JSON object a line.
const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.suite = relative(config.globalConfig.rootDir, context.testPath);
    this.before = process.cpuUsage();
    this.startedAt = performance.now();
  }

  async setup() {
    await super.setup();
    this.global.importModule = (url) => import(url);
  }

  async teardown() {
    await super.teardown();
    const file = process.env.SUITE_COSTS;
    if (!file) return;
    const { user, system } = process.cpuUsage(this.before);
    const cost = { suite: this.suite, cpuMs: Math.round((user + system) / 1_000) };
    appendFileSync(file, `${JSON.stringify({ ...cost, wallMs: Math.round(performance.now() - this.startedAt) })}\n`);
  }
};
