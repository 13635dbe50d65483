/**
 * Suspicion: while a round is unanswered, the next begins beside it. Pure.
 *
 *     beat                                                       beat
 *     round ------------------|                                  round
 *               round ------------------|                  nothing has come to any of four: `down`
 *                         round ------------------|
 *                                    round -----|  the last begins when the silence will have been long enough, and is
 *                                                  waited for as long as an answer usually takes
 *
 * Closer rounds do not shorten the silence that makes `down` (`downAfterMs`): they only see to it that none of it goes by
 * unprobed. A path that is called down is left to the beat, and so is a canary that is cut off itself.
 */
import { isSilent, type Rounds } from '../../core/facts/rounds';
import { type Policy, suspectEveryMs } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import type { Round } from './probe-round';

export interface Suspicion {
  readonly since: Instant;
  /** When the next round is to begin; null: the rounds under way will do. */
  readonly nextAt: Instant | null;
}

/** Null: what was sent last is answered, or nobody is to be alarmed any more. */
export function suspicionOf(rounds: Rounds, open: readonly Round[], policy: Policy): Suspicion | null {
  if (rounds.verdict === 'down' || rounds.blindInARow > 0) return null;
  const unanswered = open.slice(open.findLastIndex((round) => round.isAnswered()) + 1);
  const recorded = unanswered.length === open.length ? rounds.missedInARow : 0;
  const missed = recorded + unanswered.length;
  // A far peer's answer is on its way, whatever has begun since.
  if (missed === 0 || (recorded === 0 && !unanswered[0]!.isDoubted())) return null;
  const since = recorded > 0 ? rounds.silence.from : unanswered[0]!.startedAt;
  const last = unanswered.at(-1);
  const to = last === undefined ? rounds.silence.to : last.startedAt + policy.secondAttemptAfterMs;
  if (isSilent(missed, { from: since, to }, policy)) return { since, nextAt: null };
  const startedAt = last?.startedAt ?? rounds.silence.startedAt;
  return { since, nextAt: startedAt + nextAfterMs(startedAt - since, policy) };
}

/** Evenly, and so that the last one's attempts end the silence that is asked for. */
function nextAfterMs(pastMs: number, policy: Policy): number {
  const everyMs = suspectEveryMs(policy);
  const leftMs = policy.downAfterMs - policy.secondAttemptAfterMs - pastMs;
  return leftMs > 0 && leftMs < 1.5 * everyMs ? leftMs : everyMs;
}
