/**
 * The rules that move routes: rescue (3), last resort (4), severe loss (5), undo (7), failback (10, 10b). Their order among
 * all rules stands in decide.ts.
 *
 * Law: a move goes to a path proven healthy, save rule 4 off a path that serves nobody (invariants.neverDivertsBlind).
 */
import {
  isFailing,
  isPinned,
  isWorking,
  type PathAssessment,
  type SetAssessment,
  verdictText,
} from '../assess/assessment';
import { kindOf } from '../gateways/kinds';
import type { Move } from '../store/memory';
import type { Decision, EscalateDecision, MoveDecision, SetMove } from '../words/decision';
import { budgetWindowMs, limits } from '../words/policy';
import { own } from '../words/shape';
import { minuteMs } from '../words/time';
import { isBackFromDrill } from './asked';
import { moveDecision, setMove } from './pairs';
import { once } from './people';
import {
  budgetLeft,
  candidates,
  hasWord,
  isAway,
  isContradicted,
  isElsewhere,
  isProvenSince,
  isTimeForHome,
  maySoakHome,
  movableSets,
  pathFor,
  soakMs,
  usedPaths,
  type View,
} from './view';

// 3 ------------------------------------------------------------------------------------------------------------------

/**
 * The rescue: off a path that is down or drained, onto one proven healthy since.
 *
 * Example: gw-a stops at 0 s. Its canary misses three rounds of half a second and reports path a down at 2 s; path b
 * was reported healthy within the last three seconds. `office` goes from a to b, whatever budgets say: a rescue has
 * none.
 */
export function divertFromDown(view: View): MoveDecision | null {
  const found = movableSets(view).flatMap((set) => {
    const bad = usedPaths(view, set).filter((p) => isFailing(p) || p.drained);
    if (bad.length === 0) return [];
    const planned = bad.every((p) => p.verdict !== 'down');
    const to = candidates(view, set).find(
      (p) =>
        p.provenHealthy &&
        isProvenSince(p, bad) &&
        !p.drained &&
        (isElsewhere(set, p) || !bad.some((b) => b.path === p.path)) &&
        !(planned && isContradicted(view, set, p.path)),
    );
    return to === undefined ? [] : [{ set, bad, to, planned }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 'rescue',
    planned: found.every((f) => f.planned),
    because: `${isLaidOver(first) ? whyLay(first.bad) : whyLeave(first.bad)}; path ${first.to.path} is proven healthy: ${first.to.because}`,
  });
}

/** To the very path that carries, and has lost the routes which AWS propagated to it. */
const isLaidOver = ({ set, to }: Found): boolean => set.cover === 'wanted' && set.used.includes(to.path);

const whyLay = ([bad]: readonly PathAssessment[]): string =>
  `${bad!.because}, so a static one is laid there until it does`;

interface Found {
  readonly set: SetAssessment;
  readonly to: PathAssessment;
}

const moveAll = (view: View, found: readonly Found[], shape: Parameters<typeof moveDecision>[2]): MoveDecision | null =>
  moveDecision(
    view,
    found.map(({ set, to }) => setMove(set, to)),
    shape,
  );

function whyLeave(bad: readonly PathAssessment[]): string {
  return bad
    .map((p) => (p.verdict === 'down' ? `path ${p.path} is down: ${p.because}` : `path ${p.path} is drained`))
    .join('; ');
}

// 4 ------------------------------------------------------------------------------------------------------------------

/**
 * Users are dark and no path is proven healthy: is any other still better than staying? Example: path a is down, path b
 * answers but loses a tenth of its packets: `office` goes to b, and back when a is well.
 */
export function divertAsLastResort(view: View): MoveDecision | null {
  const found = movableSets(view).flatMap((set) => {
    const used = usedPaths(view, set);
    if (!used.every(isFailing)) return [];
    const others = candidates(view, set).filter((p) => isElsewhere(set, p));
    const answering = others.find((p) => p.provenWorking && isProvenSince(p, used) && !p.drained);
    if (answering !== undefined)
      return [{ set, to: answering, why: `path ${answering.path} is ${verdictText(answering)} but answers` }];
    const soft = others.find((p) => p.provenHealthy && view.desired.drains[p.path]?.kind === 'soft');
    if (soft !== undefined) return [{ set, to: soft, why: `only the soft-drained path ${soft.path} is healthy` }];
    const unproven = others.find((p) => !p.drained && !wasLeftDead(view, set, p) && mayStillWork(view, used, p));
    return unproven === undefined
      ? []
      : [{ set, to: unproven, why: `path ${unproven.path} is ${unproven.verdict}, its own side ${unproven.ownSide}` }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 'last-resort',
    lastResort: true,
    because: `last resort: ${whyLeave(usedPaths(view, first.set))}; ${first.why}`,
  });
}

/**
 * Off a path that is dead beyond doubt, onto one nobody can vouch for. In a coupled connection the other canary dies
 * with the first tunnel, so there "down" proves little and the other's own side decides.
 */
function mayStillWork(view: View, used: readonly PathAssessment[], to: PathAssessment): boolean {
  if (view.assessment.mass || to.dead || to.identityFault !== '') return false;
  const gone = used.every((p) => p.dead || p.ownSide === 'failed' || p.gatewayProbe === 'down');
  if (!gone || to.ownSide === 'failed') return false;
  // A canary that was well and has not spoken lately tells against the path no more than one that never spoke.
  if (isWorking(to.verdict) && !to.provenWorking && isPinned(to)) return true;
  return to.verdict === 'unknown' || !isPinned(to) || (view.connection.coupled && to.ownSide === 'fine');
}

/**
 * Example: two connections of AWS are dead, and the black hole shows only where users are. The one that was left still
 * looks well from afar, until AWS's telemetry has caught up: users would be taken to and fro every few seconds.
 */
function wasLeftDead({ memory, deployment, now }: View, { routeSet }: SetAssessment, to: PathAssessment): boolean {
  const move = own(memory.moves, routeSet);
  if (move === undefined || !move.lastResort || !move.from.includes(to.path)) return false;
  return now - move.at < kindOf(deployment.gateways[to.gateway]!).ownSideLagMs;
}

// 5 ------------------------------------------------------------------------------------------------------------------

/**
 * Off a path that answers so badly that interactive use ends, onto one that is healthy. Budgeted, because loss comes
 * and goes, and users would be thrown to and fro with it.
 *
 * Example: path a has lost 30 % for 60 s and path b loses nothing: `office` goes to b. After four such moves in a day
 * users stay where they are, and people are told.
 */
export function divertFromSevere(view: View): MoveDecision | null {
  const { policy } = view.connection;
  const { memory, now } = view;
  if (view.assessment.mass || !budgetLeft(view, memory.budgets.severeMoves, policy.severeMoves24hMax)) return null;
  const found = movableSets(view).flatMap((set) => {
    const severe = usedPaths(view, set).find((p) => p.verdict === 'severe');
    if (severe === undefined) return [];
    const to = candidates(view, set).find(
      (p) =>
        p.provenHealthy &&
        !p.drained &&
        now - (memory.healthySince[p.scope] ?? now) >= policy.severeAfterMs &&
        !isContradicted(view, set, p.path),
    );
    return to === undefined ? [] : [{ set, severe, to }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 'severe',
    severe: true,
    because: `path ${first.severe.path} is severe: ${first.severe.because}; path ${first.to.path} has been healthy all that time`,
  });
}

// 5b -----------------------------------------------------------------------------------------------------------------

/**
 * Users get nothing over a path whose own canary is answered: the partner may turn them away on one path and not on the
 * other, and nobody can know without trying. Once a day and set, after people were told.
 */
export function tryForDarkUsers(view: View): MoveDecision | null {
  if (view.assessment.mass || view.connection.coupled) return null;
  const found = movableSets(view).flatMap((set) => {
    const [path] = usedPaths(view, set);
    if (path?.provenWorking !== true || !mayTry(view, set, path)) return [];
    const to = elsewhere(view, set, path).find((p) => p.provenHealthy);
    return to === undefined ? [] : [{ set, to, path }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 'dark-users',
    trial: true,
    because: `users of ${first.set.routeSet} get no answer over path ${first.path.path}, whose own canary is answered: path ${first.to.path} is tried once, and left again if they get none there either`,
  });
}

/** Users are to be tried elsewhere, and only a proof is a moment too old; not for ever where every report comes late. */
export function isTrialNear(view: View): boolean {
  if (view.assessment.mass || view.connection.coupled || view.connection.mode === 'observe') return false;
  return movableSets(view).some((set) => {
    const [path] = usedPaths(view, set);
    const since = view.memory.unserved[set.routeSet]?.dark ?? 0;
    const isYoung = view.now - since < limits.darkToldMs + trialAwaitedMs;
    if (path === undefined || !isYoung || !isWorking(path.verdict) || !mayTry(view, set, path)) return false;
    return elsewhere(view, set, path).some((p) => p.verdict === 'healthy' && isPinned(p));
  });
}

/** Reports come each two seconds: whoever has waited this long for a fresh one waits for the sweep. */
const trialAwaitedMs = 2 * minuteMs;

const elsewhere = (view: View, set: SetAssessment, { path }: PathAssessment): PathAssessment[] =>
  candidates(view, set).filter((p) => p.path !== path && !p.drained && !isContradicted(view, set, p.path));

function mayTry({ memory, now }: View, set: SetAssessment, path: PathAssessment): boolean {
  const { routeSet, used, users } = set;
  const since = memory.unserved[routeSet]?.dark ?? null;
  const triedAt = memory.triedAt[routeSet];
  return (
    used.length === 1 &&
    users.state === 'dark' &&
    since !== null &&
    now - since >= limits.darkToldMs &&
    (`dark/${routeSet}` in memory.told || now - since >= limits.darkUntoldMs) &&
    !path.drained &&
    memory.servedOn[routeSet] === path.path &&
    (triedAt === undefined || now - triedAt >= budgetWindowMs)
  );
}

// 7 ------------------------------------------------------------------------------------------------------------------

/**
 * Takes a move back that its own users contradict: they were served before it, are dark since, and the path they came
 * from still works.
 *
 * Example: home a was reported healthy for a soak, `office` failed back, and the service canary, answered until then,
 * gets nothing for 20 s: `office` returns to b, once in an incident, and people are told.
 */
export function undoContradicted(view: View): Decision | null {
  if (view.assessment.mass) return null;
  const wrong = movableSets(view).filter((set) => isWrong(view.memory.moves[set.routeSet]));
  // A trial has a budget of its own: it is always taken back. And what EC2 did not answer is still to be done.
  const undoable = wrong
    .filter(({ routeSet }) => {
      const { trial, outcome } = view.memory.moves[routeSet]!;
      return !view.memory.undone || trial || outcome !== 'contradicted';
    })
    .flatMap((set) => undoOf(view, set));
  if (undoable.length > 0)
    return moveDecision(view, undoable, { kind: 'undo', rule: 'undo', because: whyUndo(view, undoable[0]!) });
  const asked = contradictionAsk(view);
  return asked === null ? null : once(view, asked);
}

/** Contradicted, or its undo got no answer and nothing of it shows. */
const isWrong = (move: Move | undefined): boolean =>
  move?.outcome === 'contradicted' || (move?.kind === 'undo' && move.state === 'tried');

function whyUndo({ memory }: View, { routeSet, from, to }: SetMove): string {
  const move = memory.moves[routeSet]!;
  if (move.state === 'tried') return move.because;
  const why = move.trial
    ? `users of ${routeSet} get no answer on ${from.join('+')} either`
    : `the service canary of ${routeSet} passed before the move to ${from.join('+')} and fails since`;
  return `${why}: back to ${to}`;
}

/** A contradicted move that is not taken back, said already or not; null: none. */
export function contradictionAsk(view: View): EscalateDecision | null {
  const set = Object.values(view.assessment.sets).find(({ routeSet }) => isWrong(view.memory.moves[routeSet]));
  if (set === undefined) return null;
  return {
    kind: 'escalate',
    rule: 'undo',
    key: `contradicted/${set.routeSet}`,
    because: `the service canary of ${set.routeSet} fails on ${set.used.join('+')} although its path canary passes: look beyond the gateways`,
  };
}

function undoOf(view: View, set: SetAssessment): SetMove[] {
  const move = view.memory.moves[set.routeSet]!;
  const [left, backTo] = move.state === 'tried' ? [move.from, [move.to]] : [[move.to], move.from];
  const known = backTo.filter((path) => own(view.assessment.paths, path) !== undefined);
  const back = known.map((path) => pathFor(view, set, path)).find((p) => p.provenWorking);
  return back === undefined || !left.some((path) => set.used.includes(path)) ? [] : [setMove(set, back)];
}

// 10 -----------------------------------------------------------------------------------------------------------------

/**
 * Takes routes home when home has been healthy for a soak, and it is time: a window, a budget, or a person's word may
 * be waited for.
 *
 * Example: path a is repaired at 20:10 and stays healthy; with a soak of three minutes `office` goes home at 20:13.
 * Each further unplanned move of the day doubles the soak, up to half an hour.
 */
export function failBack(view: View): MoveDecision | null {
  if (view.assessment.mass) return null;
  const ready = movableSets(view).filter((set) => isAway(set) && maySoakHome(view, set) && isTimeForHome(view, set));
  const proven = ready.filter((set) => pathFor(view, set, set.home).provenHealthy);
  const homes = proven.map((set) => pathFor(view, set, set.home));
  const moves = proven.map((set, i) => setMove(set, homes[i]!));
  return moveDecision(view, moves, {
    kind: 'failback',
    rule: 'failback',
    planned: true,
    because: `${whyNow(view, ready)}: ${homes[0]?.because ?? ''}`,
  });
}

const whyNow = (view: View, ready: readonly SetAssessment[]): string =>
  ready.some((set) => hasWord(view, set))
    ? `${view.desired.failback!.requestedBy} gave the word and home is healthy`
    : ready.some((set) => isBackFromDrill(view, set.routeSet))
      ? 'the drill is over and home is healthy'
      : 'home is healthy and has soaked';

// 10b ----------------------------------------------------------------------------------------------------------------

/**
 * Takes away the static routes that were laid over what AWS propagated no more, once it does again and has for a soak.
 * Packets go where they went. Left there, they would hold users on a connection that AWS has withdrawn for good.
 */
export function giveBack(view: View): MoveDecision | null {
  if (view.assessment.mass) return null;
  const spare = movableSets(view).filter((set) => set.cover === 'spare' && !isAway(set) && isSpareLong(view, set));
  const moves = spare.filter((set) => pathFor(view, set, set.home).provenHealthy).map((set) => setMove(set, set.home));
  const because = 'AWS propagates these routes again: the static ones over them are taken away';
  return moveDecision(view, moves, { kind: 'failback', rule: 'failback', planned: true, because });
}

/** A session that comes and goes costs a write each soak, which grows with each time. */
function isSpareLong(view: View, set: SetAssessment): boolean {
  const move = own(view.memory.moves, set.routeSet);
  return maySoakHome(view, set) && isTimeForHome(view, set) && view.now - (move?.at ?? 0) >= soakMs(view, set.home);
}
