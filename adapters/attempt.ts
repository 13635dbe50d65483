/**
 * One AWS call with bounded patience. Throttles are tried again, on the caller's clock; everything else is not, because
 * a second try of a dead service only delays the decision that must be made without it.
 *
 * The one exception is a socket that broke before any answer: a connection that went stale while the sandbox was
 * frozen. It costs nothing to notice, and every call we make is idempotent or conditional.
 */
import type { Instant } from '../core/words/time';
import { faultFrom, isBrokenSocket, isNamed, isThrottle, type Tried } from './errors';

export interface Clock {
  now(): Instant;
  sleep(ms: number): Promise<void>;
  /**
   * The caller waits for no answer after this instant, so no retry is worth its while; absent: it waits as long as it
   * takes.
   */
  readonly deadlineAt?: Instant;
}

/** Waits between tries of a throttled call: together well below one state's timeout. */
const backoffsMs = [100, 300, 900];

export async function attempt<T>(clock: Clock, tried: Tried, call: () => Promise<T>): Promise<T> {
  let backoffs = backoffsMs;
  let freshSockets = 1;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (isThrottle(error) && backoffs.length > 0 && isWorthWaiting(clock, backoffs[0]!)) {
        await clock.sleep(backoffs[0]!);
        backoffs = backoffs.slice(1);
      } else if (isBrokenSocket(error) && freshSockets > 0) {
        freshSockets--;
      } else {
        throw faultFrom(error, tried);
      }
    }
  }
}

const isWorthWaiting = (clock: Clock, ms: number): boolean => clock.now() + ms < (clock.deadlineAt ?? Infinity);

/** A conditional write to DynamoDB. False: its condition does not hold, and nothing was changed. */
export function attemptOnCondition(clock: Clock, tried: Tried, write: () => Promise<unknown>): Promise<boolean> {
  return attempt(clock, tried, async () => {
    try {
      await write();
      return true;
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return false;
      throw error;
    }
  });
}
