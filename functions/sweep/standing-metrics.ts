/**
 * What assess and the sweep publish beside their answers, in CloudWatch's embedded metric format: whether each gateway
 * passes EC2's checks, and how many connections need people. By the gateway's name, never by an instance id: a
 * replacement keeps the name, so no alarm is ever about an instance that is gone.
 */
import { standingNames } from '../../adapters/cloudwatch/metric-names';
import type { Standing } from '../../core/remember/standing';
import type { Deployment, GatewayName } from '../../core/words/domain';
import type { InstanceFacts } from '../../core/words/evidence';
import { type Publisher, publish } from '../embedded-metrics';

/** One line per gateway that EC2 was asked about and answered. */
export function publishGateways(
  world: Publisher,
  deployment: Deployment,
  instances: Readonly<Record<GatewayName, InstanceFacts | null>>,
): void {
  for (const [gateway, facts] of Object.entries(instances)) {
    if (facts === null) continue;
    const dimensions = { Deployment: deployment.name, Gateway: gateway };
    publish(world, dimensions, { [standingNames.gatewayOk]: passesChecks(facts) ? 1 : 0 });
  }
}

/** `insufficient-data` and `initializing` are not failures: an instance that boots has not failed a check. */
function passesChecks({ state, systemStatus, instanceStatus }: InstanceFacts): boolean {
  return state === 'running' && systemStatus !== 'impaired' && instanceStatus !== 'impaired';
}

/** Only what is above zero: a metric is paid by the hour in which it is sent, and no alarm here waits for a zero. */
export function publishStanding(world: Publisher, deployment: Deployment, standings: readonly Standing[]): void {
  const counts = {
    [standingNames.escalated]: standings.filter(({ escalated }) => escalated).length,
    [standingNames.drillOverdue]: standings.filter(({ drillOverdue }) => drillOverdue).length,
  };
  const known = Object.entries(counts).filter(([, count]) => count > 0);
  if (known.length > 0) publish(world, { Deployment: deployment.name }, Object.fromEntries(known));
}
