/**
 * How a state fails while running. A StateFailure travels up from the state to whoever can catch it: the state's own
 * retriers and catchers, the Map or Parallel around it, at last the execution.
 */
import type { JsonObject } from './json';

export const errorNames = {
  any: 'States.ALL',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  runtime: 'States.Runtime',
  dataLimit: 'States.DataLimitExceeded',
  queryEvaluation: 'States.QueryEvaluationError',
  noChoiceMatched: 'States.NoChoiceMatched',
} as const;

/** How it came about, where that changes what is recorded or matched. */
export type FailureOrigin = 'state' | 'task' | 'timeout' | 'heartbeat';

export class StateFailure extends Error {
  override readonly name = 'StateFailure';

  constructor(
    readonly error: string | undefined,
    override readonly cause: string | undefined,
    readonly origin: FailureOrigin = 'state',
  ) {
    super(`${error}: ${cause}`);
  }

  /** `$states.errorOutput`. AWS gives a timeout an empty cause, and nulls where a failure named nothing. */
  get output(): JsonObject {
    const timedOut = this.origin === 'timeout' || this.origin === 'heartbeat';
    return { Error: this.error ?? null, Cause: this.cause ?? (timedOut ? '' : null) };
  }

  /** The fields of a Failed event: absent stays absent. */
  get details(): { readonly error?: string; readonly cause?: string } {
    return {
      ...(this.error === undefined ? {} : { error: this.error }),
      ...(this.cause === undefined ? {} : { cause: this.cause }),
    };
  }
}

/** Ends the computation of an execution or a branch that was stopped. Nobody catches it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** The result `what` (a state, a function, a service) was over the payload limit. */
export function dataLimitFailure(what: string, origin: FailureOrigin): StateFailure {
  const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure(errorNames.dataLimit, cause, origin);
}
