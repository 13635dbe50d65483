/**
 * What `npm pack` takes along: what users need, nothing that is ours alone, and never a file of whoever packs it.
 * That it can be installed and used is shown by `npm run test:package`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { functionNames } from '../../infra/function-names';

const root = join(__dirname, '../..');

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

/** Nothing is written and no registry is asked. */
function packedFiles(folder: string): string[] {
  const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--offline'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const read = JSON.parse(answer) as readonly Packed[] | Readonly<Record<string, Packed>>; // npm 11.7 names them.
  return Object.values(read).flatMap(({ files }) => files.map(({ path }) => path));
}

const ships = [
  'LICENSE',
  'README.md',
  'cdk.json',
  'config/switchback.schema.json',
  'dist/THIRD-PARTY-LICENCES.txt',
  'dist/command/parts/some.cjs',
  'dist/command/switchback.cjs',
  'dist/functions/assess/index.mjs',
  'dist/library/infra/public.d.ts',
  'dist/library/infra/public.js',
  'dist/report-page/page.css',
  'dist/report-page/page.js',
  'examples/adopt/switchback.yaml',
  'infra/greenfield/files/charon.conf',
  'package.json',
  'runbooks/reboot.yaml',
  'sim/scenarios/gateway-stopped.yaml',
  'sim/sites/pair.yaml',
  'statemachines/failover.asl.json',
  'terraform/main.tf',
];

const stays = [
  ...['switchback.yaml', 'mine.yaml', 'outputs.json', '.env', '.npmrc', 'examples/adopt/mine.yaml', 'history.json'],
  ...[
    'cdk.out/switchback.template.json',
    'dist/mine.yaml',
    'dist/functions/bundled-packages.json',
    'dist/report-page/bundled-packages.json',
    'switchback-0.0.9.tgz',
  ],
  ...[
    'core/decide/decide.ts',
    'infra/switchback.ts',
    'cli/main.ts',
    'cli/switchback.cjs',
    'sim/simulate.ts',
    'functions/a.ts',
  ],
  ...[
    'test/tidy/tidy.test.ts',
    'lab/run.ts',
    'docs/decisions/026.md',
    'model/lease.pml',
    'sim/programs/swarm.ts',
    '.ci/run',
    'docs/TOUR.md',
  ],
];

describe('a package', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchback-pack-'));
    for (const file of [...ships, ...stays]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '{}');
    }
    writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what users need, and nothing of ours alone or of their own', () => {
    expect(packedFiles(folder).sort()).toEqual([...ships].sort());
  });
});

it('names only what is there, and each function', () => {
  const { files, exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    files: readonly string[];
    exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
    bin: Readonly<Record<string, string>>;
  };
  const packed = packedFiles(root).map((path) => `./${path}`);
  const named = [...Object.values(exports), ...Object.values(bin).map((path) => `./${path}`)].flatMap((entry) =>
    typeof entry === 'string' ? [entry] : [entry.types, entry.default],
  );
  const functions = functionNames.map((name) => `./dist/functions/${name}/index.mjs`);
  expect(packed).toEqual(expect.arrayContaining([...named, ...functions]));
  const idle = files.filter((entry) => !packed.some((path) => path.startsWith(`./${entry.replace(/\/\*.*/, '')}`)));
  expect(idle).toEqual([]);
});
