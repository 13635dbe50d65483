/**
 * The repair ladder: which rung, if any, may be tried on a path now, and why not.
 *
 * `restart-tunnel` is for any down path whose instance can be talked to; the others only with evidence against our own
 * side, or a partner's broken firewall would have us reboot, restart and replace a perfect gateway.
 */
import { isPinned, type PathAssessment } from './assessment';
import type { RepairDecision } from './decision';
import { uuidOf } from './digest';
import { type Gateway, type PathName, type Rung, rungs } from './domain';
import { declaredIds, identityOf } from './identity';
import { isClaimed, isRepairedForAnother } from './lease';
import type { RungRun } from './memory';
import { type Instant, instantText, minuteMs } from './time';
import { budgetLeft, isRescueNear, isUnderRepair, runningRung, type View } from './view';
import { graceUntil } from './voice';

/** The other connection's canaries have noticed by then whether the whole gateway is dead. */
const sharedToleranceMs = minuteMs;

export type RungChoice =
  | { readonly kind: 'try'; readonly rung: Rung }
  /** Another time: something runs, settles, or carries traffic. Not worth a human. */
  | { readonly kind: 'wait'; readonly because: string }
  /** Nothing we may do is left: tell a human. `key` names the reason. */
  | { readonly kind: 'stuck'; readonly key: string; readonly because: string };

export function chooseRung(view: View, path: PathAssessment): RungChoice {
  const running = runningRung(view);
  if (running !== null) return { kind: 'wait', because: `${running.rung} runs on ${running.path}` };
  if (isUnderRepair(view, path.path)) return { kind: 'wait', because: `${path.path} settles after its repair` };
  const grace = graceUntil(view, path.path);
  if (view.now < grace)
    return { kind: 'wait', because: `its maintenance has just ended; it is left alone until ${instantText(grace)}` };
  if (path.answersAgain) return { kind: 'wait', because: `${path.path} answers again` };
  if (view.evidence.reportsFrom === 'metrics' && !path.dead)
    return { kind: 'wait', because: 'only metrics say so: perhaps the canary is cut off' };
  if (path.carries) return besideTraffic(view, path);
  if (isRescueNear(view)) return { kind: 'wait', because: 'traffic moves first' };
  const lease = view.evidence.gatewayLeases[path.gateway];
  if (lease && isRepairedForAnother(lease, view.connection.name, view.now)) {
    return { kind: 'wait', because: `${lease.holder} repairs ${path.gateway}` };
  }
  if (isClaimed(view.evidence, path.gateway))
    return { kind: 'wait', because: `automation ${lease!.claimedBy} may still work on ${path.gateway}` };
  if (!isPinned(path) && !path.dead)
    return stuck('pin', `path ${path.path} is not repaired unseen: ${path.pin.because}`);
  if (path.identityFault !== '')
    return stuck('identity', `${path.gateway} is not what was declared: ${path.identityFault}`);
  const zone = view.deployment.gateways[path.gateway]!.availabilityZone;
  if (isZoneSilent(view, zone)) {
    return stuck(
      'zone',
      `zone ${zone} is silent as a whole, its canaries too: ${path.gateway} is left alone till it is back`,
    );
  }
  const { policy } = view.connection;
  const rested = (endedAt: Instant | null): boolean => endedAt !== null && view.now - endedAt >= policy.ladderRestMs;
  const tried = view.memory.rungs
    .filter((r) => r.path === path.path && r.result !== 'refused' && !rested(r.endedAt))
    .map((r) => r.rung);
  if (policy.repairs24hMax === 0) return stuck('policy', `path ${path.path} is down and its policy allows no repair`);
  const rung = rungs.find((r) => !tried.includes(r) && fits(view, path, r));
  if (rung === undefined) return nothingLeft(path);
  const spent = view.memory.budgets;
  const within =
    budgetLeft(view, spent.repairs, policy.repairs24hMax) &&
    (rung !== 'replace' || budgetLeft(view, spent.replaces, policy.replaces24hMax));
  if (!within)
    return stuck('budget', `the repair budget of the day is used up, path ${path.path} waits; acknowledge to lift it`);
  return { kind: 'try', rung };
}

/**
 * A zone that died takes its gateways and its canaries; rebooting in it achieves nothing and a stopped instance may not
 * start again for hours. Somebody elsewhere must be able to report, or it is we who are blind.
 */
function isZoneSilent(view: View, zone: string): boolean {
  const heard = (id: string): boolean => {
    const report = view.evidence.reports[id];
    return !!report && view.now - report.reportedAt <= view.connection.policy.silentAfterMs;
  };
  const { canaries } = view.connection;
  const inside = canaries.filter((c) => c.availabilityZone === zone);
  return inside.length > 0 && !inside.some((c) => heard(c.id)) && canaries.some((c) => heard(c.id));
}

/** Its own traffic has left by now, or will; another connection's may stay for good, and then people should know. */
function besideTraffic(view: View, path: PathAssessment): RungChoice {
  const because = `${path.gateway} still carries working traffic`;
  const lasting = path.failingSince !== null && view.now - path.failingSince >= sharedToleranceMs;
  if (!lasting || view.evidence.routes.length === 0) return { kind: 'wait', because };
  return stuck(
    'shared',
    `path ${path.path} is down, but ${path.gateway} carries another connection's working traffic: it is not repaired under it`,
  );
}

const stuck = (key: string, because: string): RungChoice => ({ kind: 'stuck', key, because });

function nothingLeft(path: PathAssessment): RungChoice {
  if (path.ownSide === 'fine') {
    return stuck(
      'peer',
      `our side of path ${path.path} is healthy (${path.ownSideBecause}), the peer is silent: call the partner`,
    );
  }
  if (path.ownSide === 'unknown')
    return stuck('gate', `path ${path.path} is down and nothing shows whose fault it is: ${path.ownSideBecause}`);
  return stuck(
    'ladder',
    `every permitted repair of path ${path.path} was tried (${path.ownSideBecause}): it needs a human`,
  );
}

/** The rung's gate. */
function fits(view: View, path: PathAssessment, rung: Rung): boolean {
  const gateway = view.deployment.gateways[path.gateway]!;
  const runs = path.instanceState === 'running';
  switch (rung) {
    case 'restart-tunnel':
      return runs && gateway.control !== 'none' && !path.agentLost && !checksFail(view, path);
    case 'reboot':
      return runs && path.ownSide === 'failed';
    case 'stop-start':
      return path.ownSide === 'failed' && path.instanceState !== 'terminated' && path.instanceState !== 'shutting-down';
    case 'replace':
      return (
        path.ownSide === 'failed' && gateway.launchTemplate !== undefined && view.connection.policy.replaces24hMax > 0
      );
  }
}

/** A machine whose status checks fail has no agent to restart a daemon with. */
function checksFail(view: View, path: PathAssessment): boolean {
  const instance = view.evidence.instances[path.gateway];
  return instance?.instanceStatus === 'impaired' || instance?.systemStatus === 'impaired';
}

/** `again`: the same start once more, with the token it was journalled with. */
export function repairDecision(
  view: View,
  path: PathAssessment,
  rung: Rung,
  again: RungRun | null = null,
): RepairDecision {
  const { connection, deployment, memory, now } = view;
  const gateway = deployment.gateways[path.gateway]!;
  const deadlineAt = again?.deadlineAt ?? now + connection.policy.rungDeadlineMs[rung];
  const clientToken =
    again?.clientToken ?? uuidOf(`${memory.incident?.id ?? connection.name}/${gateway.name}/${rung}/${now}`);
  const because = `path ${path.path} is down (${path.because}) and carries nobody: ${rung}, because ${path.ownSideBecause}`;
  return {
    kind: 'repair',
    rule: 9,
    because: again?.because ?? because,
    path: path.path,
    gateway: gateway.name,
    rung,
    document: deployment.runbooks[rung],
    parameters: parametersOf(view, gateway, path.path, rung, clientToken),
    clientToken,
    deadlineAt,
    decidedAt: now,
    gatewayUntil: deadlineAt + connection.policy.repairSettleMs,
    endedClaim: isClaimed(view.evidence, gateway.name)
      ? 'none'
      : (view.evidence.gatewayLeases[gateway.name]?.claimedBy ?? 'none'),
    declared: declaredIds(gateway),
  };
}

/** From the bundled configuration and our own journal; never from an event. */
function parametersOf(
  view: View,
  gateway: Gateway,
  path: PathName,
  rung: Rung,
  clientToken: string,
): RepairDecision['parameters'] {
  const identity = identityOf(view.deployment, gateway.name, view.evidence);
  const common = { InstanceId: [identity.instanceId], Gateway: [gateway.name], Repair: [clientToken] };
  switch (rung) {
    case 'restart-tunnel':
      return {
        ...common,
        Tunnel: [view.connection.paths[path]!.tunnel],
        Shared: [isShared(view, gateway) ? 'true' : 'false'],
      };
    case 'reboot':
    case 'stop-start':
      return common;
    case 'replace':
      return {
        ...common,
        OldInterfaceId: [identity.routeInterfaceId],
        LaunchTemplateId: [gateway.launchTemplate!.id],
        LaunchTemplateVersion: [gateway.launchTemplate!.version],
        AllocationId: [gateway.address?.allocationId ?? 'none'],
        Canary: [canaryOf(view, path)],
        ClientToken: [uuidOf(`launch/${clientToken}`)],
      };
  }
}

function isShared(view: View, gateway: Gateway): boolean {
  const users = Object.values(view.deployment.connections).filter((c) =>
    Object.values(c.paths).some((p) => p.gateway === gateway.name),
  );
  return users.length > 1;
}

/** Every path has one: the configuration sees to it. */
function canaryOf(view: View, path: PathName): string {
  return view.connection.canaries.find((c) => c.watches.kind === 'path' && c.watches.path === path)!.id;
}
