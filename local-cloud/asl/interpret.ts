/**
 * From a state to its interpreter, and the states simple enough to need no file of their own. Each returns what it
 * hands over, or throws StateFailure with the failing event last in its branch.
 */
import type { Branch } from './branch';
import type { ChoiceState, FailState, State, WaitState } from './definition';
import { errorNames, StateFailure } from './failure';
import type { Payload } from './json';
import { runMap } from './map';
import type { Ongoing } from './ongoing';
import { runParallel } from './parallel';
import { runTask } from './task';
import { parseInstant } from './timestamp';
import { type Exit, Visit } from './visit';

export function runState(execution: Ongoing, branch: Branch, state: State, input: Payload): Promise<Exit> {
  const visit = new Visit(execution, branch, state, input);
  switch (state.type) {
    case 'Pass':
      return visit.leave(state, state.next, input);
    case 'Succeed':
      return visit.leave(state, undefined, input);
    case 'Choice':
      return choose(visit, state);
    case 'Wait':
      return wait(visit, state);
    case 'Fail':
      return fail(visit, state);
    case 'Task':
      return runTask(visit, state);
    case 'Map':
      return runMap(visit, state);
    case 'Parallel':
      return runParallel(visit, state);
  }
}

/** A matching rule brings its own Assign and Output; the state's are for Default. */
async function choose(visit: Visit, state: ChoiceState): Promise<Exit> {
  for (const rule of state.choices) {
    if (await visit.evaluateAs(rule.condition, 'boolean')) return visit.leave(rule, rule.next, visit.input);
  }
  if (state.default !== undefined) return visit.leave(state, state.default, visit.input);
  const cause = visit.cause('Failed to find a matching choice rule, and the state has no Default.');
  throw new StateFailure(errorNames.noChoiceMatched, cause);
}

async function wait(visit: Visit, state: WaitState): Promise<Exit> {
  const seconds = await visit.evaluateAs(state.seconds, 'number');
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 0)) {
    visit.failEvaluation(`The Seconds field must be a non-negative integer but was: ${seconds}`, 'Seconds');
  }
  const ms = seconds === undefined ? await msUntilTimestamp(visit, state) : seconds * 1_000;
  await visit.branch.pause(ms, `wait in ${state.name}`);
  return visit.leave(state, state.next, visit.input);
}

async function msUntilTimestamp(visit: Visit, state: WaitState): Promise<number> {
  const timestamp = (await visit.evaluateAs(state.timestamp, 'string')) ?? '';
  const until = parseInstant(timestamp);
  if (until !== undefined) return until - visit.branch.now();
  return visit.failEvaluation(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`,
    'Timestamp',
  );
}

async function fail(visit: Visit, state: FailState): Promise<never> {
  const error = await visit.evaluateAs(state.error, 'string');
  const cause = await visit.evaluateAs(state.cause, 'string');
  throw new StateFailure(error, cause);
}
