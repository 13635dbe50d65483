/**
 * The move a person asks for: users of a set are taken to a path proven healthy, and stay there until the time is up or
 * somebody says `failback`. It is one move of the loop like any other: planned, no flap, confirmed or contradicted by
 * the service canary, and no reason to leave anybody on a path that dies.
 */
import { isPinned, type PathAssessment, type SetAssessment, verdictText } from '../assess/assessment';
import type { MoveDecision } from '../words/decision';
import type { DivertWord, PathName, RouteSetName } from '../words/domain';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { instantText, secondMs } from '../words/time';
import { divertWord } from './asked';
import type { Due } from './concern';
import { moveDecision, setMove } from './pairs';
import { isContradicted, isElsewhere, isUnderRepair, movableSets, pathFor, type View } from './view';

/** The proof of a healthy path is renewed within the report interval. */
const proofRetryMs = secondMs;

const mendOfMove = 'ask for maintenance of the path they are to leave';

interface Wanted {
  readonly set: SetAssessment;
  readonly word: DivertWord;
  readonly to: PathAssessment;
}

// 7b -----------------------------------------------------------------------------------------------------------------

/**
 * Example: the partner wants to work on his first router tonight. ana diverts `office` from a to b for four hours: b is
 * proven healthy, its routes are written, and a's soak, long over, does not bring anybody home before.
 */
export function divertByWord(view: View): MoveDecision | null {
  const found = wanted(view).filter(({ set, to }) => to.provenHealthy && whyNotOnto(view, set, to) === '');
  const [first] = found;
  if (first === undefined) return null;
  const { word, to } = first;
  // One decision gives one reason: sets that are asked for otherwise go with the next.
  const alike = found.filter((one) => one.word.to === word.to && one.word.since === word.since);
  const moves = alike.map(({ set }) => setMove(set, word.to));
  return moveDecision(view, moves, {
    kind: 'divert',
    rule: 'word',
    planned: true,
    because: `${word.requestedBy} asked for it until ${instantText(word.until)}: ${word.reason}; path ${to.path} is proven healthy: ${to.because}`,
  });
}

/** Sets that are not where somebody wants them. */
function wanted(view: View): Wanted[] {
  return movableSets(view).flatMap((set) => {
    const word = divertWord(view, set.routeSet);
    if (word === null || own(view.assessment.paths, word.to) === undefined) return [];
    const to = pathFor(view, set, word.to);
    return isElsewhere(set, to) || set.used.length > 1 ? [{ set, word, to }] : [];
  });
}

/** Why a person's word leads nobody there now; empty: it does, once the path has proved itself. */
function whyNotOnto(view: View, set: SetAssessment, to: PathAssessment): string {
  if (view.assessment.mass) return `a common cause is suspected: ${view.assessment.massBecause}`;
  if (to.drained) return `path ${to.path} is drained`;
  if (to.verdict !== 'healthy') return `path ${to.path} is ${verdictText(to)}: ${to.because}`;
  if (!isPinned(to)) return `nothing proves path ${to.path}: its canary is not pinned to it`;
  if (isUnderRepair(view, to.path)) return `path ${to.path} is being repaired`;
  if (isContradicted(view, set, to.path))
    return `users of ${set.routeSet} got nothing over ${to.path} while its path canary passed, and nobody has acknowledged that`;
  return '';
}

/** As its author reads it; empty: it may be recorded. Who is on the path already may be kept there. */
export function whyNotDiverted(view: View, routeSets: readonly RouteSetName[], to: PathName): string {
  if (isMovedByNetwork(view.connection))
    return `${view.connection.routing!.routeServer} leads users, not we: ${mendOfMove}`;
  for (const name of routeSets) {
    const set = view.assessment.sets[name]!;
    if (set.home === to) return `path ${to} is the home of ${name}: the word to go there is failback`;
    if (set.foreign.length > 0) return `${name} is in somebody else's hands: ${set.foreign.join(', ')}`;
    if (set.used.length === 0) return `the routes of ${name} could not be read`;
    const because = whyNotOnto(view, set, pathFor(view, set, to));
    if (because !== '') return because;
  }
  return '';
}

/** A word is followed as soon as its path has proved itself, and is over when its time is. */
export function wordDues(view: View): Due[] {
  const nearby = wanted(view)
    .filter(({ set, to }) => whyNotOnto(view, set, to) === '')
    .map(({ set, to }) => ({
      at: view.now + proofRetryMs,
      because: `${set.routeSet} is to go to ${to.path}, whose proof is a moment too old`,
    }));
  const ends = Object.keys(view.assessment.sets).flatMap((set) => {
    const word = divertWord(view, set);
    return word === null ? [] : [{ at: word.until, because: `the time of ${set} on ${word.to} ends` }];
  });
  return [...nearby, ...ends];
}
