/**
 * What will be due, and when: the reasons to keep a run awake. Rule 12 sleeps till the first of them.
 */
import { areRoutesUnread, isFailing } from '../assess/assessment';
import { quietUntil } from '../assess/quiet';
import type { RungRun } from '../store/memory';
import { secondMs, spanText } from '../words/time';
import { divertWord } from './asked';
import { wordDues } from './by-word';
import type { Due } from './concern';
import { drillDues } from './drill';
import { chooseRung } from './ladder';
import { networkDues } from './network';
import { orderDues } from './orders';
import { rehearsalDues } from './rehearsal';
import { isTrialNear } from './traffic';
import { upkeepDues } from './upkeep';
import {
  budgetFreeAt,
  budgetLeft,
  hasWord,
  isAway,
  isInFailbackWindow,
  isRescueNear,
  isSettling,
  mayLeaveDrill,
  maySoakHome,
  movableSets,
  runningRung,
  settledAt,
  soakedAt,
  type View,
} from './view';
import { voiceDues } from './voice';

/** Completion of a rung is polled: SSM's events are best effort. */
const rungPollMs = 10 * secondMs;
/** An order takes seconds, and the next of its plan waits for it. */
const orderPollMs = 2 * secondMs;
/** A report a moment too old is followed by a fresh one within the report interval. */
const freshRetryMs = secondMs;
/** EC2 shows a write within a second or two, as a rule. */
const shownRetryMs = 2 * secondMs;
/** EC2's throttling ends within seconds, as a rule; a look costs it one call. */
const unreadRetryMs = 2 * secondMs;
/** A path that has just gone silent or lossy becomes something else within this. */
const unclearRetryMs = 10 * secondMs;

/** The earliest thing due; null when only news can change anything. Never earlier than one second from now. */
export function nextDue(view: View): Due | null {
  return earliest(view, [
    ...settling(view),
    ...repairs(view),
    ...patience(view),
    ...rescue(view),
    ...unseen(view),
    ...recoveries(view),
    ...severity(view),
    ...failbacks(view),
    ...drains(view),
    ...wordDues(view),
    ...quiets(view),
    ...orderDues(view),
    ...networkDues(view),
    ...upkeepDues(view),
    ...rehearsalDues(view),
    ...drillDues(view),
    ...spoken(view),
  ]);
}

/** A window ends, and what is still stopped in it is repaired. */
function quiets(view: View): Due[] {
  return Object.keys(view.connection.paths).flatMap((path) => {
    const until = quietUntil(view, path);
    return until === null ? [] : [{ at: until, because: `path ${path} was stopped by a user; its quiet window ends` }];
  });
}

/** The earliest thing to be said: what keeps a run awake that may do nothing else. */
export function nextSpoken(view: View): Due | null {
  return earliest(view, spoken(view));
}

function earliest(view: View, dues: readonly Due[]): Due | null {
  const first = dues.reduce<Due | null>((best, due) => (best === null || due.at < best.at ? due : best), null);
  return first === null ? null : { ...first, at: Math.max(first.at, view.now + secondMs) };
}

/**
 * Trouble that lasts is told, and that it is over after a soak. A run stays awake for these; what may wait to be told
 * together with something else is left to the sweep.
 */
function spoken(view: View): Due[] {
  const over = Object.values(view.memory.goneSince).map((at) => ({
    at: at + view.connection.policy.soakMs,
    because: 'what people were told of seems over: it is called over when it has stayed so for a soak',
  }));
  return [...over.filter(({ at }) => at > view.now), ...voiceDues(view)];
}

function settling(view: View): Due[] {
  const { confirmAfterMs } = view.connection.policy;
  return Object.values(view.assessment.sets).flatMap((set) => {
    const move = view.memory.moves[set.routeSet];
    if (move?.outcome !== 'unconfirmed') return [];
    if (move.state === 'sent' && isSettling(view, set))
      return [{ at: view.now + shownRetryMs, because: `EC2 does not show the move of ${set.routeSet} yet` }];
    const at = isSettling(view, set) ? move.at + confirmAfterMs : view.now + unclearRetryMs;
    return move.at + 6 * confirmAfterMs < view.now
      ? []
      : [{ at, because: `the move of ${set.routeSet} to ${move.to} is not confirmed yet` }];
  });
}

function repairs(view: View): Due[] {
  const running = runningRung(view);
  const pollMs = running?.purpose === 'order' ? orderPollMs : rungPollMs;
  if (running !== null) return [{ at: view.now + pollMs, because: runningText(running) }];
  return view.memory.rungs.flatMap((rung) => {
    const at = settledAt(view, rung);
    if (at <= view.now || view.assessment.paths[rung.path]?.verdict === 'healthy') return [];
    return [{ at, because: `path ${rung.path} gets its time to settle after ${rung.rung}` }];
  });
}

/** A path that is given time now, to boot or to mend itself, is repaired or told when that time is over. */
function patience(view: View): Due[] {
  return Object.values(view.assessment.paths).flatMap((path) => {
    if (path.verdict !== 'down' || path.drained) return [];
    const choice = chooseRung(view, path);
    return choice.kind === 'wait' && choice.until !== undefined ? [{ at: choice.until, because: choice.because }] : [];
  });
}

function rescue(view: View): Due[] {
  return isRescueNear(view) || isTrialNear(view)
    ? [{ at: view.now + freshRetryMs, because: 'the proof of the other path is a moment too old' }]
    : [];
}

/** With a path down, or a write of ours unseen, EC2 is asked for its routes again and again. */
function unseen({ assessment, evidence, memory, now }: View): Due[] {
  const isDown = Object.values(assessment.paths).some(isFailing);
  const isSent = Object.values(memory.moves).some(({ state }) => state === 'sent');
  if (!areRoutesUnread(evidence) || !(isDown || isSent)) return [];
  return [{ at: now + unreadRetryMs, because: 'EC2 does not show its routes' }];
}

function recoveries(view: View): Due[] {
  return Object.values(view.assessment.paths)
    .filter((path) => path.answersAgain)
    .map(({ path }) => ({
      at: view.now + view.connection.policy.reportIntervalMs,
      because: `path ${path} answers again, not often enough yet`,
    }));
}

function severity(view: View): Due[] {
  const { severeAfterMs } = view.connection.policy;
  return Object.values(view.assessment.paths).flatMap((path) => {
    const since = view.memory.severeSince[path.path];
    if (since === undefined || path.verdict !== 'degraded') return [];
    return [
      {
        at: since + severeAfterMs,
        because: `path ${path.path} is lossy or slow; severe after ${spanText(severeAfterMs)}`,
      },
    ];
  });
}

function failbacks(view: View): Due[] {
  const { mode, policy } = view.connection;
  const { failback, failbacks24hMax } = policy;
  return movableSets(view).flatMap((set) => {
    if (!isAway(set) || !maySoakHome(view, set) || divertWord(view, set.routeSet) !== null) return [];
    // In mode observe people hear once that it would be moved now; after that no run need stay awake for it.
    if (mode === 'observe' && soakedAt(view, set) <= view.now) return [];
    if (hasWord(view, set) || mayLeaveDrill(view, set))
      return [{ at: view.now + freshRetryMs, because: `the word is given, the proof of home ${set.home} too old` }];
    if (!isInFailbackWindow(view)) return [];
    if (failback === 'manual' && soakedAt(view, set) <= view.now) return [];
    const spent = view.memory.budgets.failbacks;
    if (!budgetLeft(view, spent, failbacks24hMax))
      return [{ at: budgetFreeAt(view, spent, failbacks24hMax), because: 'the failback budget is used up' }];
    const at = soakedAt(view, set);
    if (at <= view.now)
      return [
        { at: view.now + freshRetryMs, because: `home path ${set.home} has soaked, its proof is a moment too old` },
      ];
    return [{ at, because: `home path ${set.home} soaks before failback of ${set.routeSet}` }];
  });
}

function drains(view: View): Due[] {
  return Object.entries(view.desired.drains)
    .filter(([, drain]) => drain.until > view.now)
    .map(([path, drain]) => ({ at: drain.until, because: `the drain of path ${path} ends` }));
}

const runningText = ({ rung, path, gateway, purpose }: RungRun): string =>
  purpose === 'order' ? `${gateway} carries out the order to ${rung} path ${path}` : `${rung} runs on path ${path}`;
