/** Who may import whom: docs/ARCHITECTURE.md, "What is where". Run by test/tidy. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(adapters|cli|config|core|functions|infra|lab|local-cloud|runbooks|sim|statemachines|test)/',
    pathNot: `^(${[from, ...allowed].join('|')})/`,
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      comment: 'core/ imports only core/: no AWS, no node:, no package',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: '^core/' },
    },
    only('adapters-know-core', 'adapters', ['core']),
    only('functions-know-core-and-adapters', 'functions', ['core', 'adapters']),
    only('config-knows-core', 'config', ['core']),
    only('infra-imports-no-runtime-code', 'infra', ['config', 'core', 'statemachines', 'runbooks']),
    {
      name: 'local-cloud-is-nobodys',
      comment: 'it runs any template; test/tidy/local-cloud.test.ts asks the same of its types',
      severity: 'error',
      from: { path: '^local-cloud/' },
      to: {
        path: '^(adapters|cli|config|core|functions|infra|lab|runbooks|scripts|sim|statemachines|test)/',
        pathNot: '^core/words/time',
      },
    },
    {
      name: 'sim-reads-what-is-deployed',
      comment:
        'the local cloud runs the bundles; of the source, sim/ shares the World type only; its programs build them first',
      severity: 'error',
      from: { path: '^sim/' },
      to: { path: '^(adapters|cli|functions|lab|test)/', pathNot: '^(functions/world|cli/bundles)' },
    },
    {
      name: 'lab-stands-on-the-local-cloud',
      comment: 'it shares the World type, the sockets that Lambda uses, and what the documents for speakers hold',
      severity: 'error',
      from: { path: '^lab/' },
      to: {
        path: '^(adapters|cli|config|functions|infra|test)/',
        pathNot: '^(functions/(canary/sockets|world)|infra/speaker-programs|cli/bundles)',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
