/**
 * Our half of a path: is EC2 sure that it is dead, is the gateway itself well, and does it still carry anybody's
 * traffic? The ladder asks, so that a dead partner does not have our gateways rebooted.
 */
import { type Assessment, isWorking, type Look, type PathAssessment } from './assessment';
import type { ConnectionName, GatewayName, PathName } from './domain';
import { identityOf, placesOf } from './identity';
import { pathOf } from './plan';
import type { CanaryReport, InstanceFacts, InstanceState } from './signal';
import { ageMs, secondMs } from './time';

const deadStates: readonly InstanceState[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];
/** An EC2 event may be ahead of DescribeInstances by this much. */
const eventAheadMs = 10 * secondMs;

/** Why EC2 itself counts the path as dead; empty when it does not. */
export function deadBecause(look: Look, name: PathName, instance: InstanceFacts | null): string {
  const { connection, evidence, targets, now } = look;
  const gateway = connection.paths[name]!.gateway;
  if (instance !== null && deadStates.includes(instance.state))
    return `EC2 says ${instance.identity.instanceId} (${gateway}) is ${instance.state}`;
  const seen = evidence.observations[gateway] ?? null;
  const announced =
    seen !== null &&
    seen.instanceId === (instance?.identity ?? identityOf(look.deployment, gateway, evidence)).instanceId &&
    deadStates.includes(seen.state) &&
    ageMs(seen.at, now) <= eventAheadMs;
  if (announced) return `EC2 announced that ${seen.instanceId} (${gateway}) is ${seen.state}`;
  const hole = evidence.routes.find((r) => r.state === 'blackhole' && r.target?.id === targets[name]!.id);
  return hole === undefined ? '' : `the route to ${hole.destination} in ${hole.table} is a black hole`;
}

export function ownSideOf(
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
  // EC2's checks take minutes after a start, and a machine that boots answers nobody either.
  const isBooting = instance.instanceStatus === 'unknown';
  if (gatewayProbe === 'down' && instance.agent === 'lost' && !isBooting)
    return { state: 'failed', because: `${gateway} answers neither its agent nor the canary` };
  const restart = look.memory.rungs.findLast(
    (r) => r.gateway === gateway && r.rung === 'restart-tunnel' && r.endedAt !== null && r.result !== 'refused',
  );
  if (restart?.result === 'failed')
    return { state: 'failed', because: `the daemon of ${gateway} did not come back from its restart` };
  if (gatewayProbe === 'down') return { state: 'unknown', because: `${gateway} runs but does not answer the canary` };
  return { state: 'fine', because: `${instance.identity.instanceId} runs, its checks pass` };
}

/** "Working" is enough: a repair that takes down a degraded path still takes down users. */
export function carriesTraffic(
  look: Look,
  gateway: GatewayName,
  paths: Assessment['paths'],
  sets: Assessment['sets'],
): boolean {
  // What cannot be read counts as carrying: in doubt, leave the gateway alone.
  if (look.evidence.routes.length === 0) return true;
  // Users who get answers prove the path they are on, whatever its own canary says or does not say.
  const own = Object.values(sets).some((set) =>
    set.used.some(
      (p) =>
        paths[p]!.gateway === gateway &&
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
    const at = pathOf(route.target, places);
    if (at === null || connection.paths[at.path]!.gateway !== gateway) return false;
    const canaries = connection.canaries.filter((c) => c.watches.kind === 'path' && c.watches.path === at.path);
    return !canaries.some((c) => evidence.otherReports[c.id]?.verdict === 'down');
  });
}
