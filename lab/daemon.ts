/**
 * strongSwan in a namespace: its configuration, and the life of its daemon as `systemctl` would lead it.
 *
 * Several charons share one machine, so each has its own folder: configuration, control socket, process id, log. A unit's
 * commands are a small script of that folder, which stands first in the PATH of whatever runs "on" the gateway; the lab
 * itself uses it too, so there is one way to start a daemon.
 *
 * Settings that are not taste (tried on strongSwan 5.9.8): `kernel-libipsec` before `kernel-netlink`; the responder's
 * configuration loaded before the initiator starts; SIGKILL to end, since two dying peers can wait for each other.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './command';
import type { Namespaces } from './namespaces';
import { siteNetwork, vpcNetwork } from './plan';
import { commandScript } from './speaker';

interface LabTunnel {
  readonly name: string;
  readonly localId: string;
  readonly remoteId: string;
  /** Absent: the peer may come from anywhere and initiates. */
  readonly remoteAddress?: string;
}

export interface DaemonPlan {
  /** Namespace. */
  readonly host: string;
  readonly tunnels: readonly LabTunnel[];
  readonly role: 'initiator' | 'responder';
  /** Everything may pass the tunnel, and routers at its ends decide: this end's address. */
  readonly transitAddress?: string;
  /** With `transitAddress`: networks that this end sends into the tunnel. @default - none: routers say */
  readonly sendsTo?: readonly string[];
  /** How long it takes a silent peer for alive. @default - the lab's own, about 5 s */
  readonly deadPeer?: DeadPeer;
}

/** Every so long a probe, where nothing was heard; then so many retries. */
interface DeadPeer {
  readonly everyS: number;
  readonly retryS: number;
  readonly retries: number;
}

const hurried: DeadPeer = { everyS: 2, retryS: 1, retries: 2 };
/** AWS's default: the first probe after 10 s, and given up after 30 s in all. */
export const asAwsDoes: DeadPeer = { everyS: 10, retryS: 5, retries: 3 };

export class Daemon {
  /** Its configuration, its control socket, its log. */
  readonly folder: string;

  constructor(
    private readonly spaces: Namespaces,
    runFolder: string,
    private readonly plan: DaemonPlan,
  ) {
    this.folder = join(runFolder, plan.host);
    mkdirSync(join(this.folder, 'bin'), { recursive: true });
    writeFileSync(join(this.folder, 'strongswan.conf'), daemonConfiguration(this.folder, plan));
    writeFileSync(join(this.folder, 'swanctl.conf'), tunnelConfiguration(plan));
    const unit = join(this.folder, 'bin/systemctl');
    writeFileSync(unit, unitCommands(this.folder));
    chmodSync(unit, 0o755);
  }

  /** As on the gateway's own command line: its swanctl, its systemctl. */
  get env(): NodeJS.ProcessEnv {
    return {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`,
      STRONGSWAN_CONF: join(this.folder, 'strongswan.conf'),
    };
  }

  get namespace(): string {
    return this.plan.host;
  }

  /** Runs with its configuration loaded, whatever it did before. */
  async restart(): Promise<void> {
    await this.systemctl('restart');
    const { host, transitAddress, sendsTo = [] } = this.plan;
    if (transitAddress === undefined) return;
    await this.spaces.ip(host, [
      `addr replace ${transitAddress}/30 dev ipsec0`,
      'link set ipsec0 up',
      ...sendsTo.map((network) => `route replace ${network} dev ipsec0`),
    ]);
  }

  async kill(): Promise<void> {
    await this.systemctl('stop');
  }

  async isAlive(): Promise<boolean> {
    const { code } = await attempt(this.inside(['timeout', '2', 'swanctl', '--stats']), { env: this.env });
    return code === 0;
  }

  /**
   * The product's own document: on a peer that answers over the tunnel that was keyed last, it draws the answers here. What
   * it prints, in its last line.
   */
  async rekey(tunnel: string): Promise<string> {
    const script = this.inside(['/bin/sh', '-c', commandScript('rekey-tunnel')]);
    const { stdout } = await attempt(script, { env: { ...this.env, SSM_Tunnel: tunnel }, timeoutMs: 30_000 });
    return stdout.trim().split('\n').at(-1) ?? '';
  }

  private async systemctl(verb: 'restart' | 'stop'): Promise<void> {
    await run(this.inside(['systemctl', verb, 'strongswan']), { env: this.env });
  }

  private inside(argv: readonly string[]): string[] {
    return this.spaces.inside(this.plan.host, argv);
  }
}

function daemonConfiguration(folder: string, { transitAddress, deadPeer = hurried }: DaemonPlan): string {
  // Away from the main table, and behind it: the tunnel's "everything" must not swallow the LAN.
  const ownTable = transitAddress === undefined ? '' : 'routing_table = 900\n  routing_table_prio = 40000';
  return `swanctl {
  load = random openssl
  socket = unix://${folder}/vici
}
charon-systemd {
  load = random nonce aes aesni sha1 sha2 hmac kdf gcm openssl kernel-libipsec kernel-netlink socket-default vici
  install_virtual_ip = no
  ${ownTable}
  retransmit_timeout = ${deadPeer.retryS}
  retransmit_tries = ${deadPeer.retries}
  retransmit_base = 1.0
  plugins {
    vici {
      socket = unix://${folder}/vici
    }
  }
  filelog {
    main {
      path = ${folder}/charon.log
      time_format = %H:%M:%S
      time_add_ms = yes
      flush_line = yes
      default = 1
    }
  }
}
`;
}

function tunnelConfiguration({ tunnels, role, transitAddress, deadPeer = hurried }: DaemonPlan): string {
  const isInitiator = role === 'initiator';
  const everything = '0.0.0.0/0';
  const [ours, theirs] = transitAddress === undefined ? [vpcNetwork, siteNetwork] : [everything, everything];
  const [here, there] = isInitiator ? [ours, theirs] : [theirs, ours];
  const actions = isInitiator
    ? 'start_action = start\n      dpd_action = restart\n      close_action = start'
    : 'start_action = none\n      dpd_action = clear';
  const connections = tunnels.map(
    ({ name, localId, remoteId, remoteAddress }) => `  ${name} {
    version = 2
    remote_addrs = ${remoteAddress ?? '%any'}
    proposals = aes128-sha256-ecp256
    dpd_delay = ${deadPeer.everyS}s
    unique = replace
    keyingtries = 0
    mobike = no
    local {
      auth = psk
      id = ${localId}
    }
    remote {
      auth = psk
      id = ${remoteId}
    }
    children {
      ${name} {
      local_ts = ${here}
      remote_ts = ${there}
      esp_proposals = aes128gcm16
      ${actions}
      }
    }
  }`,
  );
  const secrets = tunnels.map(
    ({ name, localId, remoteId }) => `  ike-${name} {
    id-1 = ${localId}
    id-2 = ${remoteId}
    secret = "lab-${[localId, remoteId].sort().join('-')}"
  }`,
  );
  return `connections {\n${connections.join('\n')}\n}\nsecrets {\n${secrets.join('\n')}\n}\n`;
}

/** What the unit of strongSwan does: start the daemon, then load the configuration (ExecStartPost). */
function unitCommands(folder: string): string {
  return `#!/bin/sh
# systemctl {start|stop|restart|is-enabled|cat} strongswan, for one gateway of the lab
case "$1" in is-enabled|cat) [ "$2" = strongswan ]; exit ;; esac
pid=${folder}/charon.pid
if [ "$1" != start ] && [ -s "$pid" ]; then
  kill -9 "$(cat "$pid")" 2> /dev/null
  # Dying takes a moment, and until its last thread is gone the device and the ports are taken.
  while [ -e /sys/class/net/ipsec0 ]; do sleep 0.01; done
  sleep 0.02
  rm -f "$pid" ${folder}/vici
fi
[ "$1" = stop ] && exit 0
setsid /usr/sbin/charon-systemd > /dev/null 2>&1 < /dev/null &
echo $! > "$pid"
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -S ${folder}/vici ] && timeout 5 swanctl --load-all --noprompt --file ${folder}/swanctl.conf > /dev/null 2>&1 && exit 0
  sleep 0.05
done
exit 1
`;
}
