/**
 * Draws a connection over AWS's own VPN: two connections on one transit gateway, beside whatever the site has. From a
 * stream of its own, so that the other sites stay what they are.
 */
import type { Random } from '../../local-cloud/random';

type Tree = Record<string, unknown>;

const transitRatio = 0.08;
/** Sites that are dear to play as they are. */
const crowd = 6;
const region = 'eu-central-1';
const securityGroup = 'sg-0ca00000000000001';
const transitGateway = 'tgw-0000000000000000f';
const tableOf = (n: number): string => `tgw-rtb-000000000000000f${n}`;

export function addTransit(random: Random, connections: Record<string, Tree>, gateways: Record<string, Tree>): void {
  const isCrowded = Object.keys(connections).length >= crowd;
  if (isCrowded || !random.chance(transitRatio)) return;
  const paths = { a: { gateway: 'vpn-a' }, b: { gateway: 'vpn-b' } };
  for (const [i, letter] of ['a', 'b'].entries())
    gateways[`vpn-${letter}`] = {
      vpn: `vpn-000000000000000f${letter}`,
      transitGateway,
      attachment: `tgw-attach-000000000000000f${letter}`,
      tunnels: [`192.0.2.${2 * i + 1}`, `192.0.2.${2 * i + 2}`],
      initiatedBy: 'peer',
    };
  const tables = Array.from({ length: random.int(1, 3) }, (_, n) => tableOf(n));
  const [first] = tables;
  const canary = (n: number, rest: Tree): Tree => ({
    zone: `${region}${'abc'[n]}`,
    subnet: `subnet-000000000000000f${n}`,
    securityGroup,
    ...rest,
  });
  const [model] = Object.values(connections);
  connections['tours'] = {
    mode: 'repair',
    coupled: random.chance(0.2),
    paths,
    routeSets: { spokes: { home: random.pick(['a', 'b']), tables, destinations: ['172.31.0.0/16'] } },
    canaries: {
      'path-a': canary(0, { path: 'a', routeTable: first, targets: ['172.31.0.21:443'] }),
      'path-b': canary(1, { path: 'b', routeTable: first, targets: ['172.31.0.22:443'] }),
      service: canary(2, { routeSet: 'spokes', targets: ['172.31.0.10:443'] }),
    },
    policy: model?.['policy'],
  };
}
