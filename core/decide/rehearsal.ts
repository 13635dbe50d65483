/**
 * The rehearsal of a single connection: nothing but taking the tunnel in use away shows that the other one passes
 * anything. Opened by a person's word or by its schedule, followed turn by turn, recorded and told.
 *
 *     opened, told | taken away: by the partner, or by AWS | service canary dark ... answered | DataOut moved | recorded
 *                                                           `- dark for 60 s: both sides are told to bring it back
 *
 * By AWS it is a replacement, which nothing undoes: it begins only once people have been told so. While one is open the
 * ladder leaves its path alone: what is DOWN there is DOWN on purpose.
 */
import { quietSpan } from '../assess/quiet';
import { reportOf, tunnelInUse } from '../gateways/tunnel-report';
import { otherTunnel, whyNever } from '../gateways/vpn-rungs';
import { type Memory, openRung, type RehearsalRecord, type RehearsalUnderWay, type RungRun } from '../store/memory';
import { cutTo, reasonBytes } from '../store/memory-text';
import type { RepairDecision } from '../words/decision';
import type { PathName, Rehearsal, TunnelAddress, VpnConnectionGateway } from '../words/domain';
import type { TunnelReport } from '../words/evidence';
import { theSchedule } from '../words/orders';
import { limits } from '../words/policy';
import { hourMs, type Instant, instantText, minuteMs, secondMs, spanText } from '../words/time';
import { pauseNow } from './asked';
import type { Concern, Due } from './concern';
import { darknessOf, darkText } from './darkness';
import { isWithinBudget, repairDecision } from './ladder';
import type { View } from './view';

/** Without a window a partner who has been asked gets this long. */
const openMs = hourMs;
/** How long a rehearsal by replacement takes at most: its deadline, and the time to settle. */
const replacedMs = 30 * minuteMs;
/** Both tunnels must have been UP for this long: what has just come up may go again. */
const steadyMs = hourMs;
/** CloudWatch shows whole five minutes, and is minutes late. */
const bytesShownMs = 12 * minuteMs;
/** A word that could not be followed for a day was given for another day's tunnels. */
const wordMs = limits.failbackWordMs;

/** A single path over a VPN connection, and what is rehearsed there; null: nothing. */
function rehearsed(view: View): { readonly path: PathName; readonly config: Rehearsal } | null {
  const { rehearsal: config, paths } = view.connection;
  const [path] = Object.values(paths);
  const isVpn = path !== undefined && view.deployment.gateways[path.gateway]?.kind === 'vpn';
  return config === undefined || path === undefined || !isVpn ? null : { path: path.name, config };
}

const gatewayOf = (view: View, path: PathName): VpnConnectionGateway =>
  view.deployment.gateways[view.connection.paths[path]!.gateway] as VpnConnectionGateway;

/** Why none may be opened now, as its author reads it; empty: one may. */
export function whyNotRehearsed(view: View): string {
  const what = rehearsed(view);
  if (what === null)
    return `${view.connection.name} has nothing to rehearse: it is for a single path over a VPN connection of AWS`;
  const { path, config } = what;
  if (view.memory.rehearsal !== null) return 'one is open already';
  if (pauseNow(view) !== null) return `${view.connection.name} is paused`;
  if (openRung(view.memory) !== null) return 'a repair runs';
  if (view.assessment.mass) return 'a common cause of failures is suspected';
  const seen = view.assessment.paths[path]!;
  if (seen.verdict !== 'healthy') return `path ${path} is ${seen.verdict}: ${seen.because}`;
  if (seen.drained) return `path ${path} is drained`;
  const unserved = Object.values(view.assessment.sets).find(({ service }) => service !== 'up');
  if (unserved !== undefined) return `users of ${unserved.routeSet} are not seen to be served`;
  const report = reportOf(view, gatewayOf(view, path));
  return report === null ? 'nobody has read the tunnels lately' : whyNotTunnels(view, path, config, report);
}

function whyNotTunnels(view: View, path: PathName, config: Rehearsal, report: TunnelReport): string {
  const inUse = tunnelInUse(report);
  const all = Object.entries(report.tunnels);
  const down = all.find(([, { status, provisioning }]) => status !== 'up' || provisioning !== 'available');
  if (down !== undefined) return `tunnel ${down[0]} is not UP and provisioned`;
  if (inUse === null) return 'nobody has seen which tunnel is in use';
  if (config.by === 'peer') return '';
  const { connection, now } = view;
  if (connection.mode !== 'repair') return `in mode ${connection.mode} nothing is replaced`;
  if (quietSpan(config.window ?? [], now) === null) return 'its window is not open, and a replacement cannot be undone';
  const young = all.find(([, { since }]) => now - since < steadyMs);
  if (young !== undefined) return `tunnel ${young[0]} has not been UP for ${spanText(steadyMs)}`;
  const other = otherTunnel(view, path, inUse);
  if (report.tunnels[other]?.maintenanceBy !== null) return `AWS has announced maintenance of ${other}`;
  if (!isWithinBudget(view, { rung: 'replace-tunnel', tunnel: inUse }))
    return 'the repair budget of the day is used up';
  return whyNever(view, path, inUse, report);
}

/** Who wants it now; null: nobody. */
function requestedBy({ connection, desired, memory, now }: View): string | null {
  const { rehearsal: config } = connection;
  const last = memory.lastRehearsal;
  const word = desired.rehearsal;
  if (word !== null && word.since > (last?.openedAt ?? 0) && now - word.since <= wordMs) return word.requestedBy;
  if (config?.window === undefined || (config.by === 'aws' && !config.unattended)) return null;
  const isDue = now - (last?.openedAt ?? 0) >= config.everyMs;
  return isDue && quietSpan(config.window, now) !== null ? theSchedule : null;
}

/** Memory once the rehearsal is opened, followed or closed by what this look shows. */
export function followRehearsal(view: View): Memory {
  const { memory } = view;
  if (memory.rehearsal !== null) return follow(view, memory.rehearsal);
  const who = requestedBy(view);
  return who === null || whyNotRehearsed(view) !== '' ? memory : opened(view, who);
}

function opened(view: View, who: string): Memory {
  const { memory, now } = view;
  const { path, config } = rehearsed(view)!;
  const gateway = gatewayOf(view, path);
  const tunnel = tunnelInUse(reportOf(view, gateway))!;
  const other = otherTunnel(view, path, tunnel);
  const span = quietSpan(config.window ?? [], now);
  const until = config.by === 'aws' ? now + replacedMs : (span?.until ?? now + openMs);
  const rehearsal: RehearsalUnderWay = {
    by: config.by,
    path,
    tunnel,
    openedAt: now,
    until,
    requestedBy: cutTo(who, reasonBytes.least),
    downAt: null,
    darkSince: null,
    darkMs: 0,
  };
  const how =
    config.by === 'peer'
      ? `partner: take tunnel ${tunnel} down on your side before ${instantText(until)}, and be ready to bring it up again at once`
      : `this cannot be undone: AWS replaces tunnel ${tunnel}, and if ${other} passes nothing back, users are dark for as long as that takes, some minutes as a rule`;
  const text = `rehearsal of ${gateway.name}, asked for by ${who}: ${how}; tunnel ${tunnel} is in use, ${other} should take over within a minute`;
  return { ...memory, rehearsal, toTell: [...memory.toTell, { key: `${openedKey}/${now}`, text }] };
}

const openedKey = 'rehearsed/opened';

type Ended = Pick<RehearsalRecord, 'outcome'> & { readonly text: string };

function follow(view: View, before: RehearsalUnderWay): Memory {
  const { memory } = view;
  const [path] = Object.keys(view.connection.paths);
  if (path !== before.path || view.deployment.gateways[view.connection.paths[path]!.gateway]?.kind !== 'vpn')
    return { ...memory, rehearsal: null }; // Another deployment knows nothing of it.
  const seen = { ...before, downAt: downAt(view, before), ...darknessOf(view, before) };
  const ended = endOf(view, seen);
  if (ended === null) return { ...memory, rehearsal: seen };
  const { openedAt, by, tunnel, requestedBy: who } = seen;
  const darkMs = seen.darkMs + (seen.darkSince === null ? 0 : view.now - seen.darkSince);
  const lastRehearsal: RehearsalRecord = { openedAt, by, tunnel, darkMs, requestedBy: who, outcome: ended.outcome };
  const sets = Object.keys(view.connection.routeSets);
  const proven = ended.outcome === 'passed' ? Object.fromEntries(sets.map((set) => [set, openedAt])) : {};
  return {
    ...memory,
    rehearsal: null,
    lastRehearsal,
    practisedAt: { ...memory.practisedAt, ...proven },
    toTell: [...memory.toTell, { key: `rehearsed/${ended.outcome}/${openedAt}`, text: ended.text }],
  };
}

/** By AWS's clock; what went DOWN before has nothing to do with it. */
function downAt(view: View, { path, tunnel, openedAt, downAt: known }: RehearsalUnderWay): Instant | null {
  const seen = reportOf(view, gatewayOf(view, path))?.tunnels[tunnel];
  return known ?? (seen?.status === 'down' && seen.since >= openedAt ? seen.since : null);
}

function endOf(view: View, seen: RehearsalUnderWay): Ended | null {
  const { now } = view;
  const { path, tunnel, until, darkSince, darkMs, downAt: gone } = seen;
  const other = otherTunnel(view, path, tunnel);
  const dark = darkText(darkMs);
  const refused = view.memory.rungs.findLast((run) => isOf(seen, run) && untouched.includes(run.result));
  if (refused !== undefined)
    return { outcome: 'refused', text: `rehearsal over, nothing was done: ${refused.said ?? refused.result}` };
  if (darkSince !== null && isBackIn(view, seen)) {
    const text = `rehearsal failed: tunnel ${other} passes nothing back, for ${spanText(now - darkSince)} so far; ${tunnel} is UP again and AWS goes on sending through ${other}: partner, take ${other} down`;
    return { outcome: 'failed', text };
  }
  if (darkSince !== null) {
    const text = `rehearsal given up after ${spanText(now - darkSince)} of darkness: tunnel ${other} passes nothing back`;
    return now < until + openMs ? null : { outcome: 'failed', text };
  }
  if (darkMs >= limits.darkToldMs && hasGoneToo(view, seen)) {
    const text = `rehearsal failed, and proves nothing of tunnel ${other}: ${dark}, and ${other} went DOWN itself meanwhile, as both do when the partner's device or its line fails; rehearse again when both have been UP for ${spanText(steadyMs)}`;
    return { outcome: 'failed', text };
  }
  if (darkMs >= limits.darkToldMs) {
    const text = `rehearsal failed: ${dark}, until tunnel ${tunnel} was back or ${other} took over: do not rely on ${other}`;
    return { outcome: 'failed', text };
  }
  if (gone !== null && isAnsweredSince(view, gone)) {
    const carriedAt = reportOf(view, gatewayOf(view, path))?.tunnels[other]?.lastCarried ?? 0;
    if (carriedAt > gone) {
      const text = `rehearsal passed: tunnel ${tunnel} went DOWN at ${instantText(gone)}, ${other} carried answered traffic; ${dark}`;
      return { outcome: 'passed', text };
    }
    if (now - gone >= bytesShownMs) {
      const text = `rehearsal passed: tunnel ${tunnel} went DOWN at ${instantText(gone)} and users were answered; ${dark}; CloudWatch has not shown the bytes of ${other} yet`;
      return { outcome: 'passed', text };
    }
    return null;
  }
  return now < until
    ? null
    : { outcome: 'expired', text: `rehearsal over: tunnel ${tunnel} was not seen to go DOWN by ${instantText(until)}` };
}

/** AWS leaves a tunnel only when that one goes DOWN: what was taken away is UP again, and users are none the better. */
function isBackIn(view: View, { path, tunnel, downAt: gone }: RehearsalUnderWay): boolean {
  const seen = reportOf(view, gatewayOf(view, path))?.tunnels[tunnel];
  return gone !== null && seen?.status === 'up' && seen.since > gone;
}

/** By AWS's clock the other one has gone since, and may be back: whatever took both is no fault of the other's. */
function hasGoneToo(view: View, { path, tunnel, openedAt }: RehearsalUnderWay): boolean {
  const seen = reportOf(view, gatewayOf(view, path))?.tunnels[otherTunnel(view, path, tunnel)];
  return seen !== undefined && seen.since >= openedAt;
}

const untouched: readonly RungRun['result'][] = ['refused', 'denied', 'declined'];

const isOf = ({ openedAt }: RehearsalUnderWay, { purpose, startedAt }: RungRun): boolean =>
  purpose === 'rehearsal' && startedAt >= openedAt;

const isAnsweredSince = ({ assessment }: View, at: Instant): boolean =>
  Object.values(assessment.sets).every(({ service, servedAt }) => service === 'up' && servedAt > at);

/** By AWS, and once people have heard that it cannot be undone; null: by the partner, begun already, or none is open. */
export function rehearseByAws(view: View): RepairDecision | null {
  const { rehearsal, toTell, rungs } = view.memory;
  if (rehearsal === null || rehearsal.by !== 'aws' || openRung(view.memory) !== null) return null;
  const isUntold = toTell.some(({ key }) => key.startsWith(openedKey));
  if (isUntold || rungs.some((run) => isOf(rehearsal, run)) || view.now >= rehearsal.until) return null;
  const path = view.assessment.paths[rehearsal.path]!;
  const { tunnel } = rehearsal;
  if (path.verdict !== 'healthy' || whyStill(view, path.path, tunnel) !== '') return null;
  const because = `rehearsal asked for by ${rehearsal.requestedBy}: tunnel ${tunnel}, which is in use, is replaced, and nothing undoes that`;
  return repairDecision(view, path, { rung: 'replace-tunnel', tunnel, purpose: 'rehearsal', because });
}

/** Asked again when it begins: the other one must be there to take over. */
function whyStill(view: View, path: PathName, tunnel: TunnelAddress): string {
  const report = reportOf(view, gatewayOf(view, path));
  if (report === null) return 'nobody has read the tunnels lately';
  const other = otherTunnel(view, path, tunnel);
  return report.tunnels[other]?.status === 'up' ? whyNever(view, path, tunnel, report) : `${other} is not UP`;
}

/** Nothing comes back: whoever took the tunnel away must bring it up again, and must hear so at once. */
export function rehearsalConcerns(view: View): Concern[] {
  const open = view.memory.rehearsal;
  if (open === null || open.darkSince === null) return [];
  const key = `rehearsal/${open.path}` as const;
  const lasts = view.now - open.darkSince;
  if (lasts < limits.darkToldMs && !(key in view.memory.told)) return [];
  const other = otherTunnel(view, open.path, open.tunnel);
  const mend =
    open.by === 'peer'
      ? `bring tunnel ${open.tunnel} up`
      : `AWS is replacing tunnel ${open.tunnel}, which nothing undoes: partner, start IKE towards it as soon as it answers`;
  if (hasGoneToo(view, open)) {
    const text = `rehearsal: tunnel ${other} is DOWN as well, users have been dark for ${spanText(lasts)}: see to the partner's device and its line first, then ${mend}`;
    return [{ key, urgent: true, text }];
  }
  const text = `rehearsal: tunnel ${other} passes nothing back, users have been dark for ${spanText(lasts)}: ${mend}; then see to the return route and firewall of ${other}`;
  return [{ key, urgent: true, text }];
}

/** Followed closely while it is open; the service canary's own news wake a run at once. */
export function rehearsalDues({ memory, now }: View): Due[] {
  const open = memory.rehearsal;
  if (open === null) return [];
  const isBusy = open.by === 'aws' || open.darkSince !== null || open.downAt !== null;
  const told = open.darkSince === null ? Number.POSITIVE_INFINITY : open.darkSince + limits.darkToldMs;
  const next = Math.min(
    now + (isBusy ? 5 * secondMs : limits.sleepMaxMs),
    told > now ? told : Number.POSITIVE_INFINITY,
  );
  return [{ at: next, because: `a rehearsal of path ${open.path} is open` }];
}
