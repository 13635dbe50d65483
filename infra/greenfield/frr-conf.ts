/**
 * `frr.conf` of a gateway whose partner listens to BGP, from the configuration that Switchback is deployed with. What an order
 * takes for granted stands in it: an outgoing policy on each neighbour, preference set by us and not by the partner, each
 * canary subnet announced by the one gateway whose path it tests, and, where the gateway starts drained, the very route-map
 * that an order leaves (see the head of runbooks/speaker.yaml).
 *
 *     what we set     home        standby           drained, on top of either
 *     our AS          once        twice             four times more, or the community graceful-shutdown
 *
 * Where a Route Server leads users its endpoints are neighbours, too: they are told of the partner's networks alone, and by them the
 * home is preferred as it is by the partner. Nothing is learned from them.
 *
 * The tunnel is not here: it must be an interface of its own (route-based), or packets cannot be counted.
 */
import { canonicalCidr, isIpv4 } from '../../config/addresses';
import type { Connection, Deployment, GatewayName, PathName, Speaker } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import type { Neighbor } from '../../core/words/routing';

/** What the configuration does not say, since Switchback has no use for it. */
export interface BgpSite {
  /** Networks of ours that partners are told of over every path. */
  readonly ours: readonly string[];
  /** By `connection/path`. */
  readonly paths: Readonly<Record<string, BgpPath>>;
  /** The Route Server's own AS (`AmazonSideAsn`). Absent: none leads users. */
  readonly routeServerAs?: number;
}

interface BgpPath {
  readonly partnerAs: number;
  /** The subnet of this path's canary: announced by no other gateway, or its answers come back over another path. */
  readonly canary: string;
}

interface Session extends Neighbor, BgpPath {
  readonly name: string;
  readonly isHome: boolean;
  /** What the partner may announce to us. */
  readonly remote: readonly string[];
}

/** The mark by which what was drained is seen in FRR's own list: no one else's MED. */
const drainedMed = 2_004_318_071;
const drainedTimes = 4;

export function frrConf(deployment: Deployment, name: GatewayName, site: BgpSite): string {
  const { speaker, privateAddress, secondaryAddress } = instanceAt(deployment, name);
  if (speaker === undefined) throw new Error(`${name} has no speaker: add speaker: {software: frr, as: …} to it`);
  const sessions = sessionsOf(deployment, name, site);
  const endpoints = endpointsOf(sessions, site);
  const { as } = speaker;
  return `${[
    '! Written from the configuration of Switchback: change that, and write it again.',
    'frr defaults traditional',
    `hostname ${name}`,
    'service integrated-vtysh-config',
    ...sessions.flatMap((session) => policies(session, speaker, site)),
    ...endpoints.flatMap((endpoint) => endpointPolicies(endpoint, speaker)),
    `router bgp ${as}`,
    ` bgp router-id ${privateAddress}`,
    // What is announced are the VPC's networks, of which the machine itself has one subnet.
    ' no bgp network import-check',
    ...sessions.flatMap(({ across, partnerAs }) => [
      ` neighbor ${across} remote-as ${partnerAs}`,
      ` neighbor ${across} timers 10 30`,
      ` neighbor ${across} bfd`,
    ]),
    ...endpoints.flatMap(({ address, remoteAs }) => [
      ` neighbor ${address} remote-as ${remoteAs}`,
      ` neighbor ${address} timers 10 30`,
      ` neighbor ${address} bfd`,
      // It may stand in another subnet than the gateway; the VPC's router takes nothing off the time to live.
      ` neighbor ${address} disable-connected-check`,
      // A successor is the same peer, by the address that it takes over.
      ...(secondaryAddress === undefined ? [] : [` neighbor ${address} update-source ${secondaryAddress}`]),
    ]),
    ' address-family ipv4 unicast',
    ...[...new Set([...site.ours, ...sessions.map(({ canary }) => canary)])].map((cidr) => `  network ${cidr}`),
    ...[...sessions.map(({ across }) => across), ...endpoints.map(({ address }) => address)].flatMap((neighbor) =>
      activation(neighbor, speaker),
    ),
    ' exit-address-family',
    'exit',
  ].join('\n')}\n`;
}

function sessionsOf({ connections }: Deployment, name: GatewayName, site: BgpSite): Session[] {
  const all = Object.values(connections).flatMap((connection) =>
    Object.values(connection.paths).flatMap(({ name: path, gateway, neighbor }) =>
      gateway === name && neighbor !== undefined ? [sessionOf(connection, path, neighbor, site)] : [],
    ),
  );
  if (all.length === 0) throw new Error(`${name} speaks to nobody: no path over it has neighbors`);
  return all;
}

function sessionOf(connection: Connection, path: PathName, neighbor: Neighbor, { paths, ours }: BgpSite): Session {
  const name = `${connection.name}/${path}`;
  const said = paths[name];
  if (said === undefined) throw new Error(`paths: ${name} is missing: say its partnerAs and canary`);
  if (!isIpv4(neighbor.across)) throw new Error(`${name}: "${neighbor.across}" is no IPv4 address of a neighbour`);
  for (const cidr of [said.canary, ...ours])
    if (canonicalCidr(cidr) !== cidr) throw new Error(`${name}: "${cidr}" is no CIDR block`);
  const sets = Object.values(connection.routeSets);
  const remote = [...new Set(sets.flatMap(({ destinations }) => destinations))];
  const list = remote.find((one) => canonicalCidr(one) !== one);
  if (list !== undefined) throw new Error(`${name}: "${list}" is no CIDR block, and FRR knows no prefix list of AWS`);
  return { ...neighbor, ...said, name, isHome: sets.every(({ home }) => home === path), remote };
}

interface Endpoint extends Pick<Session, 'across' | 'isHome'> {
  readonly address: string;
  readonly remoteAs: number;
}

function endpointsOf(sessions: readonly Session[], { routeServerAs }: BgpSite): Endpoint[] {
  return sessions.flatMap(({ name, across, isHome, inside = [] }) =>
    inside.map((address) => {
      if (routeServerAs === undefined)
        throw new Error(`${name}: routeServerAs is missing: say the Route Server's own AS (AmazonSideAsn)`);
      return { across, isHome, address, remoteAs: routeServerAs };
    }),
  );
}

/** What has been learned of the path's partner, and nothing else; always drained by prepend, as an order does it. */
function endpointPolicies({ across, isHome, address }: Endpoint, { as, startsDrained }: Speaker): string[] {
  return [
    ...map(`OUT-${address}`, 10, [
      `match ip address prefix-list THEIRS-${across}`,
      ...(isHome ? [] : [`set as-path prepend ${as}`]),
    ]),
    `route-map IN-${address} deny 10`,
    'exit',
    ...(startsDrained ? drained({ across: address, drain: 'prepend' }, as) : []),
  ];
}

/** Names of maps are by the neighbour: an order about one must be about nobody else. */
function policies(session: Session, { as, startsDrained }: Speaker, { ours }: BgpSite): string[] {
  const { across, canary, name, isHome, remote } = session;
  const list = (what: string, cidrs: readonly string[]): string[] =>
    cidrs.map((cidr, i) => `ip prefix-list ${what}-${across} seq ${(i + 1) * 5} permit ${cidr}`);
  return [
    `! ${name}`,
    ...list('OURS', ours),
    ...list('CANARY', [canary]),
    ...list('THEIRS', remote),
    // One way leads to a canary, and it is not made longer.
    ...map(`OUT-${across}`, 10, [`match ip address prefix-list CANARY-${across}`]),
    ...map(`OUT-${across}`, 20, [
      `match ip address prefix-list OURS-${across}`,
      ...(isHome ? [] : [`set as-path prepend ${as}`]),
    ]),
    ...map(`IN-${across}`, 10, [`match ip address prefix-list THEIRS-${across}`]),
    ...(startsDrained ? drained(session, as) : []),
  ];
}

function drained({ across, drain }: Pick<Session, 'across' | 'drain'>, as: number): string[] {
  const worse =
    drain === 'prepend'
      ? `set as-path prepend ${Array.from({ length: drainedTimes }, () => as).join(' ')}`
      : 'set community graceful-shutdown additive';
  return [
    ...map(`SWITCHBACK-${across}`, 10, [`call OUT-${across}`, 'on-match next']),
    ...map(`SWITCHBACK-${across}`, 20, [worse, `set metric ${drainedMed}`]),
  ];
}

const map = (name: string, place: number, lines: readonly string[]): string[] => [
  `route-map ${name} permit ${place}`,
  ...lines.map((line) => ` ${line}`),
  'exit',
];

const activation = (across: string, { startsDrained }: Speaker): string[] => [
  `  neighbor ${across} activate`,
  `  neighbor ${across} route-map IN-${across} in`,
  `  neighbor ${across} route-map ${startsDrained ? 'SWITCHBACK' : 'OUT'}-${across} out`,
];
