/**
 * How memory follows the moves of route sets. One move is one move, however many writes, batches and looks it takes
 * until EC2 shows it: one telling, one flap, one entry in a budget.
 *
 *     apply:  EC2 took the writes ... shows some ... shows all
 *     state:  sent                    begun          whole          (no answer: tried, till it shows)
 *             nothing is told yet     told, counted  judged from here on
 *
 * A move that EC2 took is told and counted too if another takes its place before anything of it shows: for a moment
 * users were where it led, and the next one's sentence does not say why they left the path before.
 */
import { type Assessment, onlyPath, type PathAssessment, type SetAssessment } from '../assess/assessment';
import { applyCall, type Memory, type Move, type MoveBefore, type PutBack, type Unwritten } from '../store/memory';
import {
  type MoveDecision,
  moveText,
  type SetMove,
  type StepResult,
  staysOnPath,
  type UnansweredWrite,
} from '../words/decision';
import type { RouteSetName } from '../words/domain';
import { budgetWindowMs, limits } from '../words/policy';
import { isText, own, parsed } from '../words/shape';
import { type Instant, minuteMs, secondMs } from '../words/time';
import type { ToldKey } from '../words/told-kinds';

/** EC2's own words, cut: memory is bounded. */
const detailLengthMax = 160;
/** A second look may come from a replica of EC2 that has not seen the write the first one showed. */
const replicaLagMs = 15 * secondMs;
/** A move made because somebody put the routes back is that hand's flap, not the path's. */
const putBackFlapMs = 2 * minuteMs;

/** Memory after routes were written, or could not be. `steps`: all of the plan's, with what EC2 shows now. */
export function rememberMoves(
  before: Memory,
  decision: MoveDecision,
  steps: readonly StepResult[],
  now: Instant,
): Memory {
  const made = decision.moves.flatMap((move) => {
    const state = stateOf(steps.filter((step) => step.routeSet === move.routeSet));
    return state === null ? [] : [{ move, state }];
  });
  const replaced = made.filter(({ move }) => !goesOn(before.moves[move.routeSet], decision.kind, move.to));
  const memory = withUnshown(
    before,
    replaced.map(({ move }) => move.routeSet),
    now,
  );
  const entries = made.map(({ move, state }): [RouteSetName, Move] => [
    move.routeSet,
    continued(memory.moves[move.routeSet], freshMove(decision, move, now), state, now),
  ]);
  const unwritten = { ...memory.unwritten };
  for (const { routeSet, to } of decision.moves) {
    const left = leftOver(steps, routeSet, to, memory.unwritten[routeSet], now);
    if (left === null) delete unwritten[routeSet];
    else unwritten[routeSet] = left;
  }
  const moved: Memory = {
    ...memory,
    moves: { ...memory.moves, ...Object.fromEntries(entries) },
    // An undo that EC2 refused has not been made: the one an incident may have is not used up.
    undone: memory.undone || (decision.kind === 'undo' && made.some(({ move }) => !isTrial(memory, move))),
    triedAt: decision.trial ? { ...memory.triedAt, ...instantsOf(decision.moves, now) } : memory.triedAt,
    unwritten,
  };
  const isSevere =
    decision.severe &&
    replaced.some(({ move }) => beganWithout(memory, move.routeSet, decision.kind, move.to) === undefined);
  const madeAt = (routeSet: RouteSetName): Instant => {
    const last = memory.moves[routeSet];
    const { to } = moved.moves[routeSet]!;
    return isOn(last, decision.kind, to) ? last.at : (beganWithout(memory, routeSet, decision.kind, to) ?? now);
  };
  return counted(memory, isSevere ? withSevereMove(moved, now) : moved, madeAt, now);
}

/**
 * When the move began that EC2 refused this set at first, while it let others go. Example: three sets leave a dead path,
 * and the writes of one are denied until it is tried again 20 s later: that is one flap. Undefined: none began without it.
 */
function beganWithout(
  { moves, unwritten, budgets }: Memory,
  routeSet: RouteSetName,
  kind: Move['kind'],
  to: string,
): Instant | undefined {
  const left = unwritten[routeSet];
  if (left === undefined || left.to !== to) return undefined;
  const isCompany = (move: Move): boolean => move.kind === kind && move.to === to && move.at >= left.since;
  if (!Object.values(moves).some(isCompany)) return undefined;
  return (kind === 'failback' ? budgets.failbacks : budgets.moves).find((at) => at >= left.since);
}

/** Tells and counts the moves of these sets that EC2 took and never showed, now that others take their place. */
export function withUnshown(memory: Memory, replaced: readonly RouteSetName[], now: Instant): Memory {
  const unshown = replaced.flatMap((name): [RouteSetName, Move][] => {
    const move = memory.moves[name];
    return move?.state === 'sent' ? [[name, { ...move, state: 'begun' }]] : [];
  });
  const after = { ...memory, moves: { ...memory.moves, ...Object.fromEntries(unshown) } };
  return counted(memory, after, (name) => memory.moves[name]!.at, now, unshownWords);
}

const withSevereMove = (memory: Memory, now: Instant): Memory => ({
  ...memory,
  budgets: { ...memory.budgets, severeMoves: [...memory.budgets.severeMoves, now] },
});

const isTrial = ({ moves }: Memory, { routeSet }: SetMove): boolean => moves[routeSet]?.trial === true;

const instantsOf = (moves: readonly SetMove[], at: Instant): Record<RouteSetName, Instant> =>
  Object.fromEntries(moves.map(({ routeSet }) => [routeSet, at]));

function freshMove(decision: MoveDecision, { from, to, passed, missing = 0 }: SetMove, now: Instant): Move {
  // Planned moves and failbacks leave a path that works; a move off a severe path leaves one that barely does.
  const leftWorking = decision.kind !== 'undo' && (decision.planned || decision.severe);
  const { kind, because, planned, lastResort, trial } = decision;
  return {
    kind,
    from,
    to,
    at: now,
    state: 'tried',
    because,
    planned,
    lastResort,
    trial,
    leftWorkingPath: leftWorking && passed,
    outcome: 'unconfirmed',
    ...withMissing(missing),
  };
}

const withMissing = (missing: number): Pick<Move, 'missing'> => (missing > 0 ? { missing } : {});

/** Null: no route of the set has moved, and EC2 has refused its writes, or was sent none. */
function stateOf(steps: readonly StepResult[]): Move['state'] | null {
  const has = (result: StepResult['result']): boolean => steps.some((step) => step.result === result);
  if (has('done')) return steps.every((step) => step.result === 'done') ? 'whole' : 'begun';
  if (has('sent')) return 'sent';
  return has('failed') ? 'tried' : null;
}

const stages: readonly Move['state'][] = ['tried', 'sent', 'begun', 'whole'];

const isOn = (before: Move | undefined, kind: Move['kind'], to: string): before is Move =>
  before?.state !== 'tried' && goesOn(before, kind, to);

const goesOn = (before: Move | undefined, kind: Move['kind'], to: string): boolean =>
  before !== undefined && before.state !== 'whole' && before.to === to && before.kind === kind;

/**
 * A move that is not whole yet goes on; one that was whole is over, and what follows is another. One of which nothing
 * has shown is made for the reasons of today: the drain it was first tried for may have ended.
 */
function continued(before: Move | undefined, fresh: Move, state: Move['state'], now: Instant): Move {
  const move = isOn(before, fresh.kind, fresh.to) ? before : fresh;
  // EC2's answers may come out of order: a move once seen whole is not taken for less by an older answer.
  const reached = stages.indexOf(state) > stages.indexOf(move.state) ? state : move.state;
  if (reached === 'whole') return wholeMove(move, fresh.missing, now);
  const over = reached === 'tried' && before !== undefined ? moveBefore(before) : undefined;
  return { ...move, state: reached, ...(over !== undefined && { over }) };
}

/** The last move of which anything showed. */
function moveBefore({ because: _, over, ...before }: Move): MoveBefore | undefined {
  return before.state === 'begun' || before.state === 'whole' ? before : over;
}

/**
 * One that got no answer and of which nothing has shown since, nor will: the move before it counts again. Without this
 * nobody would know where routes were put, by whom, and whether the users are any better for it.
 */
function forgetUnmade(move: Move, set: SetAssessment, now: Instant): Move {
  const { over } = move;
  // An undo is repeated until it is made.
  if (over === undefined || move.kind === 'undo') return move;
  if (now - move.at < limits.landingMs || set.used.length === 0) return move;
  return { ...over, because: '' };
}

/**
 * How much of a move EC2 shows. Routes on a former interface of the path that they are to follow have not moved: a move
 * to where that path leads now would else be whole before its first write shows, and be counted again at each try.
 */
function shownOf(move: Move, set: SetAssessment): 'nothing' | 'some' | 'all' {
  const isUnmade = set.stale || set.cover === (move.kind === 'failback' ? 'spare' : 'wanted');
  if (!set.used.includes(move.to) || (isUnmade && staysOnPath(move))) return 'nothing';
  return onlyPath(set) === move.to && !set.stale ? 'all' : 'some';
}

/** `missing`: tables that EC2 does not list now. */
function wholeMove({ missing: _, over: __, ...move }: Move, missing: number | undefined, now: Instant): Move {
  return { ...move, state: 'whole', at: now, ...withMissing(missing ?? 0) };
}

/**
 * A move that left out a table which EC2 lists again, and whose routes are not there yet, is not whole any more. Without
 * this it would be told and counted as another, and the old routes taken for somebody's hand.
 */
export function reopenMoves(memory: Memory, { sets }: Assessment): Memory {
  const moves = Object.entries(memory.moves).map(([name, move]): [RouteSetName, Move] => {
    const set = own(sets, name);
    const isBack = set !== undefined && set.missingTables.length < (move.missing ?? 0);
    if (!isBack || move.state !== 'whole' || !set.used.includes(move.to)) return [name, move];
    if (shownOf(move, set) !== 'all') return [name, { ...move, state: 'begun' }];
    return [name, wholeMove(move, set.missingTables.length, move.at)];
  });
  return { ...memory, moves: Object.fromEntries(moves) };
}

/** Why routes of the set still wait to be written; null: none does, or only for lack of time. */
function leftOver(
  steps: readonly StepResult[],
  routeSet: RouteSetName,
  to: string,
  before: Unwritten | undefined,
  now: Instant,
): Unwritten | null {
  const mine = steps.filter((step) => step.routeSet === routeSet);
  const refused = mine.find((step) => step.result === 'refused');
  const first = refused ?? mine.find((step) => step.result === 'failed' || step.result === 'throttled');
  if (first === undefined) return null;
  // Throttled in the middle of a large move is how a large move goes.
  const goesOn = before !== undefined && (refused !== undefined || !mine.some((step) => step.result === 'done'));
  return {
    call: { create: 'CreateRoute', replace: 'ReplaceRoute', delete: 'DeleteRoute' }[first.kind],
    table: first.table,
    destination: first.destination,
    to,
    detail: first.detail.slice(0, detailLengthMax),
    refused: refused !== undefined,
    since: goesOn ? before.since : now,
    at: now,
    tries: goesOn ? before.tries + 1 : 1,
  };
}

/**
 * `apply` failed, or did not answer: what it wrote shows, if anything, and what it could not even begin must be heard of.
 *
 * Example: a role may not write the journal, so no route is moved, turn after turn, and nobody would know why users are dark.
 */
export function rememberUnanswered(memory: Memory, { moves, because }: UnansweredWrite, now: Instant): Memory {
  const detail = saidIn(because).slice(0, detailLengthMax);
  const left = moves.map(({ routeSet, to }): [RouteSetName, Unwritten] => {
    const before = memory.unwritten[routeSet];
    const { since, tries } = before?.to === to ? before : { since: now, tries: 0 };
    const about = { call: applyCall, table: '', destination: '', to, detail };
    return [routeSet, { ...about, refused: /AccessDenied/.test(because), since, at: now, tries: tries + 1 }];
  });
  return { ...memory, unwritten: { ...memory.unwritten, ...Object.fromEntries(left) } };
}

/**
 * What the function itself said: Step Functions has it within `Error: {"errorType":…,"errorMessage":…,"trace":[…`, whose end
 * may be missing.
 */
function saidIn(failure: string): string {
  const [, said] = /"errorMessage":("(?:[^"\\]|\\.)*")/.exec(failure) ?? [];
  const text = said === undefined ? undefined : parsed(said);
  return isText(text) ? text : failure;
}

/** What EC2 shows by now of moves that were not whole at the last look. */
export function seeMoves(memory: Memory, { sets, paths }: Assessment, now: Instant): Memory {
  const seen = Object.entries(memory.moves).map(([name, move]): [RouteSetName, Move] => {
    const set = own(sets, name);
    if (set === undefined || move.state === 'whole') return [name, move];
    const shown = shownOf(move, set);
    if (shown === 'nothing') return [name, forgetUnmade(move, set, now)];
    const { over: _, ...begun } = move;
    if (shown === 'some') return [name, { ...begun, state: 'begun' }];
    return [name, wholeMove(move, set.missingTables.length, now)];
  });
  const unwritten = Object.entries(memory.unwritten).filter(([name, { to }]) => {
    const set = own(sets, name);
    if (set === undefined || set.cover !== 'none') return set !== undefined;
    return onlyPath(set) !== to && !isWantedNowhereElse(set, own(paths, set.home));
  });
  const next = { ...memory, moves: Object.fromEntries(seen), unwritten: Object.fromEntries(unwritten) };
  return counted(memory, next, (name) => memory.moves[name]!.at, now);
}

/** It is home, and home is well: whatever it was to leave for is over. */
const isWantedNowhereElse = (set: SetAssessment, home: PathAssessment | undefined): boolean =>
  onlyPath(set) === set.home && home?.verdict === 'healthy' && !home.drained;

/**
 * Tells and counts each move when its first route is seen to have moved, and never again. Sets that were moved together
 * may show in one look or in several: `madeAt`, when each was written, is the same for all of them, and is what a budget
 * holds.
 */
function counted(
  before: Memory,
  after: Memory,
  madeAt: (set: RouteSetName) => Instant,
  now: Instant,
  words: Words = shownWords,
): Memory {
  const begun = Object.entries(after.moves).filter(([name, move]) => {
    const was = before.moves[name];
    const wasCounted = was?.state === 'begun' && goesOn(was, move.kind, move.to);
    return (move.state === 'begun' || move.state === 'whole') && was !== move && !wasCounted && !isAgain(was, move);
  });
  const flaps = begun.filter(
    ([name, { kind, planned }]) => kind === 'divert' && !planned && !wasPutBack(after.putBack[name], now),
  );
  const failbacks = begun.filter(([, { kind }]) => kind === 'failback');
  const withOne = (
    spent: readonly Instant[],
    moves: readonly (readonly [RouteSetName, Move])[],
  ): readonly Instant[] => {
    const fresh = moves.map(([name]) => madeAt(name)).filter((at) => !spent.includes(at));
    return fresh.length === 0 ? spent : [...spent, Math.min(...fresh)];
  };
  const { budgets } = after;
  return {
    ...after,
    toTell: [...after.toTell, ...textsOf(begun, words)],
    budgets: {
      ...budgets,
      moves: withOne(budgets.moves, flaps),
      failbacks: withOne(budgets.failbacks, failbacks),
    },
  };
}

/**
 * This is the move before the last, which counts again because the last was never made. People were told of it then.
 */
const isAgain = (was: Move | undefined, { kind, to, at }: Move): boolean =>
  was?.over?.kind === kind && was.over.to === to && was.over.at === at;

const wasPutBack = (hand: PutBack | undefined, now: Instant): boolean =>
  hand !== undefined && now - hand.at < putBackFlapMs;

interface Words {
  /** Said of a move that is not whole. */
  readonly notWhole: string;
  /** What its key begins with: it chooses the words of a mail's first line. */
  readonly kind: ToldKey;
}

const shownWords: Words = { notWhole: ' (in part, the rest follows)', kind: 'move' };
/** Its path is not where routes are now, which a first line would otherwise say. */
const unshownWords: Words = { notWhole: ' (EC2 took it; the next move came before it showed)', kind: 'move/unshown' };

/** Sets that moved for the same reason are one sentence. */
function textsOf(begun: readonly (readonly [RouteSetName, Move])[], { notWhole, kind }: Words): Memory['toTell'] {
  const reasons = [...new Set(begun.map(([, { kind, because }]) => `${kind}: ${because}`))];
  return reasons.map((reason) => {
    const mine = begun.filter(([, { kind: done, because }]) => `${done}: ${because}` === reason);
    const [[, first]] = mine as [[RouteSetName, Move]];
    const sets = mine.map(([name]) => name).join('+');
    const whole = mine.every(([, { state }]) => state === 'whole');
    const moves = mine.map(([routeSet, { from, to }]) => moveText({ routeSet, from, to })).join(', ');
    return {
      key: `${kind}/${sets}/${first.to}/${first.at}`,
      text: `${first.kind}: ${moves}${whole ? '' : notWhole}: ${first.because}`,
    };
  });
}

/**
 * Somebody else moved routes that were whole where we had put them. `writing`: a write of ours may be under way, so that
 * it may have been us.
 */
export function seeHands(memory: Memory, { sets }: Assessment, writing: boolean, now: Instant): Memory {
  if (writing) return memory;
  const found = Object.values(sets).flatMap((set) => {
    const hand = handOn(memory, set, now);
    return hand === null ? [] : [[set.routeSet, hand] as const];
  });
  const kept = Object.entries(memory.putBack).filter(([, { at }]) => now - at < budgetWindowMs);
  return { ...memory, putBack: { ...Object.fromEntries(kept), ...Object.fromEntries(found) } };
}

function handOn(memory: Memory, set: SetAssessment, now: Instant): PutBack | null {
  const move = memory.moves[set.routeSet];
  const wasWhole = move?.state === 'whole' && memory.usedSince[set.routeSet]?.path === move.to;
  if (!wasWhole || now - move.at < replicaLagMs || set.foreign.length > 0) return null;
  const others = set.used.filter((path) => path !== move.to);
  if (others.length === 0) return null;
  const before = memory.putBack[set.routeSet];
  return { from: move.to, to: others.join('+'), times: (before?.times ?? 0) + 1, at: now };
}
