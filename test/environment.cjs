// Jest's sandbox cannot import ES modules on Node 20; the bundles Lambda runs are ES modules. This environment hands
// tests Node's own import().
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.importModule = (url) => import(url);
  }
};
