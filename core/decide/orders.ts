/**
 * What the speakers of a connection should say, against what they say: each difference is one order, one at a time.
 * Reconciled, not fired: whatever undid a drain (a reboot, a second actor, a command that was lost), the next reading
 * shows it and it is ordered again.
 *
 *     routes have left path a ........ drain a ........ read: drained ...... nothing comes in any more: empty
 *     a is well for a soak, failback . undrain a ...... read: normal
 *
 * Law: the last path that is advertised is never drained (invariants.laws.lastAdvertised). Routes wait for no speaker: the
 * rules that move them stand before this one.
 */
import { areRoutesUnread, isPinned, type PathAssessment, type SetAssessment } from '../assess/assessment';
import { readingKeptMs, speakerOf, spokenOf } from '../gateways/speaker';
import { methodText } from '../gateways/speaker-orders';
import type { Advertised } from '../routes/plane';
import { isRepairedForAnother } from '../store/lease';
import type { RungRun } from '../store/memory';
import type { Order } from '../store/speaker-order';
import { type Decision, isRescue, type RepairDecision } from '../words/decision';
import type { PathName } from '../words/domain';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { type Instant, instantText, minuteMs, secondMs, spanText } from '../words/time';
import { mayDrawAgain } from './attract';
import type { Concern, Due } from './concern';
import { repairDecision } from './ladder';
import {
  type Difference,
  differences,
  isAdvertisedBeside,
  isReached,
  isUsed,
  placement,
  wantedOf,
  whyNotSent,
} from './speaker-wants';
import { isAway, isTimeForHome, runningRung, soakMs, usedPaths, type View } from './view';

/** Two tries within seconds; then people are told, and it is tried again as rarely as this. */
const triesAtOnce = 2;
const againMs = 5 * minuteMs;
const retryMs = 5 * secondMs;
/** A speaker that could not be read for so long is told of: `watch` has tried five times. */
const unreadToldMs = 5 * minuteMs;
/** What is over before the mail is read is not announced. */
const awaitedToldMs = 10 * secondMs;
/** A machine that has missed a probe answers the next one, or is known to be down, after so long. */
const probedMs = 2 * secondMs;
/** While somebody waits to hear that a path is empty, the run stays awake for the next reading. */
const readingMs = 10 * secondMs;

// 7c -----------------------------------------------------------------------------------------------------------------

/**
 * One order. Example: path a is dark one way, `office` has been moved to b, and BGP, which believes in its session, still
 * brings the answers over a: a is drained. When a is well again and `office` home, it is undrained.
 */
export function orderSpeaker(view: View): RepairDecision | null {
  if (runningRung(view) !== null) return null;
  const next = differences(view).find((one) => whyNotNow(view, one) === '');
  if (next === undefined) return null;
  const { path, to } = next;
  const rung = to === 'drained' ? 'drain' : 'undrain';
  return repairDecision(view, path, { rung, tunnel: null, purpose: 'order', because: whyOrdered(view, next) });
}

/**
 * The order that goes beside a rescue's routes, so that answers leave a dead path when packets do: a turn later users would
 * be dark for as long as the routes take. What works is ordered only once its routes are seen to have moved.
 */
export function besideRescue(view: View, decision: Decision): RepairDecision | null {
  if (!isRescue(decision) || view.failOpen || runningRung(view) !== null) return null;
  const moved = Object.fromEntries(decision.moves.map(({ routeSet, to }) => [routeSet, [to]]));
  const after = { ...placement(view), ...moved };
  const left = differences(view, after).find(
    (one) => one.to === 'drained' && one.path.verdict === 'down' && whyNotNow(view, one, after) === '',
  );
  if (left === undefined) return null;
  const because = whyOrdered(view, left, 'are leaving');
  return repairDecision(view, left.path, { rung: 'drain', tunnel: null, purpose: 'order', because });
}

function whyOrdered(view: View, { path, to, spoken }: Difference, users = 'have left'): string {
  const { gateway, speaker, neighbor } = speakerOf(view, path.path)!;
  const { routeServer } = view.connection.routing!;
  const inside = routeServer === undefined ? '' : ` and those with ${routeServer}`;
  if (to === 'normal')
    return `path ${path.path} is ${isNeeded(view, path) ? 'needed' : 'well and nothing keeps it out'}: ${gateway.name} is told to advertise to ${neighbor.across}${inside} as usual`;
  const order = own(view.memory.orders, path.path);
  const again = order?.to === 'drained' && order.isDone ? '; it was drained before, and something has undone that' : '';
  const undone = again !== '' && speaker.startsDrained ? ', although its boot configuration should be drained' : '';
  const unread = spoken === null ? `; what ${path.gateway} advertises now is not known` : '';
  return `${whyLeft(view, path, users)}: ${gateway.name} is told to drain its session with ${neighbor.across} (${methodText[neighbor.drain]})${inside}${again}${undone}${unread}`;
}

function whyLeft(view: View, { path, drained, verdict, because }: PathAssessment, users: string): string {
  const { connection, desired } = view;
  if (drained)
    return `path ${path} is drained for ${desired.drains[path]!.requestedBy} (${desired.drains[path]!.reason})`;
  return isMovedByNetwork(connection)
    ? `path ${path} is down (${because}), and BGP is not known to have left it`
    : `users ${users} path ${path}, which is ${verdict} (${because}), and answers must not come back over it`;
}

/** Empty: it is ordered now. */
export function whyNotNow(view: View, difference: Difference, routes = placement(view)): string {
  const { path, to } = difference;
  const kept = whyNotSent(view, path);
  if (kept !== '') return kept;
  if (againAt(view, path.path, to) > view.now) return 'it was ordered a moment ago in vain';
  return to === 'drained' ? whyNotDrained(view, path, routes) : whyNotUndrained(view, path);
}

function againAt({ memory }: View, path: PathName, to: Advertised): Instant {
  const order = own(memory.orders, path);
  if (order === undefined || order.to !== to || order.endedAt === null || order.failures === 0) return 0;
  return order.endedAt + (order.failures < triesAtOnce ? retryMs : againMs);
}

function whyNotDrained(view: View, { path, verdict }: PathAssessment, routes = placement(view)): string {
  const { mass, massBecause } = view.assessment;
  // Where the network moves users they leave a path because it is drained.
  const staying = isMovedByNetwork(view.connection)
    ? undefined
    : Object.entries(routes).find(([, used]) => used.length === 0 || used.includes(path));
  if (staying !== undefined) return `users of ${staying[0]} are not known to have left path ${path}`;
  if (mass && verdict !== 'down') return `a common cause is suspected: ${massBecause}`;
  return isAdvertisedBeside(view, path) ? '' : `no other path is known to be advertised: ${path} may be the last`;
}

/** Home has soaked before its users return; a standby that was started anew soaks before anybody comes back over it. */
function whyNotUndrained(view: View, path: PathAssessment): string {
  if (isNeeded(view, path)) return '';
  if (view.assessment.mass) return `a common cause is suspected: ${view.assessment.massBecause}`;
  if (path.verdict !== 'healthy' || !isPinned(path)) return `path ${path.path} is ${path.verdict}`;
  const left = soakLeftMs(view, path);
  return left > 0 ? `path ${path.path} soaks for another ${spanText(left)}` : whyNotHome(view, path);
}

function soakLeftMs(view: View, path: PathAssessment): number {
  // Users are on it already: they have waited for its soak, or were brought here by something worse.
  if (isUsed(view, path.path) || isNeeded(view, path)) return 0;
  const soakedAt = (view.memory.healthySince[path.scope] ?? view.now) + soakMs(view, path.path);
  return Math.max(0, soakedAt - view.now);
}

/** The network has left users where nothing answers, and this path does: nobody waits for its soak. */
function isNeeded(view: View, path: PathAssessment): boolean {
  if (!isMovedByNetwork(view.connection) || !path.provenWorking || areRoutesUnread(view.evidence)) return false;
  const isLost = (set: SetAssessment): boolean => usedPaths(view, set).every(({ verdict }) => verdict === 'down');
  return Object.values(view.assessment.sets).some(isLost);
}

/** Where the network moves users, advertising their home takes them there: it waits for what a failback waits for. */
function whyNotHome(view: View, path: PathAssessment): string {
  if (!isMovedByNetwork(view.connection)) return '';
  const staying = Object.values(view.assessment.sets).filter((set) => set.home === path.path && isAway(set));
  const held = staying.find((set) => !isTimeForHome(view, set));
  return held === undefined ? '' : `it is not time for ${held.routeSet} to go home`;
}

/** May a start that got no answer be made again? The world may have changed meanwhile, or the configuration. */
export function mayOrderAgain(
  view: View,
  { rung, path, gateway }: Pick<RungRun, 'rung' | 'path' | 'gateway'>,
): boolean {
  if (rung === 'attract') return mayDrawAgain(view, path);
  const lease = view.evidence.gatewayLeases[gateway];
  // Given beside a rescue, it was journalled before anybody knew that the gateway was another's.
  if (lease && isRepairedForAnother(lease, view.connection.name, view.now)) return false;
  if (speakerOf(view, path) === null) return false;
  if (rung === 'drain') return isAdvertisedBeside(view, path);
  // Where the network moves users, this takes them there.
  return !isMovedByNetwork(view.connection) || whyNotUndrained(view, view.assessment.paths[path]!) === '';
}

/** What is not as it should be and is known to be so: nobody calls it all well meanwhile. */
export const pendingOrders = (view: View): string[] =>
  differences(view).flatMap((one) =>
    one.spoken === null ? [] : [`path ${one.path.path} is not ${one.to}: ${whyNotNow(view, one) || 'it is ordered'}`],
  );

// What people hear ---------------------------------------------------------------------------------------------------

/** Speakers that do not obey, partners that do not follow, and what cannot be read. */
export function orderConcerns(view: View): Concern[] {
  return Object.values(view.assessment.paths).flatMap((path): Concern[] => {
    if (speakerOf(view, path.path) === null) return [];
    return [...awaited(view, path), ...ignored(view, path), ...disobeyed(view, path), ...unread(view, path)];
  });
}

/** A machine that hangs takes no order, and its session stands until the partner's hold time is over: by when, people hear. */
function awaited(view: View, path: PathAssessment): Concern[] {
  const hangs = path.verdict === 'down' && path.instanceState === 'running' && path.gatewayProbe === 'down';
  const isFollowed = spokenOf(view, path.path)?.advertises !== 'normal';
  if (!hangs || isFollowed || wantedOf(view, path) !== 'drained') return [];
  const { convergeWithinMs } = view.connection.routing!;
  const by = (path.failingSince ?? view.now) + convergeWithinMs;
  if (by - view.now < awaitedToldMs) return [];
  const isOut = isMovedByNetwork(view.connection) && isUsed(view, path.path);
  const who = isOut ? 'packets go out and answers come back' : 'answers come back';
  const leaves = isOut ? 'BGP leaves it' : 'its partner leaves it';
  const text = `${who} over path ${path.path} until ${leaves}, by ${instantText(by)} (convergeWithin, ${spanText(convergeWithinMs)}): ${path.gateway} is silent and takes no order`;
  return [{ key: `awaited/${path.path}`, urgent: true, text }];
}

function ignored(view: View, { path }: PathAssessment): Concern[] {
  if (isMovedByNetwork(view.connection) && isUsed(view, path)) return []; // Its routes have not left: network.ts.
  const order = own(view.memory.orders, path);
  if (order?.to !== 'drained' || !order.isDone || order.endedAt === null || order.unmovedAt === null) return [];
  if (spokenOf(view, path)?.advertises !== 'drained') return [];
  const { drain, across } = speakerOf(view, path)!.neighbor;
  const { convergeWithinMs } = view.connection.routing!;
  const text = `a drain of path ${path} was ordered at ${instantText(order.endedAt)}, and nothing moved after ${spanText(convergeWithinMs)}: the peer ignores ${methodText[drain]} (local-preference?); do not begin to work on it: answers still come back over it; ${drain === 'prepend' ? 'use drain: graceful-shutdown, or ' : ''}ask the partner about ${across}`;
  return [{ key: `ignored/${path}`, urgent: false, text }];
}

function disobeyed(view: View, path: PathAssessment): Concern[] {
  const to = wantedOf(view, path);
  const order = own(view.memory.orders, path.path);
  const spoken = spokenOf(view, path.path);
  if (to === null || spoken === null || spoken.advertises === to || spoken.advertises === 'silent') return [];
  const key = `order/${path.path}` as const;
  const should = `path ${path.path} should be ${to === 'drained' ? 'drained' : 'advertised'} and is not`;
  if (order?.to === to && order.failures >= triesAtOnce) {
    const said = order.said ?? 'its document does not say why';
    return [
      {
        key,
        urgent: false,
        text: `${should}: ${order.failures} orders to ${path.gateway} failed (${said}); ${to === 'drained' ? 'do not begin to work on it: answers may still come back over it; ' : ''}it is tried again`,
      },
    ];
  }
  const isMute = to === 'normal' && path.verdict === 'healthy' && !isReached(path);
  if (isMute) return [{ key, urgent: false, text: `${should}: no command reaches ${path.gateway}` }];
  if (to !== 'drained' || isLeaving(view, path)) return [];
  const why = whyNotDrained(view, path);
  return why === '' ? [] : [{ key, urgent: false, text: `${should}: ${why}` }];
}

/** Its users are on their way, or nobody has had the time to read the other speaker. */
const isLeaving = (view: View, { path, drained }: PathAssessment): boolean => {
  const on = Object.values(view.assessment.sets).some(({ used }) => used.length === 0 || used.includes(path));
  const moved = Object.values(view.memory.moves).map(({ at }) => at);
  return on || !drained || view.now - Math.max(0, ...moved) < readingKeptMs;
};

function unread(view: View, { path, gateway }: PathAssessment): Concern[] {
  const report = view.evidence.speakers[gateway] ?? null;
  const since = report === null ? null : (report.unmeasured?.since ?? report.reportedAt);
  if (since === null || view.now - since < unreadToldMs || spokenOf(view, path) !== null) return [];
  const why = report?.unmeasured === undefined ? 'nobody has read it' : report.unmeasured.because;
  const text = `what ${gateway} advertises to the partner of path ${path} is not known since ${instantText(since)}: ${why}`;
  return [{ key: `speaker/${gateway}`, urgent: false, text }];
}

/** When an order is tried again, a path has soaked, or the next reading shows whether the partner has followed. */
export function orderDues(view: View): Due[] {
  const { now, memory } = view;
  const waits = differences(view).flatMap(({ path, to }) => {
    if (path.gatewaySilent && isReached(path))
      return [{ at: now + probedMs, because: `the next probe of ${path.gateway} shows whether it takes an order` }];
    const again = againAt(view, path.path, to);
    if (again > now)
      return [
        { at: again, because: `the order to ${path.gateway} failed, and is given again at ${instantText(again)}` },
      ];
    const left = to === 'normal' && path.verdict === 'healthy' ? soakLeftMs(view, path) : 0;
    return left > 0 ? [{ at: now + left, because: `path ${path.path} soaks before it is advertised again` }] : [];
  });
  const watched = Object.entries(memory.orders).flatMap(([path, order]) =>
    isWatched(order, now) ? [{ at: now + readingMs, because: `path ${path} was drained, and is watched` }] : [],
  );
  return [...waits, ...watched];
}

const isWatched = ({ to, isDone, endedAt, emptyAt, unmovedAt }: Order, now: Instant): boolean =>
  to === 'drained' && isDone && emptyAt === null && unmovedAt === null && now - (endedAt ?? now) < readingKeptMs;
