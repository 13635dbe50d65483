/**
 * A tunnel as strongSwan knows it: one swanctl connection with one child of the same name, which is what the
 * restart-tunnel runbook terminates and initiates. Keys are not here: only where the gateway fetches them.
 */
import { canonicalCidr, isIpv4 } from '../../config/addresses';

/** Where a tunnel's pre-shared key lies, by name, in the gateway's own account and region. */
export type KeySource =
  | { readonly secret: string; readonly kmsKeyArn?: string }
  | { readonly parameter: string; readonly kmsKeyArn?: string };

export interface GreenfieldTunnel {
  /** Name of the swanctl connection and of its child. */
  readonly name: string;
  /** The peer's public address. */
  readonly peer: string;
  /**
   * What the peer calls itself.
   * @default - its address
   */
  readonly peerIdentity?: string;
  readonly key: KeySource;
  /** The networks on our side. */
  readonly local: readonly string[];
  /** The networks behind the peer. */
  readonly remote: readonly string[];
  /** @default aes256gcm16-prfsha256-ecp256 */
  readonly ikeProposals?: string;
  /** @default aes256gcm16-ecp256 */
  readonly espProposals?: string;
}

const patterns = {
  // Stricter than the runbook's own: a dot would be taken for a nested section.
  name: /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
  identity: /^[A-Za-z0-9][A-Za-z0-9.@_-]{0,127}$/,
  proposals: /^[a-z0-9]+([-,][a-z0-9]+)*$/,
  key: /^[A-Za-z0-9/_+=.@-]{1,512}$/,
};

/** These values become lines of a configuration and words of a script: anything else in them is refused. */
export function checkTunnel(tunnel: GreenfieldTunnel): void {
  const { name, peer, peerIdentity, key, local, remote } = tunnel;
  const refuse = (what: string, value: string): never => {
    throw new Error(`Tunnel ${name}: "${value}" is no ${what}`);
  };
  if (!patterns.name.test(name)) refuse('name (letters, digits, _ and -)', name);
  if (!isIpv4(peer)) refuse('IPv4 address of a peer', peer);
  if (peerIdentity !== undefined && !patterns.identity.test(peerIdentity)) refuse('identity', peerIdentity);
  if (!patterns.key.test(keyName(key))) refuse('name of a secret or parameter', keyName(key));
  for (const proposals of [tunnel.ikeProposals, tunnel.espProposals]) {
    if (proposals !== undefined && !patterns.proposals.test(proposals)) refuse('list of proposals', proposals);
  }
  for (const cidr of [...local, ...remote]) if (canonicalCidr(cidr) !== cidr) refuse('CIDR block', cidr);
}

const keyName = (key: KeySource): string => ('secret' in key ? key.secret : key.parameter);

const identityOf = ({ peer, peerIdentity }: GreenfieldTunnel): string => peerIdentity ?? peer;

/**
 * `conf.d/switchback.conf`; `publicIp` is what the peer knows us by, and may be a CloudFormation token. What all tunnels
 * share stands once, and each refers to it: user data is scarce.
 */
export function swanctlConnections(tunnels: readonly GreenfieldTunnel[], publicIp: string): string {
  const connections = tunnels.map((tunnel) => {
    const { name, peer, local, remote, ikeProposals, espProposals } = tunnel;
    const own = (what: string, value?: string) => (value === undefined ? '' : `${what} = ${value}\n`);
    return `  ${name} : tunnel {
    remote_addrs = ${peer}
${own('    proposals', ikeProposals)}    remote {
      auth = psk
      id = ${identityOf(tunnel)}
    }
    children {
      ${name} : child {
        local_ts = ${local.join(',')}
        remote_ts = ${remote.join(',')}
${own('        esp_proposals', espProposals)}      }
    }
  }`;
  });
  return `tunnel {
  version = 2
  proposals = aes256gcm16-prfsha256-ecp256
  dpd_delay = 10s
  keyingtries = 0
  unique = replace
  mobike = no
  local {
    auth = psk
    id = ${publicIp}
  }
}
child {
  esp_proposals = aes256gcm16-ecp256
  start_action = start
  close_action = start
  dpd_action = restart
}
connections {\n${connections.join('\n')}\n}\n`;
}

/** A line per tunnel for the script that fetches the keys. */
export function keyList(tunnels: readonly GreenfieldTunnel[], publicIp: string): string {
  const lines = tunnels.map((tunnel) => {
    const store = 'secret' in tunnel.key ? 'secret' : 'parameter';
    return `${tunnel.name} ${store} ${keyName(tunnel.key)} ${publicIp} ${identityOf(tunnel)}`;
  });
  return `${lines.join('\n')}\n`;
}

/**
 * The MSS leaves room for ESP in UDP on a line of 1,500 bytes, and for PPPoE below it. What has no tunnel is dropped,
 * not refused: a refusal would look to a canary like an answer from the other side.
 */
export function forwardingRules(remote: readonly string[]): string {
  const ipv4 = remote.filter((cidr) => !cidr.includes(':'));
  return `table inet switchback
delete table inet switchback
table inet switchback {
  chain forward {
    type filter hook forward priority 0; policy accept;
    tcp flags & (syn | rst) == syn tcp option maxseg size > 1360 tcp option maxseg size set 1360
    ip daddr { ${[...new Set(ipv4)].join(', ')} } rt ipsec missing drop
  }
}
`;
}
