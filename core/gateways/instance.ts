/**
 * The gateway that is an EC2 instance: is EC2 sure that it is dead, is it well, and if not, what of it is to blame? The
 * ladder asks, so that a dead partner does not have our gateways rebooted.
 */

import type { Memory, RungRun } from '../store/memory';
import type { GatewayIdentity, GatewayName, InstanceGateway, PathName, RouteTarget } from '../words/domain';
import { gatewayOfCanary } from '../words/ends';
import type { AutomationFacts, CanaryReport, Evidence, InstanceFacts, InstanceState, Places } from '../words/evidence';
import { instanceAt, instancesOf } from '../words/gateways';
import type { Rung } from '../words/rungs';
import { own } from '../words/shape';
import { sameTarget } from '../words/targets';
import { ageMs, minuteMs, secondMs, spanText } from '../words/time';
import { declaredIds, formerIdentities, identityOf } from './identity';
import { instanceRungs } from './instance-rungs';
import type { Condition, Facts, GatewayKind, OwnFault, OwnLook, OwnSideState, Patience } from './kind';
import { recordConcerns } from './name-record';
import { tunnelConcerns } from './tunnel-concerns';

const deadStates: readonly InstanceState[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];
/** An EC2 event may be ahead of DescribeInstances by this much. */
const eventAheadMs = 10 * secondMs;

/** Why EC2 itself counts the path as dead; empty when it does not. */
function deadBecause(look: Facts & Places, name: PathName, instance: InstanceFacts | null): string {
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
  const hole = evidence.routes.find((r) => r.state === 'blackhole' && sameTarget(r.target, targets[name]![0]!));
  return hole === undefined ? '' : `the route to ${hole.destination} in ${hole.table} is a black hole`;
}

interface OwnSide {
  readonly state: OwnSideState;
  readonly fault: OwnFault;
  readonly because: string;
}

const failed = (fault: OwnFault, because: string): OwnSide => ({ state: 'failed', fault, because });
const unknown = (because: string): OwnSide => ({ state: 'unknown', fault: 'none', because });

/** The first of our own faults that shows; what is named here is what people are told, and what is repaired. */
function ownSideOf(
  look: Facts,
  gateway: GatewayName,
  instance: InstanceFacts | null,
  gatewayProbe: CanaryReport['gatewayProbe'],
): OwnSide {
  if (instance === null) return unknown(`EC2 could not be asked about ${gateway}`);
  const { instanceId, routeInterfaceId } = instance.identity;
  if (instance.state === 'pending') return failed('boot', `${instanceId} is pending`);
  if (instance.state !== 'running') return failed('machine', `${instanceId} is ${instance.state}`);
  if (instance.identityFault !== '') return failed('identity', instance.identityFault);
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
  look: Facts,
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
  const found = restart?.said === undefined ? '' : ` (${restart.said})`;
  const daemon = restart?.result === 'success' ? `, its VPN daemon is alive${found}` : '';
  return { state: 'fine', fault: 'none', because: `${instance.identity.instanceId} runs, ${checks}${daemon}` };
}

function condition(look: Facts & Places, path: PathName, gatewayProbe: CanaryReport['gatewayProbe']): Condition {
  const { gateway } = look.connection.paths[path]!;
  const instance = look.evidence.instances[gateway] ?? null;
  const { state, because, fault } = ownSideOf(look, gateway, instance, gatewayProbe);
  return {
    dead: deadBecause(look, path, instance),
    downUnheard: '',
    ownSide: state,
    ownSideBecause: because,
    ownFault: fault,
    instanceState: instance?.state ?? 'unknown',
    agentLost: instance?.agent === 'lost',
    identityFault: instance?.identityFault ?? '',
  };
}

/** The daemon is looked at by the rung that restarts a tunnel; the machine under it by EC2's two status checks. */
function ownLook({ deployment, connection, evidence, memory }: Facts, path: PathName): OwnLook {
  const { gateway, tunnels } = connection.paths[path]!;
  const instance = presentInstances({ deployment, evidence })[gateway];
  const run = lastRestart(memory, gateway);
  const checksPass = instance?.systemStatus === 'ok' && instance.instanceStatus === 'ok';
  const seen = run?.result !== 'success' ? 'unseen' : checksPass ? 'well' : 'unproven';
  const look = (noRung: string): OwnLook => ({ seen, run, noRung, isOneWay: false, waits: '' });
  if (tunnels.length === 0) return look('the path has none');
  if (instanceAt(deployment, gateway).control === 'none') return look('its configuration says control: none');
  if (instance?.agent === 'lost') return look('Systems Manager does not reach the machine');
  return look('no rung was due');
}

/** EC2 says so of the interface we would write; or the address that the peer knows is on another instance by now. */
function deadAt(look: Facts & Places, path: PathName, off: readonly (RouteTarget | null)[]): string {
  const { gateway: name } = look.connection.paths[path]!;
  const instance = look.evidence.instances[name] ?? null;
  if (off.some((target) => sameTarget(target, look.targets[path]![0]!))) {
    const dead = deadBecause(look, path, instance);
    if (dead !== '') return dead;
  }
  const gateway = instanceAt(look.deployment, name);
  if (gateway.address === undefined || instance === null || instance.identityFault !== '') return '';
  const lost = formerIdentities(look.deployment, name, look.evidence).find(
    ({ instanceId, routeInterfaceId }) =>
      instanceId !== instance.identity.instanceId && off.some((target) => target?.id === routeInterfaceId),
  );
  return lost === undefined
    ? ''
    : `${gateway.address.publicIp}, which the peer knows, is on ${instance.identity.instanceId}`;
}

/** From EC2's launch or start: boot (45 s), status checks (3 min), the agent (2.5 min), the tunnel (75 s) beside them. */
const bootMs = 3 * minuteMs;
/** A reboot by hand is silent for 90 s at most; EC2 tells nobody of one. */
const silentRebootMs = 2 * minuteMs;
/** Once it answers again: daemon and tunnel come up within this. */
const afterSilenceMs = 90 * secondMs;
/** A machine that comes and goes for longer does not boot. */
const bootsMaxMs = 10 * minuteMs;
/** Null: the machine has had its time. */
function booting(view: Facts, { name }: InstanceGateway): Patience | null {
  const { now, memory, evidence } = view;
  const instance = evidence.instances[name] ?? null;
  const began = instance?.launchedAt ?? null;
  if (instance !== null && began !== null && now - began < bootMs) {
    if (instance.state === 'pending' || instance.state === 'running')
      return { until: began + bootMs, because: `${name} was started ${spanText(now - began)} ago and boots` };
  }
  if (instance?.state !== 'running') return null;
  const silence = memory.silence[name];
  if (silence === undefined || now - silence.since >= bootsMaxMs) return null;
  if (silence.until < now) {
    const until = Math.min(silence.until + afterSilenceMs, silence.since + bootsMaxMs);
    return until <= now ? null : { until, because: `${name} has just come back` };
  }
  const until = silence.since + silentRebootMs;
  if (until <= now) return null;
  return {
    until,
    because: `${name} has been seen silent as a whole for ${spanText(now - silence.since)}: it may be rebooting`,
  };
}

type About = Pick<Facts, 'deployment' | 'connection' | 'evidence'>;

const aboutThePresent = (about: About): Evidence => ({
  ...about.evidence,
  instances: presentInstances(about),
  reports: withoutFormerProbes(about),
});

function presentInstances({ deployment, evidence }: Pick<Facts, 'deployment' | 'evidence'>): Evidence['instances'] {
  const ours = instancesOf(deployment);
  const asked = Object.entries(evidence.instances).filter(([name]) => Object.hasOwn(ours, name));
  const instances = asked.map(([name, facts]) => {
    const now = identityOf(deployment, name, evidence);
    const { instanceId, routeInterfaceId } = facts?.identity ?? { instanceId: '', routeInterfaceId: '' };
    const isAbout = instanceId === now.instanceId && routeInterfaceId === now.routeInterfaceId;
    return [name, isAbout ? facts : null] as const;
  });
  return Object.fromEntries(instances);
}

/**
 * Canaries probe the declared private address, and a replacement has another one: that nobody answers there says nothing
 * of it. Example: the replacement of gw-a forwards well, and would be called silent, and rebooted once its partner died.
 */
function withoutFormerProbes({ deployment, connection, evidence }: About): Evidence['reports'] {
  const ours = instancesOf(deployment);
  const former = new Set(
    connection.canaries.flatMap((canary) => {
      const gateway = own(ours, gatewayOfCanary(connection, canary) ?? '');
      if (gateway === undefined) return [];
      const { routeInterfaceId } = identityOf(deployment, gateway.name, evidence);
      return routeInterfaceId === gateway.routeInterfaceId ? [] : [canary.id];
    }),
  );
  if (former.size === 0) return evidence.reports;
  const reports = Object.entries(evidence.reports).map(([id, report]) => {
    const isMisled = report?.gatewayProbe === 'down' && former.has(id);
    return [id, isMisled ? { ...report, gatewayProbe: 'none' as const } : report] as const;
  });
  return Object.fromEntries(reports);
}

function identityAfter(rung: Rung, outputs: AutomationFacts['outputs']): GatewayIdentity | null {
  const instanceId = outputs['NewInstanceId'];
  const routeInterfaceId = outputs['NewInterfaceId'];
  return rung === 'replace' && instanceId && routeInterfaceId ? { instanceId, routeInterfaceId } : null;
}

const placeOf = ({ routeInterfaceId }: GatewayIdentity): RouteTarget => ({
  kind: 'network-interface',
  id: routeInterfaceId,
});

export const instanceKind: GatewayKind<InstanceGateway> = {
  placesNow: (deployment, { name }, known) => [placeOf(identityOf(deployment, name, known))],
  placesBefore: (deployment, { name }, known) => formerIdentities(deployment, name, known).map(placeOf),
  declared: declaredIds,
  zone: ({ availabilityZone }) => availabilityZone,
  aboutThePresent,
  condition,
  ownLook,
  // How the far end of its tunnels is, where AWS can be asked about it.
  concerns: (facts, gateway, use) => [
    ...recordConcerns(facts, gateway, use),
    ...tunnelConcerns(facts, gateway.name, use),
  ],
  deadAt,
  booting,
  identityAfter,
  ownSideLagMs: 0,
  rungs: Object.keys(instanceRungs) as Rung[],
};

/** The last restart of a tunnel on this gateway that showed something, or tried to. */
function lastRestart({ rungs }: Memory, gateway: GatewayName): RungRun | undefined {
  return rungs.findLast(
    (run) =>
      run.gateway === gateway &&
      run.rung === 'restart-tunnel' &&
      run.endedAt !== null &&
      run.result !== 'refused' &&
      run.result !== 'left',
  );
}
