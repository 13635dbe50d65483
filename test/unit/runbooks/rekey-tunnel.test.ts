/** The script that keys a tunnel anew, run by a real shell against stand-ins that answer as strongSwan does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const document = parse(readFileSync(join(__dirname, '../../../runbooks/rekey-tunnel.yaml'), 'utf8'));
const script: string = document.mainSteps[0].inputs.runCommand[0];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  program('timeout', 'shift; exec "$@"');
  program('tr', `exec ${execFileSync('which', ['tr']).toString().trim()} "$@"`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** `codes`: what each verb of swanctl ends with. */
function run(codes: { stats: number; rekey?: number; initiate?: number } | null, tunnel = 'paris-b') {
  const { stats = 0, rekey = 0, initiate = 0 } = codes ?? {};
  const log = join(folder, 'calls');
  if (codes !== null)
    program(
      'swanctl',
      `echo "$*" >> ${log}; case "$1" in --stats) exit ${stats};; --rekey) exit ${rekey};; --initiate) exit ${initiate};; esac`,
    );
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script], {
    env: { PATH: folder, SSM_Tunnel: tunnel },
    encoding: 'utf8',
  });
  const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { status, said: stdout.trim(), calls };
}

it('keys the tunnel anew, and no other', () => {
  expect(run({ stats: 0 })).toEqual({
    status: 0,
    said: 'switchback: alive: keyed anew: paris-b',
    calls: ['--stats', '--rekey --child paris-b'],
  });
  expect(run({ stats: 0 }, 'b-1,b-2').calls.slice(-2)).toEqual(['--rekey --child b-1', '--rekey --child b-2']);
});

it('initiates one that is not up: then it is keyed, too', () => {
  const { status, calls } = run({ stats: 0, rekey: 1 });
  expect(status).toBe(0);
  expect(calls.at(-1)).toBe('--initiate --child paris-b --timeout 4');
});

it.each([
  ['the partner does not agree', { stats: 0, rekey: 1, initiate: 1 }, 1, 'dead: not keyed anew: paris-b'],
  ['the daemon is silent', { stats: 111 }, 1, 'dead: strongSwan does not answer'],
  ['there is no strongSwan', null, 3, 'unseen: no swanctl'],
] as const)('says so where %s', (_, codes, status, said) => {
  const result = run(codes);
  expect(result).toMatchObject({ status, said: expect.stringContaining(`switchback: ${said}`) });
  expect(result.calls.some((call) => call.startsWith('--terminate'))).toBe(false);
});

it('touches nothing where the agent is too old to say which', () => {
  expect(run({ stats: 0 }, '').status).toBe(3);
});
