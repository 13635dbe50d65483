/**
 * What AWS has announced, and users need not feel: they leave the path ahead of it, and come home afterwards.
 *
 * Of an instance it comes at AWS's own time (core/gateways/scheduled-events.ts). Endpoint maintenance of the tunnels of a
 * Site-to-Site connection is applied before AWS does so: one tunnel after the other gets its new endpoint.
 *
 *     window - 15 min          window opens                                                      window ends
 *     soft drain, users leave  | tunnel not in use: replaced, UP, settled | the other one | drain ends, users come home
 *
 * The drain is made anew each turn, of what AWS announces and of what we have done: nobody has to lift it. Where nothing
 * can be moved (standby: none) there is no drain: only a tunnel that is not in use is replaced, and the other one once
 * `lastCarried` shows that AWS has left it.
 *
 * Law: never both tunnels, never one that carries (invariants.laws.oneTunnel, lastTunnel).
 */

import type { PathAssessment } from '../assess/assessment';
import { quietSpan, spanBetween } from '../assess/quiet';
import type { Facts } from '../gateways/kind';
import { endOf, eventAhead, eventText, scheduledNow, whyNotLeft } from '../gateways/scheduled-events';
import { pendingMaintenance, reportOf, tunnelInUse } from '../gateways/tunnel-report';
import { otherTunnel, whyNever } from '../gateways/vpn-rungs';
import { type Desired, isClaimed, isDrained, isRepairedForAnother } from '../store/lease';
import { type Announcement, type Memory, openRung } from '../store/memory';
import type { RepairDecision } from '../words/decision';
import type { Drain, GatewayName, PathName, TunnelAddress, VpnConnectionGateway } from '../words/domain';
import { isOver } from '../words/ends';
import type { ScheduledEvent } from '../words/evidence';
import { dayMs, hourMs, type Instant, instantText, minuteMs, spanText } from '../words/time';
import { pauseNow } from './asked';
import type { Concern, Due } from './concern';
import { speaksFor } from './health-voice';
import { isWithinBudget, repairDecision } from './ladder';
import { type Asked, isUnderRepair, settledAt, type View } from './view';

/** Users are away and the move confirmed by then. */
const leadMs = 15 * minuteMs;
/** How long the drain is shown to last at least; it is made anew each turn. */
const drainMs = hourMs;
const requestedBy = 'Switchback';

const vpnOf = ({ deployment, connection }: Facts, path: PathName): VpnConnectionGateway | null => {
  const gateway = deployment.gateways[connection.paths[path]!.gateway]!;
  return gateway.kind === 'vpn' ? gateway : null;
};

/** May maintenance be applied at this instant, by its configuration alone? */
function isOpen({ maintenance, window = [] }: VpnConnectionGateway, at: Instant): boolean {
  return maintenance === 'apply' || (maintenance === 'window' && quietSpan(window, at) !== null);
}

/** Memory with what AWS has scheduled, as far as this look shows it. */
export const withScheduled = (facts: Facts): Memory => ({ ...facts.memory, scheduled: scheduledNow(facts) });

/** What people asked for, and a soft drain of the path on which AWS's work comes next or is under way. */
export function withUpkeep(facts: Facts, desired: Desired): Desired {
  const { connection, now } = facts;
  if (connection.mode === 'observe' || connection.standby === 'none' || pauseNow({ desired, now }) !== null)
    return desired;
  const paths = Object.keys(connection.paths);
  const path = paths.find((one) => isUnderWay(facts, one)) ?? paths.find((one) => isNext(facts, desired, one));
  if (path === undefined || isDrained(desired, path, now)) return desired;
  const event = eventAhead(facts, path, leadMs);
  const what = event === null ? 'announced maintenance' : `scheduled ${eventText(event)}`;
  const reason = `AWS has ${what} of ${connection.paths[path]!.gateway}`;
  const until = Math.max(now + drainMs, event === null ? 0 : endOf(event));
  const drain: Drain = { kind: 'soft', since: now, until, reason, requestedBy };
  return { ...desired, drains: { ...desired.drains, [path]: drain } };
}

/** By ourselves, and not by a person who works there. */
const isDrainedForUpkeep = ({ desired }: View, path: PathName): boolean =>
  desired.drains[path]?.requestedBy === requestedBy;

const isUnderWay = (facts: Facts, path: PathName): boolean =>
  facts.memory.rungs.some(
    (run) =>
      run.path === path && run.purpose === 'maintenance' && (run.endedAt === null || facts.now < settledAt(facts, run)),
  );

/**
 * Everything must have been well for a soak: users are not moved for a plan while something else is the matter, nor for
 * one that would not be carried out once they have left: they would be kept away until AWS applies it, days later.
 */
function isNext(facts: Facts, desired: Desired, path: PathName): boolean {
  const { connection, memory, now } = facts;
  const gateway = vpnOf(facts, path);
  if (gateway === null)
    return eventAhead(facts, path, leadMs) !== null && (isLeft(facts, path) || areOthersWell(facts, desired, path));
  if (connection.mode !== 'repair') return false;
  const isInReach = pendingMaintenance(facts, path).some((one) => whyKept({ ...facts, desired }, path, one) === '');
  if (!isInReach) return false;
  if (!isOpen(gateway, now) && !isOpen(gateway, now + leadMs)) return false;
  return memory.healthySince[path] !== undefined && areOthersWell(facts, desired, path);
}

const areOthersWell = ({ connection, memory, now }: Facts, desired: Desired, path: PathName): boolean =>
  Object.keys(connection.paths).every((one) => {
    const since = memory.healthySince[one];
    const isWell = since !== undefined && now - since >= connection.policy.soakMs;
    return one === path || (isWell && !isDrained(desired, one, now));
  });

/** Nobody is on it: kept out, it is still a last resort, and users do not come back into the middle of AWS's work. */
const isLeft = ({ memory }: Facts, path: PathName): boolean => {
  const used = Object.values(memory.usedSince);
  return used.length > 0 && used.every((one) => one.path !== null && one.path !== path);
};

/** One tunnel whose maintenance may be applied now; null: none is announced, or something keeps us. */
export function maintainTunnel(view: View): RepairDecision | null {
  if (openRung(view.memory) !== null) return null;
  for (const path of Object.values(view.assessment.paths)) {
    const gateway = vpnOf(view, path.path);
    if (gateway === null || !isOpen(gateway, view.now)) continue;
    const tunnel = pendingMaintenance(view, path.path).find((one) => whyNotApplied(view, path, one) === '');
    if (tunnel === undefined) continue;
    const by = instantText(announcedBy(view, path.path));
    const because = `AWS has announced maintenance of tunnel ${tunnel} of ${gateway.name} and applies it by itself from ${by}: it is applied now, and ${otherTunnel(view, path.path, tunnel)} carries meanwhile what there is`;
    return repairDecision(view, path, { rung: 'replace-tunnel', tunnel, purpose: 'maintenance', because });
  }
  return null;
}

/** Empty: nothing keeps us. */
function whyNotApplied(view: View, path: PathAssessment, tunnel: TunnelAddress): string {
  const { evidence, connection, now, assessment } = view;
  const lease = evidence.gatewayLeases[path.gateway];
  if (assessment.mass) return 'a common cause of failures is suspected';
  if (path.verdict !== 'healthy') return `path ${path.path} is ${path.verdict}`;
  if (isUnderRepair(view, path.path)) return `path ${path.path} settles`;
  if ((lease && isRepairedForAnother(lease, connection.name, now)) || isClaimed(evidence, path.gateway))
    return `somebody else works on ${path.gateway}`;
  const kept = whyKept(view, path.path, tunnel);
  if (kept !== '') return kept;
  return connection.standby === 'none' ? whyInUse(view, path, tunnel) : whyCarries(view, path);
}

/** Whoever is on the path: what keeps us from replacing this tunnel. Empty: nothing. */
function whyKept(facts: Asked, path: PathName, tunnel: TunnelAddress): string {
  const report = reportOf(facts, vpnOf(facts, path)!);
  if (report === null) return 'nobody has read the tunnels lately';
  const other = otherTunnel(facts, path, tunnel);
  if (report.tunnels[other]?.status !== 'up') return `the other one, ${other}, is not UP to take over`;
  if (!isWithinBudget(facts, { rung: 'replace-tunnel', tunnel })) return 'the repair budget of the day is used up';
  return whyNever(facts, path, tunnel, report);
}

/** Users have left, and are well where they are. */
function whyCarries(view: View, path: PathAssessment): string {
  if (!path.drained) return `users have not left path ${path.path}`;
  if (!isDrainedForUpkeep(view, path.path)) return `${view.desired.drains[path.path]!.requestedBy} works on it`;
  if (path.carries) return `${path.gateway} still carries working traffic`;
  const [moving] = takingEffect(view);
  if (moving !== undefined) return moving.because;
  const sick = Object.values(view.assessment.paths).find((one) => one.path !== path.path && one.verdict !== 'healthy');
  return sick === undefined ? '' : `path ${sick.path} is ${sick.verdict}`;
}

/**
 * EC2 shows a route seconds before packets follow it, and users are served on the path they leave too: only time tells.
 * Example: the move landed at 02:14:07, packets left the tunnel at 02:14:13; replaced at 02:14:09, it took them along.
 */
const takingEffect = ({ memory, connection, now }: View): Due[] =>
  Object.entries(memory.moves)
    .map(([set, move]) => ({
      at: move.at + connection.policy.confirmAfterMs,
      because: `the move of ${set} gets its time`,
    }))
    .filter(({ at }) => at > now);

/** Nobody can be moved: only what AWS does not send through may go. */
function whyInUse(view: View, path: PathAssessment, tunnel: TunnelAddress): string {
  const unserved = Object.values(view.assessment.sets).find(({ service }) => service !== 'up');
  if (unserved !== undefined) return `users of ${unserved.routeSet} are not seen to be served`;
  const inUse = tunnelInUse(reportOf(view, vpnOf(view, path.path)!));
  if (inUse === null) return 'nobody has seen which tunnel is in use';
  return inUse === tunnel
    ? `it is the one in use, and ${otherTunnel(view, path.path, tunnel)} has not been seen to carry since`
    : '';
}

const announcedBy = (view: View, path: PathName): Instant => {
  const { tunnels } = reportOf(view, vpnOf(view, path)!)!;
  return Math.min(...pendingMaintenance(view, path).map((one) => tunnels[one]!.maintenanceBy!));
};

export const scheduledKey = (gateway: GatewayName, { id, from }: ScheduledEvent) =>
  `scheduled/${gateway}/${id}/${from}` as const;

/** What AWS has scheduled for an instance, and what becomes of users, by one of the connections over it. */
export function scheduledNews(view: View): Announcement[] {
  return Object.entries(view.memory.scheduled).flatMap(([gateway, events]) => {
    const path = Object.values(view.connection.paths).find((one) => isOver(one, gateway))!.name;
    const kept = whyNotLeft(view, path);
    const then =
      kept === ''
        ? `users leave path ${path} ${spanText(leadMs)} before, if all else is well, and come home afterwards`
        : `nobody is moved ahead of it: ${kept}; plan for it, or stop and start it yourself before`;
    return events
      .filter(({ told }) => !told && speaksFor(view, gateway))
      .map((event) => ({
        key: scheduledKey(gateway, event),
        text: `AWS has scheduled ${eventText(event)} of ${gateway}: ${then}`,
      }));
  });
}

/** Users should have left by now, and something keeps them. */
function keptConcerns(view: View): Concern[] {
  return Object.values(view.assessment.paths).flatMap((path): Concern[] => {
    const event = eventAhead(view, path.path, leadMs);
    if (event === null || path.drained || pauseNow(view) !== null) return [];
    const sick = Object.values(view.assessment.paths).find(
      (one) => one.path !== path.path && one.verdict !== 'healthy',
    );
    const why =
      sick === undefined ? 'the others have not been well for long enough' : `path ${sick.path} is ${sick.verdict}`;
    const text = `AWS has scheduled ${eventText(event)} of ${path.gateway}, and users stay on path ${path.path}: ${why}`;
    return [{ key: `upkeep/${path.path}/kept`, urgent: false, text }];
  });
}

/** What AWS will do by itself, and when: once a week ahead where nothing is planned, and once a day ahead in any case. */
export const upkeepConcerns = (view: View): Concern[] => [...keptConcerns(view), ...tunnelConcerns(view)];

function tunnelConcerns(view: View): Concern[] {
  return Object.values(view.assessment.paths).flatMap((path): Concern[] => {
    const gateway = vpnOf(view, path.path);
    const pending = gateway === null ? [] : pendingMaintenance(view, path.path);
    const [tunnel] = pending;
    if (gateway === null || tunnel === undefined || isUnderWay(view, path.path)) return [];
    const by = announcedBy(view, path.path);
    const days = by - view.now <= dayMs ? 1 : 7;
    if (by <= view.now || by - view.now > 7 * dayMs) return [];
    const planned = gateway.maintenance !== 'never' && opensBefore(gateway, view.now, by);
    if (days === 7 && planned) return [];
    const why = whyLeft(view, path, gateway, tunnel, planned);
    const text = `AWS has announced maintenance of ${pending.join(' and ')} of ${gateway.name} (path ${path.path}) and applies it by itself from ${instantText(by)}, some seconds to minutes of one tunnel; ${why}`;
    return [{ key: `upkeep/${path.path}/${days}`, urgent: false, text }];
  });
}

function whyLeft(
  view: View,
  path: PathAssessment,
  gateway: VpnConnectionGateway,
  tunnel: TunnelAddress,
  planned: boolean,
): string {
  if (gateway.maintenance === 'never') return 'its configuration leaves it to AWS (maintenance: never): plan for it';
  if (!planned) return 'no window of its opens before: widen the window, or plan for it';
  const kept = isOpen(gateway, view.now) ? whyNotApplied(view, path, tunnel) : 'its window is not open';
  return kept === '' ? 'it is applied before' : `it has not been applied yet: ${kept}`;
}

const opensBefore = ({ maintenance, window = [] }: VpnConnectionGateway, now: Instant, by: Instant): boolean =>
  maintenance === 'apply' || spanBetween(window, now, by) !== null;

/** When a window opens for which users have left already. */
export function upkeepDues(view: View): Due[] {
  return Object.keys(view.connection.paths).flatMap((path) => {
    const gateway = vpnOf(view, path);
    if (gateway === null || !isDrainedForUpkeep(view, path)) return [];
    const moving = takingEffect(view);
    if (moving.length > 0) return moving;
    if (gateway.maintenance !== 'window' || isOpen(gateway, view.now)) return [];
    const opens = quietSpan(gateway.window ?? [], view.now + leadMs)?.from;
    return opens === undefined ? [] : [{ at: opens, because: `the maintenance window of ${gateway.name} opens` }];
  });
}
