/**
 * Gathers the evidence for one connection: everything `takeTurn` looks at, in one round of parallel reads. A question:
 * it changes nothing. What could not be read is null or empty, which the core takes for unknown, never for down.
 *
 * The caller has read the connection item before it calls (the signal counter first, then the world).
 *
 *     gateway items --> instances (whose identity may be journalled)
 *     reports -- or, when that table is silent, --> metrics
 *     routes, automation
 */
import { automation } from '../adapters/automation';
import { instances } from '../adapters/instances';
import { metrics } from '../adapters/metrics';
import { reportsTable } from '../adapters/reports-table';
import { routes } from '../adapters/routes';
import { stateTable } from '../adapters/state-table';
import type { CanaryId, ConnectionName, Deployment, GatewayName } from '../core/domain';
import type { ConnectionLease } from '../core/lease';
import type { CanaryReport, Evidence, GatewayLease, Observation, RouteFacts } from '../core/signal';
import { automationToAsk, claimsToAsk } from '../core/turn';
import { Parts } from './parts';
import { type Scope, scopeOf, type WatchedBy } from './scope';
import type { World } from './world';

export interface Question {
  readonly connection: ConnectionName;
  /** Null: the state table does not answer. Then metrics stand in for the reports: they left by another way. */
  readonly lease: ConnectionLease | null;
  /** From the execution's own input. */
  readonly observation: Observation | null;
}

export interface Gathered {
  readonly evidence: Evidence;
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
}

type Leases = Readonly<Record<GatewayName, GatewayLease | null>>;
type Reports = Readonly<Record<CanaryId, CanaryReport | null>>;

/** Throws only when reports, routes and instances all failed: then nothing at all is known. */
export async function gather(world: World, deployment: Deployment, question: Question): Promise<Gathered> {
  const { lease } = question;
  const readAt = world.now();
  const scope = scopeOf(deployment, question.connection);
  const parts = new Parts();
  const running = lease === null ? null : automationToAsk(lease.memory, lease.automation);
  const leases = readGatewayLeases(world, parts, scope, lease !== null);
  const [reports, gatewayLeases, seen, endedClaims, facts, rung] = await Promise.all([
    readReports(world, parts, scope, lease !== null),
    leases,
    leases.then((known) => readInstances(world, parts, deployment, scope, known)),
    leases.then((known) => readEndedClaims(world, parts, claimsToAsk(scope.connection, known, running, readAt))),
    readRoutes(world, parts, scope),
    running === null ? null : parts.read('automation', () => automation(world.aws.ssm, world).read(running)),
  ]);
  parts.throwIfAllFailed('reports', 'routes', 'instances');
  return {
    unread: parts.unread,
    evidence: {
      readAt,
      reportsFrom: reports.from,
      reports: pick(reports.byCanary, scope.canaries),
      otherReports: pick(reports.byCanary, scope.otherCanaries),
      instances: seen,
      routes: facts.own,
      otherRoutes: facts.others,
      gatewayLeases,
      automation: rung,
      endedClaims,
      observation: newer(lease?.observation ?? null, question.observation),
    },
  };
}

async function readGatewayLeases(world: World, parts: Parts, scope: Scope, reachable: boolean): Promise<Leases> {
  const names = scope.gatewaysWithSharing;
  const table = stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world);
  const read = reachable ? await parts.read('gateway items', () => table.readGateways(names)) : null;
  return read ?? nullFor(names);
}

async function readReports(
  world: World,
  parts: Parts,
  scope: Scope,
  reachable: boolean,
): Promise<{ from: Evidence['reportsFrom']; byCanary: Reports }> {
  const watched = [...scope.canaries, ...scope.otherCanaries];
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const told = reachable ? await parts.read('report items', () => table.read(watched.map((w) => w.canary.id))) : null;
  if (told !== null) return { from: 'table', byCanary: told };
  const standIn = metrics(world.aws.cloudwatch, world.env['METRIC_NAMESPACE']!, world);
  const measured = await parts.read('reports', () => standIn.read(watched));
  return measured === null ? { from: 'none', byCanary: {} } : { from: 'metrics', byCanary: measured };
}

async function readInstances(world: World, parts: Parts, deployment: Deployment, scope: Scope, leases: Leases) {
  const known = scope.gateways.map((name) => {
    const gateway = deployment.gateways[name]!;
    const { instanceId, routeInterfaceId } = leases[name]?.identity ?? gateway;
    return { gateway, identity: { instanceId, routeInterfaceId } };
  });
  const ec2 = instances(world.aws, world, (fault) => parts.unread.push(fault.message));
  return (await parts.read('instances', () => ec2.read(known))) ?? nullFor(scope.gateways);
}

/** Ours and the sharing connections' in one call, so that they cannot be known apart. */
async function readRoutes(
  world: World,
  parts: Parts,
  scope: Scope,
): Promise<{ own: RouteFacts[]; others: Evidence['otherRoutes'] }> {
  const sets = [...scope.sets, ...scope.otherSets.map((other) => other.set)];
  const lists = (await parts.read('routes', () => routes(world.aws.ec2, world).read(sets))) ?? [];
  const others = lists.slice(scope.sets.length);
  const of = (name: ConnectionName) => others.filter((_, i) => scope.otherSets[i]!.connection === name).flat();
  return {
    own: lists.slice(0, scope.sets.length).flat(),
    others: Object.fromEntries(scope.sharing.map((other) => [other.name, of(other.name)])),
  };
}

/** One that Systems Manager no longer knows has ended long ago; one it does not answer about has not, for us. */
async function readEndedClaims(world: World, parts: Parts, claims: readonly string[]): Promise<string[]> {
  const ssm = automation(world.aws.ssm, world);
  const ended = await Promise.all(
    claims.map((id) =>
      parts.read(`automation ${id}`, async () => {
        const facts = await ssm.read(id);
        return facts === null || facts.status !== 'running';
      }),
    ),
  );
  return claims.filter((_, i) => ended[i] === true);
}

function nullFor(names: readonly GatewayName[]): Record<GatewayName, null> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

function pick(reports: Reports, watched: readonly WatchedBy[]): Reports {
  return Object.fromEntries(watched.map(({ canary }) => [canary.id, reports[canary.id] ?? null]));
}

/** The item's may be an older signal's; the execution's own may be older than what came since. */
function newer(a: Observation | null, b: Observation | null): Observation | null {
  return a === null || (b !== null && b.at >= a.at) ? b : a;
}
