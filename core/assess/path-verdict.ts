/**
 * One path's verdict, from what its canaries, EC2 and the users of other zones say.
 *
 * Law: unknown is not down. A silent canary makes its path `unknown`, unless users in another zone feel it too.
 */

import { kindOf } from '../gateways/kinds';
import { isDrained } from '../store/lease';
import { watchesPath, watchesUsersOf } from '../words/canaries';
import type { CanaryId, PathName, RouteSetName } from '../words/domain';
import type { CanaryReport } from '../words/evidence';
import { limits, type Policy } from '../words/policy';
import { ageMs, type Instant, spanText } from '../words/time';
import {
  type BareSet,
  freshReports,
  isWorking,
  type Look,
  type PathAssessment,
  reportAgeMs,
  type Verdict,
} from './assessment';
import { pinOf } from './pins';
import { isTooYoungForLoss, showsSevere } from './severity';

type BareSets = Readonly<Record<RouteSetName, BareSet>>;

/**
 * The path as it serves one set, by the canaries whose targets lie in that set's destinations. Null: they are the path's
 * own, or it has none, so the path is judged as a whole.
 */
export function assessPathFor(look: Look, name: PathName, set: RouteSetName, sets: BareSets): PathAssessment | null {
  const watching = look.connection.canaries.filter(watchesPath(name));
  const judging = watching.filter(({ judges }) => judges === undefined || judges.includes(set));
  if (judging.length === 0 || judging.length === watching.length) return null;
  return assessPath(look, name, sets, { scope: `${set}@${name}`, canaries: judging.map(({ id }) => id) });
}

interface Judges {
  readonly scope: string;
  readonly canaries: readonly CanaryId[];
}

/** `judges`: the canaries that count; null: all of the path's. */
export function assessPath(look: Look, name: PathName, sets: BareSets, judges: Judges | null = null): PathAssessment {
  const { connection, evidence, memory, desired, now } = look;
  const { policy } = connection;
  const gateway = connection.paths[name]!.gateway;
  const pin = pinOf(look, name);
  const reports = freshReports(
    look,
    ({ id }) => pin.canaries.includes(id) && (judges === null || judges.canaries.includes(id)),
  );
  const gatewayProbe = probeOf(reports);
  const { dead, downUnheard, ...own } = kindOf(look.deployment.gateways[gateway]!).condition(look, name, gatewayProbe);
  const heard = verdictOfReports(look, name, reports, sets, downUnheard);
  const lostFullSize = isWorking(heard.verdict) ? fullSizeLostBy(look, name, reports, sets) : null;
  const said: Heard =
    heard.verdict === 'healthy' && lostFullSize !== null
      ? { ...heard, verdict: 'degraded', because: reportText(lostFullSize, now) }
      : heard;
  // A canary that looks at a former interface speaks of that one, and EC2 of the one we would write.
  const isOver = dead !== '' && pin.leads !== 'former';
  const scope = judges?.scope ?? name;
  const since = memory.severeSince[scope];
  const lasts = since !== undefined;
  const severeNow = reports.some(
    (r) => r.verdict !== 'down' && (showsSevere(r, policy, lasts) || (lasts && isTooYoungForLoss(r, policy))),
  );
  const severe = said.verdict === 'degraded' && severeNow && since !== undefined && now - since >= policy.severeAfterMs;
  const verdict: Verdict = isOver ? 'down' : severe ? 'severe' : said.verdict;
  const proofMs = evidence.reportsFrom === 'metrics' ? policy.metricsFreshMaxMs : policy.freshMaxMs;
  const answering = reports.filter((r) => r.verdict === 'healthy' || r.verdict === 'degraded');
  const because = isOver ? dead : severe ? `${said.because}, for ${spanText(now - since)}` : said.because;
  const held = now - evidence.reportsReadAt <= limits.reportsHoldMs;
  const fresh = held && answering.some((r) => reportAgeMs(evidence, r, now) <= proofMs);
  const missedSince = reports.flatMap((r) => (r.verdict === 'down' && r.missedSince > 0 ? [r.missedSince] : []));
  return {
    ...own,
    path: name,
    scope,
    gateway,
    verdict,
    because: pin.because === '' ? because : `${because}; that proves nothing of it: ${pin.because}`,
    pin,
    provenHealthy: pin.leads === 'target' && fresh && verdict === 'healthy',
    mtu: lostFullSize !== null && !isOver,
    answeredAt: Math.max(0, ...answering.map((r) => r.answeredAt)),
    failingSince: missedSince.length > 0 && !isOver && said.verdict === 'down' ? Math.min(...missedSince) : null,
    answersAgain: heard.answersAgain && !isOver,
    provenWorking: pin.leads === 'target' && fresh && isWorking(verdict),
    dead: dead !== '',
    gatewayProbe,
    gatewaySilent: gatewayProbe === 'up' && reports.every(({ probeMissed = 0 }) => probeMissed > 0),
    severeNow,
    slowMs: slowMsOf(reports, policy),
    drained: isDrained(desired, name, now),
    carries: false,
    tunnelCarries: false,
    othersPass: false,
  };
}

/** Loss makes a path degraded as well, and then its latency is not what is to be said. */
function slowMsOf(reports: readonly CanaryReport[], policy: Policy): number | null {
  const slow = reports.filter((r) => r.verdict === 'degraded' && (r.rttMs ?? 0) > policy.degradedRttMs);
  const lossy = reports.some((r) => r.lossRatio > policy.degradedLossRatio || r.fullSize === 'lost');
  return slow.length === 0 || slow.length < reports.length || lossy ? null : Math.max(...slow.map((r) => r.rttMs ?? 0));
}

interface Heard {
  readonly verdict: Verdict;
  readonly because: string;
  readonly answersAgain: boolean;
}

/** `downUnheard`: why it is down where no canary says anything. */
function verdictOfReports(
  look: Look,
  name: PathName,
  reports: readonly CanaryReport[],
  sets: BareSets,
  downUnheard: string,
): Heard {
  const known = reports.filter((r) => r.verdict !== 'unknown');
  // Several observers: one that gets answers outweighs one that does not, for it cannot be imagining them.
  const best = known.find((r) => r.verdict === 'healthy') ?? known.find((r) => r.verdict === 'degraded') ?? known[0];
  if (best !== undefined) {
    return { verdict: best.verdict, because: reportText(best, look.now), answersAgain: answersAgain(best) };
  }
  const users = setsOn(name, sets);
  const felt = users.find((set) => set.service === 'down' && isAboutPath(look, set));
  if (felt !== undefined && users.every((set) => set.service !== 'up') && feltElsewhere(look, name, felt.routeSet)) {
    return {
      verdict: 'down',
      because: `its canary is silent and the service canary of ${felt.routeSet}, in another zone, gets no answer`,
      answersAgain: false,
    };
  }
  return downUnheard === ''
    ? { verdict: 'unknown', because: 'no canary has reported lately', answersAgain: false }
    : { verdict: 'down', because: `its canary is silent, and ${downUnheard}`, answersAgain: false };
}

/**
 * Who says that this path swallows packets of full size: one of its own canaries, or, where none of them can tell, the
 * users who are on it and nowhere else. One that gets such packets through outweighs one that does not.
 */
function fullSizeLostBy(look: Look, path: PathName, own: readonly CanaryReport[], sets: BareSets): CanaryReport | null {
  const settled = setsOn(path, sets)
    .filter((set) => isAboutPath(look, set))
    .map((set) => set.routeSet);
  const told = (reports: readonly CanaryReport[]) => reports.filter((r) => r.fullSize !== 'unmeasured');
  const felt = freshReports(look, ({ watches }) => watches.kind === 'service' && settled.includes(watches.routeSet));
  const witnesses = told(own).length > 0 ? told(own) : told(felt);
  const lost = witnesses.filter((r) => r.fullSize === 'lost' && r.verdict !== 'down');
  return lost.length === witnesses.length ? (lost[0] ?? null) : null;
}

/** The sets that are on this path and nowhere else, over the interface that it leads to now. */
function setsOn(path: PathName, sets: BareSets): BareSet[] {
  return Object.values(sets).filter(
    (set) => set.used.length === 1 && set.used[0] === path && !Object.hasOwn(set.strays, path),
  );
}

/**
 * Right after a set's routes changed, by us or by a hand, its users' answers may still come over the path they left.
 */
export function isAboutPath(
  { connection, memory }: Look,
  set: Pick<BareSet, 'routeSet' | 'used' | 'serviceAt'>,
): boolean {
  const since = memory.usedSince[set.routeSet];
  if (since === undefined) return true; // Seen for the first time: nothing says that it ever changed.
  return since.path === set.used[0] && set.serviceAt >= since.at + connection.policy.confirmAfterMs;
}

/**
 * The service canary that misses must not sit in the gateway's own zone: it could be the zone that is blind. One that
 * answers again feels no dead path.
 */
export function feltElsewhere(look: Look, path: PathName, routeSet: RouteSetName): boolean {
  const gateway = look.deployment.gateways[look.connection.paths[path]!.gateway]!;
  const zone = kindOf(gateway).zone(gateway);
  return freshReports(look, (c) => watchesUsersOf(routeSet)(c) && c.availabilityZone !== zone).some(
    (r) => r.verdict === 'down' && !answersAgain(r),
  );
}

/** Down by its last word, and answered since: perhaps up in a moment. */
const answersAgain = (report: CanaryReport): boolean => report.verdict === 'down' && report.answeredInARow > 0;

const rounds = (count: number): string => (count === 1 ? '1 round' : `${count} rounds`);

function reportText(report: CanaryReport, now: Instant): string {
  const age = `${spanText(ageMs(report.reportedAt, now))} ago`;
  if (answersAgain(report))
    return `canary ${report.canary} was down and answers again, ${rounds(report.answeredInARow)} so far (${age})`;
  if (report.verdict === 'down')
    return `canary ${report.canary} missed ${rounds(report.missedInARow)} in a row (${age})`;
  if (report.fullSize === 'lost')
    return `canary ${report.canary} gets small packets through and none of full size (${age})`;
  const loss = `${Math.round(report.lossRatio * 100)} % loss`;
  const rtt = report.rttMs === null ? '' : `, ${Math.round(report.rttMs)} ms`;
  return report.verdict === 'healthy'
    ? `canary ${report.canary} got its answer ${age}`
    : `canary ${report.canary} sees ${loss}${rtt} (${age})`;
}

function probeOf(reports: readonly CanaryReport[]): CanaryReport['gatewayProbe'] {
  if (reports.some((r) => r.gatewayProbe === 'up')) return 'up';
  return reports.some((r) => r.gatewayProbe === 'down') ? 'down' : 'none';
}
