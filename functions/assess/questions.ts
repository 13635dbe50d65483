/**
 * The single questions `gather` asks, each a thin word around its adapter. Read only.
 */

import { metrics } from '../../adapters/cloudwatch/metrics';
import { readTunnelAlarms } from '../../adapters/cloudwatch/tunnel-alarms';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { sights } from '../../adapters/dynamodb/sights';
import { stateTable } from '../../adapters/dynamodb/state-table';
import { instances } from '../../adapters/ec2/instances';
import { AwsUnavailable, isTransient } from '../../adapters/errors';
import { type AutomationRead, automation } from '../../adapters/ssm/automation';
import { isLate } from '../../core/decide/last-seen';
import { identityOf } from '../../core/gateways/identity';
import type { Known } from '../../core/gateways/kind';
import type { Observed } from '../../core/store/observed';
import type { CanaryId, ConnectionName, Deployment, GatewayName, RouteSet } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import { reachOf } from '../../core/words/end-names';
import { endOf } from '../../core/words/ends';
import type { CanaryReport, Evidence, GatewayLease, RouteFacts, Sight } from '../../core/words/evidence';
import { instancesOf } from '../../core/words/gateways';
import { limits } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import { awsAt } from '../ends';
import { routesAtEnds } from '../routes-at-ends';
import type { Scope, WatchedBy } from '../scope';
import type { World } from '../world';
import { type Part, type Parts, type Settled, settled } from './parts';

export type Leases = Readonly<Record<GatewayName, GatewayLease | null>>;
export type Reports = Readonly<Record<CanaryId, CanaryReport | null>>;

export interface Told {
  readonly from: Evidence['reportsFrom'];
  readonly byCanary: Reports;
  /** The table answers, and in it no canary of the connection has reported since: metrics stand in. Absent: they report. */
  readonly unwrittenSince?: Instant;
  /** What `watch` saw last, however long ago; no metric stands in for it. */
  readonly tunnels: Evidence['tunnels'];
  /** As with tunnels. */
  readonly speakers: Evidence['speakers'];
  /**
   * When the reports were asked for: they were true at this instant or later, so a proof's age is counted from here.
   */
  readonly askedAt: Instant;
  readonly answeredAt: Instant;
}

export interface FoundRoutes extends Pick<Sight, 'seenAt'> {
  /** Listed tables that EC2 does not list. */
  readonly missing: readonly string[];
  /** Ends that gave no answer. */
  readonly unreadEnds: readonly EndName[];
  readonly shadows: Evidence['shadows'];
  readonly own: readonly RouteFacts[];
  readonly pins: Evidence['pins'];
  readonly others: Evidence['otherRoutes'];
}

/** Nothing is asked of the state table where it is known to be silent. */
export async function readGatewayLeases(world: World, scope: Scope, reachable: boolean): Promise<Leases> {
  const names = scope.gatewaysWithSharing;
  if (!reachable) return Object.fromEntries(names.map((name) => [name, null]));
  return stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world).readGateways(names);
}

export async function readObservations(
  world: World,
  { gateways }: Scope,
  reachable: boolean,
): Promise<Readonly<Record<GatewayName, Observed>>> {
  if (!reachable) return {};
  return stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world).readObservations(gateways);
}

/**
 * The table's, whenever it answers and somebody writes to it; metrics stand in where it does not. They are asked early, so
 * that a table that fails late costs no second wait.
 */
export async function readReports(world: World, parts: Parts, scope: Scope, reachable: boolean): Promise<Told> {
  if (!reachable) return readEither(world, parts, scope);
  const table = settled(readTable(world, scope, parts));
  const soon = await parts.before(world.now() + limits.standInAfterMs, table);
  const standIn = soon && (await table).ok ? null : settled(readMetrics(world, scope));
  const told = await table;
  if (told.ok) return isYoung(told.value, scope) ? told.value : withMetrics(world, scope, told.value, standIn);
  parts.miss('report items', told.fault);
  const instead = await standIn!;
  if (instead.ok) return instead.value;
  throw instead.fault;
}

/**
 * Old reports in a table that answers: canaries that do not run, or that may not write. The metrics of the latter leave by
 * another way and know how paths are. Example: a policy above the account denies PutItem, a dies, and b is known to work.
 * `asked`: they have been already, for the table was slow; null: not yet.
 */
async function withMetrics(
  world: World,
  scope: Scope,
  told: Told,
  asked: Promise<Settled<Told>> | null,
): Promise<Told> {
  const reported = scope.canaries.map(({ canary }) => told.byCanary[canary.id]?.reportedAt ?? 0);
  const instead = Math.max(...reported) === 0 ? null : await (asked ?? settled(readMetrics(world, scope)));
  if (instead?.ok !== true || scope.canaries.every(({ canary }) => !instead.value.byCanary[canary.id])) return told;
  const { tunnels, speakers } = told;
  return { ...instead.value, tunnels, speakers, unwrittenSince: Math.max(...reported) };
}

/**
 * Without a lock nobody knows whether the tables answer at all: a lock that is refused says nothing of the reports. Both are
 * asked at once. The table's word counts when it comes soon and is young: where nobody may write, canaries cannot either.
 */
async function readEither(world: World, parts: Parts, scope: Scope): Promise<Told> {
  const standIn = settled(readMetrics(world, scope));
  const table = settled(readTable(world, scope, parts));
  if (await parts.before(world.now() + limits.standInAfterMs, table)) {
    const told = await table;
    if (told.ok && isYoung(told.value, scope)) return told.value;
  }
  const instead = await standIn;
  if (instead.ok) return instead.value;
  const told = await table;
  if (told.ok) return told.value;
  throw instead.fault;
}

/** Of those that publish; without one nobody is asked. */
export async function readTunnelAlarmsOf(
  world: World,
  deployment: Deployment,
  { gateways }: Scope,
): Promise<Evidence['tunnelAlarms']> {
  const publishing = publishingOf(deployment, gateways);
  return publishing.length === 0 ? {} : readTunnelAlarms(world.aws.cloudwatch, deployment, publishing, world);
}

export function publishingOf(deployment: Deployment, gateways: readonly GatewayName[]): GatewayName[] {
  const instances = instancesOf(deployment);
  return gateways.filter((name) => instances[name]?.tunnelMetrics === true);
}

const isYoung = ({ byCanary, answeredAt }: Told, { connection, canaries }: Scope): boolean =>
  canaries.some(({ canary }) => answeredAt - (byCanary[canary.id]?.reportedAt ?? 0) <= connection.policy.silentAfterMs);

const watchedBy = ({ canaries, otherCanaries }: Scope) => [...canaries, ...otherCanaries];

/** Those that report where the deployment is. */
function watchedHere(scope: Scope): WatchedBy[] {
  const away = new Set(scope.reportingElsewhere.flatMap(({ canaries }) => canaries.map(({ canary }) => canary.id)));
  return watchedBy(scope).filter(({ canary }) => !away.has(canary.id));
}

/** From each end elsewhere, in its own time: one that is silent is unknown, and keeps nobody waiting for long. */
async function readElsewhere(world: World, { reportingElsewhere }: Scope, parts: Parts | null): Promise<Reports> {
  const asked = reportingElsewhere.map(async ({ reach, table, canaries }): Promise<Reports> => {
    const reports = reportsTable(awsAt(world, reach).dynamodb, table, world);
    const read = settled(reports.read(canaries.map(({ canary }) => canary.id)));
    const told = await Promise.race([read, world.sleep(limits.rescueWaitMs).then(() => null)]);
    if (told?.ok === true) return told.value;
    parts?.miss(`report items at ${reach.name}`, told === null ? new AwsUnavailable('no answer') : told.fault);
    return {};
  });
  return Object.assign({}, ...(await Promise.all(asked))) as Reports;
}

/** `parts`: who is told of an end elsewhere that gives no answer; null: nobody. */
export async function readTable(world: World, scope: Scope, parts: Parts | null): Promise<Told> {
  const askedAt = world.now();
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const ids = watchedHere(scope).map(({ canary }) => canary.id);
  const [{ reports, tunnels, speakers }, elsewhere] = await Promise.all([
    table.readAll(ids, scope.viewed, scope.speaking),
    readElsewhere(world, scope, parts),
  ]);
  return { from: 'table', byCanary: { ...reports, ...elsewhere }, tunnels, speakers, askedAt, answeredAt: world.now() };
}

/** Metrics stand in for the table here; those of an end elsewhere are there, as its table is. */
async function readMetrics(world: World, scope: Scope): Promise<Told> {
  const askedAt = world.now();
  const standIn = metrics(world.aws.cloudwatch, world.env['METRIC_NAMESPACE']!, world);
  const [byCanary, elsewhere] = await Promise.all([
    standIn.read(watchedHere(scope)),
    readElsewhere(world, scope, null),
  ]);
  return {
    from: 'metrics',
    byCanary: { ...byCanary, ...elsewhere },
    tunnels: {},
    speakers: {},
    askedAt,
    answeredAt: world.now(),
  };
}

/** Of each end by itself: what one does not say is not kept from the others. Throws when none answers. */
export async function readInstances(
  world: World,
  parts: Parts,
  deployment: Deployment,
  scope: Scope,
  known: Known,
): Promise<Evidence['instances']> {
  const declared = instancesOf(deployment);
  const gateways = scope.gateways.flatMap((name) => {
    const gateway = declared[name];
    return gateway === undefined ? [] : [{ gateway, identity: identityOf(deployment, name, known) }];
  });
  const ends = [...new Set(gateways.map(({ gateway }) => endOf(deployment, gateway)))];
  const asked = await Promise.all(
    ends.map((end) => {
      const there = gateways.filter(({ gateway }) => endOf(deployment, gateway) === end);
      const aws = awsAt(world, reachOf(deployment, end));
      return settled(instances(aws, world, (fault) => parts.miss('instances', fault)).read(there));
    }),
  );
  const failed = asked.flatMap((one) => (one.ok ? [] : [one.fault]));
  if (failed.length === asked.length && failed.length > 0) throw failed[0]!;
  for (const fault of failed) parts.miss('instances', fault);
  const unknown = Object.fromEntries(gateways.map(({ gateway }) => [gateway.name, null]));
  return Object.assign({}, unknown, ...asked.map((one) => (one.ok ? one.value : {}))) as Evidence['instances'];
}

/** Ours and the sharing connections' in one call, so that they cannot be known apart. */
export async function readRoutes(
  world: World,
  deployment: Deployment,
  scope: Scope,
  patienceMs?: number,
): Promise<FoundRoutes> {
  const seenAt = world.now();
  const known = watchedBy(scope).map(({ canary }) => canary);
  const found = await routesAtEnds(world, deployment, patienceMs).readPinned(setsOf(scope), scope.pinned, known);
  const { sets: lists, pins, unreadEnds = [] } = found;
  const isRead = ({ end }: RouteSet): boolean => end === undefined || !unreadEnds.includes(end);
  const others = lists.slice(scope.sets.length);
  const of = (name: ConnectionName) => others.filter((_, i) => scope.otherSets[i]!.connection === name).flat();
  return {
    seenAt,
    pins,
    shadows: found.shadows.slice(0, scope.sets.length).flat(),
    own: lists.slice(0, scope.sets.length).flat(),
    // A table that EC2 lists has a fact for each destination, if only that there is no such route.
    missing: scope.sets.flatMap((set, i) =>
      isRead(set) ? set.tables.filter((table) => !lists[i]!.some((route) => route.table === table)) : [],
    ),
    unreadEnds,
    others: Object.fromEntries(scope.sharing.map((other) => [other.name, of(other.name)])),
  };
}

/**
 * What EC2 showed last, where it does not show its tables soon. Where it answers, nobody asks; where it says no, what it
 * showed before that counts for nothing.
 */
export async function readLastSeen(
  world: World,
  parts: Parts,
  scope: Scope,
  found: Part<FoundRoutes>,
): Promise<Sight | null> {
  await parts.before(world.now() + limits.standInAfterMs, found.done);
  const isShown = found.value !== null && found.value.unreadEnds.length === 0;
  if (isShown || (found.fault !== null && !isTransient(found.fault))) return null;
  const seen = await sights(world.aws.dynamodb, world.env['STATE_TABLE']!, world).read(scope.connection);
  return seen !== null && isLate(seen, world.now()) ? seen : null;
}

const setsOf = ({ sets, otherSets }: Scope) => [...sets, ...otherSets.map(({ set }) => set)];

/** Where the gateway stands that it works on. */
export const readAutomation = (
  world: World,
  deployment: Deployment,
  id: string,
  gateway: GatewayName | undefined,
): Promise<AutomationRead | null> => {
  const end = endOf(deployment, gateway === undefined ? undefined : deployment.gateways[gateway]);
  return automation(awsAt(world, reachOf(deployment, end)).ssm, world).read(id);
};

export interface Claims {
  /** Their automations have ended. */
  readonly ended: readonly string[];
  readonly known: readonly AutomationRead[];
}

/** One that Systems Manager no longer knows has ended long ago; one it does not answer about has not, for us. */
export async function readClaims(
  world: World,
  parts: Parts,
  deployment: Deployment,
  claims: readonly string[],
  leases: Evidence['gatewayLeases'],
): Promise<Claims> {
  const claimed = (id: string): string | undefined =>
    Object.values(leases).find((lease) => lease?.claimedBy === id)?.gateway;
  const asked = await Promise.all(claims.map((id) => settled(readAutomation(world, deployment, id, claimed(id)))));
  const ended = claims.filter((id, i) => {
    const outcome = asked[i]!;
    if (outcome.ok) return outcome.value === null || outcome.value.status !== 'running';
    parts.miss(`automation ${id}`, outcome.fault);
    return false;
  });
  return { ended, known: asked.flatMap((outcome) => (outcome.ok && outcome.value !== null ? [outcome.value] : [])) };
}
