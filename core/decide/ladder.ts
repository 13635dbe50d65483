/**
 * The repair ladder: which rung, if any, may be tried on a path now, and why not.
 *
 * `clear-source-dest-check` is for the one fault EC2 itself names; `restart-tunnel` for any down path whose instance can
 * be talked to, also beside others' traffic, then on its one tunnel alone; the others only with evidence against the
 * machine, or a partner's broken firewall would have us reboot, restart and replace a perfect gateway.
 */
import { isPinned, type PathAssessment } from '../assess/assessment';
import { declaredIds, identityOf } from '../gateways/identity';
import { isClaimed, isRepairedForAnother } from '../store/lease';
import type { RungRun } from '../store/memory';
import type { RepairDecision } from '../words/decision';
import { uuidOf } from '../words/digest';
import { type Gateway, type PathName, type Rung, rungs } from '../words/domain';
import { instantText, minuteMs } from '../words/time';
import { blipPatience, bootPatience, doubtUntil, type Patience } from './patience';
import { nothingLeft, type RungChoice, stuck } from './stuck';
import { budgetLeft, isRescueNear, isUnderRepair, runningRung, type View } from './view';
import { graceUntil } from './voice';

/** Systems Manager calls an agent that died Online for this long; a command may be delivered afterwards. */
const deliverAgainMs = 5 * minuteMs;
/** Whoever is told that a grant is missing may have put it right by then. */
const deniedAgainMs = 5 * minuteMs;

export function chooseRung(view: View, path: PathAssessment): RungChoice {
  const notNow = whyNotNow(view, path);
  if (notNow !== null) return notNow;
  if (view.connection.policy.repairs24hMax === 0)
    return stuck('policy', `path ${path.path} is down and its policy allows no repair`);
  const tried = triedRungs(view, path);
  const rung = rungs.find((r) => !tried.includes(r) && fits(view, path, r));
  if (rung === undefined) return nothingLeft(view, path);
  const isNamed = path.dead || rung === 'clear-source-dest-check';
  const blip = isNamed ? null : blipPatience(view, path);
  if (blip !== null) return waitFor(blip);
  if (!isWithinBudget(view, rung))
    return stuck('budget', `the repair budget of the day is used up, path ${path.path} waits; acknowledge to lift it`);
  return { kind: 'try', rung };
}

const waitFor = (patience: Patience): RungChoice => ({ kind: 'wait', ...patience });

function whyNotNow(view: View, path: PathAssessment): RungChoice | null {
  const wait = (because: string): RungChoice => ({ kind: 'wait', because });
  const running = runningRung(view);
  if (running !== null) return wait(`${running.rung} runs on ${running.path}`);
  if (isUnderRepair(view, path.path)) return wait(`${path.path} settles after its repair`);
  const grace = graceUntil(view, path.path);
  if (view.now < grace) return wait(`its maintenance has just ended; it is left alone until ${instantText(grace)}`);
  const doubt = doubtUntil(view, path.path);
  if (doubt !== null)
    return {
      kind: 'wait',
      until: doubt,
      because: `${path.path} may have been stopped on purpose: EC2 says so in a moment`,
    };
  if (path.answersAgain) return wait(`${path.path} answers again`);
  if (view.evidence.reportsFrom === 'metrics' && !path.dead)
    return wait('only metrics say so: perhaps the canary is cut off');
  if (path.tunnelCarries) return wait(`path ${path.path} still carries working traffic`);
  if (isRescueNear(view)) return wait('traffic moves first');
  const lease = view.evidence.gatewayLeases[path.gateway];
  if (lease && isRepairedForAnother(lease, view.connection.name, view.now))
    return wait(`${lease.holder} repairs ${path.gateway}`);
  if (isClaimed(view.evidence, path.gateway))
    return wait(`automation ${lease!.claimedBy} may still work on ${path.gateway}`);
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
  const boot = bootPatience(view, path);
  return boot === null ? null : waitFor(boot);
}

/** What was tried and need not be tried again yet. */
function triedRungs(view: View, path: PathAssessment): Rung[] {
  const { policy } = view.connection;
  const isSpent = ({ rung, result, endedAt }: RungRun): boolean => {
    const ageMs = endedAt === null ? 0 : view.now - endedAt;
    if (result === 'refused') return false;
    if (result === 'left') return path.othersPass;
    if (result === 'undelivered') return ageMs < deliverAgainMs;
    if (result === 'denied') return ageMs < deniedAgainMs;
    // Once per incident: whoever turns it on again does so on purpose, and no daemon changes its maker.
    if (rung === 'clear-source-dest-check' || result === 'unseen') return true;
    return ageMs < policy.ladderRestMs;
  };
  return view.memory.rungs.filter((run) => run.path === path.path && isSpent(run)).map(({ rung }) => rung);
}

function isWithinBudget(view: View, rung: Rung): boolean {
  const { policy } = view.connection;
  const { repairs, replaces } = view.memory.budgets;
  return (
    budgetLeft(view, repairs, policy.repairs24hMax) &&
    (rung !== 'replace' || budgetLeft(view, replaces, policy.replaces24hMax))
  );
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

/** The rung's gate. Beside others' traffic only one tunnel's own restart passes it. */
function fits(view: View, path: PathAssessment, rung: Rung): boolean {
  const gateway = view.deployment.gateways[path.gateway]!;
  const runs = path.instanceState === 'running';
  if (path.carries && rung !== 'restart-tunnel') return false;
  switch (rung) {
    case 'clear-source-dest-check':
      return path.ownFault === 'forwarding';
    case 'restart-tunnel':
      return runs && mayRestartTunnel(view, path, gateway);
    case 'reboot':
      return runs && path.ownFault === 'machine';
    case 'stop-start':
      return (
        path.ownFault === 'machine' && path.instanceState !== 'terminated' && path.instanceState !== 'shutting-down'
      );
    case 'replace':
      return (
        path.ownFault === 'machine' && gateway.launchTemplate !== undefined && view.connection.policy.replaces24hMax > 0
      );
  }
}

/** A machine whose status checks fail has no agent to restart a daemon with; what EC2 drops, no daemon brings back. */
function mayRestartTunnel(view: View, path: PathAssessment, { control }: Gateway): boolean {
  const { tunnel } = view.connection.paths[path.path]!;
  const isReached = control !== 'none' && !path.agentLost && !checksFail(view, path);
  return tunnel !== undefined && isReached && path.ownFault !== 'forwarding';
}

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
  const beside = again === null ? rung === 'restart-tunnel' && path.othersPass : again.beside === true;
  return {
    kind: 'repair',
    rule: 9,
    because: again?.because ?? whyRung(view, path, rung, beside),
    path: path.path,
    gateway: gateway.name,
    rung,
    document: deployment.runbooks[rung],
    parameters: parametersOf(view, gateway, path.path, rung, clientToken, beside),
    clientToken,
    beside,
    deadlineAt,
    decidedAt: now,
    gatewayUntil: deadlineAt + connection.policy.repairSettleMs,
    endedClaim: isClaimed(view.evidence, gateway.name)
      ? 'none'
      : (view.evidence.gatewayLeases[gateway.name]?.claimedBy ?? 'none'),
    declared: declaredIds(gateway),
  };
}

/** As people read it: what is wrong, what is done, and on what grounds. */
function whyRung(view: View, path: PathAssessment, rung: Rung, beside: boolean): string {
  const down = `path ${path.path} is down (${path.because})`;
  switch (rung) {
    case 'clear-source-dest-check':
      return `${path.ownSideBecause}: it is switched off again; ${down}`;
    case 'restart-tunnel': {
      const alone = beside ? `, and nothing else, since others pass over ${path.gateway}` : '';
      return `${down}: restart-tunnel of ${view.connection.paths[path.path]!.tunnel} on ${path.gateway}${alone}; ${path.ownSideBecause}`;
    }
    default:
      return `${down} and ${path.gateway} carries nobody: ${rung}, because ${path.ownSideBecause}`;
  }
}

/** From the bundled configuration and our own journal; never from an event. */
function parametersOf(
  view: View,
  gateway: Gateway,
  path: PathName,
  rung: Rung,
  clientToken: string,
  beside: boolean,
): RepairDecision['parameters'] {
  const identity = identityOf(view.deployment, gateway.name, view.evidence);
  const common = { InstanceId: [identity.instanceId], Gateway: [gateway.name], Repair: [clientToken] };
  switch (rung) {
    case 'clear-source-dest-check':
      return { ...common, InterfaceId: [identity.routeInterfaceId] };
    case 'restart-tunnel':
      return {
        ...common,
        Tunnel: [view.connection.paths[path]!.tunnel!],
        Shared: [isShared(view, gateway) ? 'true' : 'false'],
        Passing: [beside ? 'true' : 'false'],
      };
    case 'reboot':
    case 'stop-start':
      return common;
    case 'replace':
      return {
        ...common,
        OldInterfaceId: [identity.routeInterfaceId],
        DeclaredInstanceId: [gateway.instanceId],
        DeclaredInterfaceId: [gateway.routeInterfaceId],
        LaunchTemplateId: [gateway.launchTemplate!.id],
        LaunchTemplateVersion: [gateway.launchTemplate!.version],
        AllocationId: [gateway.address?.allocationId ?? 'none'],
        Canary: [canaryOf(view, path)],
        ClientToken: [uuidOf(`launch/${clientToken}`)],
      };
  }
}

/** Two tunnels of one connection share a gateway as two connections do. */
function isShared(view: View, gateway: Gateway): boolean {
  const paths = Object.values(view.deployment.connections).flatMap((c) => Object.values(c.paths));
  return paths.filter((path) => path.gateway === gateway.name).length > 1;
}

/** Every path has one: the configuration sees to it. */
function canaryOf(view: View, path: PathName): string {
  return view.connection.canaries.find((c) => c.watches.kind === 'path' && c.watches.path === path)!.id;
}
