/**
 * Chooses what to do about one connection. Pure: same inputs, same decision.
 *
 * Rules are tried in order and the first that speaks wins, so the order is the policy: traffic first (3 to 5), then
 * people (6, 7), then repair (9), failback last (10). A rule judges each route set or path by itself; a plan without a
 * step does not speak. `decide` is total: rule 14 always has something to say.
 *
 * Law: no brake, window or budget stands before rule 3. Law: unknown never diverts, save rule 4 off a dead path.
 */

import { isPinned, isStillWanted, type SetAssessment, verdictText } from '../assess/assessment';
import { sideAt } from '../assess/both-ends';
import { isQuietlyStopped } from '../assess/quiet';
import { watchesUsersOf } from '../words/canaries';
import { type Decision, type EscalateDecision, moveText, type RepairDecision } from '../words/decision';
import { inWords } from '../words/ends';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { askText, isOfKind } from '../words/told-kinds';
import { pauseNow } from './asked';
import { divertByWord } from './by-word';
import { nextDue, nextSpoken } from './due';
import { chooseRung, repairDecision, startAgain } from './ladder';
import { rescueByLastSeen } from './last-seen';
import { mayOrderAgain, orderSpeaker, pendingOrders } from './orders';
import { askForHelp, brake, once, unreadAsk } from './people';
import { rehearseByAws } from './rehearsal';
import { finishSplit } from './split';
import { openAsks } from './told';
import {
  divertAsLastResort,
  divertFromDown,
  divertFromSevere,
  failBack,
  giveBack,
  tryForDarkUsers,
  undoContradicted,
} from './traffic';
import { maintainTunnel } from './upkeep';
import { isAway, runningRung, type View } from './view';

type Rule = (view: View) => Decision | null;

/** The order is the policy. Rules 2 and 8 hold one set or one path: they speak through `movableSets` and `chooseRung`. */
export const rules: readonly Rule[] = [
  holdWhileUnread, // 1
  holdWhilePaused, // 1
  divertFromDown, // 3
  rescueByLastSeen, // 3
  divertAsLastResort, // 4
  divertFromSevere, // 5
  tryForDarkUsers, // 5b
  brake, // 6
  undoContradicted, // 7
  divertByWord, // 7b
  orderSpeaker, // 7c
  finishSplit, // 7d
  repairDown, // 9
  maintainTunnel, // 9b
  rehearseByAws, // 9c
  failBack, // 10
  giveBack, // 10b
  askForHelp, // 11
  holdTillDue, // 12
  finishOrPark, // 13
  holdForEvidence, // 14
];

export function decide(view: View): Decision {
  for (const rule of rules) {
    const spoken = permitted(view, rule(view));
    if (spoken !== null) return inWordsOf(view, spoken);
  }
  return inWordsOf(view, holdForEvidence(view));
}

const inWordsOf = ({ connection }: View, decision: Decision): Decision => ({
  ...decision,
  because: inWords(connection, decision.because),
});

/** With the lock table down only a divert onto a proven path is safe: every actor would do the same. */
export function decideFailOpen(view: View): Decision {
  const rescue = permitted(view, divertFromDown(view));
  if (rescue !== null) return inWordsOf(view, rescue);
  const because = 'there is no lock to be had: nothing but a rescue is allowed';
  return { kind: 'hold', rule: 'evidence', because, until: view.now };
}

/** Below the mode's line a rule's act becomes an announcement, made once; then the rules after it are asked. */
function permitted(view: View, spoken: Decision | null): Decision | null {
  if (spoken === null) return null;
  const announced = wouldBe(view, spoken);
  return announced === null ? spoken : once(view, announced);
}

/** Everything that would be done now but for the mode, said already or not. */
function forbidden(view: View): EscalateDecision[] {
  return rules.flatMap((rule) => {
    const spoken = rule(view);
    return (spoken === null ? null : wouldBe(view, spoken)) ?? [];
  });
}

/** Said together, so that one mail tells all. */
export const announcedOnly = (view: View): EscalateDecision[] =>
  forbidden(view).filter((announced) => once(view, announced) !== null);

/** What was said of these is not over, however well users are served: it would be said again at once, turn after turn. */
export const forbiddenKeys = (view: View): ReadonlySet<string> => {
  const isSaid = Object.keys(view.memory.told).some((key) => isOfKind(key, 'would'));
  return new Set(isSaid ? forbidden(view).map(({ key }) => key) : []);
};

/** What the mode lets us only say of this; null: it may be done. */
function wouldBe(view: View, spoken: Decision): EscalateDecision | null {
  const { mode } = view.connection;
  const acts =
    spoken.kind === 'divert' || spoken.kind === 'undo' || spoken.kind === 'failback' || spoken.kind === 'repair';
  // An order to a speaker moves users' answers, as a route moves their packets.
  const moves = spoken.kind !== 'repair' || spoken.purpose === 'order';
  if (!acts || mode === 'repair' || (mode === 'divert' && moves)) return null;
  const what =
    spoken.kind === 'repair'
      ? `${spoken.rung} ${spoken.gateway}`
      : `${spoken.kind} ${spoken.moves.map(moveText).join(', ')}`;
  const about = spoken.kind === 'repair' ? spoken.path : spoken.moves.map((m) => m.routeSet).join('+');
  return {
    kind: 'escalate',
    rule: spoken.rule,
    key: `would/${spoken.kind}/${about}/${what}`,
    because: `mode ${mode}: would ${what}, because ${spoken.because}`,
  };
}

// 1 ------------------------------------------------------------------------------------------------------------------

/** Said once; then nothing starts until it can be read again. */
function holdWhileUnread(view: View): Decision | null {
  const asked = unreadAsk(view);
  return asked === null ? null : (once(view, asked) ?? stayTillSpoken(view, asked.because));
}

/** Nothing is done, and the run stays awake only for what people must hear soon. */
function stayTillSpoken(view: View, because: string): Decision {
  const due = nextSpoken(view);
  if (due === null || due.at - view.now > limits.dueSoonMs) return { kind: 'park', rule: 'stand-still', because };
  return { kind: 'hold', rule: 'stand-still', because, until: due.at };
}

/**
 * A person's pause stops everything but words: users who are dark are told of all the same (voice.ts).
 *
 * Example: ana pauses `paris` for an hour to work on its firewall. Path a goes down at once: nothing is moved or
 * repaired, and after a minute people hear that users get no answer while a pause holds.
 */
function holdWhilePaused(view: View): Decision | null {
  const paused = pauseNow(view);
  if (paused === null) return null;
  const because = `paused by ${paused.requestedBy}: ${paused.reason}`;
  if (runningRung(view) !== null)
    return {
      kind: 'hold',
      rule: 'stand-still',
      because: `${because}; a running repair may end`,
      until: view.now + limits.sleepMaxMs,
    };
  if (paused.until - view.now > limits.dueSoonMs) return stayTillSpoken(view, because);
  const until = Math.min(paused.until, nextSpoken(view)?.at ?? paused.until);
  return { kind: 'hold', rule: 'stand-still', because, until };
}

// 9 ------------------------------------------------------------------------------------------------------------------

/**
 * The mildest rung that fits, on the first path that is down: one at a time for the whole connection.
 *
 * Example: path a is down, its instance runs and its agent answers: `restart-tunnel` of tunnel paris-a is started. If
 * the status check of the instance failed instead, `reboot` would be the first that fits.
 */
function repairDown(view: View): RepairDecision | null {
  const unanswered = runningRung(view);
  if (unanswered !== null) return resume(view, unanswered.path);
  for (const path of Object.values(view.assessment.paths)) {
    if (path.verdict !== 'down' || path.drained || isQuietlyStopped(view, path.path)) continue;
    const choice = chooseRung(view, path);
    if (choice.kind === 'try') return repairDecision(view, choice.side, choice);
  }
  return null;
}

/** A start that was journalled but not answered (the run crashed between): the same token makes it the same start. */
function resume(view: View, path: string): RepairDecision | null {
  const rung = runningRung(view)!;
  const found = own(view.assessment.paths, path);
  const target = found && sideAt(found, rung.gateway);
  if (target === undefined || !isStillWanted(target, rung)) return null; // Renamed, or well again: it is given up.
  if (view.automationId !== null || view.now >= rung.deadlineAt) return null;
  const isForDrained = rung.purpose === 'maintenance' || rung.purpose === 'order';
  if ((target.drained && !isForDrained) || isQuietlyStopped(view, path)) return null;
  if (rung.purpose === 'order' && !mayOrderAgain(view, rung)) return null;
  return repairDecision(view, target, startAgain(rung), rung);
}

// 12, 13, 14 ---------------------------------------------------------------------------------------------------------

/**
 * Stays awake for what is due within minutes: a soak that ends, a repair that settles, an announcement that must be
 * repeated.
 *
 * Example: home has been healthy for two of its three minutes of soak: the run sleeps until the third is over, and the
 * next turn fails back.
 */
function holdTillDue(view: View): Decision | null {
  const due = nextDue(view);
  if (due === null || due.at - view.now > limits.dueSoonMs) return null;
  return { kind: 'hold', rule: 'due', because: due.because, until: due.at };
}

/**
 * All is home and healthy: the incident is over. Something is left that only people or time can mend: the run ends and
 * lets go of the lease, and a signal or the sweep starts the next.
 *
 * Example: `office` is served over b, a's machine is beyond repair and people were told: parked. A canary that hears
 * path a again wakes a run.
 */
function finishOrPark(view: View): Decision | null {
  if (!view.assessment.complete) return null;
  const sets = Object.values(view.assessment.sets);
  const paths = Object.values(view.assessment.paths);
  const home = sets.every((set) => !isAway(set) && !set.stale && set.foreign.length === 0);
  const open = paths.filter((p) => p.verdict !== 'healthy' || !isPinned(p) || p.drained);
  const unserved = sets.filter((set) => !isServed(view, set));
  const asked = openAsks(view);
  const ordered = pendingOrders(view);
  if (home && open.length + unserved.length + asked.length + ordered.length === 0)
    return { kind: 'finish', rule: 'rest', because: 'all routes are home, all paths are healthy, users are served' };
  const away = sets.filter(isAway).map((set) => `${set.routeSet} is on ${set.used.join('+') || 'no path of ours'}`);
  const strayed = sets
    .filter((set) => set.stale)
    .map((set) => `${set.routeSet} is on an interface that ${set.used.join('+')} had before`);
  const states = open.map(
    (p) => `path ${p.path} is ${p.drained ? 'drained' : isPinned(p) ? verdictText(p) : 'unproven'}`,
  );
  const users = unserved.map((set) => `users of ${set.routeSet}: ${set.users.because}`);
  const people = asked.length === 0 ? [] : [`waiting for a person: ${asked.map(({ key }) => askText(key)).join('; ')}`];
  const waits = [...people, ...ordered];
  return {
    kind: 'park',
    rule: 'rest',
    because: `nothing is due soon: ${[...away, ...strayed, ...states, ...users, ...waits].join(', ')}`,
  };
}

/** Law: finished is true for users. Where no canary stands for them, the paths' own must do. */
function isServed({ connection }: View, { routeSet, users }: SetAssessment): boolean {
  if (users.state === 'served' || users.state === 'slow') return true;
  const hasCanary = connection.canaries.some(watchesUsersOf(routeSet));
  return users.state === 'unknown' && !hasCanary;
}

/**
 * The last rule: something could not be read, so nothing may be concluded from its absence. Unknown is not down.
 *
 * Example: EC2 does not answer and the canaries call both paths healthy. Routes may or may not be home: the run looks
 * again instead of calling the incident finished.
 */
function holdForEvidence(view: View): Decision {
  return {
    kind: 'hold',
    rule: 'evidence',
    because: `not enough is known: ${view.assessment.missing}`,
    until: view.now + limits.sleepMaxMs,
  };
}
