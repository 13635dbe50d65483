/**
 * Whose word for a move still counts, and whose pause. Words are never deleted: what came after one, in people's
 * commands or in the world, ends it.
 */

import type { Desired } from '../store/lease';
import type { Memory } from '../store/memory';
import type { DivertWord, Pause, RouteSetName } from '../words/domain';
import { isMeant } from '../words/ends';
import { own } from '../words/shape';
import type { Instant } from '../words/time';

interface Asked {
  readonly desired: Desired;
  readonly memory: Memory;
  readonly now: Instant;
}

/**
 * A person wants this set's users on a path, and nothing has come in between: its time, the word to go home, a move
 * elsewhere (a rescue off it, or users who were dark on it), somebody's hand. Null: nobody does.
 *
 * Example: ana diverts `office` to b for two hours. An hour later b dies and `office` is rescued to a: her word is over,
 * and b's recovery moves nobody.
 */
export function divertWord({ desired, memory, now }: Asked, routeSet: RouteSetName): DivertWord | null {
  const word = drillOf(memory, routeSet) ?? own(desired.diverts, routeSet);
  if (word === undefined || word.until <= now || isSentHome(desired, word, routeSet)) return null;
  const move = own(memory.moves, routeSet);
  const used = own(memory.usedSince, routeSet);
  const wasLeft = used !== undefined && used.at > word.since && used.path !== word.to;
  if (move === undefined || move.at <= word.since) return wasLeft ? null : word;
  const isIts = move.kind === 'divert' && move.to === word.to && move.outcome !== 'contradicted';
  if (!isIts) return move.state === 'tried' ? word : null;
  return wasLeft && move.state === 'whole' ? null : word;
}

const isSentHome = ({ failback }: Desired, { since }: DivertWord, routeSet: RouteSetName): boolean =>
  failback !== null && failback.since >= since && isMeant(failback.routeSet, routeSet);

/** While a drill is open its sets are wanted elsewhere, whatever was asked before. */
function drillOf({ drill }: Memory, routeSet: RouteSetName): DivertWord | null {
  const to = drill === null ? undefined : own(drill.sets, routeSet);
  if (drill === null || to === undefined) return null;
  const { openedAt: since, until, requestedBy } = drill;
  return { since, until, to, reason: 'a drill', requestedBy };
}

/** Its drill is over, or was ended: users of this set go home, whatever they would be waited for otherwise. */
export const isBackFromDrill = ({ memory, now }: Omit<Asked, 'desired'>, routeSet: RouteSetName): boolean =>
  memory.drill !== null && own(memory.drill.sets, routeSet) !== undefined && memory.drill.until <= now;

/** The pause that holds now; null: none does. */
export const pauseNow = ({ desired: { paused }, now }: Pick<Asked, 'desired' | 'now'>): Pause | null =>
  paused !== null && paused.until > now ? paused : null;
