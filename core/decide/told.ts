/**
 * What people hear, and when: each thing once, a reminder until somebody acknowledges or it is over, and that it is
 * over. `voice.ts` and the rules find what there is to say; here is kept what was said.
 *
 *     holds .......... told | ... reminder ... reminder | holds no longer .... a soak .... "over"
 */

import { areRoutesUnread, type SetAssessment } from '../assess/assessment';
import { quietLine } from '../assess/quiet';
import type { Announcement, Memory } from '../store/memory';
import { watchesPath } from '../words/canaries';
import type { Decision, EscalateDecision } from '../words/decision';
import type { Connection } from '../words/domain';
import { inWords } from '../words/ends';
import { incidentIdOf } from '../words/incident-id';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, spanText } from '../words/time';
import { endsBySoaking, isOfKind, overText, type TestedKind, type ToldKey, toldSpec } from '../words/told-kinds';
import type { Concern } from './concern';
import { healthNews, healthToldAfter, isPlainNews } from './health-voice';
import { networkConcerns } from './network';
import { orderConcerns } from './orders';
import { brakeAsk, helpAsks, unreadAsk } from './people';
import { rehearsalConcerns } from './rehearsal';
import { areEndsOne } from './split';
import { contradictionAsk } from './traffic';
import { scheduledKey, scheduledNews, upkeepConcerns } from './upkeep';
import { isAway, type View } from './view';
import { concernsOf, darkSoon } from './voice';

const concerns = (view: View): Concern[] => [
  ...concernsOf(view),
  ...upkeepConcerns(view),
  ...rehearsalConcerns(view),
  ...orderConcerns(view),
  ...networkConcerns(view),
];

/** Everything that waits for a person now, said already or not. */
function asksOf(view: View): Concern[] {
  const rules = [unreadAsk(view), brakeAsk(view), contradictionAsk(view), ...helpAsks(view)].flatMap(
    (asked): Concern[] => (asked === null ? [] : [{ key: asked.key, text: asked.because, urgent: false }]),
  );
  return [...concerns(view), ...rules];
}

/** Kinds that ask for nobody, and those that somebody has acknowledged, are not reminded of. */
function isAnswered({ memory, desired }: View, { key }: Concern): boolean {
  const at = memory.told[key];
  return at !== undefined && desired.acknowledgedAt > at;
}

/** Everything that still waits for a person, told or not, and was not acknowledged. */
export const openAsks = (view: View): Concern[] => asksOf(view).filter((ask) => !isAnswered(view, ask));

/**
 * Memory once it is looked at what still holds of what was told. What is over is told, in company if that comes within a
 * soak. `forbidden`: the keys of what would be done now but for the mode.
 */
export function heed(view: View, forbidden: ReadonlySet<string>): Memory {
  const { memory, connection, now } = view;
  const present: ReadonlySet<string> = new Set(asksOf(view).map(({ key }) => key));
  const goneSince: Record<string, Instant> = {};
  const over: Announcement[] = [];
  const told = Object.entries(memory.told).filter(([key, at]) => {
    const isFound = present.has(key) || !view.assessment.complete || !endsBySoaking(key) || isUnknown(view, key);
    const since = isFound ? undefined : (memory.goneSince[key] ?? now);
    if (since !== undefined) goneSince[key] = since;
    if (forbidden.has(key) || !isOver(view, key, at, since)) return true;
    const text = overText(key);
    const waitsMs = isOfUsers(key) ? 0 : connection.policy.soakMs;
    if (text !== '') over.push({ key: `over/${key}`, text: `over: ${text}`, waitsUntil: now + waitsMs });
    return false;
  });
  const kept = new Set(told.map(([key]) => key));
  const onlyKept = (instants: Readonly<Record<string, Instant>>): Record<string, Instant> =>
    Object.fromEntries(Object.entries(instants).filter(([key]) => kept.has(key)));
  return {
    ...memory,
    told: Object.fromEntries(told),
    reminded: onlyKept(memory.reminded),
    goneSince: onlyKept(goneSince),
    toTell: [...memory.toTell, ...over],
  };
}

/** That users are served again waits for no company: somebody may be up for them. */
const isOfUsers = (key: string): boolean => (['dark', 'severe', 'slow'] as const).some((kind) => isOfKind(key, kind));

/** Users of whom nobody has heard since: that they were in the dark may be over, and may not. */
function isUnknown(view: View, key: string): boolean {
  const set = own(view.assessment.sets, key.split('/')[1] ?? '');
  return isOfUsers(key) && set?.users.state === 'unknown' && set.users.unheard === true;
}

/**
 * What is over may be said anew when it comes again; an incident may stay open for weeks behind a lossy standby. Over
 * means over for a soak, so that flapping does not repeat itself to people. `since`: no longer found since then.
 */
function isOver(view: View, key: string, at: Instant, since: Instant | undefined): boolean {
  const { connection, desired, now } = view;
  const gone = isGone(since, now, connection.policy.soakMs);
  switch (toldSpec(key)?.holds ?? 'incident') {
    case 'soak':
      return gone;
    case 'soak or word':
      return gone || desired.acknowledgedAt > at;
    case 'incident':
      return false;
    case 'test': {
      const [kind = '', what = '', more = ''] = key.split('/');
      return endsOf[kind as TestedKind](view, { what, more, at });
    }
  }
}

interface Told {
  readonly what: string;
  readonly more: string;
  /** When it was told. */
  readonly at: Instant;
}

/** When each kind that has a test of its own is over. */
const endsOf: Readonly<Record<TestedKind, (view: View, told: Told) => boolean>> = {
  manual: (view, { what }) => isOurs(own(view.assessment.sets, what)),
  pin: (view, { what }) => own(view.assessment.paths, what)?.pin.leads === 'target' && arePinsSeen(view, what),
  former: (view, { what }) => isOurs(own(view.assessment.sets, what)) && !own(view.assessment.sets, what)!.stale,
  // To have heard is not to have given the word. Home for a moment, since the other path failed too, ends no rhythm.
  away: (view, { what, more, at }) =>
    (more !== 'manual' && view.desired.acknowledgedAt > at) ||
    (isAtHome(own(view.assessment.sets, what)) && (more !== 'blips' || isWell(view, view.assessment.sets[what]!.home))),
  brake: (view) => !view.assessment.mass && Object.keys(view.memory.healthySince).some((path) => isWell(view, path)),
  mtu: (view, { what }) => isWell(view, what),
  stuck: (view, { what, more, at }) => isWell(view, what) || (more === 'budget' && view.desired.acknowledgedAt > at),
  would: (view, { what, more }) => {
    if (what === 'repair') return isWell(view, more);
    const isAnyAway = Object.values(view.assessment.sets).some(isAway);
    // In mode observe ends on two paths stay so, and whichever rule would bring them together speaks by turns with others.
    return isServedWell(view) && areEndsOne(view) && (what === 'divert' || !isAnyAway);
  },
  quiet: ({ now }, { what }) => now >= Number(what),
};

const isWell = ({ memory, connection, now }: View, path: string): boolean =>
  now - (memory.healthySince[path] ?? now) >= connection.policy.soakMs;

/** On paths that have been well for a soak, and answered there: a path may answer its own canary and turn users away. */
const isServedWell = (view: View): boolean =>
  Object.values(view.assessment.sets).every(
    (set) =>
      set.used.length > 0 &&
      !set.stale &&
      view.memory.unserved[set.routeSet] === undefined &&
      set.used.every((path) => isWell(view, path) && !view.assessment.paths[path]!.drained),
  );

const isGone = (since: Instant | undefined, now: Instant, soakMs: number): boolean =>
  since !== undefined && now - since >= soakMs;

/**
 * Pins that could not be read count as right, so that a rescue goes on: that they were put right is another matter. Where
 * EC2 shows no routes, these are pins of before.
 */
const arePinsSeen = ({ connection, evidence }: View, path: string): boolean =>
  !areRoutesUnread(evidence) &&
  connection.canaries.filter(watchesPath(path)).every(({ id }) => evidence.pins[id] != null);

/** Routes that could not be read show nothing foreign either: that is not the same as being ours again. */
const isOurs = (set: SetAssessment | undefined): boolean =>
  set !== undefined && set.used.length > 0 && set.foreign.length === 0;

const isAtHome = (set: SetAssessment | undefined): boolean => isOurs(set) && !isAway(set!);

/** Everything people must hear now: what was done, what waits for them, that it is over, and what still waits. */
export function pendingAnnouncements(
  view: View,
  decision: Decision,
  /** Moves and repairs that the mode forbids: announced beside the decision itself, as what would be done. */
  also: readonly EscalateDecision[],
): Announcement[] {
  const { memory, now } = view;
  const escalated = decision.kind === 'escalate' ? [decision, ...also.filter(({ key }) => key !== decision.key)] : [];
  const escalation = escalated.map(({ key, because }) => ({ key, text: because }));
  const found = concerns(view);
  const soon = escalation.length === 0 ? [] : darkSoon(view).filter((one) => !found.some(({ key }) => key === one.key));
  const fresh = [...found, ...soon].filter(({ key }) => !(key in memory.told) && key !== escalation[0]?.key);
  // Nothing waits for anybody there: told so that nobody wonders why nothing is done.
  const quiet = quietLine(view);
  const line = quiet === null || quiet.key in memory.told ? [] : [quiet];
  const voiced = fresh.map(({ key, text }) => ({ key, text }));
  const waiting = memory.toTell.filter(({ waitsUntil = 0 }) => waitsUntil > now);
  const ready = memory.toTell.filter((one) => !waiting.includes(one));
  const news = [
    ...ready,
    ...escalation,
    ...voiced,
    ...line,
    ...healthNews(view),
    ...scheduledNews(view),
    ...closing(view, decision),
  ];
  const still = reminders(view);
  return news.length + still.length === 0
    ? []
    : [...news, ...waiting, ...still].map((one) => ({ ...one, text: inWords(view.connection, one.text) }));
}

function closing({ memory, now }: View, decision: Decision): Announcement[] {
  const { incident, told, toTell } = memory;
  if (decision.kind !== 'finish' || incident === null || 'closed' in told) return [];
  const isNews = ([key, at]: [string, Instant]): boolean => !isOfKind(key, 'quiet') && at >= incident.openedAt;
  const heard = toTell.length > 0 || Object.entries(told).some(isNews);
  const text = `over after ${spanText(now - incident.openedAt)}: ${decision.because}`;
  return heard ? [{ key: 'closed' satisfies ToldKey, text }] : [];
}

/** One mail reminds of all that waits: what is due for it soon goes along. */
function reminders(view: View): Announcement[] {
  const { memory, now } = view;
  const waiting = openAsks(view).flatMap((ask) => {
    const at = memory.told[ask.key];
    if (at === undefined) return [];
    const everyMs = ask.urgent ? limits.remindUrgentMs : limits.remindMs;
    return [{ ask, share: (now - Math.max(at, memory.reminded[ask.key] ?? 0)) / everyMs }];
  });
  if (!waiting.some(({ share }) => share >= 1)) return [];
  return waiting
    .filter(({ share }) => share >= 0.5)
    .map(({ ask }) => ({ key: `still/${ask.key}`, text: `still: ${ask.text}` }));
}

/**
 * Memory once those are told. What asks for people opens an incident, so that it is told once until all is well again.
 * What is told after "over" and before the incident is closed makes it one that is not over.
 */
export function afterTelling(
  memory: Memory,
  announced: readonly Announcement[],
  { connection, now }: { readonly connection: Connection; readonly now: Instant },
): Memory {
  if (announced.length === 0) return memory;
  const opens = announced.find((one) => !isPlainNews(one));
  const healthToldAt = healthToldAfter(memory.healthToldAt, announced);
  const keys = announced.map(({ key }) => key);
  const toTell = memory.toTell.filter(({ key }) => !keys.includes(key));
  const scheduled = scheduledAfter(memory, keys);
  if (opens === undefined) return { ...memory, healthToldAt, scheduled, toTell };
  const { closed, ...open } = memory.told;
  const reminded = keys.flatMap((key) => (isOfKind(key, 'still') ? [key.slice('still/'.length)] : []));
  const instants = (of: readonly string[]): Record<string, Instant> => Object.fromEntries(of.map((key) => [key, now]));
  return {
    ...memory,
    incident: memory.incident ?? {
      id: incidentIdOf(connection, memory.lastIncident?.closedAt ?? 0, now),
      openedAt: now,
      because: opens.text,
    },
    told: { ...open, ...instants(keys.flatMap(keptKey)) },
    reminded: { ...memory.reminded, ...instants(reminded) },
    healthToldAt,
    scheduled,
    toTell,
  };
}

/** What is scheduled is told once, however many incidents come and go until then. */
const scheduledAfter = ({ scheduled }: Memory, keys: readonly string[]): Memory['scheduled'] =>
  Object.fromEntries(
    Object.entries(scheduled).map(([gateway, events]) => [
      gateway,
      events.map((event) => ({ ...event, told: event.told || keys.includes(scheduledKey(gateway, event)) })),
    ]),
  );

/** Memory is bounded: of what was done only that something was told, but of found moves which. */
function keptKey(key: string): string[] {
  if (key.startsWith('move/unclosed/')) return [key];
  if (isOfKind(key, 'over') || isOfKind(key, 'still')) return [];
  if (isOfKind(key, 'health') || isOfKind(key, 'scheduled')) return [];
  const isDone =
    isOfKind(key, 'move') ||
    isOfKind(key, 'repair') ||
    isOfKind(key, 'rehearsed') ||
    isOfKind(key, 'drained') ||
    isOfKind(key, 'network');
  return isDone ? ['done'] : [key];
}
