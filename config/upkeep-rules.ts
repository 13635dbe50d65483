/**
 * What is planned on the tunnels of a VPN connection of AWS: maintenance in a window, and the rehearsal of the second
 * tunnel. What could not happen, or would leave a tunnel down for good, is refused.
 */
import type { Finding, Step } from './problems';
import { quietFindings } from './quiet-schema';
import { type AuthorConfig, type AuthorConnection, type AuthorVpn, vpnIn, vpnsIn } from './schema';

export function upkeepFindings(config: AuthorConfig): Finding[] {
  return [
    ...Object.entries(vpnsIn(config)).flatMap(([name, vpn]) => windowFindings(vpn, ['gateways', name, 'window'])),
    ...Object.entries(config.connections).flatMap(([name, connection]) =>
      rehearsalFindings(config, connection, ['connections', name, 'rehearsal']),
    ),
  ];
}

function windowFindings({ maintenance, window }: AuthorVpn, at: readonly Step[]): Finding[] {
  const kind = 'upkeep-wrong';
  if (maintenance === 'window' && window === undefined)
    return [{ at, kind, message: 'is missing: say when announced maintenance may be applied' }];
  if (maintenance !== 'window' && window !== undefined)
    return [
      { at, kind, message: `is never used (maintenance: ${maintenance}): set maintenance: window, or remove it` },
    ];
  return quietFindings(window, at);
}

function rehearsalFindings(
  config: AuthorConfig,
  { rehearsal, paths }: AuthorConnection,
  at: readonly Step[],
): Finding[] {
  if (rehearsal === undefined) return [];
  const say = (field: string | null, message: string): Finding => ({
    at: field === null ? at : [...at, field],
    kind: 'rehearsal-wrong',
    message,
  });
  const [path, second] = Object.entries(paths);
  if (path === undefined) return []; // Said of the paths.
  if (second !== undefined)
    return [
      say(null, `is for a single path, and there is ${second[0]} too: drain one of them, which is undone in seconds`),
    ];
  const vpn = vpnIn(config, path[1].gateway);
  if (vpn === undefined) {
    if (!Object.hasOwn(config.gateways, path[1].gateway)) return []; // Said of the path.
    return [
      say(
        null,
        `is for the two tunnels of a VPN connection of AWS, and path ${path[0]} is over an instance: remove it`,
      ),
    ];
  }
  const { by, window, unattended } = rehearsal;
  const isLeftDown = by === 'aws' && vpn.initiatedBy === 'peer' && !vpn.peerInitiates;
  return [
    ...(isLeftDown
      ? [
          say(
            'by',
            "is aws, and nobody would start IKE after the replacement, so that the tunnel stayed down: write peer, or peerInitiates: true where the partner's device begins by itself",
          ),
        ]
      : []),
    ...(by === 'aws' && window === undefined
      ? [say('window', 'is missing: a rehearsal by AWS cannot be undone; say when users may be dark')]
      : []),
    ...(by === 'peer' && unattended ? [say('unattended', 'is for by: aws: the partner is there in any case')] : []),
    ...quietFindings(window, [...at, 'window']),
  ];
}
