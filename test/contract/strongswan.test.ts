/**
 * The greenfield gateway's configuration, before a strongSwan that we did not write: two daemons in network namespaces
 * of their own. The gateway has what its user data writes, the partner loads its own configuration too late, as a
 * partner that reboots does: strongSwan then gives up for good, and the watch over the tunnels must bring it up.
 *
 * Needs root, strongSwan (`apt-get install charon-systemd strongswan-swanctl libcharon-extra-plugins nftables`) and
 * what any Linux has, or almost any; names what is missing. User-space IPsec, since a kernel may have none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forwardingRules, type GreenfieldTunnel, keyList, swanctlConnections } from '../../infra/greenfield/tunnel';
import { missingPrograms } from '../programs';

const missing: readonly string[] = [
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...missingPrograms('charon-systemd', 'swanctl', 'unshare', 'nsenter', 'ip', 'bash', 'timeout', 'seq', 'grep'),
  ...(existsSync('/dev/net/tun') ? [] : ['/dev/net/tun']),
  ...(spawnSync('unshare', ['-nm', 'true']).status === 0 ? [] : ['the right to make network namespaces']),
];

const files = join(__dirname, '../../infra/greenfield/files');
const publicIp = '203.0.113.10';
const tunnel: GreenfieldTunnel = {
  name: 'paris-a',
  peer: '198.51.100.20',
  key: { secret: 'vpn/paris' },
  local: ['10.0.0.0/16'],
  remote: ['172.16.0.0/16'],
};

const partner = `connections { paris {
  version = 2
  local_addrs = ${tunnel.peer}
  remote_addrs = ${publicIp}
  proposals = aes256gcm16-prfsha256-ecp256
  local { auth = psk
    id = ${tunnel.peer} }
  remote { auth = psk
    id = ${publicIp} }
  children { net { local_ts = 172.16.0.0/16
    remote_ts = 10.0.0.0/16
    esp_proposals = aes256gcm16-ecp256 } } } }
`;

const daemonConfig = (folder: string, name: string): string => `swanctl { load = random openssl }
include ${join(files, 'charon.conf')}
charon-systemd {
  load = random nonce aes sha1 sha2 hmac kdf gcm openssl kernel-libipsec kernel-netlink socket-default vici
  install_virtual_ip = no
  plugins { vici { socket = unix://${folder}/${name}.vici } }
  filelog { main {
    path = ${folder}/${name}.log
    flush_line = yes
    default = 1 } }
}
`;

/** Runs in a network namespace of its own; the partner in a second one, held by its daemon. */
const scene = (folder: string): string => `
cd ${folder}; exec 2> trace; ip link set lo up
STRONGSWAN_CONF=${folder}/partner.conf unshare -n /usr/sbin/charon-systemd > /dev/null 2>&1 & partner=$!
at_partner() { nsenter -t $partner -n "$@"; }
until [ "$(readlink /proc/$partner/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link add wan type veth peer name wan netns $partner
ip addr add ${publicIp}/24 dev wan; ip addr add 10.0.0.10/32 dev lo; ip link set wan up; ip route add default dev wan
at_partner sh -c 'ip link set lo up; ip addr add ${tunnel.peer}/24 dev wan; ip addr add 172.16.0.10/32 dev lo; ip link set wan up; ip route add default dev wan'
STRONGSWAN_CONF=${folder}/gateway.conf /usr/sbin/charon-systemd > /dev/null 2>&1 & gateway=$!
for name in gateway partner; do
  printf '#!/bin/bash\\nexec env STRONGSWAN_CONF=${folder}/%s.conf timeout 120 /usr/sbin/swanctl "$@" --uri unix://${folder}/%s.vici\\n' $name $name > $name.swanctl
done
mkdir path; cp gateway.swanctl path/swanctl; chmod +x path/swanctl *.swanctl
for name in gateway partner; do for try in $(seq 2400); do ./$name.swanctl --stats > /dev/null && break; sleep 0.05; done; done
./gateway.swanctl --load-all --file ${folder}/gateway.swanctl.conf --noprompt
./gateway.swanctl --list-conns > conns
for try in $(seq 2400); do grep -q NO_PROPOSAL gateway.log && break; sleep 0.05; done
./partner.swanctl --load-all --file ${folder}/partner.swanctl.conf --noprompt > /dev/null
./gateway.swanctl --list-sas > before
export TUNNEL_STATE=${join(files, 'tunnel-state.awk')}
PATH=${folder}/path:$PATH KEY_LIST=${folder}/keys KEY_FILE=${folder}/secrets bash ${join(files, 'watch-tunnels.sh')}
./gateway.swanctl --list-sas > after
ping -q -c 1 -W 60 -I 10.0.0.10 172.16.0.10 > /dev/null; echo "ping: $?"
nft -c -f ${folder}/nft; echo "nft: $?"
./gateway.swanctl --list-sas --raw > raw.up
printf '#!/bin/bash\nprintf "%%s\\n" "\${!#}"\n' > path/aws; chmod +x path/aws
publish() { PATH=${folder}/path:$PATH REGION=r NAMESPACE=n DEPLOYMENT=d GATEWAY=g TUNNELS='${tunnel.name} other' bash ${join(files, 'publish-tunnels.sh')}; }
publish > published.up
./gateway.swanctl --rekey --child ${tunnel.name} > /dev/null
for try in $(seq 200); do ./gateway.swanctl --list-sas --raw > raw.rekeyed; grep -q 'reqid=1 state.*reqid=1 state' raw.rekeyed && break; done
./gateway.swanctl --terminate --ike ${tunnel.name} > /dev/null; ./gateway.swanctl --list-sas --raw > raw.none; echo "none: $?"
kill -9 $gateway $partner; wait $gateway 2> /dev/null
./gateway.swanctl --list-sas --raw > raw.dead; echo "dead: $?"
publish > published.dead
rm gateway.vici; ./gateway.swanctl --list-sas --raw > raw.gone; echo "gone: $?"
`;

if (missing.length === 0) describe('strongSwan', withStrongSwan);
else {
  console.warn(`!!! MISSING HERE: ${missing.join(', ')}: the gateway’s configuration was shown to no real daemon`);
  it.skip(`strongSwan takes the gateway’s configuration (missing: ${missing.join(', ')})`, () => {});
}

/** A test of the same scene that needs one more program. */
function itWith(program: string, name: string, test: () => void): void {
  if (missingPrograms(program).length === 0) it(name, test);
  else it.skip(`${name} (missing: ${program})`, () => {});
}

function withStrongSwan(): void {
  let folder: string;
  let told: string;
  const of = (name: string): string => readFileSync(join(folder, name), 'utf8');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchback-strongswan-'));
    const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
    for (const name of ['gateway', 'partner']) put(`${name}.conf`, daemonConfig(folder, name));
    put('keys', keyList([tunnel], publicIp));
    put('secrets', `secrets { ike-x { id-1 = ${publicIp}\n id-2 = ${tunnel.peer}\n secret = 0saHVudGVyMg== } }\n`);
    put('connections', swanctlConnections([tunnel], publicIp));
    put('gateway.swanctl.conf', `include ${folder}/connections\ninclude ${folder}/secrets\n`);
    put('partner.swanctl.conf', `${partner}include ${folder}/secrets\n`);
    put('nft', forwardingRules(tunnel.remote));
    put('scene', scene(folder));
    told = spawnSync('unshare', ['-nm', 'bash', join(folder, 'scene')], { encoding: 'utf8' }).stdout;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes the configuration, with a child named like its connection', () => {
    expect(told).toContain("loaded ike secret 'ike-x'");
    expect(told).toContain("loaded connection 'paris-a'");
    expect(of('conns').match(/^ *paris-a: .*/gm)).toHaveLength(2);
  });

  it('brings a tunnel up that the daemon had given up', () => {
    expect(of('before')).toBe('');
    expect(of('after')).toMatch(/paris-a: #\d+, ESTABLISHED/);
    expect(of('after')).toMatch(/paris-a: #\d+, reqid 1, INSTALLED, TUNNEL/);
  });

  it('shows its tunnels in the way that their one reader knows', () => {
    const read = (recording: string): string =>
      spawnSync('awk', ['-v', `names=${tunnel.name} other`, '-f', join(files, 'tunnel-state.awk')], {
        input: of(recording),
        encoding: 'utf8',
      }).stdout;
    expect(read('raw.up')).toMatch(/^paris-a 1 \d+ \d+\nother 0 0 0\n$/);
    // A child that is being replaced stands beside its successor: one tunnel all the same.
    expect(of('raw.rekeyed').match(/reqid=1 state=/g)).toHaveLength(2);
    expect(read('raw.rekeyed')).toMatch(/^paris-a 1 /);
    expect(read('raw.none')).toBe('paris-a 0 0 0\nother 0 0 0\n');
  });

  it('tells by its exit code that no tunnel is up from that nothing can be known', () => {
    expect(told).toContain('none: 0\ndead: 111\ngone: 2\n');
  });

  it('publishes what the daemon says, and no number when it is dead', () => {
    const published = (when: string): Record<string, number> => {
      const text = of(`published.${when}`);
      const data: { MetricName: string; Value: number }[] = JSON.parse(text.slice(text.indexOf('[')));
      return Object.fromEntries(data.map(({ MetricName, Value }) => [MetricName, Value]));
    };
    const always = { TunnelsConfigured: 2, TunnelCheckMs: expect.any(Number) };
    expect(published('up')).toEqual({ ...always, TunnelCheckOk: 1, TunnelsUp: 1 });
    expect(published('dead')).toEqual({ ...always, TunnelCheckOk: 0 });
  });

  itWith('ping', 'has answers come back through that tunnel', () => {
    expect(told).toContain('ping: 0');
  });

  itWith('nft', 'has rules that nftables takes', () => {
    expect(told).toContain('nft: 0');
  });
}
