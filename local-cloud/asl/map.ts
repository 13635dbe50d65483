/**
 * The inline Map state. A tolerated failure count or percentage is evaluated, as AWS does, but tolerates nothing: only
 * a distributed Map does.
 */
import type { MapState } from './definition';
import { fanOut, recordStateAborted } from './fan-out';
import { type JsonValue, Payload } from './json';
import { withRecovery } from './recover';
import type { Exit, Visit } from './visit';

/** AWS runs at most this many iterations of an inline Map together. */
const concurrencyMax = 40;

export function runMap(visit: Visit, state: MapState): Promise<Exit> {
  const { branch } = visit;
  let hasSucceeded = false;
  const attempt = async (): Promise<Exit> => {
    hasSucceeded = false;
    const items = await itemsOf(visit, state);
    const concurrency = (await visit.evaluateAs(state.maxConcurrency, 'number')) ?? 0;
    branch.record('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
    await visit.evaluateAs(state.toleratedFailureCount, 'number');
    await visit.evaluateAs(state.toleratedFailurePercentage, 'number');
    const results = Payload.ofList(await iterate(visit, state, items, concurrency));
    // MapStateExited follows from the same event as MapStateSucceeded, not from it.
    const { last } = branch;
    branch.record('MapStateSucceeded');
    branch.last = last;
    hasSucceeded = true;
    return visit.leave(state, state.next, results, { result: results.value });
  };
  return withRecovery(visit, state, attempt, () => {
    if (!hasSucceeded) branch.record('MapStateFailed');
  });
}

async function itemsOf(visit: Visit, state: MapState): Promise<readonly JsonValue[]> {
  if (state.items !== undefined) return (await visit.evaluateAs(state.items, 'array')) ?? [];
  const input = visit.input.value;
  if (Array.isArray(input)) return input;
  return visit.failEvaluation(`Map state input must be an array but was: ${JSON.stringify(input)}`);
}

function iterate(
  visit: Visit,
  state: MapState,
  items: readonly JsonValue[],
  concurrency: number,
): Promise<readonly Payload[]> {
  const { branch, execution } = visit;
  const { name } = state;
  const itemAt = (index: number) => ({ Index: index, Value: items[index]! });
  return fanOut(branch, {
    count: items.length,
    concurrencyMax: concurrency > 0 ? Math.min(concurrency, concurrencyMax) : concurrencyMax,
    item: itemAt,
    opened: (index, line) => line.record('MapIterationStarted', { mapIterationStartedEventDetails: { name, index } }),
    work: async (index, line) => {
      const selected = state.itemSelector;
      if (selected === undefined) return execution.runBlock(state.processor, Payload.ofValue(items[index]!), line);
      const value = await visit.evaluate(selected, {}, itemAt(index)).catch((error: unknown) => {
        line.last = branch.last;
        throw error;
      });
      return execution.runBlock(state.processor, Payload.ofValue(value), line);
    },
    closed: (index, line) =>
      line.record('MapIterationSucceeded', { mapIterationSucceededEventDetails: { name, index } }),
    failed: (index, _failure, event) =>
      branch.record('MapIterationFailed', { mapIterationFailedEventDetails: { name, index } }, event),
    aborted: (index, line, event) => {
      recordStateAborted(branch, line, event);
      branch.record('MapIterationAborted', { mapIterationAbortedEventDetails: { name, index } }, event);
    },
  });
}
