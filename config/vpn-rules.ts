/**
 * What cannot be where a gateway is a Site-to-Site VPN connection of AWS: tables that cannot lead to it, or not to this
 * one rather than that, and claims that AWS does not keep. A connection that could never be moved would look guarded.
 */
import { planeOf } from '../core/words/planes';
import { own } from '../core/words/shape';
import { type Finding, repeated, type Step } from './problems';
import { type AuthorConfig, type AuthorConnection, type AuthorVpn, instancesIn, vpnIn, vpnsIn } from './schema';

const tunnelsOfConnection = 2;

export function vpnFindings(config: AuthorConfig): Finding[] {
  const vpns = vpnsIn(config);
  const views = Object.entries(instancesIn(config)).flatMap(([name, { seenBy }]) =>
    seenBy === undefined ? [] : [{ ...seenBy, at: ['gateways', name, 'seenBy'] as const }],
  );
  return [
    ...views.flatMap(({ tunnels, at }) => tunnelFindings(tunnels, at)),
    ...Object.entries(vpns).flatMap(([name, vpn]) => gatewayFindings(vpn, ['gateways', name])),
    ...listenerFindings(config, views.length > 0),
    ...repeated(
      'one-vpn-twice',
      [
        ...Object.entries(vpns).map(([name, { vpn }]) => ({ at: ['gateways', name, 'vpn'], key: vpn })),
        ...views.map(({ vpn, at }) => ({ at: [...at, 'vpn'], key: vpn })),
      ],
      (first) => `is already the connection of ${first[1]}: its two tunnels are one gateway`,
    ),
    ...Object.entries(config.connections).flatMap(([name, connection]) =>
      connectionFindings(config, connection, ['connections', name]),
    ),
  ];
}

/** Where a connection that is only looked at ends, nobody has to say. */
function listenerFindings(config: AuthorConfig, hasViews: boolean): Finding[] {
  const isHeard = Object.values(vpnsIn(config)).some(({ vpnGateway }) => vpnGateway === undefined);
  if (config.networkManagerRegion === undefined || isHeard || hasViews) return [];
  const message =
    'is where Network Manager tells of VPN connections on transit gateways, and none here is on one: remove it';
  return [{ at: ['networkManagerRegion'], kind: 'network-manager-idle', message, about: [['gateways']] }];
}

function gatewayFindings(vpn: AuthorVpn, at: readonly Step[]): Finding[] {
  const message = whyEndsWrong(vpn);
  const ends: Finding[] = message === null ? [] : [{ at, kind: 'vpn-ends-wrong', message }];
  return [...ends, ...tunnelFindings(vpn.tunnels, at)];
}

function tunnelFindings(tunnels: readonly string[], at: readonly Step[]): Finding[] {
  const known = tunnels.filter((address) => address !== '');
  if (known.length === 0 || (tunnels.length === tunnelsOfConnection && new Set(known).size === known.length)) return [];
  const message = `must be the two outside addresses of AWS, which differ: there are ${new Set(known).size}`;
  return [{ at: [...at, 'tunnels'], kind: 'vpn-tunnels-wrong', message }];
}

/** Null: it ends on one thing, wholly named. */
function whyEndsWrong({ attachment, transitGateway, vpnGateway }: AuthorVpn): string | null {
  const onTransit = attachment !== undefined || transitGateway !== undefined;
  if (onTransit && vpnGateway !== undefined)
    return 'ends on a transit gateway and on a virtual private gateway: a connection ends on one; remove the other';
  if (vpnGateway !== undefined) return null;
  if (!onTransit) return 'does not say what it ends on: write transitGateway and attachment, or vpnGateway';
  if (attachment !== undefined && transitGateway !== undefined) return null;
  return `is on a transit gateway: write ${attachment === undefined ? 'attachment' : 'transitGateway'} too`;
}

type Way = 'instance' | 'vpn-gateway' | 'transit-gateway';

interface PathOver {
  readonly name: string;
  readonly way: Way;
  /** Id of what the connection ends on; empty for an instance, or where it is not written. */
  readonly end: string;
  readonly vpn: AuthorVpn | undefined;
}

function pathsOver(config: AuthorConfig, { paths }: AuthorConnection): PathOver[] {
  return Object.entries(paths).flatMap(([name, { gateway }]): PathOver[] => {
    if (!Object.hasOwn(config.gateways, gateway)) return []; // Said of the path.
    const vpn = vpnIn(config, gateway);
    if (vpn === undefined) return [{ name, way: 'instance', end: '', vpn }];
    if (whyEndsWrong(vpn) !== null) return []; // Said of the gateway.
    const way = vpn.vpnGateway === undefined ? 'transit-gateway' : 'vpn-gateway';
    return [{ name, way, end: vpn.vpnGateway ?? vpn.transitGateway ?? '', vpn }];
  });
}

const isTransitTable = (table: string): boolean => planeOf(table) === 'tgw-table';

function connectionFindings(config: AuthorConfig, connection: AuthorConnection, under: readonly Step[]): Finding[] {
  const paths = pathsOver(config, connection);
  return [
    ...paths.flatMap(({ name, vpn }): Finding[] =>
      vpn === undefined || own(connection.paths, name)?.tunnel === undefined
        ? []
        : [
            {
              at: [...under, 'paths', name, 'tunnel'],
              kind: 'vpn-named-tunnel',
              message: "is the name of a daemon's tunnel, and this path is a connection of AWS: remove it",
            },
          ],
    ),
    ...Object.entries(connection.routeSets).flatMap(([name, set]) =>
      setFindings(set, paths, [...under, 'routeSets', name]),
    ),
    ...pinFindings(connection, paths, under),
  ];
}

function setFindings(
  set: AuthorConnection['routeSets'][string],
  paths: readonly PathOver[],
  at: readonly Step[],
): Finding[] {
  const tables = set.tables.filter((table) => table !== '');
  const [first] = tables;
  if (first === undefined) return [];
  const inTransit = isTransitTable(first);
  const other = set.tables.findIndex((table) => table !== '' && isTransitTable(table) !== inTransit);
  if (other >= 0)
    return [
      {
        at: [...at, 'tables', other],
        kind: 'tables-of-two-kinds',
        message: `is a table of a ${inTransit ? 'VPC' : 'transit gateway'}, and ${first} is not: make two route sets of them`,
      },
    ];
  return [
    ...(inTransit ? transitTableFindings(paths, at) : vpcTableFindings(set, paths, at)),
    ...propagatedFindings(set, paths, inTransit, at),
  ];
}

function transitTableFindings(paths: readonly PathOver[], at: readonly Step[]): Finding[] {
  const misplaced = paths.filter(({ way }) => way !== 'transit-gateway');
  return misplaced.map(({ name, way }) => ({
    at: [...at, 'tables'],
    kind: 'path-not-in-table',
    message: `are a transit gateway's, and path ${name} is over ${way === 'instance' ? 'an instance' : 'a virtual private gateway'}: no route of theirs leads there; list the VPC's tables`,
    about: [[...at.slice(0, 2), 'paths', name]],
  }));
}

function vpcTableFindings(
  { destinations }: AuthorConnection['routeSets'][string],
  paths: readonly PathOver[],
  at: readonly Step[],
): Finding[] {
  const ipv6 = destinations.findIndex((one) => one.includes(':'));
  const overVgw = paths.find(({ way }) => way === 'vpn-gateway');
  return [
    ...paths.flatMap((path, i): Finding[] => {
      const alike = paths.slice(0, i).find(({ end }) => end !== '' && end === path.end);
      if (alike === undefined) return [];
      const mend =
        path.way === 'transit-gateway'
          ? "list the transit gateway's tables (tgw-rtb-…) instead"
          : 'end one of the two connections on a transit gateway, or on another virtual private gateway in another VPC';
      const message = `are a VPC's, where ${path.end} is path ${alike.name} and path ${path.name}: no route can choose between the two; ${mend}`;
      const about = [[...at.slice(0, 2), 'paths']];
      return [{ at: [...at, 'tables'], kind: 'paths-alike-in-table', message, about }];
    }),
    ...(ipv6 < 0 || overVgw === undefined
      ? []
      : [
          {
            at: [...at, 'destinations', ipv6],
            kind: 'vpn-cannot-do' as const,
            message: `is IPv6, which no VPN connection on a virtual private gateway carries (path ${overVgw.name}): remove it, or use a transit gateway`,
          },
        ]),
  ];
}

function propagatedFindings(
  { propagated, home }: AuthorConnection['routeSets'][string],
  paths: readonly PathOver[],
  inTransit: boolean,
  at: readonly Step[],
): Finding[] {
  if (!propagated) return [];
  const say = (message: string): Finding[] => [{ at: [...at, 'propagated'], kind: 'propagated-wrong', message }];
  if (inTransit)
    return say("is true, and a connection with static routes propagates none to a transit gateway's table: remove it");
  const way = paths.find(({ name }) => name === home)?.way;
  if (way === undefined || way === 'vpn-gateway') return [];
  return say(`is true, and only a virtual private gateway propagates routes to a VPC's table: ${home} is none`);
}

/** A pinning route in a VPC's table leads to the transit gateway, which would choose for the canary. */
function pinFindings(connection: AuthorConnection, paths: readonly PathOver[], under: readonly Step[]): Finding[] {
  return Object.entries(connection.canaries).flatMap(([canary, { path, routeTable }]): Finding[] => {
    const pinned = paths.find(({ name }) => name === path);
    if (pinned === undefined || routeTable === undefined || routeTable === '') return [];
    const at = [...under, 'canaries', canary, 'routeTable'];
    if (isTransitTable(routeTable)) {
      if (pinned.way === 'transit-gateway') return [];
      const message = `is a transit gateway's, and path ${pinned.name} is not over one: name the VPC's table`;
      return [{ at, kind: 'path-not-in-table', message }];
    }
    const alike = paths.find(({ name, end }) => name !== pinned.name && end !== '' && end === pinned.end);
    if (alike === undefined) return [];
    const message = `leads to ${pinned.end}, which is path ${pinned.name} and path ${alike.name}: name the transit gateway's table, with a host route to the attachment`;
    return [{ at, kind: 'paths-alike-in-table', message }];
  });
}
