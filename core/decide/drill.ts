/**
 * A drill: users go to their standby on purpose, for a few minutes, and home again, while everything is healthy. Asked for
 * by a person or by the schedule, followed turn by turn, measured by the service canary, recorded and told.
 *
 *     opened, told | moved by the word of the drill | confirmed ... | time is up | home | recorded, told
 *                     standby degrades, or users feel it: ended at once -----------^
 *     none may begin: recorded, told
 *
 * A person's command is refused to their face; the schedule has none, so people are told what it was refused for.
 *
 * It is the divert of by-word.ts with an end of its own. Whatever goes wrong beside it is the other rules' to mend.
 */

import { verdictText } from '../assess/assessment';
import { spanBetween } from '../assess/quiet';
import { drainProofText } from '../gateways/speaker';
import { type DrillRecord, type DrillUnderWay, type Memory, openRung } from '../store/memory';
import { cutTo, reasonBytes } from '../store/memory-text';
import type { DrillWord, PathName, RouteSetName } from '../words/domain';
import { isMeant } from '../words/ends';
import { theSchedule } from '../words/orders';
import { limits } from '../words/policy';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { dayMs, type Instant, instantText, secondMs, spanText } from '../words/time';
import { divertWord, pauseNow } from './asked';
import type { Due } from './concern';
import { darknessOf, darkText } from './darkness';
import { budgetLeft, candidates, isAway, isContradicted, pathFor, unreadOf, type View } from './view';

/** Why none may begin now, as its author reads it; empty: one may. */
export function whyNotDrilled(view: View, routeSet: RouteSetName | null): string {
  const { connection, memory } = view;
  const paths = Object.values(view.assessment.paths);
  if (connection.standby === 'none') return `${connection.name} has no standby; rehearse its second tunnel instead`;
  if (connection.mode === 'observe') return `${connection.name} is in mode observe, which moves no route`;
  if (isMovedByNetwork(connection))
    return `${connection.routing!.routeServer} leads users of ${connection.name}, and drills by BGP are not built: ask for maintenance of its home instead`;
  const blocked = blockedUntil(view);
  if (blocked !== null) return `drills of ${connection.name} are blocked until ${instantText(blocked)}`;
  if (memory.drill !== null) return 'one is open already';
  if (memory.rehearsal !== null) return 'a rehearsal is open';
  if (memory.incident !== null) return `an incident is open: ${memory.incident.because}`;
  if (pauseNow(view) !== null) return `${connection.name} is paused`;
  if (unreadOf(view).length > 0) return 'what is stored of it cannot be read';
  if (openRung(memory) !== null) return 'a repair runs';
  if (view.assessment.mass) return `a common cause is suspected: ${view.assessment.massBecause}`;
  if (!view.assessment.complete) return `not enough is known: ${view.assessment.missing}`;
  const ill = paths.find(({ verdict, drained }) => verdict !== 'healthy' || drained);
  if (ill !== undefined) return `path ${ill.path} is ${ill.drained ? 'drained' : verdictText(ill)}: ${ill.because}`;
  if (!budgetLeft(view, memory.budgets.failbacks, connection.policy.failbacks24hMax))
    return 'the failback budget of the day is used up';
  return drilled(view, routeSet).map(whyNotSet(view)).find(Boolean) ?? '';
}

/** Users are home again before a blocked window begins. */
function blockedUntil({ connection: { drills }, now }: View): Instant | null {
  if (drills === undefined) return null;
  const end = now + limits.drillMs;
  const date = drills.blockedDates.find(({ from, until }) => from < end && until > now);
  return (date ?? spanBetween(drills.blocked, now, end))?.until ?? null;
}

const whyNotSet =
  (view: View) =>
  (name: RouteSetName): string => {
    const set = view.assessment.sets[name]!;
    if (isAway(set) || set.stale || set.foreign.length > 0) return `routes of ${name} are not home`;
    if (set.users.state !== 'served') return `users of ${name} are not seen to be served: ${set.users.because}`;
    if (divertWord(view, name) !== null) return `${name} is diverted by a person's word`;
    return standbyOf(view, name) === null ? `no path but home is proven healthy for ${name}` : '';
  };

const drilled = ({ connection }: View, routeSet: RouteSetName | null): RouteSetName[] =>
  Object.keys(connection.routeSets).filter((name) => isMeant(routeSet, name));

function standbyOf(view: View, name: RouteSetName): PathName | null {
  const set = view.assessment.sets[name]!;
  const found = candidates(view, set).find(
    (p) => p.path !== set.home && p.provenHealthy && !p.drained && !isContradicted(view, set, p.path),
  );
  return found?.path ?? null;
}

/** Memory once the drill is opened, followed or closed by what this look shows. */
export function followDrill(view: View): Memory {
  const { memory, now } = view;
  if (memory.drill !== null) return follow(view, memory.drill);
  const word = wordOf(view);
  if (word === null) return memory;
  const isOld = now - word.since > limits.drillWordMs;
  const because = whyNotDrilled(view, word.routeSet) || (isOld ? 'nobody looked while it could begin' : '');
  if (because === '') return opened(view, word);
  return isOld || word.requestedBy === theSchedule ? refused(view, word, because) : memory;
}

/** The schedule's is not kept for a better moment: it comes again. */
function refused({ memory, connection }: View, { since, requestedBy: who }: DrillWord, because: string): Memory {
  const requestedBy = cutTo(who, reasonBytes.least);
  const outcome = 'refused';
  const lastDrill: DrillRecord = {
    openedAt: since,
    darkMs: 0,
    requestedBy,
    outcome,
    because: cutTo(because, reasonBytes.short),
  };
  const mend = `nobody is moved for it; once that is over: switchback drill ${connection.name}`;
  const text = `drill asked for by ${requestedBy} at ${instantText(since)} is not held: ${because}; ${mend}`;
  return { ...memory, lastDrill, toTell: [...memory.toTell, { key: `drilled/${outcome}/${since}`, text }] };
}

/** The word that has not been followed or refused yet; a day later, with memory lost, it is nobody's any more. */
const wordOf = ({ desired: { drill }, memory, now }: View): DrillWord | null =>
  drill === null || drill.since <= (memory.lastDrill?.openedAt ?? 0) || now - drill.since > dayMs ? null : drill;

function opened(view: View, { routeSet, requestedBy: who }: DrillWord): Memory {
  const { memory, now } = view;
  const sets = Object.fromEntries(drilled(view, routeSet).map((name) => [name, standbyOf(view, name)!]));
  const requestedBy = cutTo(who, reasonBytes.least);
  const until = now + limits.drillMs;
  const drill = { openedAt: now, until, sets, requestedBy, aborted: null, darkSince: null, darkMs: 0 };
  const where = Object.entries(sets).map(([set, to]) => `${set} to ${to}`);
  const text = `drill asked for by ${requestedBy}: ${where.join(', ')} until ${instantText(until)}, then home; sooner if users feel it or the standby degrades`;
  return { ...memory, drill, toTell: [...memory.toTell, { key: `drilled/opened/${now}`, text }] };
}

function follow(view: View, before: DrillUnderWay): Memory {
  const { memory, now } = view;
  const seen: DrillUnderWay = { ...before, ...darknessOf(view, before) };
  const because = seen.aborted === null && now < seen.until ? whyAborted(view, seen) : '';
  if (because !== '') return aborted(memory, seen, because, now);
  if (now < seen.until || isStillOut(view, seen)) return { ...memory, drill: seen };
  return closed(view, seen);
}

function aborted(memory: Memory, seen: DrillUnderWay, because: string, now: Instant): Memory {
  const drill = { ...seen, until: now, aborted: cutTo(because, reasonBytes.short) };
  const text = `drill ended early: ${because}; users go home`;
  return { ...memory, drill, toTell: [...memory.toTell, { key: `drilled/ended/${now}`, text }] };
}

/** What ends it before its time; empty: nothing. */
function whyAborted(view: View, { sets, openedAt }: DrillUnderWay): string {
  const { memory } = view;
  if (pauseNow(view) !== null) return ''; // Nothing moves, so nobody goes home before it is lifted.
  if (view.assessment.mass) return `a common cause is suspected: ${view.assessment.massBecause}`;
  const found = Object.entries(sets).map(([name, to]): string => {
    const set = own(view.assessment.sets, name);
    if (set === undefined || own(view.assessment.paths, to) === undefined) return `${name} is no longer as it was`;
    const users = set.users.state;
    if (users === 'dark' || users === 'severe' || users === 'slow') return `users of ${name}: ${set.users.because}`;
    const path = pathFor(view, set, to);
    if (path.drained) return `path ${to} is drained`;
    if (path.verdict !== 'healthy') return `path ${to} is ${verdictText(path)}: ${path.because}`;
    const move = own(memory.moves, name);
    const isMoved = move !== undefined && move.at > openedAt && set.used.length > 0;
    return isMoved && divertWord(view, name) === null ? `${name} was moved off ${to}` : '';
  });
  return found.find(Boolean) ?? '';
}

/** A set of it that follows its standby yet, and may go home: it does so first. */
const isStillOut = (view: View, { sets, until }: DrillUnderWay): boolean =>
  (pauseNow(view) !== null || view.now - until < limits.dueSoonMs) &&
  Object.entries(sets).some(([name, to]) => own(view.assessment.sets, name)?.used.includes(to));

function closed(view: View, seen: DrillUnderWay): Memory {
  const { memory, now } = view;
  const { openedAt, requestedBy, sets } = seen;
  const darkMs = seen.darkMs + (seen.darkSince === null ? 0 : now - seen.darkSince);
  const proven = Object.keys(sets).filter((name) => (memory.practisedAt[name] ?? 0) >= openedAt);
  const names = Object.keys(sets);
  const outcome: DrillRecord['outcome'] =
    seen.aborted !== null ? 'aborted' : proven.length === names.length && names.length > 0 ? 'passed' : 'unmoved';
  const because = {
    passed: `${proven.join(', ')} on the standby for ${spanText(now - openedAt)}`,
    aborted: seen.aborted ?? '',
    unmoved: 'not all users were seen to be served over the standby in that time',
  }[outcome];
  const lastDrill: DrillRecord = { openedAt, darkMs, requestedBy, outcome, because: cutTo(because, reasonBytes.short) };
  const homes = new Set(names.flatMap((name) => own(view.assessment.sets, name)?.home ?? []));
  const proofs = [...homes].map((home) => drainProofText(view, home)).filter(Boolean);
  const text = [`drill ${outcome}: ${because}`, darkText(darkMs), ...proofs].join('; ');
  return {
    ...memory,
    drill: null,
    lastDrill,
    toTell: [...memory.toTell, { key: `drilled/${outcome}/${openedAt}`, text }],
  };
}

/** Canaries' own news wake a run at once. */
export function drillDues(view: View): Due[] {
  const { memory, now } = view;
  const { drill } = memory;
  const word = wordOf(view);
  if (drill === null && word !== null)
    return [{ at: word.since + limits.drillWordMs + 1, because: `a drill asked for by ${word.requestedBy} waits` }];
  if (drill === null) return [];
  const at = drill.until > now ? Math.min(drill.until, now + limits.sleepMaxMs) : now + secondMs;
  return [{ at, because: `a drill of ${Object.keys(drill.sets).join(', ')} is open` }];
}
