/**
 * From evidence to verdicts, per path and per route set. A question: reads nothing, changes nothing.
 *
 * Unknown is not down: a silent canary makes its path `unknown`, unless users in another zone feel it too. EC2's
 * "stopped" and a blackhole route are authoritative; "running" and "active" prove nothing.
 */

import type { Canary, Connection, ConnectionName, Deployment, GatewayName, PathName, RouteSetName } from './domain';
import { type Desired, isDrained, pathTargets } from './lease';
import type { Memory } from './memory';
import { declaredTargets, pathOf, targetText } from './plan';
import type { CanaryReport, Evidence, InstanceFacts, InstanceState, PathTargets, RouteFacts } from './signal';
import { ageMs, type Instant, secondMs, spanText } from './time';

export type Verdict = 'healthy' | 'degraded' | 'severe' | 'down' | 'unknown';

export interface PathAssessment {
  readonly path: PathName;
  readonly gateway: GatewayName;
  readonly verdict: Verdict;
  /** Who says so, with the number that counts. */
  readonly because: string;
  /** Healthy, and a canary said so within `freshMaxMs`: the only ground for a divert onto it. */
  readonly provenHealthy: boolean;
  /** When the last probe that was answered was sent. */
  readonly answeredAt: Instant;
  /** Down by its canaries: when the first probe that was missed was sent. Null when it is not, or when EC2 says so. */
  readonly failingSince: Instant | null;
  /** Answers at all (healthy, degraded or severe), as freshly. */
  readonly provenWorking: boolean;
  /** EC2 itself says it is gone: no canary can contradict that. */
  readonly dead: boolean;
  /** Our half: the instance and its daemon, whatever the peer does. */
  readonly ownSide: 'fine' | 'failed' | 'unknown';
  readonly ownSideBecause: string;
  readonly gatewayProbe: CanaryReport['gatewayProbe'];
  readonly instanceState: InstanceState | 'unknown';
  readonly agentLost: boolean;
  /** Loss or latency now at the `severe` level, however short so far. */
  readonly severeNow: boolean;
  readonly drained: boolean;
  /** Working traffic of any connection runs over this path's gateway: no repair may touch it. */
  readonly carries: boolean;
  readonly identityFault: string;
}

export interface SetAssessment {
  readonly routeSet: RouteSetName;
  readonly home: PathName;
  /** Paths its routes follow now; more than one while a move is incomplete. */
  readonly used: readonly PathName[];
  /** Some route points at an interface its path had before a replacement. */
  readonly stale: boolean;
  /** Routes that point at none of our paths: somebody else's decision. */
  readonly foreign: readonly string[];
  readonly service: 'up' | 'down' | 'unknown';
  /** When the service canary said so. */
  readonly serviceAt: Instant;
}

export interface Assessment {
  readonly paths: Readonly<Record<PathName, PathAssessment>>;
  readonly sets: Readonly<Record<RouteSetName, SetAssessment>>;
  readonly targets: PathTargets;
  /** A common cause: more than half of many paths at once, or nobody can report. */
  readonly mass: boolean;
  readonly massBecause: string;
  /** Routes and reports could both be read. */
  readonly complete: boolean;
  readonly missing: string;
}

const deadStates: readonly InstanceState[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];
/** An EC2 event may be ahead of DescribeInstances by this much. */
const eventAheadMs = 10 * secondMs;
/** Mass failure is a matter of fleets. */
const massConnectionsMin = 4;

export function assess(
  deployment: Deployment,
  name: ConnectionName,
  evidence: Evidence,
  memory: Memory,
  desired: Desired,
  now: Instant,
): Assessment {
  const connection = deployment.connections[name]!;
  const targets = pathTargets(deployment, name, evidence.gatewayLeases);
  const look: Look = { deployment, connection, evidence, memory, desired, now, targets };
  const sets = mapRecord(connection.routeSets, (set) => assessSet(look, set.name));
  const bare = mapRecord(connection.paths, (path) => assessPath(look, path.name, sets));
  const paths = mapRecord(bare, (path) => ({ ...path, carries: carriesTraffic(look, path.gateway, bare, sets) }));
  const massBecause = massFailure(look, paths);
  const missing = [
    ...(evidence.reportsFrom === 'none' ? ['canary reports could not be read'] : []),
    ...(evidence.routes.length === 0 ? ['routes could not be read'] : []),
  ].join(', ');
  return { paths, sets, targets, mass: massBecause !== '', massBecause, complete: missing === '', missing };
}

interface Look {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly evidence: Evidence;
  readonly memory: Memory;
  readonly desired: Desired;
  readonly now: Instant;
  readonly targets: PathTargets;
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}

function assessSet(look: Look, name: RouteSetName): SetAssessment {
  const { connection, evidence, targets, deployment } = look;
  const routes = evidence.routes.filter((r) => r.routeSet === name);
  const former = declaredTargets(deployment, connection);
  const found = routes.map((route) => ({ route, at: pathOf(route.target, targets, former) }));
  const reports = freshReports(look, (c) => c.watches.kind === 'service' && c.watches.routeSet === name);
  const known = reports.filter((r) => r.verdict !== 'unknown');
  return {
    routeSet: name,
    home: connection.routeSets[name]!.home,
    used: [...new Set(found.flatMap(({ at }) => (at === null ? [] : [at.path])))],
    stale: found.some(({ at }) => at?.stale === true),
    foreign: found.flatMap(({ route, at }) => (at === null ? [foreignText(route)] : [])),
    service: known.length === 0 ? 'unknown' : known.some((r) => r.verdict !== 'down') ? 'up' : 'down',
    serviceAt: Math.max(0, ...known.map((r) => r.reportedAt)),
  };
}

const foreignText = (route: RouteFacts): string =>
  `${route.destination} in ${route.table} points at ${targetText(route.target)}`;

/** Reports young enough to be believed at all; `provenHealthy` asks for more. */
function freshReports(look: Look, which: (canary: Canary) => boolean): CanaryReport[] {
  const { connection, evidence, now } = look;
  const maxMs =
    evidence.reportsFrom === 'metrics' ? connection.policy.metricsFreshMaxMs : connection.policy.silentAfterMs;
  return connection.canaries.filter(which).flatMap((canary) => {
    const report = evidence.reports[canary.id];
    return report && ageMs(report.reportedAt, now) <= maxMs ? [report] : [];
  });
}

function assessPath(look: Look, name: PathName, sets: Assessment['sets']): PathAssessment {
  const { connection, evidence, memory, desired, now } = look;
  const { policy } = connection;
  const gateway = connection.paths[name]!.gateway;
  const instance = evidence.instances[gateway] ?? null;
  const reports = freshReports(look, (c) => c.watches.kind === 'path' && c.watches.path === name);
  const said = verdictOfReports(look, name, reports, sets);
  const dead = deadBecause(look, name, instance);
  const severeNow = reports.some(
    (r) => r.verdict !== 'down' && (r.lossRatio >= policy.severeLossRatio || (r.rttMs ?? 0) >= policy.severeRttMs),
  );
  const since = memory.severeSince[name];
  const severe = said.verdict === 'degraded' && severeNow && since !== undefined && now - since >= policy.severeAfterMs;
  const verdict: Verdict = dead !== '' ? 'down' : severe ? 'severe' : said.verdict;
  const proofMs = evidence.reportsFrom === 'metrics' ? policy.metricsFreshMaxMs : policy.freshMaxMs;
  const answering = reports.filter((r) => r.verdict === 'healthy' || r.verdict === 'degraded');
  const provenAt = Math.max(0, ...answering.map((r) => r.reportedAt));
  const fresh = answering.length > 0 && ageMs(provenAt, now) <= proofMs;
  const missedSince = reports.flatMap((r) => (r.verdict === 'down' && r.missedSince > 0 ? [r.missedSince] : []));
  const gatewayProbe = probeOf(reports);
  const agentLost = instance?.agent === 'lost';
  const own = ownSideOf(look, gateway, instance, gatewayProbe);
  return {
    path: name,
    gateway,
    verdict,
    because: dead !== '' ? dead : severe ? `${said.because}, for ${spanText(now - since)}` : said.because,
    provenHealthy: fresh && verdict === 'healthy',
    answeredAt: Math.max(0, ...answering.map((r) => r.answeredAt)),
    failingSince: missedSince.length > 0 && dead === '' && said.verdict === 'down' ? Math.min(...missedSince) : null,
    provenWorking: fresh && (verdict === 'healthy' || verdict === 'degraded' || verdict === 'severe'),
    dead: dead !== '',
    ownSide: own.state,
    ownSideBecause: own.because,
    gatewayProbe,
    instanceState: instance?.state ?? 'unknown',
    agentLost,
    severeNow,
    drained: isDrained(desired, name, now),
    carries: false,
    identityFault: instance === null || instance.identityHolds ? '' : instance.identityFault,
  };
}

function verdictOfReports(
  look: Look,
  name: PathName,
  reports: readonly CanaryReport[],
  sets: Assessment['sets'],
): { readonly verdict: Verdict; readonly because: string } {
  const known = reports.filter((r) => r.verdict !== 'unknown');
  // Several observers: one that gets answers outweighs one that does not, for it cannot be imagining them.
  const best = known.find((r) => r.verdict === 'healthy') ?? known.find((r) => r.verdict === 'degraded') ?? known[0];
  if (best !== undefined) return { verdict: best.verdict, because: reportText(best, look.now) };
  const felt = Object.values(sets).find(
    (set) => set.service === 'down' && set.used.length === 1 && set.used[0] === name,
  );
  if (felt !== undefined && feltElsewhere(look, name, felt.routeSet)) {
    return {
      verdict: 'down',
      because: `its canary is silent and the service canary of ${felt.routeSet}, in another zone, gets no answer`,
    };
  }
  return { verdict: 'unknown', because: 'no canary has reported lately' };
}

/** The service canary that misses must not sit in the gateway's own zone: it could be the zone that is blind. */
function feltElsewhere(look: Look, path: PathName, routeSet: RouteSetName): boolean {
  const zone = look.deployment.gateways[look.connection.paths[path]!.gateway]!.availabilityZone;
  return freshReports(
    look,
    (c) => c.watches.kind === 'service' && c.watches.routeSet === routeSet && c.availabilityZone !== zone,
  ).some((r) => r.verdict === 'down');
}

function reportText(report: CanaryReport, now: Instant): string {
  const age = `${spanText(ageMs(report.reportedAt, now))} ago`;
  if (report.verdict === 'down')
    return `canary ${report.canary} missed ${report.missedInARow} rounds in a row (${age})`;
  const loss = `${Math.round(report.lossRatio * 100)} % loss`;
  const rtt = report.rttMs === null ? '' : `, ${Math.round(report.rttMs)} ms`;
  return report.verdict === 'healthy'
    ? `canary ${report.canary} got its answer ${age}`
    : `canary ${report.canary} sees ${loss}${rtt} (${age})`;
}

function deadBecause(look: Look, name: PathName, instance: InstanceFacts | null): string {
  const { connection, evidence, targets, now } = look;
  const gateway = connection.paths[name]!.gateway;
  if (instance !== null && deadStates.includes(instance.state))
    return `EC2 says ${instance.identity.instanceId} (${gateway}) is ${instance.state}`;
  const seen = evidence.observation;
  const announced =
    seen?.kind === 'instance' &&
    seen.instanceId === (instance?.identity ?? look.deployment.gateways[gateway]!).instanceId &&
    deadStates.includes(seen.state) &&
    ageMs(seen.at, now) <= eventAheadMs;
  if (announced) return `EC2 announced that ${seen.instanceId} (${gateway}) is ${seen.state}`;
  const hole = evidence.routes.find((r) => r.state === 'blackhole' && r.target?.id === targets[name]!.id);
  return hole === undefined ? '' : `the route to ${hole.destination} in ${hole.table} is a black hole`;
}

function probeOf(reports: readonly CanaryReport[]): CanaryReport['gatewayProbe'] {
  if (reports.some((r) => r.gatewayProbe === 'up')) return 'up';
  return reports.some((r) => r.gatewayProbe === 'down') ? 'down' : 'none';
}

function ownSideOf(
  look: Look,
  gateway: GatewayName,
  instance: InstanceFacts | null,
  gatewayProbe: CanaryReport['gatewayProbe'],
): { readonly state: PathAssessment['ownSide']; readonly because: string } {
  if (instance === null) return { state: 'unknown', because: `EC2 could not be asked about ${gateway}` };
  if (instance.state !== 'running')
    return { state: 'failed', because: `${instance.identity.instanceId} is ${instance.state}` };
  const failedCheck =
    instance.systemStatus === 'impaired' ? 'system' : instance.instanceStatus === 'impaired' ? 'instance' : '';
  if (failedCheck !== '')
    return { state: 'failed', because: `the ${failedCheck} status check of ${instance.identity.instanceId} fails` };
  if (gatewayProbe === 'down' && instance.agent === 'lost')
    return { state: 'failed', because: `${gateway} answers neither its agent nor the canary` };
  const restart = look.memory.rungs.findLast(
    (r) => r.gateway === gateway && r.rung === 'restart-tunnel' && r.endedAt !== null,
  );
  if (restart?.result === 'failed')
    return { state: 'failed', because: `the daemon of ${gateway} did not come back from its restart` };
  if (gatewayProbe === 'down') return { state: 'unknown', because: `${gateway} runs but does not answer the canary` };
  return { state: 'fine', because: `${instance.identity.instanceId} runs, its checks pass` };
}

/** "Working" is enough: a repair that takes down a degraded path still takes down users. */
function carriesTraffic(
  look: Look,
  gateway: GatewayName,
  paths: Assessment['paths'],
  sets: Assessment['sets'],
): boolean {
  const working = (verdict: Verdict): boolean =>
    verdict === 'healthy' || verdict === 'degraded' || verdict === 'severe';
  // What cannot be read counts as carrying: in doubt, leave the gateway alone.
  if (look.evidence.routes.length === 0) return true;
  const own = Object.values(sets).some((set) =>
    set.used.some((p) => paths[p]!.gateway === gateway && working(paths[p]!.verdict)),
  );
  return own || Object.keys(look.evidence.otherRoutes).some((other) => otherCarries(look, other, gateway));
}

function otherCarries(look: Look, other: ConnectionName, gateway: GatewayName): boolean {
  const { deployment, evidence } = look;
  const connection = deployment.connections[other]!;
  const targets = pathTargets(deployment, other, evidence.gatewayLeases);
  const former = declaredTargets(deployment, connection);
  const routes = evidence.otherRoutes[other]!;
  if (routes.length === 0) return true;
  return routes.some((route) => {
    const at = pathOf(route.target, targets, former);
    if (at === null || connection.paths[at.path]!.gateway !== gateway) return false;
    const canaries = connection.canaries.filter((c) => c.watches.kind === 'path' && c.watches.path === at.path);
    return !canaries.some((c) => evidence.otherReports[c.id]?.verdict === 'down');
  });
}

/** Empty when there is no sign of a common cause. */
function massFailure(look: Look, paths: Assessment['paths']): string {
  const { deployment, connection, evidence, now } = look;
  const heard = freshReports(look, () => true);
  if (evidence.reportsFrom !== 'none' && connection.canaries.length >= 2 && heard.length === 0)
    return 'none of its canaries reports';
  if (Object.keys(deployment.connections).length < massConnectionsMin) return '';
  const others = Object.values(deployment.connections)
    .filter((c) => c.name !== connection.name)
    .flatMap((c) => Object.keys(c.paths).map((path) => otherHealthy(c, path, evidence, now)));
  const all = [...Object.values(paths).map((p) => p.verdict === 'healthy'), ...others];
  const sick = all.filter((healthy) => !healthy).length;
  return sick * 2 > all.length ? `${sick} of ${all.length} paths of all connections are not healthy` : '';
}

function otherHealthy(connection: Connection, path: PathName, evidence: Evidence, now: Instant): boolean {
  return connection.canaries.some((canary) => {
    if (canary.watches.kind !== 'path' || canary.watches.path !== path) return false;
    const report = evidence.otherReports[canary.id];
    return !!report && report.verdict === 'healthy' && ageMs(report.reportedAt, now) <= connection.policy.silentAfterMs;
  });
}
