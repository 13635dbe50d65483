/**
 * Our half of a path: is EC2 sure that it is dead, is the gateway itself well, and if not, what of it is to blame? The
 * ladder asks, so that a dead partner does not have our gateways rebooted.
 */
import type { Memory, RungRun } from '../store/memory';
import type { Connection, Deployment, GatewayName, PathName } from '../words/domain';
import type { CanaryReport, Evidence, InstanceFacts, InstanceState, Places } from '../words/evidence';
import { ageMs, type Instant, secondMs } from '../words/time';
import { identityOf } from './identity';

const deadStates: readonly InstanceState[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];
/** An EC2 event may be ahead of DescribeInstances by this much. */
const eventAheadMs = 10 * secondMs;

/** What our half of a path is judged by: facts and memory, never what has been concluded from them. */
export interface GatewayLook extends Places {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly evidence: Evidence;
  readonly memory: Memory;
  readonly now: Instant;
}

/** Why EC2 itself counts the path as dead; empty when it does not. */
export function deadBecause(look: GatewayLook, name: PathName, instance: InstanceFacts | null): string {
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

/**
 * `forwarding`: EC2 drops what the machine should forward. `identity`: it is not what was declared, or does not hold the
 * address. `boot`: it is on its way up. `machine`: the instance or its daemon; only this justifies the harder rungs.
 */
export type OwnFault = 'none' | 'forwarding' | 'identity' | 'boot' | 'machine';

export type OwnSideState = 'fine' | 'failed' | 'unknown';

export interface OwnSide {
  readonly state: OwnSideState;
  readonly fault: OwnFault;
  readonly because: string;
}

const failed = (fault: OwnFault, because: string): OwnSide => ({ state: 'failed', fault, because });
const unknown = (because: string): OwnSide => ({ state: 'unknown', fault: 'none', because });

/** The first of our own faults that shows; what is named here is what people are told, and what is repaired. */
export function ownSideOf(
  look: GatewayLook,
  gateway: GatewayName,
  instance: InstanceFacts | null,
  gatewayProbe: CanaryReport['gatewayProbe'],
): OwnSide {
  if (instance === null) return unknown(`EC2 could not be asked about ${gateway}`);
  const { instanceId, routeInterfaceId } = instance.identity;
  if (instance.state === 'pending') return failed('boot', `${instanceId} is pending`);
  if (instance.state !== 'running') return failed('machine', `${instanceId} is ${instance.state}`);
  if (!instance.identityHolds) return failed('identity', instance.identityFault);
  if (instance.sourceDestCheck)
    return failed(
      'forwarding',
      `the source/destination check of ${routeInterfaceId} is on, so EC2 drops all that ${instanceId} should forward`,
    );
  const failedCheck =
    instance.systemStatus === 'impaired' ? 'system' : instance.instanceStatus === 'impaired' ? 'instance' : '';
  if (failedCheck !== '') return failed('machine', `the ${failedCheck} status check of ${instanceId} fails`);
  return daemonOf(look, gateway, instance, gatewayProbe);
}

function daemonOf(
  look: GatewayLook,
  gateway: GatewayName,
  instance: InstanceFacts,
  gatewayProbe: CanaryReport['gatewayProbe'],
): OwnSide {
  const restart = lastRestart(look.memory, gateway);
  const isMute = instance.agent === 'lost' || restart?.result === 'undelivered';
  // EC2's checks take minutes after a start, and a machine that boots answers nobody either.
  if (gatewayProbe === 'down' && isMute && instance.instanceStatus !== 'unknown')
    return failed('machine', `${gateway} answers neither Systems Manager nor the canary`);
  if (restart?.result === 'failed')
    return failed('machine', `the VPN daemon of ${gateway} did not come back from its restart`);
  if (gatewayProbe === 'down') return unknown(`${gateway} runs but does not answer the canary`);
  const { systemStatus, instanceStatus } = instance;
  const checks = systemStatus === 'ok' && instanceStatus === 'ok' ? 'its checks pass' : 'its checks say nothing yet';
  const daemon = restart?.result === 'success' ? `, its VPN daemon is alive` : '';
  return { state: 'fine', fault: 'none', because: `${instance.identity.instanceId} runs, ${checks}${daemon}` };
}

/** The last restart of a tunnel on this gateway that showed something, or tried to. */
export function lastRestart({ rungs }: Memory, gateway: GatewayName): RungRun | undefined {
  return rungs.findLast(
    (run) =>
      run.gateway === gateway &&
      run.rung === 'restart-tunnel' &&
      run.endedAt !== null &&
      run.result !== 'refused' &&
      run.result !== 'left',
  );
}
