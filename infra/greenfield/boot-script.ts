/**
 * The user data of a gateway: waits for the internet, gets strongSwan, writes the configuration, starts the units, and
 * says how it ended. It holds no key and may be read by anyone who may describe the instance.
 *
 * Whatever fails ends it there, and is told: to CloudFormation, which then ends the deployment with that reason, and on
 * the console. A replacement has nobody to signal to (its stack has been complete for long); the replace runbook asks
 * its daemon instead. What runs later than the first boot is units, not this script.
 */
import { fileOf, metricsFiles, metricsSettings, settingsPath } from '../tunnel-metrics';
import { installLines, type Software } from './software';
import { forwardingRules, type GreenfieldTunnel, keyList, swanctlConnections } from './tunnel';

export interface BootPlan {
  /** The gateway's, for whoever reads how it ended. */
  readonly name: string;
  readonly software: Software;
  readonly region: string;
  /** Of AWS's names in this partition: amazonaws.com. */
  readonly urlSuffix: string;
  /** May be a CloudFormation token. */
  readonly publicIp: string;
  readonly tunnels: readonly GreenfieldTunnel[];
  /** The Switchback deployment for which it publishes how many tunnels are up; absent: for none. */
  readonly metricsFor?: string;
  /** Where CloudFormation waits to be told. Absent: nobody waits. */
  readonly signal?: string;
  /** For a gateway with a second interface: its address, and what lies behind it over which router. */
  readonly inside?: { readonly address: string; readonly vpcCidr: string; readonly router: string };
}

/**
 * The user data of an instance to make an image of: the software, and nothing of any gateway. It turns itself off when it
 * is done, and stays on, with the reason in its console, when it is not.
 */
export function imageScript(plan: Omit<Beginning, 'name'>): string {
  return [
    ...beginning({ ...plan, name: 'image' }),
    // The gateways made from it are to boot for the first time.
    "stage 'forget this instance'",
    'rm -rf /usr/local/src/strongswan',
    'cloud-init clean --logs --machine-id',
    'shutdown -h +1',
    '',
  ].join('\n');
}

type Beginning = Pick<BootPlan, 'name' | 'software' | 'region' | 'urlSuffix' | 'signal'>;

function beginning(plan: Beginning): string[] {
  return [
    '#!/bin/bash',
    '# Makes this instance a VPN gateway. Written by Switchback.',
    'set -euo pipefail',
    `name=${plan.name} signal='${plan.signal ?? ''}'`,
    fileOf('boot-report.sh').trimEnd(),
    ...awaitInternet(plan),
    ...installLines(plan.software),
  ];
}

export function bootScript(plan: BootPlan): string {
  return [
    ...beginning(plan),
    "stage 'write the configuration'",
    // Where the packages of Fedora look, else where strongSwan itself does.
    'etc=/etc; [ -d /etc/strongswan/swanctl ] && etc=/etc/strongswan',
    'mkdir -p /etc/switchback /usr/local/lib /usr/local/sbin "$etc/swanctl/conf.d" "$etc/strongswan.d"',
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
    ...tunnelFiles(plan),
    // Nobody logs in but by Session Manager. The canaries' probe of this port is refused, which counts as alive.
    'systemctl disable --now sshd || true',
    "stage 'start the daemon'",
    // This one file: a setting of the image's own that is refused is no reason for having no tunnel.
    'sysctl -q -p /etc/sysctl.d/90-switchback.conf',
    'systemctl daemon-reload',
    'systemctl enable --now switchback-forwarding',
    'systemctl enable switchback-keys',
    'systemctl enable --now strongswan',
    'systemctl enable --now switchback-tunnels.timer',
    ...(plan.metricsFor === undefined ? [] : ['systemctl enable --now switchback-metrics.timer']),
    "stage 'get an answer of the daemon'",
    'again 15 timeout 5 swanctl --stats',
    // Without its keys it would answer and no tunnel would ever come up.
    "stage 'fetch the keys'",
    'systemctl is-active --quiet switchback-keys || {',
    '  echo "$(journalctl -q -t switchback-fetch-keys -o cat -n 3 | tr "\\n" " ")"',
    '  exit 1',
    '}',
    '',
  ].join('\n');
}

const units = [
  'switchback-keys.service',
  'switchback-forwarding.service',
  'switchback-tunnels.service',
  'switchback-tunnels.timer',
];

/** What reads the tunnels, and where it is wanted what publishes how many are up. */
function tunnelFiles({ metricsFor, region, name, tunnels }: BootPlan): string[] {
  const [reader, ...publisher] = metricsFiles.map(({ path, file, mode }) => write(path, fileOf(file), mode));
  if (metricsFor === undefined) return reader!;
  const names = tunnels.map((tunnel) => tunnel.name);
  const settings = metricsSettings({ deployment: metricsFor, region, gateway: name, tunnels: names });
  return [...reader!, ...publisher.flat(), ...write(settingsPath, settings)];
}

/** Any answer of this name will do, a refusal too: the agent, the keys and the mirrors lie on the same way. */
function awaitInternet({ region, urlSuffix }: Beginning): string[] {
  const place = `https://ssm.${region}.${urlSuffix}/`;
  return [
    "stage 'reach the internet'",
    `if ! again 40 curl -sS -o /dev/null --connect-timeout 5 --max-time 10 ${place}; then`,
    `  echo "${place} does not answer: does the subnet have a default route, and does the instance have a public address?"`,
    '  exit 1',
    'fi',
  ];
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
