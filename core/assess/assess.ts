/**
 * From evidence to verdicts, per path and per route set. A question: reads nothing, changes nothing.
 *
 * Unknown is not down; EC2's "stopped" and a blackhole route are authoritative, "running" and "active" prove nothing.
 */

import { aboutThePresent, placesOf } from '../gateways/kinds';
import { isSpare, pathOfRoute, withdrawnOf } from '../routes/plan';
import { watchesPath, watchesUsersOf } from '../words/canaries';
import type { Connection, PathName, RouteSet, RouteSetName } from '../words/domain';
import type { Evidence, Places, RouteFacts } from '../words/evidence';
import { isMovedByNetwork } from '../words/routing';
import { targetText } from '../words/targets';
import type { Instant } from '../words/time';
import {
  type Assessment,
  areRoutesUnread,
  type BareSet,
  freshReports,
  type Look,
  type PathAssessment,
  reportAgeMs,
} from './assessment';
import { fromBothEnds, lookFrom, sidesOf } from './both-ends';
import { gatewayTraffic } from './gateway-traffic';
import { assessPath, assessPathFor } from './path-verdict';
import { isQuietHour, isQuietlyStopped } from './quiet';
import { usersOf } from './served';
import { straysOf } from './strays';

/** Mass failure is a matter of fleets. */
const massConnectionsMin = 4;

export function assess(asked: Omit<Look, keyof Places>): Assessment {
  const { deployment, connection, evidence } = asked;
  const places = placesOf(deployment, connection.name, evidence);
  const look: Look = { ...asked, evidence: aboutThePresent(asked), ...places };
  const bareSets = mapRecord(connection.routeSets, (set) => assessSet(lookFrom(look, set.end), set.name));
  const bare = mapRecord(connection.paths, ({ name }) =>
    fromBothEnds(look, (from) => assessPath(from, name, setsOf(from, bareSets))),
  );
  const sets = mapRecord(bareSets, (set) => {
    const onPaths = onPathsOf(look, set.routeSet, bareSets);
    return { ...set, onPaths, users: usersOf(look, set, { ...bare, ...onPaths }) };
  });
  const paths = mapRecord(bare, (path) => {
    const [first, ...others] = sidesOf(path).map((side) => ({ ...side, ...gatewayTraffic(look, side, bare, sets) }));
    return { ...path, ...first!, ...(others.length > 0 && { sides: [first!, ...others] }) };
  });
  const massBecause = massFailure(look, paths);
  const missing = [
    ...(evidence.reportsFrom === 'none' ? ['canary reports could not be read'] : []),
    ...(areRoutesUnread(evidence) ? ['routes could not be read'] : []),
    ...(evidence.unreadEnds ?? []).map((end) => `routes at ${end} could not be read`),
  ].join(', ');
  return { paths, sets, ...places, mass: massBecause !== '', massBecause, complete: missing === '', missing };
}

/** Both ends' judges of a set speak together: the two sets of a pair go over one path. */
function onPathsOf(look: Look, set: RouteSetName, sets: BareSets): Assessment['paths'] {
  const { twin, end } = look.connection.routeSets[set]!;
  const scoped = Object.keys(look.connection.paths).flatMap((path): PathAssessment[] => {
    let hasJudges = false;
    const judged = fromBothEnds(look, (from) => {
      const here = setsOf(from, sets);
      const own = assessPathFor(from, path, end === undefined || Object.hasOwn(here, set) ? set : twin!, here);
      hasJudges ||= own !== null;
      return own ?? assessPath(from, path, here);
    });
    return hasJudges ? [{ ...judged, scope: `${set}@${path}` }] : [];
  });
  return Object.fromEntries(scoped.map((path) => [path.path, path]));
}

type BareSets = Readonly<Record<RouteSetName, BareSet>>;

const setsOf = ({ connection }: Look, sets: BareSets): BareSets =>
  Object.fromEntries(Object.entries(sets).filter(([name]) => Object.hasOwn(connection.routeSets, name)));

function mapRecord<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}

function assessSet(look: Look, name: RouteSetName): BareSet {
  const { connection, evidence } = look;
  const all = evidence.routes.filter((r) => r.routeSet === name);
  // A route that the network has withdrawn leads nowhere, and is nobody's hand.
  const routes = isMovedByNetwork(connection) ? all.filter(({ target }) => target !== null) : all;
  const found = routes.map((route) => ({ route, at: pathOfRoute(route, connection.routeSets[name]!, look) }));
  const reports = freshReports(look, watchesUsersOf(name));
  const known = reports.filter((r) => r.verdict !== 'unknown');
  const set = {
    routeSet: name,
    home: connection.routeSets[name]!.home,
    used: [...new Set(found.flatMap(({ at }) => (at === null ? [] : [at.path])))],
    stale: found.some(({ at }) => at?.stale === true),
    cover: coverOf(connection.routeSets[name]!, routes),
    foreign: found.flatMap(({ route, at }) => (at === null ? [foreignText(route)] : [])),
    service: known.length === 0 ? 'unknown' : known.some((r) => r.verdict !== 'down') ? 'up' : 'down',
    serviceAt: Math.max(0, ...known.map((r) => r.reportedAt)),
    servedAt: Math.max(0, ...known.map((r) => r.answeredAt)),
    missingTables: connection.routeSets[name]!.tables.filter((table) => evidence.missingTables.includes(table)),
  } as const;
  return { ...set, strays: straysOf(look, set, routes) };
}

function coverOf(set: RouteSet, routes: readonly RouteFacts[]): BareSet['cover'] {
  if (set.lastResort === 'routes' && withdrawnOf(set, routes).length > 0) return 'wanted';
  return routes.some((route) => isSpare(route, set)) ? 'spare' : 'none';
}

const foreignText = (route: RouteFacts): string =>
  `${route.destination} in ${route.table} points at ${targetText(route.target)}`;

/** Empty when there is no sign of a common cause. */
function massFailure(look: Look, paths: Assessment['paths']): string {
  const { deployment, connection, evidence, now } = look;
  const heard = freshReports(look, () => true);
  if (evidence.reportsFrom !== 'none' && connection.canaries.length >= 2 && heard.length === 0)
    return 'none of its canaries reports';
  if (Object.keys(deployment.connections).length < massConnectionsMin) return '';
  const others = Object.values(deployment.connections)
    // Connections whose machines may be off for the night say nothing about a common cause.
    .filter((c) => c.name !== connection.name && !isQuietHour(c, now))
    .flatMap((c) => Object.keys(c.paths).map((path) => otherHealthy(c, path, evidence, now)));
  const own = Object.values(paths).filter(({ path }) => !isQuietlyStopped(look, path));
  const all = [...own.map((p) => p.verdict === 'healthy'), ...others];
  const sick = all.filter((healthy) => !healthy).length;
  return sick * 2 > all.length ? `${sick} of ${all.length} paths of all connections are not healthy` : '';
}

function otherHealthy(connection: Connection, path: PathName, evidence: Evidence, now: Instant): boolean {
  return connection.canaries.filter(watchesPath(path)).some(({ id }) => {
    const report = evidence.otherReports[id];
    return (
      !!report && report.verdict === 'healthy' && reportAgeMs(evidence, report, now) <= connection.policy.silentAfterMs
    );
  });
}
