/**
 * A move whose run could not close its journal: the lock table went away, or the run died, between the route writes and
 * the memory of them. The open journal (`writeUntil`) stays behind and tells; the routes tell the rest.
 *
 * Remembered as if it had been closed, so that people hear of it and flapping is counted. Law: people are told of every
 * divert and failback.
 */
import { type Assessment, onlyPath, type SetAssessment } from '../assess/assessment';
import type { Memory, Move } from '../store/memory';
import { moveText } from '../words/decision';
import type { RouteSetName } from '../words/domain';
import { limits } from '../words/policy';
import type { Instant } from '../words/time';
import type { ToldKey } from '../words/told-kinds';
import { withUnshown } from './moves';

/** `writeUntil`: as the connection item has it; 0: every journal was closed. */
export function rememberUnclosed(memory: Memory, assessment: Assessment, writeUntil: Instant, now: Instant): Memory {
  if (!isOpenJournal(memory, writeUntil)) return memory;
  const found = Object.values(assessment.sets).flatMap((set) => foundMoved(memory, set, writeUntil, now));
  const seen = isSettled(assessment, writeUntil, now) ? { ...memory, settledJournal: writeUntil } : memory;
  if (found.length === 0) return seen;
  const sets = found.map(({ set }) => set.routeSet);
  return withFound(withUnshown(seen, sets, now), found, writeUntil, now);
}

/**
 * A journal that a dead run left open stays in the item until the next move. Once a look has shown how it ended, routes
 * that change later were changed by somebody else.
 */
export const isOpenJournal = ({ settledJournal }: Memory, writeUntil: Instant): boolean =>
  writeUntil > 0 && settledJournal !== writeUntil;

const isSettled = ({ sets, complete }: Assessment, writeUntil: Instant, now: Instant): boolean =>
  complete && hasLanded(writeUntil, now) && Object.values(sets).every((set) => onlyPath(set) !== null);

/** Whatever the journal's run wrote has landed, and shows. */
const hasLanded = (writeUntil: Instant, now: Instant): boolean => now - writeUntil > limits.landingMs;

/**
 * One journal is one entry, however many looks its sets take to show. Its time is when the journal was opened. What is
 * found after its writes have landed may be a later move, made while the lock table was down, and counts from when it
 * is found: by a journal of two days ago it would be older than any budget looks back, and would cost nothing. What is
 * found where others are still on their way is part of their move: a journal is opened anew for each try of it.
 */
function withFound(memory: Memory, found: readonly Found[], writeUntil: Instant, now: Instant): Memory {
  const { budgets } = memory;
  const at = hasLanded(writeUntil, now) ? now : writeUntil - limits.applyMs;
  const withOne = (spent: readonly Instant[], kind: Move['kind']): readonly Instant[] =>
    isCounted(memory, kind, writeUntil) || !found.some((one) => one.move.kind === kind && isFresh(memory, one))
      ? spent
      : [...spent, at];
  return {
    ...memory,
    moves: { ...memory.moves, ...Object.fromEntries(found.map(({ set, move }) => [set.routeSet, move])) },
    toTell: [
      ...memory.toTell,
      ...found.map(({ set, move, key }) => ({
        key,
        text: `${move.kind}: ${moveText({ routeSet: set.routeSet, ...move })}: ${move.because}`,
      })),
    ],
    budgets: {
      ...budgets,
      moves: withOne(budgets.moves, 'divert'),
      failbacks: withOne(budgets.failbacks, 'failback'),
    },
  };
}

/** An earlier look has found another set of the same journal. */
const isCounted = (memory: Memory, kind: Move['kind'], writeUntil: Instant): boolean =>
  Object.entries(memory.moves).some(([set, move]) => move.kind === kind && isKnown(memory, foundKey(set, writeUntil)));

/** No other set is on its way there already. */
const isFresh = ({ moves }: Memory, { set, move: { kind, to } }: Found): boolean =>
  !Object.entries(moves).some(
    ([name, { state, ...one }]) =>
      name !== set.routeSet && one.kind === kind && one.to === to && (state === 'sent' || state === 'begun'),
  );

const foundKey = (set: RouteSetName, writeUntil: Instant) =>
  `move/unclosed/${set}/${writeUntil}` as const satisfies ToldKey;

const isKnown = ({ told, toTell }: Memory, key: ToldKey): boolean =>
  key in told || toTell.some((one) => one.key === key);

interface Found {
  readonly set: SetAssessment;
  readonly move: Move;
  readonly key: ToldKey;
}

/** A set that is whole on another path than memory says. A set between two paths is still to be finished, and told then. */
function foundMoved(memory: Memory, set: SetAssessment, writeUntil: Instant, now: Instant): Found[] {
  const used = onlyPath(set);
  const move = memory.moves[set.routeSet];
  const before = move?.over?.to ?? move?.to ?? set.home;
  const key = foundKey(set.routeSet, writeUntil);
  if (used === null || used === before || isKnown(memory, key)) return [];
  const found: Move = {
    kind: used === set.home ? 'failback' : 'divert',
    from: [before],
    to: used,
    at: now,
    state: 'whole',
    because: 'found there; the run that moved it could not write so down',
    planned: false,
    lastResort: false,
    leftWorkingPath: false,
    trial: false,
    outcome: 'unconfirmed',
    ...(set.missingTables.length > 0 && { missing: set.missingTables.length }),
  };
  return [{ set, move: found, key }];
}
