/**
 * What a swarm has exercised: faults, decision rules, states of the machine and Catches, each with how often. What was
 * never reached proves nothing, so over enough seeds it fails the run.
 */
import type { Execution, HistoryEvent } from '../asl/runner';
import type { Law } from './law';

export type Counts = Record<string, number>;

export interface Coverage {
  readonly faults: Counts;
  readonly rules: Counts;
  readonly states: Counts;
  readonly catches: Counts;
}

export const emptyCoverage = (): Coverage => ({ faults: {}, rules: {}, states: {}, catches: {} });

export function count(counts: Counts, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times;
}

export function addCoverage(total: Coverage, more: Coverage): void {
  for (const kind of Object.keys(total) as (keyof Coverage)[]) {
    for (const [name, times] of Object.entries(more[kind])) count(total[kind], name, times);
  }
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

interface MachineText {
  readonly States: Readonly<Record<string, { readonly Type?: string; readonly Catch?: readonly Catcher[] }>>;
}

const catchLabel = (state: string, { ErrorEquals, Next }: Catcher): string =>
  `${state} [${ErrorEquals.map((error) => error.replace(/^(States|DynamoDb|Sfn)\./, '')).join(', ')}] -> ${Next}`;

export interface Reachable {
  readonly states: readonly string[];
  /** Those that call somebody. */
  readonly tasks: readonly string[];
  /** Each by its label, its state and the first error it names. */
  readonly catchers: readonly { readonly label: string; readonly state: string; readonly error: string }[];
}

/** Every state and every Catch of a machine's definition: all that can be reached. */
export function reachable(definition: string): Reachable {
  const { States } = JSON.parse(definition) as MachineText;
  return {
    states: Object.keys(States),
    tasks: Object.keys(States).filter((name) => States[name]!.Type === 'Task'),
    catchers: Object.entries(States).flatMap(([state, { Catch = [] }]) =>
      Catch.map((one) => ({ label: catchLabel(state, one), state, error: one.ErrorEquals[0]! })),
    ),
  };
}

const failures = /^(Task(Failed|TimedOut|StartFailed|SubmitFailed)|LambdaFunction(Failed|TimedOut)|EvaluationFailed)$/;

/** Listens to histories: a state left after a failure that no later success undid was left by its Catch. */
export class CoverageWitness implements Law {
  private readonly runs = new Map<string, { state: string; error: string | null }>();
  private readonly states: MachineText['States'];

  constructor(
    private readonly coverage: Coverage,
    definition: string,
  ) {
    this.states = (JSON.parse(definition) as MachineText).States;
  }

  onState(event: HistoryEvent, execution: Execution): void {
    const run = this.runs.get(execution.arn) ?? { state: '', error: null };
    this.runs.set(execution.arn, run);
    if (failures.test(event.type)) run.error = errorOf(event);
    else if (event.type === 'TaskSucceeded' || event.type === 'LambdaFunctionSucceeded') run.error = null;
    const exited = event.stateExitedEventDetails;
    const decision = exited?.assignedVariables?.['decision'];
    if (exited?.name === 'Assess' && decision !== undefined) {
      const { rule, kind } = JSON.parse(decision) as { rule: number; kind: string };
      count(this.coverage.rules, `${rule} ${kind}`);
    }
    const entered = event.type.endsWith('StateEntered') ? event.stateEnteredEventDetails?.name : undefined;
    if (entered === undefined) return;
    count(this.coverage.states, entered);
    const catcher = run.error === null ? undefined : this.catcherOf(run.state, run.error);
    if (catcher !== undefined) count(this.coverage.catches, catchLabel(run.state, catcher));
    run.state = entered;
    run.error = null;
  }

  private catcherOf(state: string, error: string): Catcher | undefined {
    return this.states[state]?.Catch?.find(({ ErrorEquals }) =>
      ErrorEquals.some((name) => name === error || name === 'States.ALL'),
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
