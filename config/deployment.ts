/**
 * From what the author wrote to what the functions read: references kept, defaults filled in, names made whole.
 * Total: the author's configuration has been found sound before this runs.
 */

import type {
  Canary,
  Connection,
  Deployment,
  Gateway,
  ProbeTarget,
  Rehearsal,
  RouteSetName,
} from '../core/words/domain';
import type { End, EndName } from '../core/words/end';
import { endRoleName } from '../core/words/end-names';
import { setAt } from '../core/words/ends';
import { planeOf } from '../core/words/planes';
import { type Rung, rungs } from '../core/words/rungs';
import { dayMs } from '../core/words/time';
import { holdsIpv4 } from './addresses';
import { targetsOf } from './canary-rules';
import { drillsFrom } from './drill-rules';
import { endsOf, regionOf, sideOf } from './ends-sides';
import { installationFrom } from './installation-schema';
import { quietFrom } from './quiet-schema';
import type { AuthorConnection, AuthorVpn, WrittenConfig, WrittenConnection } from './schema';
import { attractFrom, directionsFrom, neighborFrom, speakerFrom } from './speaker-schema';
import { policyFrom } from './thresholds';

export function toDeployment(config: WrittenConfig): Deployment {
  return {
    schema: 1,
    name: config.name,
    region: config.region,
    gateways: mapRecord(config.gateways, gatewayFrom),
    ...(config.account && { account: config.account }),
    ...(config.ends && { ends: mapRecord(config.ends, (name, end) => endFrom(name, end, config)) }),
    connections: mapRecord(config.connections, (name, connection) => connectionOf(name, connection, config)),
    runbooks: Object.fromEntries(rungs.map((rung) => [rung, `${config.name}-${rung}`])) as Record<Rung, string>,
    ...installationFrom(config),
  };
}

function endFrom(name: string, end: NonNullable<WrittenConfig['ends']>[string], config: WrittenConfig): End {
  const { region = config.region, account, role = endRoleName(config, { name }), externalId } = end;
  if (account === undefined) return { name, region };
  return { name, region, account, role, ...(externalId && { externalId }) };
}

/** With one end, or as both its sides together. */
function connectionOf(name: string, connection: WrittenConnection, config: WrittenConfig): Connection {
  const [near, far] = endsOf(config, connection);
  const sideAt = (end: string) => connectionFrom(name, sideOf(connection, end), regionOf(config, end));
  if (near === undefined || far === undefined) return sideAt('');
  const [here, there] = [sideAt(near), sideAt(far)];
  const paths = Object.values(here.paths).map((path) => {
    const { gateway, tunnels } = there.paths[path.name]!;
    return [path.name, { ...path, far: { gateway, tunnels } }] as const;
  });
  const ids = Object.keys(connection.canaries).map((canary) => idOf(name, canary));
  const canaries = [...canariesAt(here, near), ...canariesAt(there, far)];
  return {
    ...here,
    ends: [near, far],
    paths: Object.fromEntries(paths),
    routeSets: { ...setsAt(here, near, far), ...setsAt(there, far, near) },
    canaries: canaries.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)), // As they are written.
  };
}

const setsAt = ({ routeSets }: Connection, end: EndName, other: EndName): Connection['routeSets'] =>
  Object.fromEntries(
    Object.values(routeSets).map((set) => {
      const name = setAt(set.name, end);
      return [name, { ...set, name, end, twin: setAt(set.name, other) }];
    }),
  );

const canariesAt = ({ canaries }: Connection, end: EndName): Canary[] =>
  canaries.map(({ judges, watches, ...canary }) => ({
    ...canary,
    end,
    watches: watches.kind === 'path' ? watches : { ...watches, routeSet: setAt(watches.routeSet, end) },
    ...(judges !== undefined && { judges: judges.map((set) => setAt(set, end)) }),
  }));

const idOf = (connection: string, canary: string): string => `${connection}/${canary}`;

function gatewayFrom(name: string, g: WrittenConfig['gateways'][string]): Gateway {
  if ('vpn' in g) return vpnFrom(name, g);
  return {
    name,
    kind: 'instance',
    instanceId: g.instance,
    availabilityZone: g.zone,
    vpcId: g.vpc,
    subnetId: g.subnet,
    routeInterfaceId: g.interface,
    privateAddress: g.privateAddress,
    ...(g.secondaryAddress !== undefined && { secondaryAddress: g.secondaryAddress }),
    probePort: g.probePort,
    ...(g.address && { address: { allocationId: g.address.allocation, publicIp: g.address.publicIp } }),
    ...(g.record && { record: { zoneId: g.record.zone, name: g.record.name, ttlSeconds: g.record.ttl } }),
    ...(g.seenBy && {
      seenBy: { vpnConnectionId: g.seenBy.vpn, region: g.seenBy.region, tunnels: g.seenBy.tunnels },
    }),
    control: g.control,
    ...(g.launchTemplate && { launchTemplate: launchTemplateFrom(g.launchTemplate) }),
    ...(g.scheduledEvents === 'tell' && { scheduledEvents: 'tell' as const }),
    ...(g.tunnelMetrics && { tunnelMetrics: true }),
    ...(g.speaker && { speaker: speakerFrom(g.speaker) }),
    ...(g.end !== undefined && { end: g.end }),
  };
}

function vpnFrom(name: string, g: AuthorVpn): Gateway {
  return {
    name,
    kind: 'vpn',
    vpnConnectionId: g.vpn,
    endsOn:
      g.vpnGateway === undefined
        ? { kind: 'transit-gateway', id: g.transitGateway ?? '', attachmentId: g.attachment ?? '' }
        : { kind: 'vpn-gateway', id: g.vpnGateway },
    tunnels: g.tunnels,
    initiatedBy: g.initiatedBy,
    peerInitiates: g.peerInitiates,
    maintenance: g.maintenance,
    ...(g.window && { window: quietFrom(g.window) }),
  };
}

function rehearsalFrom({ by, everyDays, window, unattended }: NonNullable<AuthorConnection['rehearsal']>): Rehearsal {
  return { by, everyMs: everyDays * dayMs, ...(window && { window: quietFrom(window) }), unattended };
}

/** `role` is for infra's iam:PassRole alone; the core's types do not name it. */
function launchTemplateFrom({ id, version, role }: { id: string; version: number; role: string }) {
  return { id, version: String(version), role };
}

function connectionFrom(name: string, connection: AuthorConnection, region: string): Connection {
  const directions = directionsFrom(connection.routing);
  const attract = attractFrom(connection.routing);
  return {
    name,
    mode: connection.mode,
    coupled: connection.coupled,
    standby: connection.standby ?? 'path',
    ...(directions !== undefined && { routing: directions }),
    ...(attract !== undefined && { attract }),
    paths: mapRecord(connection.paths, (path, { gateway, tunnel, neighbors, drain }) => {
      const neighbor = directions === undefined ? undefined : neighborFrom(neighbors, drain);
      return { name: path, gateway, tunnels: tunnelsOf(tunnel), ...(neighbor !== undefined && { neighbor }) };
    }),
    routeSets: mapRecord(connection.routeSets, (set, { home, tables, destinations, propagated }) => ({
      name: set,
      home,
      region,
      plane: planeOf(tables[0] ?? ''),
      propagated,
      ...(propagated && connection.routing?.lastResort === 'routes' && { lastResort: 'routes' as const }),
      tables,
      destinations,
    })),
    canaries: Object.entries(connection.canaries).map(([canary, c]) => canaryFrom(name, canary, c, connection)),
    ...(connection.quiet && { quiet: quietFrom(connection.quiet) }),
    ...(connection.rehearsal && { rehearsal: rehearsalFrom(connection.rehearsal) }),
    ...(connection.drills && { drills: drillsFrom(connection.drills) }),
    policy: policyFrom(connection.policy),
  };
}

/** The author writes one as a text. */
export const tunnelsOf = (tunnel: string | readonly string[] | undefined): readonly string[] =>
  tunnel === undefined ? [] : [tunnel].flat();

function canaryFrom(
  connectionName: string,
  name: string,
  c: AuthorConnection['canaries'][string],
  connection: AuthorConnection,
): Canary {
  const controlTarget = c.controlTarget ?? connection.controlTarget;
  const targets = targetsOf({ canary: c, connection }).map(targetFrom);
  const judges = judgedBy(targets, connection);
  return {
    id: idOf(connectionName, name),
    connection: connectionName,
    watches: c.path !== undefined ? { kind: 'path', path: c.path } : { kind: 'service', routeSet: c.routeSet ?? '' },
    availabilityZone: c.zone,
    subnetId: c.subnet,
    securityGroupId: c.securityGroup,
    pin: c.path !== undefined ? (c.pin ?? 'target') : 'follows',
    ...(c.routeTable !== undefined && { routeTableId: c.routeTable }),
    targets,
    ...(c.path !== undefined && judges.length < Object.keys(connection.routeSets).length && { judges }),
    ...(controlTarget !== undefined && { controlTarget: targetFrom(controlTarget) }),
  };
}

/**
 * The sets that hold a canary's targets. A prefix list or an IPv6 block may hold them, so its set counts; where no set
 * holds them, all do.
 */
function judgedBy(targets: readonly ProbeTarget[], { routeSets }: AuthorConnection): RouteSetName[] {
  const holds = (destination: string): boolean =>
    !/^[\d.]+\//.test(destination) || targets.some(({ address }) => holdsIpv4(destination, address));
  const judged = Object.entries(routeSets).flatMap(([set, { destinations }]) =>
    destinations.some(holds) ? [set] : [],
  );
  return judged.length === 0 ? Object.keys(routeSets) : judged;
}

function targetFrom({ address, port, protocol, page, refusedIsUp }: NonNullable<AuthorConnection['targets']>[number]) {
  if (protocol === 'icmp') throw new Error('an icmp target was let through: canary-rules.ts refuses it');
  return { address, port, protocol, ...(page !== undefined && { page }), refusedIsUp };
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, f: (name: string, value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(name, value)]));
}
