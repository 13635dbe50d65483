/**
 * One call of one attempt, raced against its timeout and, with a token, against whoever sends its result. The first to
 * settle wins; a result sent before the call has answered waits for that answer, as TaskSubmitted comes first.
 */
import type { TaskState } from './definition';
import { type JsonValue, Payload } from './json';
import type { Attempt, TaskEvents } from './task-events';
import { type TaskCall, TaskError } from './task-services';
import type { Visit } from './visit';

export type Outcome =
  | { readonly kind: 'success'; readonly output: Payload }
  | { readonly kind: 'failure'; readonly error?: string; readonly cause?: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'heartbeat' };

export function outcomeOf(
  visit: Visit,
  state: TaskState,
  attempt: Attempt,
  deadlineAt: number,
  events: TaskEvents,
): Promise<Outcome> {
  const { branch } = visit;
  return new Promise((resolve, reject) => {
    const cleanup: (() => void)[] = [];
    let isSettled = false;
    const settle = (outcome: Outcome): void => {
      if (isSettled) return;
      isSettled = true;
      for (const undo of cleanup) undo();
      resolve(outcome);
    };
    if (Number.isFinite(deadlineAt)) {
      const expire = (): void => settle({ kind: 'timeout' });
      cleanup.push(branch.after(deadlineAt - branch.now(), `timeout of ${state.name}`, expire));
    }
    const wait = attempt.token === undefined ? undefined : awaitToken(visit, attempt, settle, cleanup);
    const answered = (response: Payload): void => {
      if (isSettled || !branch.live) return;
      if (wait === undefined) {
        settle({ kind: 'success', output: response });
      } else {
        events.submitted(response);
        wait.submitted();
      }
    };
    const refused = (error: unknown): void => {
      if (error instanceof TaskError) settle({ kind: 'failure', error: error.error, cause: error.cause });
      else reject(error);
    };
    const { services } = visit.execution.run;
    new Promise((answer) => answer(services.invoke(callOf(visit, state, attempt))))
      .then(toPayload)
      .then(answered)
      .catch(refused);
  });
}

/** Registers the attempt's token; what is sent to it is held until the call has been answered. */
function awaitToken(
  { execution, branch, state }: Visit,
  { token = '', heartbeatSeconds }: Attempt,
  settle: (outcome: Outcome) => void,
  cleanup: (() => void)[],
): { submitted(): void } {
  const { tokens } = execution.run;
  let isSubmitted = false;
  let early: Outcome | undefined;
  let stopHeart = (): void => undefined;
  const sent = (outcome: Outcome): void => {
    if (isSubmitted) settle(outcome);
    else early ??= outcome;
  };
  const beat = (): void => {
    stopHeart();
    if (heartbeatSeconds === undefined) return;
    const missed = (): void => settle({ kind: 'heartbeat' });
    stopHeart = branch.after(heartbeatSeconds * 1_000, `heartbeat of ${state.name}`, missed);
  };
  const end = (): void => tokens.end(token);
  tokens.listen(token, {
    succeed: (output) => sent({ kind: 'success', output }),
    fail: (error, cause) => sent({ kind: 'failure', error, cause }),
    heartbeat: beat,
  });
  cleanup.push(() => stopHeart(), end, branch.onStop(end));
  beat();
  return {
    submitted: () => {
      isSubmitted = true;
      if (early !== undefined) settle(early);
    },
  };
}

function callOf({ execution, state, retryCount }: Visit, { resource }: TaskState, attempt: Attempt): TaskCall {
  return {
    kind: resource.kind,
    service: resource.service,
    action: resource.action,
    resource: resource.arn,
    // A copy, as over a wire: the callee may do with it what it likes.
    arguments: JSON.parse(attempt.arguments.text) as JsonValue,
    context: {
      executionArn: execution.arn,
      stateMachineArn: execution.stateMachineArn,
      roleArn: execution.run.identity.roleArn,
      credentialsRoleArn: attempt.credentialsRole,
      stateName: state.name,
      taskToken: attempt.token,
      retryCount,
    },
  };
}

/** A response crosses a wire: what is not JSON does not arrive. */
function toPayload(response: unknown): Payload {
  return Payload.ofText(JSON.stringify((response ?? {}) as JsonValue));
}
