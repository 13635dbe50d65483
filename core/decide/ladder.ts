/**
 * The repair ladder: which rung, if any, may be tried on a path now, and why not. What a rung is for, and when it fits, is
 * its gateway kind's to say (gateways/instance-rungs.ts); here stands what holds for all: running repairs, claims,
 * patience, budgets, and that nothing is done to a gateway that still carries traffic.
 */

import { isPinned, type PathAssessment } from '../assess/assessment';
import { sidesOf } from '../assess/both-ends';
import type { Patience } from '../gateways/kind';
import { kindOf, rungSpecs } from '../gateways/kinds';
import { isClaimed, isRepairedForAnother } from '../store/lease';
import type { Purpose, RungRun } from '../store/memory';
import { watchesPath } from '../words/canaries';
import type { RepairDecision } from '../words/decision';
import { uuidOf } from '../words/digest';
import type { Canary, PathName } from '../words/domain';
import { documentAt } from '../words/end-names';
import { endOf, isAimedAt, isElsewhere, seenFrom } from '../words/ends';
import { limits } from '../words/policy';
import type { Rung } from '../words/rungs';
import { own } from '../words/shape';
import { type Instant, instantText, minuteMs } from '../words/time';
import { blipPatience, doubtUntil, downSince } from './patience';
import { isRunOn, nothingLeft, type RungChoice, type RungStartOn, stuck, stuckAtBoth } from './stuck';
import { type Asked, budgetLeft, isRescueNear, isUnderRepair, runningRung, type View } from './view';
import { graceUntil } from './voice';

/** Systems Manager calls an agent that died Online for this long; a command may be delivered afterwards. */
const deliverAgainMs = 5 * minuteMs;
/** People who were told that a grant is missing may have added it after this long: the rung is tried again. */
const deniedAgainMs = 5 * minuteMs;
/**
 * AWS declines to replace a tunnel while it works on the connection itself, which is over after this long as a rule.
 */
const declinedAgainMs = 10 * minuteMs;

/**
 * Of a path with two ends the gateway that is to blame is repaired; where neither is, the one whose turn it is first and
 * then the other.
 */
export function chooseRung(view: View, path: PathAssessment): RungChoice {
  const sides = sidesOf(path);
  const failed = sides.filter(({ ownSide }) => ownSide === 'failed');
  const tried: RungChoice[] = [];
  for (const side of failed.length > 0 ? failed : sides) {
    const choice = chooseAt(viewFrom(view, side), side);
    if (choice.kind === 'try') return choice;
    tried.push(choice);
  }
  return tried.find(({ kind }) => kind === 'wait') ?? stuckAtBoth(path, tried);
}

/** As one who stands at that end sees the connection: each side has its own gateway, tunnels and canary. */
const viewFrom = (view: View, { end }: PathAssessment): View =>
  end === undefined ? view : { ...view, connection: seenFrom(view.connection, end) };

function chooseAt(view: View, path: PathAssessment): RungChoice {
  const notNow = whyNotNow(view, path);
  if (notNow !== null) return notNow;
  if (view.connection.policy.repairs24hMax === 0)
    return stuck('policy', `path ${path.path} is down and its policy allows no repair`);
  const { rungs } = kindOf(view.deployment.gateways[path.gateway]!);
  const untried = rungs.flatMap((rung) => starts(view, path, rung)).filter((start) => fits(view, path, start));
  const start = untried[0];
  if (start === undefined) return nothingLeft(view, path);
  const isNamed = path.dead || rungSpecs[start.rung].mendsNamedFault;
  const blip = isNamed ? null : blipPatience(view, path);
  if (blip !== null) return waitFor(blip);
  const affordable = untried.find((one) => isWithinBudget(view, one));
  if (affordable === undefined)
    return stuck('budget', `the repair budget of the day is used up, path ${path.path} waits; acknowledge to lift it`);
  return { kind: 'try', ...affordable, side: path };
}

/**
 * The starts of a rung that are left in this incident: one on the whole gateway, or one on each tunnel it may act on.
 */
function starts(view: View, path: PathAssessment, rung: Rung): RungStartOn[] {
  const tunnels: readonly RungStartOn['tunnel'][] = rungSpecs[rung].tunnels?.(view, path.path) ?? [null];
  const tried = triedRungs(view, path).filter((run) => run.rung === rung);
  const untried = tunnels.filter((tunnel) => !tried.some((run) => (run.tunnel ?? null) === tunnel));
  return untried.map((tunnel) => ({ rung, tunnel }));
}

const waitFor = (patience: Patience): RungChoice => ({ kind: 'wait', ...patience });

function whyNotNow(view: View, path: PathAssessment): RungChoice | null {
  const wait = (because: string): RungChoice => ({ kind: 'wait', because });
  if (view.memory.rehearsal?.path === path.path) return wait(`path ${path.path} is being rehearsed`);
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
  const gateway = view.deployment.gateways[path.gateway]!;
  const zone = kindOf(gateway).zone(gateway);
  if (zone !== null && isZoneSilent(view, path, zone)) {
    return stuck(
      'zone',
      `zone ${zone} is silent as a whole, its canaries too: ${path.gateway} is left alone till it is back`,
    );
  }
  const boot = kindOf(gateway).booting(view, gateway);
  return boot === null ? null : waitFor(boot);
}

/** Rungs that were tried in this incident and rest until they may be tried again. */
function triedRungs(view: View, path: PathAssessment): RungRun[] {
  const { policy } = view.connection;
  const isSpent = ({ rung, result, endedAt }: RungRun): boolean => {
    const ageMs = endedAt === null ? 0 : view.now - endedAt;
    if (result === 'refused') return false;
    if (result === 'left') return path.othersPass;
    if (result === 'undelivered') return ageMs < deliverAgainMs;
    if (result === 'denied') return ageMs < deniedAgainMs;
    if (result === 'declined') return ageMs < declinedAgainMs;
    // Once per incident: whoever turns it on again does so on purpose, and no daemon changes its maker.
    if (rungSpecs[rung].mendsNamedFault || result === 'unseen') return true;
    return ageMs < policy.ladderRestMs;
  };
  return view.memory.rungs.filter((run) => isRunOn(path, run) && isSpent(run));
}

export function isWithinBudget(view: Asked, { rung, tunnel }: RungStartOn): boolean {
  const { policy } = view.connection;
  const { budgets, replacedAt } = view.memory;
  return (
    budgetLeft(view, budgets.repairs, policy.repairs24hMax) &&
    (!rungSpecs[rung].replaces || budgetLeft(view, budgets.replaces, policy.replaces24hMax)) &&
    (tunnel === null || budgetLeft(view, own(replacedAt, tunnel) ?? [], limits.tunnelReplaces24hMax))
  );
}

/** Canaries that fell silent this long before a path went down did not die of the same. */
const zoneDiesWithinMs = minuteMs;

/**
 * A zone that died takes its gateways and its canaries, within moments; rebooting in it achieves nothing and a stopped
 * instance may not start again for hours. Somebody elsewhere must be able to report, or it is we who are blind.
 *
 * Example of a zone that is well: its only canary lost its way to DynamoDB at 3:00, the gateway's daemon dies at 5:00, and
 * the machine still answers the probe of a canary in another zone.
 */
function isZoneSilent(view: View, path: PathAssessment, zone: string): boolean {
  const { assessment, connection, deployment, evidence, now } = view;
  const lastWord = (id: string): Instant => evidence.reports[id]?.reportedAt ?? 0;
  const isHeard = ({ id }: Canary): boolean => now - lastWord(id) <= connection.policy.silentAfterMs;
  const inside = connection.canaries.filter((canary) => canary.availabilityZone === zone);
  const fellSilent = inside.some(({ id }) => lastWord(id) >= downSince(view, path) - zoneDiesWithinMs);
  const answers = Object.values(assessment.paths)
    .flatMap(sidesOf)
    .some(({ gateway, gatewayProbe }) => {
      const machine = deployment.gateways[gateway];
      return gatewayProbe === 'up' && machine !== undefined && kindOf(machine).zone(machine) === zone;
    });
  return fellSilent && !inside.some(isHeard) && connection.canaries.some(isHeard) && !answers;
}

/** The rung's gate. Beside others' traffic only what touches one tunnel alone passes it. */
const fits = (view: View, path: PathAssessment, { rung, tunnel }: RungStartOn): boolean =>
  (!path.carries || rungSpecs[rung].besideTraffic) &&
  !(rungSpecs[rung].replaces && isAimedAt(view.deployment, path.gateway)) &&
  rungSpecs[rung].fits(view, path, tunnel);

/**
 * A rung whose start got no answer: started once more with the same token, so that Systems Manager runs it only once.
 */
export const startAgain = ({ rung, tunnel, purpose }: RungRun): Wanted => ({ rung, tunnel: tunnel ?? null, purpose });

interface Wanted extends RungStartOn {
  /** Absent: to repair. */
  readonly purpose?: Purpose;
  /** Absent: as the rung itself says it. */
  readonly because?: string;
}

/** `again`: the same start once more, with the token it was journalled with. */
export function repairDecision(
  whole: View,
  path: PathAssessment,
  { rung, tunnel, purpose = 'repair', because }: Wanted,
  again: RungRun | null = null,
): RepairDecision {
  const view = viewFrom(whole, path);
  const { connection, deployment, memory, now } = view;
  const gateway = deployment.gateways[path.gateway]!;
  const end = endOf(deployment, gateway);
  const deadlineAt = again?.deadlineAt ?? now + connection.policy.rungDeadlineMs[rung];
  const clientToken =
    again?.clientToken ?? uuidOf(`${memory.incident?.id ?? connection.name}/${gateway.name}/${rung}/${now}`);
  const beside = again === null ? rungSpecs[rung].besideTraffic && path.othersPass : again.beside === true;
  return {
    kind: 'repair',
    rule: purpose,
    tunnel,
    purpose,
    because: again?.because ?? because ?? rungSpecs[rung].why(view, path, { beside, tunnel }),
    path: path.path,
    gateway: gateway.name,
    rung,
    ...(isElsewhere(deployment, end) && { end: end!.name }),
    document: documentAt(deployment, rung, end),
    parameters: rungSpecs[rung].parameters(view, path.path, {
      clientToken,
      beside,
      canary: canaryOf(view, path.path),
      tunnel,
      purpose,
    }),
    clientToken,
    beside,
    deadlineAt,
    decidedAt: now,
    gatewayUntil: deadlineAt + connection.policy.repairSettleMs,
    endedClaim: isClaimed(view.evidence, gateway.name)
      ? 'none'
      : (view.evidence.gatewayLeases[gateway.name]?.claimedBy ?? 'none'),
    declared: kindOf(gateway).declared(gateway),
  };
}

/** Every path has one: the configuration sees to it. */
function canaryOf(view: View, path: PathName): string {
  return view.connection.canaries.find(watchesPath(path))!.id;
}
