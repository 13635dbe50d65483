/** The Parallel state: all branches at once, their outputs as one array in the order of the definition. */
import type { ParallelState } from './definition';
import { fanOut, recordStateAborted } from './fan-out';
import { Payload } from './json';
import { withRecovery } from './recover';
import type { Exit, Visit } from './visit';

export function runParallel(visit: Visit, state: ParallelState): Promise<Exit> {
  const { branch, execution } = visit;
  let hasSucceeded = false;
  const attempt = async (): Promise<Exit> => {
    hasSucceeded = false;
    const input = state.arguments === undefined ? visit.input : Payload.ofValue(await visit.evaluate(state.arguments));
    branch.record('ParallelStateStarted');
    const outputs = await fanOut(branch, {
      count: state.branches.length,
      concurrencyMax: state.branches.length,
      work: (index, line) => execution.runBlock(state.branches[index]!, input, line),
      // AWS aborts a failed task's own state too, but not a Fail state's.
      failed: (_index, failure, event) => {
        if (failure.origin !== 'state') branch.record('TaskStateAborted', {}, event);
      },
      aborted: (_index, line, event) => recordStateAborted(branch, line, event),
    });
    const results = Payload.ofList(outputs);
    const { last } = branch;
    branch.record('ParallelStateSucceeded');
    branch.last = last;
    hasSucceeded = true;
    return visit.leave(state, state.next, results, { result: results.value });
  };
  return withRecovery(visit, state, attempt, () => {
    if (!hasSucceeded) branch.record('ParallelStateFailed');
  });
}
