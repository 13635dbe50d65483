/**
 * Who would feel it if a gateway, or one tunnel on it, were touched now. The ladder asks before every rung: a repair that
 * takes down somebody else's working traffic is worse than the fault it mends.
 */

import { placesOf } from '../gateways/kinds';
import { pathOfRoute } from '../routes/plan';
import { watchesPath } from '../words/canaries';
import type { Connection, ConnectionName, GatewayName, PathName } from '../words/domain';
import { isOver } from '../words/ends';
import { ageMs } from '../words/time';
import { type Assessment, isWorking, type Look, type PathAssessment } from './assessment';

type Paths = Assessment['paths'];
type Sets = Assessment['sets'];

export type GatewayTraffic = Pick<PathAssessment, 'carries' | 'tunnelCarries' | 'othersPass'>;

export function gatewayTraffic(
  look: Look,
  { path, gateway }: Pick<PathAssessment, 'path' | 'gateway'>,
  paths: Paths,
  sets: Sets,
): GatewayTraffic {
  const carries = carriesTraffic(look, gateway, paths, sets);
  return {
    carries,
    tunnelCarries: isUnread(look) || Object.values(sets).some((set) => set.used.includes(path) && set.service === 'up'),
    othersPass: carries || otherTunnelsPass(look, path, gateway, paths),
  };
}

const isUnread = ({ evidence }: Look): boolean =>
  evidence.routes.length === 0 || (evidence.unreadEnds ?? []).length > 0;

/** "Working" is enough: a repair that takes down a degraded path still takes down users. */
function carriesTraffic(look: Look, gateway: GatewayName, paths: Paths, sets: Sets): boolean {
  // A gateway whose routes cannot be read counts as carrying: in doubt no rung takes it down.
  if (isUnread(look)) return true;
  // Users who get answers prove the path they are on, whatever its own canary says or does not say.
  const own = Object.values(sets).some((set) =>
    set.used.some(
      (p) =>
        isOver(look.connection.paths[p]!, gateway) &&
        (isWorking(paths[p]!.verdict) || set.service === 'up' || set.strays[p]?.verdict === 'unknown'),
    ),
  );
  return own || Object.keys(look.evidence.otherRoutes).some((other) => otherCarries(look, other, gateway));
}

function otherCarries(look: Look, other: ConnectionName, gateway: GatewayName): boolean {
  const { deployment, evidence } = look;
  const connection = deployment.connections[other]!;
  const places = placesOf(deployment, other, evidence);
  const routes = evidence.otherRoutes[other]!;
  if (routes.length === 0) return true;
  return routes.some((route) => {
    const at = pathOfRoute(route, connection.routeSets[route.routeSet]!, places);
    return at !== null && isOver(connection.paths[at.path]!, gateway) && !isOtherDown(look, connection, at.path);
  });
}

/** Is any other tunnel that ends on this gateway not known to be down? A canary that does not speak is not a no. */
function otherTunnelsPass(look: Look, path: PathName, gateway: GatewayName, paths: Paths): boolean {
  const { deployment, connection } = look;
  const isOurs = (p: PathName): boolean => isOver(look.connection.paths[p]!, gateway);
  const own = Object.values(paths).some((p) => p.path !== path && isOurs(p.path) && p.verdict !== 'down');
  const others = Object.values(deployment.connections).filter((other) => other.name !== connection.name);
  const tunnels = others.flatMap((other) =>
    Object.values(other.paths).flatMap((p) => (isOver(p, gateway) ? [{ other, path: p.name }] : [])),
  );
  return own || tunnels.some((one) => !isOtherDown(look, one.other, one.path));
}

/** A canary that has fallen silent says nothing any more, whatever it reported last. */
function isOtherDown({ evidence, now }: Look, { canaries, policy }: Connection, path: PathName): boolean {
  return canaries.filter(watchesPath(path)).some(({ id }) => {
    const report = evidence.otherReports[id];
    return report?.verdict === 'down' && ageMs(report.reportedAt, now) <= policy.silentAfterMs;
  });
}
