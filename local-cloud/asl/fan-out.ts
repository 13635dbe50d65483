/**
 * Several lines of control at once, under a Map or a Parallel: started in order, at most so many together, results in
 * order. The first failure stops the others and is the failure of the whole.
 */
import type { Branch } from './branch';
import { StateFailure } from './failure';
import type { JsonObject, Payload } from './json';

export interface FanOut {
  readonly count: number;
  readonly concurrencyMax: number;
  work(index: number, branch: Branch): Promise<Payload>;
  /** `Map.Item` of one line; none for a Parallel. */
  item?(index: number): JsonObject;
  opened?(index: number, branch: Branch): void;
  closed?(index: number, branch: Branch): void;
  /** Records the failed line, then `aborted` each one still running; all events point at the failing one. */
  failed(index: number, failure: StateFailure, failingEvent: number): void;
  aborted(index: number, branch: Branch, failingEvent: number): void;
}

/** Leaves `parent` at the last event of the line that ended last, or at the failing event. */
export async function fanOut(parent: Branch, plan: FanOut): Promise<readonly Payload[]> {
  if (plan.count === 0) return [];
  const results: Payload[] = new Array(plan.count);
  const running = new Map<number, Branch>();
  let opened = 0;
  let closed = 0;
  return new Promise((resolve, reject) => {
    const open = (previous: number): void => {
      const index = opened++;
      const branch = parent.fork(previous, plan.item?.(index));
      running.set(index, branch);
      plan.opened?.(index, branch);
      Promise.resolve()
        .then(() => plan.work(index, branch))
        .then((output) => close(index, branch, output))
        .catch((error: unknown) => fail(index, branch, error))
        .catch(reject);
    };
    const close = (index: number, branch: Branch, output: Payload): void => {
      if (!branch.live) return;
      results[index] = output;
      const lastStateEvent = branch.last;
      plan.closed?.(index, branch);
      parent.last = branch.last;
      running.delete(index);
      branch.stop();
      if (++closed === plan.count) resolve(results);
      else if (opened < plan.count) open(lastStateEvent);
    };
    const fail = (index: number, branch: Branch, error: unknown): never => {
      if (!(error instanceof StateFailure) || !branch.live) throw error;
      const failingEvent = branch.last;
      for (const line of running.values()) line.stop();
      running.delete(index);
      plan.failed(index, error, failingEvent);
      for (const [other, line] of running) plan.aborted(other, line, failingEvent);
      parent.last = failingEvent;
      throw error;
    };
    const first = parent.last;
    while (opened < Math.min(plan.count, plan.concurrencyMax)) open(first);
  });
}

/** `TaskStateAborted` and the like, for the state a stopped line was in. Other types end at once, or not at all. */
export function recordStateAborted(parent: Branch, { current }: Branch, failingEvent: number): void {
  switch (current?.type) {
    case 'Task':
    case 'Wait':
    case 'Map':
    case 'Parallel':
      parent.record(`${current.type}StateAborted`, {}, failingEvent);
  }
}
