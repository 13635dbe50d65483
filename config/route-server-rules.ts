/**
 * What cannot be where a Route Server leads users: levers that it or its owner does not have, and a peer that would be another
 * machine after a repair. Users whom nobody can lead off a dead path would look guarded.
 */
import { isPrefixList } from '../core/words/destinations';
import type { Finding, Step } from './problems';
import { type AuthorConfig, type AuthorConnection, instanceIn } from './schema';
import { isByBgp, isByRouteServer } from './speaker-schema';

export const routeServerFindings = (config: AuthorConfig): Finding[] =>
  Object.entries(config.connections).flatMap(([name, connection]) => {
    const under = ['connections', name];
    return isByRouteServer(connection.routing)
      ? [
          ...leverFindings(connection, under),
          ...setFindings(connection, under),
          ...peerFindings(config, connection, under),
        ]
      : idleFindings(connection, under);
  });

const wrong = (at: readonly Step[], message: string, about?: Finding['about']): Finding => ({
  ...{ at, kind: 'route-server-wrong', message },
  ...(about !== undefined && { about }),
});

/** Half of it alone moves nobody. */
function leverFindings({ routing, drills }: AuthorConnection, under: readonly Step[]): Finding[] {
  const out = [...under, 'routing', 'out'];
  return [
    ...(isByBgp(routing)
      ? []
      : [
          wrong(
            [...out, 'by'],
            'is route-server, and users are led by what our speakers tell it, as the partner is: write back: {by: bgp}',
          ),
        ]),
    ...(routing?.out?.routeServer === undefined
      ? [wrong(out, 'does not say which Route Server: add routeServer: rs-…')]
      : []),
    ...(routing?.lastResort === 'routes'
      ? [
          wrong(
            [...under, 'routing', 'lastResort'],
            'is not built over routes of a Route Server, which may be persisted: nobody could tell a memory from a fact; remove it, or write none',
          ),
        ]
      : []),
    ...(drills === undefined
      ? []
      : [
          wrong(
            [...under, 'drills'],
            'are not built where a Route Server leads users: remove them, and ask for maintenance of the home by day',
          ),
        ]),
  ];
}

/** It installs networks, and an order to a speaker is about IPv4. */
function setFindings({ routeSets }: AuthorConnection, under: readonly Step[]): Finding[] {
  return Object.entries(routeSets).flatMap(([set, { destinations }]) =>
    destinations.flatMap((destination, i): Finding[] => {
      const at = [...under, 'routeSets', set, 'destinations', i];
      if (isPrefixList(destination))
        return [
          wrong(at, 'is a prefix list, and a Route Server installs networks: name those that the partner announces'),
        ];
      if (!destination.includes(':')) return [];
      return [wrong(at, 'is IPv6, about which no order to a speaker is: remove it, or write out: {by: routes}')];
    }),
  );
}

function peerFindings(config: AuthorConfig, { paths }: AuthorConnection, under: readonly Step[]): Finding[] {
  return Object.entries(paths).flatMap(([name, { gateway, neighbors }]): Finding[] => {
    const at = [...under, 'paths', name];
    const instance = instanceIn(config, gateway);
    const missing =
      neighbors !== undefined && neighbors.inside === undefined
        ? [
            wrong(
              [...at, 'neighbors'],
              'name nobody inside: add inside: the addresses of the Route Server endpoints that this gateway is a peer of',
            ),
          ]
        : [];
    if (instance?.launchTemplate === undefined || instance.secondaryAddress !== undefined) return missing;
    const message = `may be replaced, and Route Server knows ${gateway} by an address that its successor would not have: give it a secondaryAddress and make that the peer, or remove launchTemplate`;
    return [...missing, wrong([...at, 'gateway'], message, [['gateways', gateway]])];
  });
}

function idleFindings({ routing, paths }: AuthorConnection, under: readonly Step[]): Finding[] {
  const idle = (at: readonly Step[]): Finding => ({
    at,
    kind: 'speaker-idle',
    message:
      'has no effect, since users follow routes that are ours: write routing: {out: {by: route-server, …}}, or remove it',
  });
  return [
    ...(routing?.out?.routeServer === undefined ? [] : [idle([...under, 'routing', 'out', 'routeServer'])]),
    ...Object.entries(paths).flatMap(([name, { neighbors }]) =>
      neighbors?.inside === undefined ? [] : [idle([...under, 'paths', name, 'neighbors', 'inside'])],
    ),
  ];
}
