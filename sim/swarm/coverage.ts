/**
 * What a swarm has exercised: faults, decision rules, states of the machine and Catches, each with how often. What was
 * never reached proves nothing, so over enough seeds it fails the run.
 */
import type { RuleName } from '../../core/words/rules';
import type { Execution, HistoryEvent } from '../../local-cloud/asl/runner';
import { type Law, stateAt } from './law';
import { machine, type ReachableCatch } from './reachable';

export type Counts = Record<string, number>;

export interface Coverage {
  readonly faults: Counts;
  /** Kinds of sites, pasts and changes. */
  readonly worlds: Counts;
  /** How often a law had something to judge. */
  readonly judged: Counts;
  readonly rules: Counts;
  /** Rungs of the ladders that ran to a good end. */
  readonly rungs: Counts;
  readonly states: Counts;
  readonly catches: Counts;
}

export const emptyCoverage = (): Coverage => ({
  faults: {},
  worlds: {},
  judged: {},
  rules: {},
  rungs: {},
  states: {},
  catches: {},
});

export function count(counts: Counts, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times;
}

export function addCoverage(total: Coverage, more: Coverage): void {
  for (const kind of Object.keys(total) as (keyof Coverage)[]) {
    for (const [name, times] of Object.entries(more[kind])) count(total[kind], name, times);
  }
}

const failures = /^(Task(Failed|TimedOut|StartFailed|SubmitFailed)|LambdaFunction(Failed|TimedOut)|EvaluationFailed)$/;

/** Listens to histories: a state left after a failure that no later success undid was left by its Catch. */
export class CoverageWitness implements Law {
  /** By run and state: what its call failed with last. */
  private readonly errors = new Map<string, string>();

  constructor(private readonly coverage: Coverage) {}

  onState(event: HistoryEvent, execution: Execution): void {
    const key = (state: string): string => `${execution.arn} ${state}`;
    if (failures.test(event.type)) this.errors.set(key(stateAt(event, execution)), errorOf(event));
    else if (event.type === 'TaskSucceeded' || event.type === 'LambdaFunctionSucceeded')
      this.errors.delete(key(stateAt(event, execution)));
    const exited = event.stateExitedEventDetails;
    const decision = exited?.assignedVariables?.['decision'];
    if (exited?.name === 'Assess' && decision !== undefined) {
      const { rule, kind } = JSON.parse(decision) as { rule: RuleName; kind: string };
      count(this.coverage.rules, `${rule} ${kind}`);
    }
    const entered = event.type.endsWith('StateEntered') ? event.stateEnteredEventDetails?.name : undefined;
    if (entered === undefined) return;
    count(this.coverage.states, entered);
    const before = execution.history[event.previousEventId - 1];
    const left = before === undefined ? '' : stateAt(before, execution);
    const error = this.errors.get(key(left));
    const catcher = error === undefined ? undefined : this.catcherOf(left, error);
    if (catcher !== undefined) count(this.coverage.catches, catcher.label);
    this.errors.delete(key(left));
  }

  private catcherOf(state: string, error: string): ReachableCatch | undefined {
    return machine.catchers.find(
      (one) => one.state === state && one.errors.some((name) => name === error || name === 'States.ALL'),
    );
  }
}

/** The error's name, wherever this kind of event keeps it. */
function errorOf(event: HistoryEvent): string {
  const details = Object.values(event).find(
    (one): one is { error: string } => typeof one === 'object' && one !== null && 'error' in one,
  );
  return details?.error ?? '';
}
