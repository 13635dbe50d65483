/**
 * The script that restarts a tunnel, run by a real shell against stand-ins that answer as strongSwan and Libreswan were
 * recorded to. The local cloud runs the same script in its own small shell; this shows that the two read it alike.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fileOf } from '../../../infra/tunnel-metrics';
import { type Answers, libreswan, strongswan } from './recorded';

const document = parse(readFileSync(join(__dirname, '../../../runbooks/tunnel.yaml'), 'utf8'));
const script: string = document.mainSteps[0].inputs.runCommand[0].replace(/\$\{TunnelState\}/, () =>
  fileOf('tunnel-state.awk'),
);

/** Programs of this machine that the script may use. */
const real = ['sh', 'grep', 'cat', 'tr', 'awk'].map(
  (name) => [name, execFileSync('which', [name], { encoding: 'utf8' }).trim()] as const,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunnel-'));
  // `timeout N program` and `sleep` cost no time here; a program that is not there is 127, as with the real one.
  program('timeout', 'shift; exec "$@"');
  program('sleep', ':');
  for (const [name, file] of real) symlinkSync(file, join(folder, name));
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

/** What both daemons list, first and two seconds later; names that are not among them are down. */
type Sample = Readonly<Record<string, readonly [bytesIn: number, bytesOut: number]>>;
const listings = {
  strongSwan: {
    call: 'swanctl --list-sas --raw',
    list: (sample: Sample) =>
      `${Object.entries(sample)
        .map(
          ([name, [got, sent]], i) =>
            `list-sa event {${name} {uniqueid=${i} state=ESTABLISHED child-sas {${name}-${i} {name=${name} state=INSTALLED bytes-in=${got} bytes-out=${sent}}}}}\n`,
        )
        .join('')}list-sas reply {}`,
  },
  Libreswan: {
    call: 'ipsec trafficstatus',
    list: (sample: Sample) =>
      Object.entries(sample)
        .map(([name, [got, sent]], i) => `006 #${i}: "${name}", type=ESP, add_time=1, inBytes=${got}, outBytes=${sent}`)
        .join('\n'),
  },
} as const;

describe.each([
  ['strongSwan', strongswan.alive, strongswan.refuses, 'strongswan'],
  ['Libreswan', libreswan.alive, libreswan.dead, 'ipsec'],
] as const)('of two tunnels of one path, %s', (daemon, alive, dead, unit) => {
  const both = { SSM_Tunnel: 'aws-1,aws-2', SSM_Shared: 'false', SSM_Passing: 'false' };
  const { call, list } = listings[daemon];
  const always: Answers = [
    ...(daemon === 'Libreswan'
      ? []
      : ([['swanctl --list-conns', { code: 0, out: '  aws-1: TUNNEL\n  aws-2: TUNNEL' }]] as const)),
    ...['aws-1', 'aws-2'].flatMap((name) =>
      daemon === 'Libreswan' ? ([[`ipsec whack --name ${name}`, { code: 0 }]] as const) : [],
    ),
  ];

  /** `sleep` takes the stand-ins to their second answers. */
  function look(first: Sample, second: Sample = first, code = 0): void {
    units(unit);
    const at = (sample: Sample): Answers => [...always, [call, { code, out: list(sample) }], ...alive];
    install(at(first), at(second));
    program('sleep', `echo > ${folder}/restarted`);
  }
  const touched = (calls: readonly string[]) =>
    calls.filter((line) => /--terminate|--initiate/.test(line)).map((line) => /aws-\d/.exec(line)![0]);

  it.each([
    ['the one that is down', { 'aws-1': [5, 5] }, { 'aws-1': [9, 9] }],
    [
      'the one that sends and gets nothing back',
      { 'aws-1': [5, 5], 'aws-2': [5, 5] },
      { 'aws-1': [9, 9], 'aws-2': [5, 9] },
    ],
  ] as const)('restarts %s, and leaves the other and the daemon alone', (_, first, second) => {
    for (const passing of ['false', 'true']) {
      look(first, second);
      const { status, said, calls, restarted } = run({ ...both, SSM_Passing: passing });
      expect([status, said]).toEqual([0, 'switchback: alive: dead and restarted: aws-2; up and left alone: aws-1']);
      expect([touched(calls), restarted]).toEqual([['aws-2', 'aws-2'], false]);
      rmSync(join(folder, 'calls'));
      rmSync(join(folder, 'restarted'));
    }
  });

  it('restarts neither where both are up and nothing shows that one is deaf', () => {
    look({ 'aws-1': [5, 5], 'aws-2': [0, 0] });
    const { status, said, calls, restarted } = run(both);
    expect([status, said]).toEqual([0, 'switchback: alive: up and left alone: aws-1 aws-2']);
    expect([touched(calls), restarted]).toEqual([[], false]);
  });

  it('restarts both where both are dead, with the daemon where nobody else needs it', () => {
    look({});
    expect(run({ ...both, SSM_Passing: 'true' })).toMatchObject({
      status: 0,
      said: 'switchback: alive: dead and restarted: aws-1 aws-2',
      restarted: false,
    });
    look({});
    expect(run(both)).toMatchObject({ status: 0, restarted: true });
  });

  it('restarts a dead daemon, and with it both', () => {
    units(unit);
    install(dead, [...always, ...alive]);
    const { status, said, restarted } = run(both);
    expect([status, restarted]).toEqual([0, true]);
    expect(said).toBe('switchback: alive: the daemon was dead; restarted with it: aws-1 aws-2');
  });

  it('touches nothing where the daemon does not say which are up', () => {
    look({ 'aws-1': [5, 5] }, undefined, 124);
    const { status, said, calls, restarted } = run(both);
    expect([status, restarted, touched(calls)]).toEqual([3, false, []]);
    expect(said).toBe(`switchback: unseen: ${daemon} runs there and does not say which of aws-1 aws-2 are up`);
  });
});

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
