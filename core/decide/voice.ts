/**
 * What no rule silences: the standing concerns that people must hear of whatever is decided, under pause, drain and
 * brake, in every mode and with every budget used up. A question: it finds, `told.ts` tells.
 *
 * Law: users who are dark or hurt are told about (invariants.laws.heard).
 */

import { areRoutesUnread, isFailing, type PathAssessment, type SetAssessment } from '../assess/assessment';
import { isQuiet } from '../assess/quiet';
import { unseenSets } from '../assess/unseen';
import { pathOf } from '../routes/plan';
import { applyCall, type Move, type RungRun, type Unwritten } from '../store/memory';
import type { Deployment } from '../words/domain';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, instantText, secondMs, spanText } from '../words/time';
import type { Concern, Due, SpokenDue } from './concern';
import { gatewayConcerns, gatewayDues } from './gateway-voice';
import { splitConcerns, splitDues } from './split';
import { tableConcerns } from './table-voice';
import { whereAndWhat } from './unserved-words';
import { budgetLeft, candidates, isContradicted, usedPaths, type View, writesAgainAt } from './view';
import { deniedConcerns, witnessConcerns } from './witness-voice';

export function concernsOf(view: View): Concern[] {
  const sets = Object.values(view.assessment.sets);
  return [
    ...sets.flatMap((set) => unwritten(view, set)),
    ...sets.flatMap((set) => unserved(view, set)),
    ...sets.flatMap((set) => usedUp(view, set)),
    ...unseen(view),
    ...tableConcerns(view),
    ...Object.values(view.assessment.paths).flatMap((path) => slowPath(view, path)),
    ...Object.values(view.assessment.paths).flatMap((path) => denied(view, path)),
    ...gatewayConcerns(view),
    ...witnessConcerns(view),
    ...deniedConcerns(view),
    ...endings(view),
    ...splitConcerns(view),
  ];
}

/** When something that lasts will have lasted long enough to be said, though no news comes. */
export function voiceDues(view: View): Due[] {
  const { memory, now } = view;
  return [
    ...sufferingDues(view),
    ...writeDues(view),
    ...stopDues(view),
    ...gatewayDues(view),
    ...splitDues(view),
  ].filter(({ key, at }) => at > now && !(key in memory.told));
}

function sufferingDues(view: View): SpokenDue[] {
  const { memory, connection } = view;
  const waiting = isQuiet(view) ? {} : memory.unserved;
  const sets = Object.entries(waiting).flatMap(([set, { dark, hurt, slow }]) => {
    const because = `users of ${set} are not served; people hear of it if that lasts`;
    if (hurt === null) return [{ key: `slow/${set}`, at: slow + limits.slowToldMs, because }];
    if (`dark/${set}` in memory.told || `severe/${set}` in memory.told) return [];
    const changedAt = (memory.usedSince[set]?.at ?? 0) + connection.policy.confirmAfterMs;
    const isDark = dark === null ? [] : [Math.max(dark + limits.darkToldMs, changedAt), dark + limits.darkToldMaxMs];
    return [...isDark, Math.max(hurt + limits.hurtToldMs, changedAt)].map((at) => ({ key: '', at, because }));
  });
  const paths = Object.entries(memory.slowSince).map(([path, since]) => ({
    key: `latency/${path}`,
    at: since + limits.slowToldMs,
    because: `path ${path} is slow; people hear of it if that lasts`,
  }));
  return [...sets, ...paths];
}

function writeDues(view: View): SpokenDue[] {
  const told = Object.entries(view.memory.unwritten).map(([set, { since }]) => ({
    key: `refused/${set}`,
    at: since + limits.unwrittenToldMs,
    because: `routes of ${set} could not be written; people hear of it if that lasts`,
  }));
  const again = Object.values(view.assessment.sets).map((set) => ({
    key: '',
    at: writesAgainAt(view, set),
    because: `routes of ${set.routeSet} are tried again after EC2's no`,
  }));
  return [...told, ...again];
}

const stopDues = (view: View): SpokenDue[] =>
  stopsOf(view).flatMap(({ key, what, until }) => [
    { key: `ending/${key}`, at: until - limits.endingToldMs, because: `${what} ends soon` },
    { key: `ended/${key}`, at: until, because: `${what} ends` },
    { key: '', at: until + limits.endedGraceMs, because: `${what} has ended` },
  ]);

// Users ---------------------------------------------------------------------------------------------------------------

/** One spell is one concern: users who were dark and hardly get through now have not had an end of it. */
function unserved(view: View, set: SetAssessment): Concern[] {
  const { routeSet, users } = set;
  const since = view.memory.unserved[routeSet];
  if (since === undefined || isQuiet(view)) return [];
  const spell =
    `dark/${routeSet}` in view.memory.told ? (`dark/${routeSet}` as const) : (`severe/${routeSet}` as const);
  if (users.state === 'dark' && isDarkLong(view, routeSet, since.dark)) return [dark(view, set)];
  const isHurt = users.state === 'dark' || users.state === 'severe';
  if (isHurt && lasted(view, spell, since.hurt, limits.hurtToldMs, routeSet))
    return [{ key: spell, urgent: true, text: severeText(view, set, since.hurt ?? view.now) }];
  if (users.state === 'slow' && lasted(view, `slow/${routeSet}`, since.slow, limits.slowToldMs, routeSet))
    return [{ key: `slow/${routeSet}`, urgent: false, text: slowText(view, set, since.slow) }];
  return [];
}

function isDarkLong(view: View, routeSet: string, since: Instant | null): boolean {
  if (lasted(view, `dark/${routeSet}`, since, limits.darkToldMs, routeSet)) return true;
  return since !== null && view.now - since >= limits.darkToldMaxMs;
}

/** Who will have been dark for long enough within moments: said with what is told now, not in a mail of its own after it. */
export const darkSoon = (view: View): Concern[] =>
  Object.values(view.assessment.sets).flatMap((set): Concern[] => {
    const { routeSet, users } = set;
    const since = view.memory.unserved[routeSet]?.dark ?? null;
    const soonMs = limits.darkToldMs - limits.companyMs;
    const isSoon = users.state === 'dark' && lasted(view, `dark/${routeSet}`, since, soonMs, routeSet);
    return isSoon && !isQuiet(view) ? [dark(view, set)] : [];
  });

/**
 * Told once it has lasted; what was told holds until it is over, however short its next spell. What a canary says right
 * after its routes changed may still be about the path they left: a rescue gets a moment to help.
 */
function lasted(
  view: View,
  key: string,
  since: Instant | null,
  spanMs: number,
  routeSet: string | null = null,
): boolean {
  const { memory, evidence, connection, now } = view;
  if (key in memory.told) return true;
  if (since === null) return false;
  // Where nobody remembers, only metrics say since when, and they reach back half a minute.
  if (view.failOpen && evidence.reportsFrom === 'metrics') return now - since >= Math.min(spanMs, limits.metricsToldMs);
  const changedAt = routeSet === null ? 0 : (memory.usedSince[routeSet]?.at ?? 0);
  return now - since >= spanMs && now - changedAt >= connection.policy.confirmAfterMs;
}

function dark(view: View, set: SetAssessment): Concern {
  const { routeSet } = set;
  const since = view.memory.unserved[routeSet]?.dark ?? view.now;
  const text = `users of ${routeSet} get no answer, for ${spanText(view.now - since)}: ${whereAndWhat(view, set)}`;
  return { key: `dark/${routeSet}`, urgent: true, text };
}

function severeText(view: View, set: SetAssessment, since: Instant): string {
  const { routeSet, users } = set;
  return `users of ${routeSet} hardly get through, for ${spanText(view.now - since)}: ${users.because}; ${whereAndWhat(view, set)}`;
}

function slowText(view: View, set: SetAssessment, since: Instant): string {
  const { routeSet, users } = set;
  const paths = usedPaths(view, set);
  const own = paths.every((p) => p.slowMs !== null)
    ? `path ${set.used.join('+')} itself is that slow`
    : `the canary of path ${set.used.join('+')} is not: look beyond the gateways`;
  return `users of ${routeSet} wait ${Math.round(users.rttMs ?? 0)} ms for each answer, for ${spanText(view.now - since)}: ${own}; ${numberToSet(view, users.rttMs ?? 0)}`;
}

/** A third above what is normal leaves room for the usual wobble. */
function numberToSet({ connection }: View, rttMs: number): string {
  const suggested = Math.ceil((rttMs * 1.3) / 10) * 10;
  const { attemptTimeoutMs, degradedRttMs, severeRttMs } = connection.policy;
  const more = suggested < severeRttMs ? '' : ', and severeRtt above that';
  if (rttMs > attemptTimeoutMs)
    return `an answer after more than attemptTimeout, ${attemptTimeoutMs} ms, counts as none at first; if this is normal here, set attemptTimeout and degradedRtt: ${suggested}ms, roundInterval above that${more}`;
  return `above degradedRtt, ${degradedRttMs} ms, a path counts as degraded and nothing returns to it; if this is normal here, set degradedRtt: ${suggested}ms${more}`;
}

// Routes --------------------------------------------------------------------------------------------------------------

function unwritten(view: View, set: SetAssessment): Concern[] {
  const left = view.memory.unwritten[set.routeSet];
  if (left === undefined) return [];
  const key = `refused/${set.routeSet}` as const;
  const isDue = left.refused || lasted(view, key, left.since, limits.unwrittenToldMs);
  return isDue ? [{ key, urgent: true, text: unwrittenText(view, set, left) }] : [];
}

function unwrittenText(view: View, { routeSet, used }: SetAssessment, left: Unwritten): string {
  const { call, destination, table, to, detail } = left;
  const stays = `routes of ${routeSet} stay on ${used.join('+') || 'no path of ours'} instead of ${to}`;
  if (call === applyCall)
    return `the function that writes routes has failed${left.tries === 1 ? '' : ` ${left.tries} times in ${spanText(view.now - left.since)}`}, so ${stays}: ${detail}; mend what it names, or move the route by hand; it is tried on`;
  return left.refused
    ? `${call} of ${destination} in ${table} is refused, so ${stays}: ${detail}; allow it, or move the route by hand; it is tried again each minute`
    : `${call} of ${destination} in ${table} has failed ${left.tries} times in ${spanText(view.now - left.since)}, so ${stays}: ${detail}; it is tried on`;
}

/** EC2 does not show its routes while they matter: what was written unseen, and what cannot be. */
function unseen(view: View): Concern[] {
  const { assessment, evidence, memory, now } = view;
  const unread = unseenSets(view);
  if (unread.length === 0) return [];
  const isLate = ({ state, at }: Move): boolean => state === 'sent' && now - at >= unseenToldMs;
  const sent = Object.entries(memory.moves).filter(([set, move]) => unread.includes(set) && isLate(move));
  if (sent.length > 0)
    return sent.map(([set, { from, to }]) => ({
      key: `unseen/${set}`,
      urgent: false,
      text: `routes of ${set} were sent from ${from.join('+')} to ${to}, and EC2 has not shown its route tables since, throttled or slow: it is asked on`,
    }));
  const paths = Object.values(assessment.paths);
  // A path that carried no route when EC2 last showed them has no users who could be waiting.
  const { lastSeen } = evidence;
  const mayCarry = ({ path }: PathAssessment): boolean =>
    lastSeen === null || lastSeen.routes.some(({ target }) => target && pathOf(target, assessment)?.path === path);
  const isLong = (p: PathAssessment): boolean => p.failingSince === null || now - p.failingSince >= unseenToldMs;
  const down = paths.find((p) => isFailing(p) && isLong(p) && mayCarry(p));
  const better = paths.find((p) => p.provenHealthy && !p.drained);
  if (down === undefined || better === undefined) return [];
  // One look that EC2 did not answer is no news while every user's own canary is answered: none of them waits for it.
  const isServed = (set: string): boolean => own(assessment.sets, set)?.users.state === 'served';
  if (areRoutesUnread(evidence) && unread.every(isServed)) return [];
  const text = `path ${down.path} is down (${down.because}), path ${better.path} is healthy, and EC2 does not show where routes are${where(view)}: move users by hand if they are dark; Switchback does as soon as EC2 answers`;
  return [{ key: 'unseen', urgent: true, text }];
}

/** At which end, where one of two answers. */
const where = ({ evidence }: View): string =>
  areRoutesUnread(evidence) ? '' : ` at ${(evidence.unreadEnds ?? []).join(' and ')}`;

/** EC2 shows a write within a second or two; after this people should know that it does not. */
const unseenToldMs = 10 * secondMs;

// Budgets, latency, ends ----------------------------------------------------------------------------------------------

/** Rule 5 would move them, and may not. */
function usedUp(view: View, set: SetAssessment): Concern[] {
  const { severeMoves24hMax } = view.connection.policy;
  const severe = usedPaths(view, set).find((p) => p.verdict === 'severe');
  const better = candidates(view, set).find((p) => p.provenHealthy && !p.drained && !isContradicted(view, set, p.path));
  if (severe === undefined || better === undefined || view.assessment.mass) return [];
  if (budgetLeft(view, view.memory.budgets.severeMoves, severeMoves24hMax)) return [];
  return [
    {
      key: `budget/${set.routeSet}`,
      urgent: true,
      text: `users of ${set.routeSet} stay on path ${severe.path}, which is severe (${severe.because}), though path ${better.path} is healthy: the budget of ${severeMoves24hMax} such moves a day is used up; acknowledge to lift it`,
    },
  ];
}

/** The users' own latency is said with their set; this is about a path nobody could return or fail over to. */
function slowPath(view: View, path: PathAssessment): Concern[] {
  const since = view.memory.slowSince[path.path];
  if (path.slowMs === null || since === undefined) return [];
  const key = `latency/${path.path}` as const;
  if (!lasted(view, key, since, limits.slowToldMs)) return [];
  const isSaid = Object.values(view.assessment.sets).some(
    (set) => set.used.includes(path.path) && `slow/${set.routeSet}` in view.memory.told,
  );
  if (isSaid && !(key in view.memory.told)) return [];
  const text = `path ${path.path} answers in ${Math.round(path.slowMs)} ms, for ${spanText(view.now - since)}, and loses nothing; ${numberToSet(view, path.slowMs)}`;
  return [{ key, urgent: false, text }];
}

/** A missing grant, or what AWS answered, cannot be found by looking at the gateway: the text says it. */
function denied({ memory, deployment }: View, { path, verdict, because }: PathAssessment): Concern[] {
  const run = memory.rungs.findLast(
    (one) => one.path === path && one.purpose !== 'order' && (one.result === 'denied' || one.result === 'declined'),
  );
  if (run === undefined || verdict !== 'down') return [];
  const what =
    run.result === 'denied'
      ? `${deniedText(deployment, run)}: allow it, or`
      : `${run.rung} of ${run.tunnel ?? run.gateway} was refused: ${run.said ?? 'without a reason'}; it is tried again later, or`;
  const text = `path ${path} is down (${because}), and ${what} repair ${run.gateway} by hand`;
  return [{ key: `denied/${path}`, urgent: false, text }];
}

/** Which call of which document. */
export const deniedText = ({ runbooks }: Deployment, { rung, said }: RungRun): string =>
  `${rung} is not permitted: access denied to ${said} in document ${runbooks[rung]}`;

interface Stop {
  readonly key: string;
  readonly what: string;
  readonly until: Instant;
  readonly again: string;
  /** What is still being worked on; empty: nothing. */
  readonly open: string;
}

/** Drains and pauses, those that have just ended too. */
function stopsOf({ assessment, desired }: View): Stop[] {
  const paths = Object.values(assessment.paths);
  const drains = Object.entries(desired.drains).map(([path, drain]): Stop => {
    const seen = assessment.paths[path];
    return {
      key: `drain/${path}/${drain.until}`,
      what: `the maintenance of path ${path} (${drain.requestedBy}: ${drain.reason})`,
      until: drain.until,
      again: `path ${path} is repaired like any other`,
      open: seen === undefined || seen.verdict === 'healthy' ? '' : `path ${path} is ${seen.verdict} (${seen.because})`,
    };
  });
  const { paused } = desired;
  if (paused === null) return drains;
  const sick = paths.filter((p) => p.verdict !== 'healthy');
  const pause: Stop = {
    key: `pause/${paused.until}`,
    what: `the pause (${paused.requestedBy}: ${paused.reason})`,
    until: paused.until,
    again: 'Switchback acts again',
    open: sick.map((p) => `path ${p.path} is ${p.verdict} (${p.because})`).join(', '),
  };
  return [...drains, pause];
}

function endings(view: View): Concern[] {
  const { now } = view;
  return stopsOf(view).flatMap(({ key, what, until, again, open }): Concern[] => {
    if (open === '') return [];
    const after = instantText(until + limits.endedGraceMs);
    if (now >= until - limits.endingToldMs && now < until)
      return [
        {
          key: `ending/${key}`,
          urgent: false,
          text: `${what} ends in ${spanText(Math.max(secondMs, until - now))}, and ${open}: prolong it, or let it end; after ${after} ${again}`,
        },
      ];
    if (now >= until && now < until + limits.endedGraceMs)
      return [{ key: `ended/${key}`, urgent: false, text: `${what} has ended, and ${open}: after ${after} ${again}` }];
    return [];
  });
}

/**
 * The person who drained the path was told that the time is up, and gets a moment to finish before any rung touches the
 * gateway.
 */
export function graceUntil({ desired, now }: View, path: string): Instant {
  const ends = [desired.drains[path]?.until, desired.paused?.until].filter((at) => at !== undefined);
  return Math.max(0, ...ends.filter((at) => at <= now).map((at) => at + limits.endedGraceMs));
}
