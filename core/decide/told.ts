/**
 * What people hear, and when: each thing once, a reminder until somebody acknowledges or it is over, and that it is
 * over. `voice.ts` and the rules find what there is to say; here is kept what was said.
 *
 *     holds .......... told | ... reminder ... reminder | holds no longer .... a soak .... "over"
 */
import type { SetAssessment } from '../assess/assessment';
import { quietLine } from '../assess/quiet';
import type { Announcement, Memory } from '../store/memory';
import type { Decision, EscalateDecision } from '../words/decision';
import type { Connection } from '../words/domain';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, instantText, spanText } from '../words/time';
import { brakeAsk, helpAsks, unreadAsk } from './people';
import { contradictionAsk } from './traffic';
import { isAway, type View } from './view';
import { type Concern, concernsOf } from './voice';

/** Kinds that only tell what was done, or would be; every other asks for a human. */
const tellsOnly: ReadonlySet<string> = new Set(['closed', 'done', 'move', 'repair', 'would', 'over', 'still', 'quiet']);

/** Kinds that are over once they are not found any more, for a soak. The others have a test of their own. */
export const endsBySoaking: ReadonlySet<string> = new Set([
  'dark',
  'severe',
  'slow',
  'latency',
  'refused',
  'missing',
  'unseen',
  'putback',
  'shadow',
  'budget',
  'ending',
  'ended',
  'denied',
]);

export const asksForPeople = (key: string): boolean => !tellsOnly.has(kindOf(key));

export const kindOf = (key: string): string => key.split('/')[0]!;

/** Everything that waits for a person now, said already or not. */
export function asksOf(view: View): Concern[] {
  const rules = [unreadAsk(view), brakeAsk(view), contradictionAsk(view), ...helpAsks(view)].flatMap((asked) =>
    asked === null ? [] : [{ key: asked.key, text: asked.because, urgent: false }],
  );
  return [...concernsOf(view), ...rules];
}

/** Nobody is needed any more, or somebody has said that he knows. */
function isAnswered({ memory, desired }: View, { key }: Concern): boolean {
  const at = memory.told[key];
  return at !== undefined && desired.acknowledgedAt > at;
}

/** What still waits for a person: told or not, and nobody has said that he knows. */
export const openAsks = (view: View): Concern[] => asksOf(view).filter((ask) => !isAnswered(view, ask));

/** Memory once it is looked at what still holds of what was told. What is over is told, in company if there is some. */
export function heed(view: View): Memory {
  const { memory, connection, now } = view;
  const present = new Set(asksOf(view).map(({ key }) => key));
  const goneSince: Record<string, Instant> = {};
  const over: Announcement[] = [];
  const told = Object.entries(memory.told).filter(([key, at]) => {
    const isFound = present.has(key) || !view.assessment.complete || !endsBySoaking.has(kindOf(key));
    const since = isFound ? undefined : (memory.goneSince[key] ?? now);
    if (since !== undefined) goneSince[key] = since;
    if (!isOver(view, key, at, since)) return true;
    const text = overText(key);
    if (text !== '')
      over.push({ key: `over/${key}`, text: `over: ${text}`, waitsUntil: now + connection.policy.soakMs });
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

/**
 * What is over may be said anew when it comes again; an incident may stay open for weeks behind a lossy standby. Over
 * means over for a soak, so that flapping does not repeat itself to people. `since`: no longer found since then.
 */
function isOver(view: View, key: string, at: Instant, since: Instant | undefined): boolean {
  const { assessment, connection, desired, memory, now } = view;
  const { soakMs } = connection.policy;
  const isWell = (path: string): boolean => now - (memory.healthySince[path] ?? now) >= soakMs;
  const sets = Object.values(assessment.sets);
  const isServed = sets.every(
    (set) =>
      set.used.length > 0 &&
      !set.stale &&
      // A path may answer its own canary and turn users away.
      memory.unserved[set.routeSet] === undefined &&
      set.used.every((path) => isWell(path) && !assessment.paths[path]!.drained),
  );
  const [kind = '', name = '', reason = ''] = key.split('/');
  switch (kind) {
    case 'manual':
      return isOurs(own(assessment.sets, name));
    case 'pin':
      return own(assessment.paths, name)?.pin.leads === 'target';
    case 'former':
      return isOurs(own(assessment.sets, name)) && !own(assessment.sets, name)!.stale;
    case 'away':
      // To have heard is not to have given the word.
      return (reason !== 'manual' && desired.acknowledgedAt > at) || isAtHome(own(assessment.sets, name));
    case 'brake':
      return !assessment.mass && Object.keys(memory.healthySince).some(isWell);
    case 'mtu':
      return isWell(name);
    case 'stuck':
      return isWell(name) || (reason === 'budget' && desired.acknowledgedAt > at);
    case 'would':
      if (name === 'repair') return isWell(reason);
      return name === 'divert' ? isServed : isServed && !sets.some(isAway);
    case 'quiet':
      return now >= Number(name);
    case 'budget':
      return desired.acknowledgedAt > at || isGone(since, now, soakMs);
    default:
      return isGone(since, now, soakMs);
  }
}

const isGone = (since: Instant | undefined, now: Instant, soakMs: number): boolean =>
  since !== undefined && now - since >= soakMs;

/** Routes that could not be read show nothing foreign either: that is not the same as being ours again. */
const isOurs = (set: SetAssessment | undefined): boolean =>
  set !== undefined && set.used.length > 0 && set.foreign.length === 0;

const isAtHome = (set: SetAssessment | undefined): boolean => isOurs(set) && !isAway(set!);

/** Empty: what follows says so itself. */
function overText(key: string): string {
  const [kind = '', name = '', reason = ''] = key.split('/');
  switch (kind) {
    case 'dark':
      return `users of ${name} get answers again`;
    case 'severe':
      return `users of ${name} get through again`;
    case 'slow':
      return `users of ${name} wait no longer than usual`;
    case 'latency':
      return `path ${name} answers as fast as it should`;
    case 'refused':
      return `routes of ${name} are where they should be`;
    case 'denied':
      return `path ${name} no longer waits for a repair that was not permitted`;
    case 'missing':
      return `EC2 lists route table ${name} again, or nothing names it`;
    case 'shadow':
      return `no longer prefix takes packets elsewhere in ${name}`;
    case 'manual':
      return `the routes of ${name} are on a path of ours again`;
    case 'brake':
      return name === 'mass' ? 'the failures have no common cause any more' : 'a path works again';
    case 'mtu':
      return `packets of full size pass path ${name} again`;
    case 'stuck':
      return reason === 'budget' ? '' : `path ${name} is healthy again`;
    default:
      return '';
  }
}

/** Everything people must hear now: what was done, what waits for them, that it is over, and what still waits. */
export function pendingAnnouncements(
  view: View,
  decision: Decision,
  /** What a mode lets us only say, beside the decision itself. */
  also: readonly EscalateDecision[],
): Announcement[] {
  const { memory, now } = view;
  const escalated = decision.kind === 'escalate' ? [decision, ...also.filter(({ key }) => key !== decision.key)] : [];
  const escalation = escalated.map(({ key, because }) => ({ key, text: because }));
  const fresh = concernsOf(view).filter(({ key }) => !(key in memory.told) && key !== escalation[0]?.key);
  // Nothing waits for anybody there: told so that nobody wonders why nothing is done.
  const quiet = quietLine(view);
  const line = quiet === null || quiet.key in memory.told ? [] : [quiet];
  const voiced = fresh.map(({ key, text }) => ({ key, text }));
  const waiting = memory.toTell.filter(({ waitsUntil = 0 }) => waitsUntil > now);
  const ready = memory.toTell.filter((one) => !waiting.includes(one));
  const news = [...ready, ...escalation, ...voiced, ...line, ...closing(view, decision)];
  const still = reminders(view);
  return news.length + still.length === 0 ? [] : [...news, ...waiting, ...still];
}

function closing({ memory, now }: View, decision: Decision): Announcement[] {
  const { incident, told, toTell } = memory;
  if (decision.kind !== 'finish' || incident === null || 'closed' in told) return [];
  const isNews = ([key, at]: [string, Instant]): boolean => kindOf(key) !== 'quiet' && at >= incident.openedAt;
  const heard = toTell.length > 0 || Object.entries(told).some(isNews);
  const text = `over after ${spanText(now - incident.openedAt)}: ${decision.because}`;
  return heard ? [{ key: 'closed', text }] : [];
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
  const { closed, ...open } = memory.told;
  const keys = announced.map(({ key }) => key);
  const reminded = keys.flatMap((key) => (kindOf(key) === 'still' ? [key.slice('still/'.length)] : []));
  const instants = (of: readonly string[]): Record<string, Instant> => Object.fromEntries(of.map((key) => [key, now]));
  return {
    ...memory,
    incident: memory.incident ?? {
      id: `${connection.name}-${instantText(now)}`,
      openedAt: now,
      because: announced[0]!.text,
    },
    told: { ...open, ...instants(keys.flatMap(keptKey)) },
    reminded: { ...memory.reminded, ...instants(reminded) },
    toTell: memory.toTell.filter(({ key }) => !keys.includes(key)),
  };
}

/** Memory is bounded: of what was done only that something was told, but of found moves which. */
function keptKey(key: string): string[] {
  if (key.startsWith('move/unclosed/')) return [key];
  switch (kindOf(key)) {
    case 'over':
    case 'still':
      return [];
    case 'move':
    case 'repair':
      return ['done'];
    default:
      return [key];
  }
}
