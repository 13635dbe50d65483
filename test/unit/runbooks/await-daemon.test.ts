/**
 * The script that waits for a launched instance's daemon, run by a real shell against stand-ins whose answers change as
 * its looks go by. The local cloud runs the same script in its own small shell; this shows that the two read it alike.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const document = parse(readFileSync(join(__dirname, '../../../runbooks/await-daemon.yaml'), 'utf8'));
const script: string = document.mainSteps[0].inputs.runCommand[0];

/** Programs of this machine that the script may use. */
const real = ['sh', 'grep', 'seq', 'wc'].map(
  (name) => [name, execFileSync('which', [name], { encoding: 'utf8' }).trim()] as const,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'await-daemon-'));
  program('timeout', 'shift; exec "$@"');
  // Its only `sleep`s are those between looks: each is five seconds of the instance's life.
  program('sleep', `echo "$1" >> ${folder}/slept`);
  for (const [name, file] of real) symlinkSync(file, join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

const slept = (): number => {
  const found = spawnSync('grep', ['-c', '5', join(folder, 'slept')], { encoding: 'utf8' }).stdout;
  return Number(found || 0);
};

/** Before that look (from 1) it answers with the first code, from there on with the second. */
function changing(name: string, look: number, before: string, after: string): void {
  program(
    name,
    `n=$(grep -c 5 ${folder}/slept 2> /dev/null)\nif [ "\${n:-0}" -lt ${look - 1} ]; then ${before}; else ${after}; fi`,
  );
}

const run = () => spawnSync('sh', ['-c', script], { env: { PATH: folder }, encoding: 'utf8' });
const said = (status: string) => `echo "status: ${status}"; exit ${status === 'error' ? 1 : 0}`;
const seconds = (look: number): number => look - 1;

it('waits through a build, and is over at once when the daemon answers', () => {
  changing('cloud-init', 80, said('running'), said('done'));
  changing('swanctl', 80, 'exit 127', 'exit 0');
  expect(run()).toMatchObject({ status: 0, stdout: 'switchback: alive\n', stderr: '' });
  expect(slept()).toBe(seconds(80));
});

it('knows Libreswan', () => {
  program('ipsec', 'case "$*" in "whack --status") exit 0;; esac; exit 1');
  expect(run()).toMatchObject({ status: 0, stdout: 'switchback: alive\n' });
  expect(slept()).toBe(0);
});

it('gives a daemon a minute after a boot that is over', () => {
  program('cloud-init', said('done'));
  changing('swanctl', 10, 'exit 111', 'exit 0');
  expect(run()).toMatchObject({ status: 0, stdout: 'switchback: alive\n' });
});

it.each([
  ['a boot that failed', 'error', 'swanctl', 'exit 127', /dead: its first boot failed/],
  ['a boot that never ends', 'running', 'swanctl', 'exit 127', /dead: its first boot still runs after nine minutes/],
  [
    'strongSwan that is silent',
    'done',
    'swanctl',
    'exit 111',
    /dead: strongSwan is installed there and does not answer/,
  ],
  [
    'Libreswan that is silent',
    'done',
    'ipsec',
    '[ "$1" = --version ] && echo Libreswan 4.10 && exit 0; exit 33',
    /dead: Libreswan/,
  ],
])('fails for %s, and says which', (_, status, name, answer, words) => {
  program('cloud-init', said(status));
  program(name, answer);
  const { status: code, stdout } = run();
  expect(code).toBe(1);
  expect(stdout).toMatch(words);
});

it.each([
  ['cloud-init says the boot is done', said('done')],
  ['there is no cloud-init', null],
])('leaves it to the canary where neither daemon is known and %s', (_, cloudInit) => {
  if (cloudInit !== null) program('cloud-init', cloudInit);
  const { status, stdout } = run();
  expect(status).toBe(0);
  expect(stdout).toContain('switchback: unseen: ');
});
