/**
 * The script that restarts a tunnel, run by a real shell against stand-ins that answer as strongSwan and Libreswan were
 * recorded to. The local cloud runs the same script in its own small shell; this shows that the two read it alike.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Answers, libreswan, strongswan } from './recorded';

const document = parse(readFileSync(join(__dirname, '../../../runbooks/tunnel.yaml'), 'utf8'));
const script: string = document.mainSteps[0].inputs.runCommand[0];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunnel-'));
  // `timeout N program` and `sleep` cost no time here; a program that is not there is 127, as with the real one.
  program('timeout', 'shift; exec "$@"');
  program('sleep', ':');
  for (const name of ['sh', 'grep', 'cat'])
    program(name, `exec ${execFileSync('which', [name]).toString().trim()} "$@"`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Stand-ins of these programs; once \`systemctl restart\` was called, those of \`after\` answer. */
function install(before: Answers, after: Answers = before): void {
  const cases = (answers: Answers) =>
    answers
      .map(([start, { code, out = '', err = '' }]) => {
        const says = `${out && `echo ${quoted(out)};`} ${err && `echo ${quoted(err)} >&2;`}`;
        return `case "$line" in ${quoted(start)}*) ${says} exit ${code};; esac`;
      })
      .join('\n');
  const names = new Set([...before, ...after].map(([start]) => start.split(' ')[0]!));
  for (const name of names) {
    program(
      name,
      `line="${name} $*"; echo "$line" >> ${folder}/calls\nif [ -e ${folder}/restarted ]; then\n${cases(after)}\nelse\n${cases(before)}\nfi\nexit 99`,
    );
  }
}

function units(...known: string[]): void {
  const isKnown = known.map((unit) => `"${unit}") known=yes;;`).join(' ');
  program(
    'systemctl',
    `echo "systemctl $*" >> ${folder}/calls; known=no; case "$2" in ${isKnown} *) ;; esac
[ $known = yes ] || exit 5
[ "$1" != restart ] || echo > ${folder}/restarted`,
  );
}

function run(variables: Record<string, string>) {
  const env = { PATH: folder, ...variables };
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
  let calls: string[] = [];
  try {
    calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  } catch {
    // Nothing was called.
  }
  const said = /switchback: .*/.exec(stdout)?.[0];
  return { status, said, calls, restarted: calls.some((line) => line.startsWith('systemctl restart')) };
}

const alone = { SSM_Tunnel: 'paris-a', SSM_Shared: 'false', SSM_Passing: 'false' };
const shared = { ...alone, SSM_Shared: 'true' };
const beside = { ...shared, SSM_Passing: 'true' };

describe.each([
  ['strongSwan', strongswan.alive, strongswan.refuses, 'strongswan'],
  ['strongSwan without its socket', strongswan.alive, strongswan.noSocket, 'strongswan-swanctl'],
  ['strongSwan that hangs', strongswan.alive, strongswan.hangs, 'strongswan-starter'],
  ['Libreswan', libreswan.alive, libreswan.dead, 'ipsec'],
  ['Libreswan that hangs', libreswan.alive, libreswan.hangs, 'ipsec'],
] as const)('%s', (name, alive, dead, unit) => {
  it('is restarted when it is alone on its gateway, alive or dead', () => {
    units(unit);
    for (const before of [alive, dead]) {
      install(before, alive);
      expect(run(alone)).toMatchObject({ status: 0, said: 'switchback: alive', restarted: true });
    }
  });

  it('keeps running for others: one tunnel is taken down and up', () => {
    install(alive);
    units(unit);
    const { calls, ...rest } = run(beside);
    expect(rest).toMatchObject({ status: 0, said: 'switchback: alive', restarted: false });
    expect(calls.some((line) => line.includes('--terminate'))).toBe(true);
    expect(calls.some((line) => line.includes('--initiate'))).toBe(true);
  });

  it('is not touched when it is silent and anything passes', () => {
    install(dead);
    units(unit);
    const { status, said, restarted } = run(beside);
    expect([status, restarted]).toEqual([4, false]);
    expect(said).toMatch(/^switchback: left: \w+ does not answer there, and others pass over the gateway$/);
  });

  it('is restarted when it is silent and nothing passes, whoever else uses the gateway', () => {
    install(dead, alive);
    units(unit);
    expect(run(shared)).toMatchObject({ status: 0, restarted: true });
  });

  it('is dead when it does not come back', () => {
    install(dead);
    units(unit);
    expect(run(alone)).toMatchObject({
      status: 1,
      said: expect.stringMatching(/^switchback: dead: .* did not come back/),
    });
  });

  it('is not looked at where its unit has another name, or its tunnel', () => {
    install(dead);
    units('vpn');
    expect(run(alone)).toMatchObject({ status: 3, said: expect.stringMatching(/unseen: .* no unit of it is known/) });
    install(alive);
    units(unit);
    const other = run({ ...beside, SSM_Tunnel: 'nope' });
    expect(other).toMatchObject({
      status: 3,
      said: expect.stringMatching(/unseen: \w+ runs there and knows no .*nope$/),
    });
  });

  it('is only looked at by an agent that passes no parameters', () => {
    install(alive);
    expect(run({})).toMatchObject({ status: 3, restarted: false, said: expect.stringContaining('3.3.2746.0') });
    install(dead);
    expect(run({})).toMatchObject({ status: 1, restarted: false });
  });

  it(`speaks its own language only (${name})`, () => {
    install(alive);
    const foreign = name.startsWith('Libreswan') ? 'swanctl --initiate' : 'ipsec whack';
    expect(run(beside).calls.filter((line) => line.startsWith(foreign))).toEqual([]);
  });
});

it('calls a Libreswan alive whose partner is silent', () => {
  install(libreswan.silentPartner);
  expect(run(beside)).toMatchObject({ status: 0, said: 'switchback: alive' });
});

it('says so where there is neither', () => {
  expect(run(alone)).toMatchObject({
    status: 3,
    said: expect.stringMatching(/^switchback: unseen: neither/),
    calls: [],
  });
});

it('guesses nothing where both are installed and neither runs', () => {
  install([...libreswan.dead, ...strongswan.noSocket]);
  expect(run(alone)).toMatchObject({ status: 3, said: expect.stringContaining('both'), restarted: false });
});

it('speaks to the one that runs where both are installed', () => {
  install([...libreswan.dead, ...strongswan.alive]);
  units('ipsec', 'strongswan');
  expect(run(alone)).toMatchObject({ status: 0 });
  expect(run(alone).calls).toContain('systemctl restart strongswan');
});
