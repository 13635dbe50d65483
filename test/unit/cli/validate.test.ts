/**
 * `switchback validate` answers at once: what takes seconds to load is not loaded. The modules are counted, not the
 * time, which says more about the machine than about us.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'switchback-validate-'));
const adopt = join(root, 'examples/adopt/switchback.yaml');

/** The packed command: what it answers is the same, and it need not be compiled first. */
const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'dist/command/switchback.cjs'), ...args], { encoding: 'utf8' });

/** The command as it is started from the sources, which at its end says what it has loaded. */
function runFromSources(...args: string[]) {
  const list = join(folder, 'loaded.json');
  const script = `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)},
    JSON.stringify(Object.keys(require.cache))));
    require(${JSON.stringify(join(root, 'cli/switchback.cjs'))})`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', script, '--', ...args], { encoding: 'utf8' });
  return { status, stdout, loaded: JSON.parse(readFileSync(list, 'utf8')) as string[] };
}

function written(change: (text: string) => string): string {
  const file = join(folder, 'switchback.yaml');
  writeFileSync(file, change(readFileSync(adopt, 'utf8')));
  return file;
}

const heavy =
  /node_modules\/(aws-cdk-lib|constructs|@aws-sdk|@smithy|jsonata|dynalite|jest)|\/(sim|infra|functions|adapters)\//;

it.each([[['--help']], [['validate', '--help']], [['validate', adopt]]])(
  '%j loads neither simulator nor CDK',
  (args) => {
    const { loaded, status, stdout } = runFromSources(...args);
    expect(status).toBe(0);
    expect(stdout).not.toBe('');
    expect(loaded.some((file) => file.endsWith('/cli/main.ts'))).toBe(true);
    expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
  },
);

it('would notice: the simulator loads both', () => {
  const { loaded } = runFromSources('simulate', '--list');
  expect(loaded.some((file) => /\/sim\//.test(file))).toBe(true);
});

it('says what would be deployed, and what is to be minded', () => {
  const file = written((text) => text.replace('    zone: eu-central-1b\n    vpc', '    zone: eu-central-1a\n    vpc'));
  const { status, stdout } = run('validate', file);
  expect(stdout).toMatch(/can be deployed: 2 gateways; paris \(mode observe, 2 paths, 1 route set, 3 canaries\)/);
  expect(stdout).toMatch(
    / {2}warning: connections\.paris\.paths\.b\.gateway: "gw-b" stands in eu-central-1a like path a's/,
  );
  expect(status).toBe(0);
  expect(run('validate', '--strict', file).status).toBe(1);
  expect(JSON.parse(run('validate', '--json', file).stdout)).toMatchObject({
    ok: true,
    problems: [],
    remarks: [{ kind: 'gateways-in-one-zone', level: 'warning', line: expect.any(Number) }],
  });
});

it('shows the line of a mistake, and ends with 2', () => {
  const file = written((text) => text.replace('mode: observe', 'mode: obsrve'));
  const { status, stdout, stderr } = run('validate', file);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/mode: "obsrve" is none of observe, divert, repair: did you mean observe\? \(line \d+\)/);
  expect(stderr).toMatch(/\d+ \| {5}mode: obsrve\n +\| +\^{6}\n/);
});

it('names a file that is not there', () => {
  const { status, stderr } = run('validate', join(folder, 'none.yaml'));
  expect(status).toBe(2);
  expect(stderr).toMatch(/none\.yaml: cannot be read, there is no such file/);
});
