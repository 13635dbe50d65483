/**
 * The Task state: one attempt is scheduled, started, perhaps submitted, and ends in exactly one of succeeded, failed or
 * timed out. What arrives after that end is dropped; the called function lives on, that is the cloud's affair.
 */
import type { TaskState } from './definition';
import { dataLimitFailure, errorNames, type FailureOrigin, StateFailure } from './failure';
import { Payload } from './json';
import { withRecovery } from './recover';
import { type Outcome, outcomeOf } from './task-attempt';
import { type Attempt, TaskEvents } from './task-events';
import type { Exit, Visit } from './visit';

export function runTask(visit: Visit, state: TaskState): Promise<Exit> {
  return withRecovery(visit, state, async () => {
    const result = await attemptTask(visit, state);
    return visit.leave(state, state.next, result, { result: result.value });
  });
}

async function attemptTask(visit: Visit, state: TaskState): Promise<Payload> {
  const { run } = visit.execution;
  visit.taskToken = state.resource.waitsForToken ? run.tokens.issue(run.random) : undefined;
  const attempt = await prepare(visit, state);
  const events = new TaskEvents(visit.branch, state.resource);
  if (attempt.arguments.isTooLarge()) throw dataLimitFailure(events.limitName, 'state');
  const deadlineAt = visit.branch.now() + (attempt.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  events.scheduled(attempt, run.identity.region);
  await visit.branch.pause(run.latency.taskOverhead(), 'task overhead');
  events.started();
  return conclude(events, await outcomeOf(visit, state, attempt, deadlineAt, events));
}

async function prepare(visit: Visit, state: TaskState): Promise<Attempt> {
  return {
    timeoutSeconds: await visit.evaluateAs(state.timeoutSeconds, 'number'),
    heartbeatSeconds: await visit.evaluateAs(state.heartbeatSeconds, 'number'),
    arguments: state.arguments === undefined ? visit.input : Payload.ofValue(await visit.evaluate(state.arguments)),
    credentialsRole: await visit.evaluateAs(state.credentialsRole, 'string'),
    token: visit.taskToken,
  };
}

function conclude(events: TaskEvents, outcome: Outcome): Payload {
  const tooLarge = outcome.kind === 'success' && outcome.output.isTooLarge();
  const end: Outcome = tooLarge ? { kind: 'failure', ...dataLimitFailure(events.limitName, 'task').details } : outcome;
  switch (end.kind) {
    case 'success':
      events.succeeded(end.output);
      return end.output;
    case 'failure': {
      const failure = new StateFailure(end.error, end.cause, 'task');
      events.failed(failure.details);
      throw failure;
    }
    case 'timeout':
    case 'heartbeat': {
      const origin: FailureOrigin = end.kind;
      events.timedOut(errorNames.timeout);
      throw new StateFailure(errorNames.timeout, undefined, origin);
    }
  }
}
