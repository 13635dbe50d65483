/**
 * The user data of a gateway: gets strongSwan, writes the configuration, starts the units. It holds no key and may be
 * read by anyone who may describe the instance.
 *
 * Amazon Linux 2023 has no strongSwan in its own repository (it has Libreswan), so the author says where it comes
 * from. If any step fails the script ends there: no tunnel comes up, no canary proves the path, and a replacement
 * that does not prove itself is set aside. What runs later than the first boot is units, not this script.
 */
import { readFileSync } from 'node:fs';
import { packagePath } from '../../config/package-files';
import { forwardingRules, keyList, swanctlConnections, type Tunnel } from './tunnel';

/** Where strongSwan comes from. */
export type Software =
  /** It is in the image already, with nftables and the AWS CLI. What production should use: a repair then needs no mirror. */
  | { readonly from: 'image' }
  /** A release of strongSwan, built at first boot; takes minutes. */
  | { readonly from: 'archive'; readonly url: string; readonly sha256: string }
  /** Packages, one after the other: one that adds a repository first. */
  | { readonly from: 'packages'; readonly packages: readonly string[] };

export interface BootPlan {
  readonly software: Software;
  readonly region: string;
  /** May be a CloudFormation token. */
  readonly publicIp: string;
  readonly tunnels: readonly Tunnel[];
  /** For a gateway with a second interface: its address, and what lies behind it over which router. */
  readonly inside?: { readonly address: string; readonly vpcCidr: string; readonly router: string };
}

const fileOf = (name: string): string => readFileSync(packagePath(`infra/greenfield/files/${name}`), 'utf8');

/** All that the greenfield gateway needs; strongSwan's defaults bring parsers and plugins for much more. */
const configureOptions = [
  '--prefix=/usr',
  '--libexecdir=/usr/libexec',
  '--sysconfdir=/etc',
  '--disable-defaults',
  '--enable-charon',
  '--enable-ikev2',
  '--enable-systemd',
  '--enable-swanctl',
  '--enable-vici',
  '--enable-openssl',
  '--enable-nonce',
  '--enable-random',
  '--enable-kdf',
  '--enable-gcm',
  '--enable-aes',
  '--enable-sha1',
  '--enable-sha2',
  '--enable-hmac',
  '--enable-kernel-netlink',
  '--enable-socket-default',
  '--enable-updown',
];

export function bootScript(plan: BootPlan): string {
  return [
    '#!/bin/bash',
    '# Makes this instance a VPN gateway. Written by Switchback.',
    'set -euo pipefail',
    ...install(plan.software),
    // Where the packages of Fedora look, else where strongSwan itself does.
    'etc=/etc; [ -d /etc/strongswan/swanctl ] && etc=/etc/strongswan',
    'mkdir -p /etc/switchback "$etc/swanctl/conf.d" "$etc/strongswan.d"',
    ...write('/etc/switchback/environment', `REGION=${plan.region}\n`),
    'echo "KEY_FILE=$etc/swanctl/conf.d/switchback-keys.conf" >> /etc/switchback/environment',
    ...write('/etc/switchback/keys', keyList(plan.tunnels, plan.publicIp)),
    ...write('"$etc/swanctl/conf.d/switchback.conf"', swanctlConnections(plan.tunnels, plan.publicIp)),
    ...write('"$etc/strongswan.d/switchback.conf"', fileOf('charon.conf')),
    ...write('/etc/switchback/forwarding.nft', forwardingRules(plan.tunnels.flatMap(({ remote }) => remote))),
    ...write('/etc/sysctl.d/90-switchback.conf', fileOf('forwarding.sysctl')),
    ...write('/usr/local/sbin/switchback-fetch-keys', fileOf('fetch-keys.sh'), '0755'),
    ...write('/usr/local/sbin/switchback-watch-tunnels', fileOf('watch-tunnels.sh'), '0755'),
    ...write('/usr/local/sbin/switchback-inside-route', insideRoute(plan), '0755'),
    ...units.flatMap((unit) => write(`/etc/systemd/system/${unit}`, fileOf(unit))),
    // Nobody logs in but by Session Manager. The canaries' probe of this port is refused, which counts as alive.
    'systemctl disable --now sshd || true',
    'sysctl --system > /dev/null',
    'systemctl daemon-reload',
    'systemctl enable --now switchback-forwarding',
    'systemctl enable switchback-keys',
    'systemctl enable --now strongswan',
    'systemctl enable --now switchback-tunnels.timer',
    '',
  ].join('\n');
}

const units = [
  'switchback-keys.service',
  'switchback-forwarding.service',
  'switchback-tunnels.service',
  'switchback-tunnels.timer',
];

function install(software: Software): string[] {
  switch (software.from) {
    case 'image':
      // One by one: of several names `command -v` is content with one.
      return ['swanctl', 'nft', 'aws'].map((program) => `command -v ${program} > /dev/null`);
    case 'packages':
      return [...software.packages, 'nftables', 'awscli-2'].map((name) => `dnf install -y ${checkedPackage(name)}`);
    case 'archive':
      return build(software);
  }
}

function build({ url, sha256 }: { url: string; sha256: string }): string[] {
  if (!/^https:\/\/[A-Za-z0-9._/-]+\.tar\.(bz2|gz|xz)$/.test(url)) throw new Error(`"${url}" is no https archive`);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`"${sha256}" is no SHA-256 checksum`);
  return [
    'dnf install -y nftables awscli-2 gcc make pkgconf-pkg-config tar bzip2 xz openssl-devel systemd-devel',
    'mkdir -p /usr/local/src/strongswan && cd /usr/local/src/strongswan',
    `curl -fsSL --retry 5 -o archive ${url}`,
    `echo "${sha256}  archive" | sha256sum --check --strict`,
    'tar --strip-components=1 -xf archive',
    `./configure ${configureOptions.join(' ')} > configure.log`,
    'make -j"$(nproc)" > make.log',
    'make install > install.log',
    'cd /',
  ];
}

function checkedPackage(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) throw new Error(`"${name}" is no package name`);
  return name;
}

/** What comes out of a tunnel goes to the VPC by the inside interface; with one interface there is nothing to say. */
function insideRoute({ inside }: BootPlan): string {
  if (inside === undefined) return '#!/bin/bash\n# One interface: the default route serves both sides.\nexit 0\n';
  const { address, vpcCidr, router } = inside;
  return `#!/bin/bash
# The VPC lies behind the interface that holds ${address}, which may appear some seconds after boot.
for second in {1..60}; do
  device=$(ip -o -4 addr show | awk '$4 ~ "^${address}/" {print $2; exit}')
  [ -n "$device" ] && exec ip route replace ${vpcCidr} via ${router} dev "$device" onlink
  sleep 1
done
exit 1
`;
}

/** A quoted here-document: the shell puts nothing into it. */
function write(path: string, text: string, mode = '0644'): string[] {
  if (text.split('\n').includes('END_OF_FILE')) throw new Error(`The text for ${path} holds the end mark`);
  return [`cat > ${path} <<'END_OF_FILE'`, text.replace(/\n$/, ''), 'END_OF_FILE', `chmod ${mode} ${path}`];
}
