/**
 * What concerns one connection: its own gateways, route sets and canaries, and those of the connections that share its
 * fate. Pure.
 *
 * A connection *shares* when one of its paths runs over one of our gateways: a repair of ours would hit its traffic, so
 * its routes must be looked at too. The path canaries of all connections count for mass failure.
 */

import type { Canary, Connection, ConnectionName, Deployment, GatewayName, RouteSet } from '../core/words/domain';
import { endsElsewhere, type Reach, reachOf, reportsTableAt } from '../core/words/end-names';
import { gatewaysOf } from '../core/words/ends';
import { speakersOf, viewsOf } from '../core/words/gateways';
import type { Policy } from '../core/words/policy';

export interface WatchedBy {
  readonly canary: Canary;
  readonly policy: Policy;
}

interface ReportingElsewhere {
  readonly reach: Reach;
  readonly table: string;
  readonly canaries: readonly WatchedBy[];
}

export interface Scope {
  readonly connection: Connection;
  readonly gateways: readonly GatewayName[];
  /** Gateways whose tunnels AWS can be asked about. */
  readonly viewed: readonly GatewayName[];
  /** Gateways whose speakers decide how answers come back. */
  readonly speaking: readonly GatewayName[];
  readonly sharing: readonly Connection[];
  /** Ours and those of the sharing connections: whose interfaces routes may point at. */
  readonly gatewaysWithSharing: readonly GatewayName[];
  readonly canaries: readonly WatchedBy[];
  readonly otherCanaries: readonly WatchedBy[];
  /** Our path canaries: what their tables pin them to decides what they prove. */
  readonly pinned: readonly Canary[];
  readonly sets: readonly RouteSet[];
  /** Canaries that report at an end elsewhere, and the table there. */
  readonly reportingElsewhere: readonly ReportingElsewhere[];
  readonly otherSets: readonly { readonly connection: ConnectionName; readonly set: RouteSet }[];
}

export function scopeOf(deployment: Deployment, name: ConnectionName): Scope {
  const connection = deployment.connections[name]!;
  const others = Object.values(deployment.connections).filter((other) => other.name !== name);
  const gateways = gatewaysOf(connection);
  const views = viewsOf(deployment);
  const sharing = others.filter((other) => gatewaysOf(other).some((gateway) => gateways.includes(gateway)));
  const canaries = canariesOf(connection);
  const otherCanaries = others.flatMap((other) => canariesOf(other).filter((c) => c.canary.watches.kind === 'path'));
  return {
    connection,
    gateways,
    viewed: gateways.filter((name) => name in views),
    speaking: Object.keys(speakersOf(deployment)).filter((name) => gateways.includes(name)),
    sharing,
    gatewaysWithSharing: [...new Set([connection, ...sharing].flatMap(gatewaysOf))],
    canaries,
    otherCanaries,
    reportingElsewhere: reportingElsewhere(deployment, [...canaries, ...otherCanaries]),
    pinned: pinnedCanaries(connection),
    sets: Object.values(connection.routeSets),
    otherSets: sharing.flatMap((c) => Object.values(c.routeSets).map((set) => ({ connection: c.name, set }))),
  };
}

function reportingElsewhere(deployment: Deployment, watched: readonly WatchedBy[]): ReportingElsewhere[] {
  return endsElsewhere(deployment).flatMap((end) => {
    const canaries = watched.filter(({ canary }) => canary.end === end.name);
    const reach = reachOf(deployment, end);
    return reach === undefined || canaries.length === 0
      ? []
      : [{ reach, table: reportsTableAt(deployment, end), canaries }];
  });
}

export function pinnedCanaries({ canaries }: Connection): Canary[] {
  return canaries.filter(({ watches }) => watches.kind === 'path');
}

function canariesOf(connection: Connection): WatchedBy[] {
  return connection.canaries.map((canary) => ({ canary, policy: connection.policy }));
}
