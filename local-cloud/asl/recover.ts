/**
 * Retry and Catch, the same for Task, Map and Parallel: attempts under one entered state, with no event of their own.
 */
import type { Random } from '../random';
import type { Catcher, GuardedState, Retrier } from './definition';
import { errorNames, StateFailure } from './failure';
import { Payload } from './json';
import type { Exit, Visit } from './visit';

/** `gaveUp` records what comes after the last attempt: MapStateFailed, ParallelStateFailed. */
export async function withRecovery(
  visit: Visit,
  state: GuardedState,
  attempt: () => Promise<Exit>,
  gaveUp: () => void = () => undefined,
): Promise<Exit> {
  const attempts = state.retry.map(() => 0);
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const index = state.retry.findIndex((retrier) => matches(retrier.errorEquals, failure));
      const retrier = state.retry[index];
      if (retrier === undefined || attempts[index]! >= retrier.maxAttempts) {
        gaveUp();
        return caught(visit, state.catch, failure);
      }
      const delayMs = retryDelayMs(retrier, attempts[index]!, visit.execution.run.random);
      attempts[index]!++;
      visit.retryCount++;
      await visit.branch.pause(delayMs, `retry of ${state.name}`);
    }
  }
}

async function caught(visit: Visit, catchers: readonly Catcher[], failure: StateFailure): Promise<Exit> {
  const catcher = catchers.find(({ errorEquals }) => matches(errorEquals, failure));
  if (catcher === undefined) throw failure;
  const { output } = failure;
  return visit.leave(catcher, catcher.next, Payload.ofValue(output), { errorOutput: output });
}

/**
 * Recorded on AWS: States.Runtime is never caught, not even by its own name; States.ALL does catch
 * States.DataLimitExceeded (the documentation says otherwise); a missed heartbeat is called States.Timeout.
 */
function matches(errorEquals: readonly string[], { error, origin }: StateFailure): boolean {
  if (error === errorNames.runtime) return false;
  return errorEquals.some((name) => {
    if (name === errorNames.any) return true;
    if (name === errorNames.taskFailed) return error !== errorNames.timeout;
    if (name === errorNames.heartbeatTimeout && origin === 'heartbeat') return true;
    return name === error;
  });
}

function retryDelayMs(retrier: Retrier, retriesDone: number, random: Random): number {
  const seconds = retrier.intervalSeconds * retrier.backoffRate ** retriesDone;
  const ms = Math.min(seconds, retrier.maxDelaySeconds ?? seconds) * 1_000;
  return retrier.jitter === 'FULL' ? Math.round(ms * random.next()) : ms;
}
