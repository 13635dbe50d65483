/**
 * What runs on a greenfield gateway: its scripts, in a real shell with stand-ins for the AWS CLI and swanctl, and that
 * what the user data writes is what the restart-tunnel runbook expects to find.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tunnelNames } from '../../adapters/cloudwatch/metric-names';
import { blockOf, routerOf } from '../../infra/greenfield/address-plan';
import { type BootPlan, bootScript } from '../../infra/greenfield/boot-script';
import type { Software } from '../../infra/greenfield/software';
import { forwardingRules, type GreenfieldTunnel, swanctlConnections } from '../../infra/greenfield/tunnel';
import { metricsFiles, metricsSettings } from '../../infra/tunnel-metrics';
import { missingPrograms } from '../programs';

const files = join(__dirname, '../../infra/greenfield/files');
const tunnels: GreenfieldTunnel[] = [
  {
    name: 'paris-a',
    peer: '198.51.100.20',
    key: { secret: 'vpn/paris' },
    local: ['10.0.0.0/16'],
    remote: ['172.16.0.0/16'],
  },
  {
    name: 'rome-a',
    peer: '198.51.100.40',
    peerIdentity: 'rome.example',
    key: { parameter: '/vpn/rome' },
    local: ['10.0.0.0/16'],
    remote: ['172.20.0.0/16', '172.21.0.0/16'],
  },
];

const missing = missingPrograms(
  ...['bash', 'awk', 'base64', 'cat', 'chmod', 'cut', 'mkdir', 'sleep', 'tail', 'timeout', 'tr'],
);
const inShell = (what: string, tests: () => void): void => {
  if (missing.length === 0) describe(what, tests);
  else it.skip(`${what}, in a real shell (missing: ${missing.join(', ')})`, () => {});
};

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchback-boot-'));
  writeFileSync(
    at('keys'),
    'paris-a secret vpn/paris 203.0.113.10 198.51.100.20\nrome-a parameter /vpn/rome 203.0.113.10 rome.example\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of this name before all others on the PATH. */
function standIn(name: string, script: string): void {
  writeFileSync(at(name), `#!/bin/bash\n${script}\n`);
  chmodSync(at(name), 0o755);
}

function run(script: string) {
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    REGION: 'eu-central-1',
    KEY_LIST: at('keys'),
    KEY_FILE: at('secrets.conf'),
    TUNNEL_STATE: join(files, 'tunnel-state.awk'),
    PAUSE: '0',
  };
  return spawnSync('bash', [join(files, script)], { env, encoding: 'utf8' });
}

const key = 'a"b} # $x \\';
const store = `echo "$*" >> ${'"$(dirname "$0")/calls"'}; case "$*" in *vpn/*) printf '%s\\n' '${key}';; esac`;
const written = (): string => readFileSync(at('secrets.conf'), 'utf8');

inShell('the keys', () => {
  it('come from their stores, by name, into a file of root’s own, and are told to nobody', () => {
    standIn('aws', store);
    const { status, stdout, stderr } = run('fetch-keys.sh');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'The keys are fetched.\n', stderr: '' });
    expect(statSync(at('secrets.conf')).mode & 0o777).toBe(0o600);
    const secret = `secret = 0s${Buffer.from(key).toString('base64')}`;
    expect(written()).toBe(`secrets {
  ike-paris-a {
    id-1 = 203.0.113.10
    id-2 = 198.51.100.20
    ${secret}
  }
  ike-rome-a {
    id-1 = 203.0.113.10
    id-2 = rome.example
    ${secret}
  }
}
`);
    const calls = readFileSync(at('calls'), 'utf8');
    expect(calls).toContain('secretsmanager get-secret-value --secret-id vpn/paris --query SecretString');
    expect(calls).toContain('ssm get-parameter --name /vpn/rome --with-decryption --query Parameter.Value');
    expect(calls).not.toContain(key);
  });

  it('are asked for again while the role is not visible yet', () => {
    standIn(
      'aws',
      `n=$(cat "${at('n')}" 2> /dev/null || echo 0); echo $((n + 1)) > "${at('n')}"; [ $n -ge 3 ] || exit 254; echo k`,
    );
    expect(run('fetch-keys.sh').status).toBe(0);
    expect(written()).toContain('secret = 0saw==');
  });

  it('are kept when their store cannot be reached, and nothing waits for it', () => {
    writeFileSync(at('secrets.conf'), 'the last ones');
    standIn('aws', `echo x >> "${at('calls')}"; exit 255`);
    const { status, stdout } = run('fetch-keys.sh');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'The keys cannot be fetched: the last ones are kept.\n' });
    expect(written()).toBe('the last ones');
    expect(readFileSync(at('calls'), 'utf8')).toBe('x\n');
  });

  it('are no keys when they are empty', () => {
    standIn('aws', 'echo');
    expect(run('fetch-keys.sh').status).toBe(1);
  });

  it('are missing loudly when there never were any; half a file is none', () => {
    standIn('aws', 'case "$*" in *paris*) echo k;; *) exit 254;; esac');
    expect(run('fetch-keys.sh').status).toBe(1);
    expect(existsSync(at('secrets.conf'))).toBe(false);
    expect(existsSync(at('secrets.conf.new'))).toBe(false);
  });
});

/** As strongSwan lists one whose child passes traffic. */
const installed = (name: string): string =>
  `list-sa event {${name} {state=ESTABLISHED child-sas {${name}-1 {name=${name} state=INSTALLED bytes-in=1 bytes-out=2}}}}`;

inShell('the watch over the tunnels', () => {
  const swanctl = (up: string) =>
    `case "$1" in --list-sas) echo '${installed(up)}'; echo 'list-sas reply {}';; --initiate) echo "$3" >> "${at('initiated')}";; esac; exit 0`;

  it('initiates the one that is down, by the name the runbook uses', () => {
    writeFileSync(at('secrets.conf'), 'there');
    standIn('swanctl', swanctl('paris-a'));
    expect(run('watch-tunnels.sh').status).toBe(0);
    expect(readFileSync(at('initiated'), 'utf8')).toBe('rome-a\n');
  });

  it('leaves alone what it cannot judge: a list that is cut off', () => {
    writeFileSync(at('secrets.conf'), 'there');
    standIn('swanctl', swanctl('paris-a').replace("echo 'list-sas reply {}'", ':'));
    expect(run('watch-tunnels.sh').status).toBe(0);
    expect(existsSync(at('initiated'))).toBe(false);
  });

  it('leaves a dead daemon to Switchback', () => {
    standIn('swanctl', 'exit 111');
    standIn('systemctl', `touch "${at('restarted')}"`);
    expect(run('watch-tunnels.sh').status).toBe(0);
    expect(existsSync(at('restarted'))).toBe(false);
  });
});

inShell('the publisher', () => {
  const settings = {
    deployment: 'switchback',
    region: 'eu-central-1',
    gateway: 'gw-a',
    tunnels: ['paris-a', 'rome-a'],
  };

  /** What is published, by metric. */
  function published(programs: Readonly<Record<string, string>>) {
    for (const [name, script] of Object.entries(programs)) standIn(name, script);
    standIn('aws', `printf '%s\\n' "$@" > "${at('call')}"`);
    // As systemd reads the file that says for whom.
    const lines = metricsSettings(settings).trim().split('\n');
    const env = Object.fromEntries(lines.map((line) => [line.split('=')[0], line.split('=')[1]!.replaceAll('"', '')]));
    const { status, stdout } = spawnSync('bash', [join(files, 'publish-tunnels.sh')], {
      env: { PATH: `${folder}:${process.env['PATH']}`, TUNNEL_STATE: join(files, 'tunnel-state.awk'), ...env },
      encoding: 'utf8',
    });
    const call = readFileSync(at('call'), 'utf8').trim().split('\n');
    const data: { MetricName: string; Value: number; Dimensions: { Name: string; Value: string }[] }[] = JSON.parse(
      call.pop()!,
    );
    const values = Object.fromEntries(data.map(({ MetricName, Value }) => [MetricName, Value]));
    return { status, stdout, call: call.join(' '), data, values };
  }
  const strongswan = (...lines: string[]) => ({
    ipsec: 'exit 127',
    swanctl: `[ "$*" = '--list-sas --raw' ] && printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}`,
  });
  const took = { TunnelCheckMs: expect.any(Number), TunnelsConfigured: 2 };

  it('says how many are up, of how many, for whom', () => {
    const { status, call, data, values } = published(
      strongswan(installed('rome-a'), installed('others'), 'list-sas reply {}'),
    );
    expect([status, call]).toEqual([
      0,
      'cloudwatch put-metric-data --region eu-central-1 --namespace Switchback/switchback/gateways --metric-data',
    ]);
    expect(values).toEqual({ ...took, TunnelCheckOk: 1, TunnelsUp: 1 });
    expect(values['TunnelCheckMs']).toBeLessThan(60_000);
    expect(Object.keys(values).sort()).toEqual(Object.values(tunnelNames).sort());
    for (const { Dimensions } of data)
      expect(Dimensions).toEqual([
        { Name: 'Deployment', Value: 'switchback' },
        { Name: 'Gateway', Value: 'gw-a' },
        { Name: 'By', Value: 'gateway' },
      ]);
  });

  it('says 0 where the daemon lives and has none', () => {
    expect(published(strongswan('list-sas reply {}')).values).toEqual({ ...took, TunnelCheckOk: 1, TunnelsUp: 0 });
  });

  it.each([
    ['refuses', 'exit 111'],
    ['has no socket', 'exit 2'],
    ['hangs', 'exit 124'],
    ['is not there', 'exit 127'],
    ['is cut off', `echo '${installed('paris-a')}'`],
    ['speaks to people', 'echo "paris-a: #1, ESTABLISHED, IKEv2"'],
  ])('says that it could not measure, and no number, where the daemon %s', (_, swanctl) => {
    const { values, stdout } = published({ ipsec: 'exit 127', swanctl });
    expect(values).toEqual({ ...took, TunnelCheckOk: 0 });
    expect(stdout).toMatch(/^The tunnels could not be measured/);
  });

  it('asks Libreswan where that answers, and strongSwan where it does not', () => {
    const line = '#2: "paris-a", type=ESP, add_time=1, inBytes=3, outBytes=4, maxBytes=2^63B';
    const libreswan = (status: number) =>
      `case "$1" in --version) echo Libreswan 5.2;; trafficstatus) [ ${status} = 0 ] && echo '${line}'; exit ${status};; esac`;
    expect(published({ ipsec: libreswan(0), swanctl: 'exit 111' }).values).toMatchObject({ TunnelsUp: 1 });
    expect(published({ ipsec: libreswan(33), swanctl: 'exit 127' }).values).toEqual({ ...took, TunnelCheckOk: 0 });
    const both = {
      ...strongswan(installed('paris-a'), installed('rome-a'), 'list-sas reply {}'),
      ipsec: libreswan(33),
    };
    expect(published(both).values).toMatchObject({ TunnelsUp: 2 });
  });
});

const place = { name: 'gw-a', region: 'eu-central-1', urlSuffix: 'amazonaws.com', publicIp: '203.0.113.10' };

inShell('the user data', () => {
  const plan = { ...place, tunnels };
  const image: Software = { from: 'image' };
  const release: Software = { from: 'release', version: '6.1.0', sha256: 'a'.repeat(64) };

  it.each([
    ['image', image],
    ['release', release],
    ['packages', { from: 'packages', packages: ['spal-release', 'strongswan'] } as const],
  ])('is sound shell, from %s', (_, software) => {
    writeFileSync(at('boot.sh'), bootScript({ ...plan, software }));
    const { status, stderr } = spawnSync('bash', ['-n', at('boot.sh')], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('looks for a release in the author’s own places, then where it is current, then where it is superseded', () => {
    const own = 'https://bucket.s3.eu-central-1.amazonaws.com/strongswan-6.1.0.tar.bz2';
    const script = bootScript({ ...plan, software: { ...release, mirrors: [own] } });
    expect(/for place in (.*); do/.exec(script)![1]!.split(' ')).toEqual([
      own,
      'https://download.strongswan.org/strongswan-6.1.0.tar.bz2',
      'https://download.strongswan.org/old/6.x/strongswan-6.1.0.tar.bz2',
      'https://github.com/strongswan/strongswan/releases/download/6.1.0/strongswan-6.1.0.tar.bz2',
    ]);
  });

  it.each([
    ['version', { version: 'latest' }, /"latest" is no release/],
    ['sha256', { sha256: 'abc' }, /"abc" is no SHA-256/],
    ['mirrors', { mirrors: ['http://a.example/s.tar.bz2'] }, /"http:.*" is no https address/],
  ])('refuses a %s that cannot be right', (_, changed, message) => {
    expect(() => bootScript({ ...plan, software: { ...release, ...changed } })).toThrow(message);
  });

  it('loads its own settings of the kernel and nobody else’s', () => {
    const script = bootScript({ ...plan, software: image });
    expect(script).toContain('sysctl -q -p /etc/sysctl.d/90-switchback.conf\n');
    expect(script).not.toContain('--system');
  });

  it('makes what the restart-tunnel runbook acts on: the unit strongswan, and a child named like its connection', () => {
    const runbook = readFileSync(join(__dirname, '../../runbooks/tunnel.yaml'), 'utf8');
    const [unit] = /units="([^"]+)"/.exec(runbook)![1]!.split(' ');
    const script = bootScript({ ...plan, software: image });
    expect(script).toContain(`systemctl enable --now ${unit}\n`);
    expect(readFileSync(join(files, 'switchback-keys.service'), 'utf8')).toContain(`WantedBy=${unit}.service`);
    expect(runbook).toContain('swanctl --terminate --ike "$each"');
    expect(runbook).toContain('swanctl --initiate --child "$each"');
    for (const { name } of tunnels)
      expect(script).toMatch(new RegExp(`^  ${name} : tunnel \\{[^]*?children \\{\n      ${name} : child \\{`, 'm'));
  });

  it('routes nothing to the partner in clear', () => {
    const rules = forwardingRules(tunnels.flatMap(({ remote }) => remote));
    expect(rules).toContain('ip daddr { 172.16.0.0/16, 172.20.0.0/16, 172.21.0.0/16 } rt ipsec missing drop');
  });

  it('writes every selector of a tunnel', () => {
    expect(swanctlConnections(tunnels, '203.0.113.10')).toContain('remote_ts = 172.20.0.0/16,172.21.0.0/16');
  });
});

inShell('the first boot', () => {
  const plan = { ...place, tunnels, software: { from: 'image' } as const };
  const programs = ['swanctl', 'nft', 'aws', 'sysctl', 'systemctl', 'curl'];

  /** The user data below a folder of our own instead of the root; the programs only say that they were called. */
  function boot(changed: Partial<BootPlan> = {}, present = programs) {
    for (const name of present) standIn(name, `echo "${name} $*" >> "${at('called')}"`);
    for (const name of ['usr/local/sbin', 'usr/local/lib', 'var/log']) mkdirSync(at(name), { recursive: true });
    for (const name of ['systemd/system', 'sysctl.d']) mkdirSync(at(`etc/${name}`), { recursive: true });
    const script = bootScript({ ...plan, ...changed }).replace(
      /(?<=[ "=])\/(etc|usr\/local|var\/log)\b/gm,
      `${folder}/$1`,
    );
    writeFileSync(at('boot.sh'), script);
    return runAlone('boot.sh');
  }
  /** Of this machine's own programs, only those a script takes for granted. */
  function runAlone(script: string) {
    mkdirSync(at('basics'), { recursive: true });
    for (const name of ['awk', 'cat', 'chmod', 'cut', 'mkdir', 'sleep', 'tail', 'timeout', 'tr']) {
      const place = spawnSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
      if (!existsSync(at(`basics/${name}`))) symlinkSync(place, at(`basics/${name}`));
    }
    return spawnSync('/bin/bash', [at(script)], { env: { PATH: `${folder}:${at('basics')}` }, encoding: 'utf8' });
  }
  const modeOf = (name: string): string => (statSync(at(name)).mode & 0o777).toString(8);

  it('leaves the files in their places, each whole, and starts the units in order', () => {
    expect(boot()).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(at('etc/swanctl/conf.d/switchback.conf'), 'utf8')).toBe(
      swanctlConnections(tunnels, '203.0.113.10'),
    );
    expect(readFileSync(at('etc/switchback/environment'), 'utf8')).toBe(
      `REGION=eu-central-1\nKEY_FILE=${folder}/etc/swanctl/conf.d/switchback-keys.conf\n`,
    );
    expect(readFileSync(at('usr/local/sbin/switchback-watch-tunnels'), 'utf8')).toContain('[ ! -s "$keys" ]');
    expect(modeOf('usr/local/sbin/switchback-fetch-keys')).toBe('755');
    expect(modeOf('etc/systemd/system/switchback-tunnels.timer')).toBe('644');
    const enabled = readFileSync(at('called'), 'utf8').match(/systemctl enable.*/g);
    expect(enabled).toEqual([
      'systemctl enable --now switchback-forwarding',
      'systemctl enable switchback-keys',
      'systemctl enable --now strongswan',
      'systemctl enable --now switchback-tunnels.timer',
    ]);
  });

  it('publishes its tunnels where it is asked to', () => {
    boot();
    expect(existsSync(at('usr/local/sbin/switchback-publish-tunnels'))).toBe(false);
    expect(boot({ metricsFor: 'switchback' })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(at('etc/switchback/metrics'), 'utf8')).toContain('TUNNELS="paris-a rome-a"\n');
    for (const { path, mode } of metricsFiles) expect([path, modeOf(path)]).toEqual([path, mode.slice(1)]);
    expect(readFileSync(at('called'), 'utf8')).toContain('systemctl enable --now switchback-metrics.timer\n');
  });

  it('follows the packages of Fedora, which keep their configuration elsewhere', () => {
    mkdirSync(at('etc/strongswan/swanctl'), { recursive: true });
    expect(boot().status).toBe(0);
    expect(existsSync(at('etc/strongswan/swanctl/conf.d/switchback.conf'))).toBe(true);
    expect(existsSync(at('etc/strongswan/strongswan.d/switchback.conf'))).toBe(true);
    expect(readFileSync(at('etc/switchback/environment'), 'utf8')).toContain('/etc/strongswan/swanctl/conf.d/');
  });

  it.each(['swanctl', 'nft', 'aws'])('ends where the image has no %s: nothing is started', (missing) => {
    const { status, stdout } = boot(
      {},
      programs.filter((name) => name !== missing),
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`FAILURE: gw-a could not find .* the image has no ${missing}\n$`));
    expect(readFileSync(at('called'), 'utf8')).not.toContain('systemctl');
  });

  it('sends what came out of a tunnel to the VPC by the inner interface', () => {
    boot({ inside: { address: '10.0.6.10', vpcCidr: '10.0.0.0/16', router: '10.0.6.1' } });
    const addresses = '2: ens5 inet 10.0.6.100/24 x\\n3: ens6 inet 10.0.6.10/24 x\\n';
    standIn('ip', `case "$*" in *addr*) printf '${addresses}';; *) echo "$*" > "${at('route')}";; esac`);
    expect(runAlone('usr/local/sbin/switchback-inside-route').status).toBe(0);
    expect(readFileSync(at('route'), 'utf8')).toBe('route replace 10.0.0.0/16 via 10.0.6.1 dev ens6 onlink\n');
  });
});

describe('the address plan', () => {
  it('counts blocks from the start of the VPC’s', () => {
    expect(blockOf('10.0.0.0/16', 24, 5)).toBe('10.0.5.0/24');
    expect(blockOf('10.1.254.0/23', 28, 17)).toBe('10.1.255.16/28');
    expect(routerOf('10.0.5.0/24')).toBe('10.0.5.1');
  });

  it('refuses what does not fit', () => {
    expect(() => blockOf('10.0.0.0/22', 24, 4)).toThrow(/no block 4/);
    expect(() => blockOf('10.0.0.1/16', 24, 0)).toThrow(/no IPv4 block/);
  });
});
