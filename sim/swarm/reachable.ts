/**
 * All that can be reached in the machine: what storms aim at, and what a swarm must have met. Read from what is
 * deployed, so that a new state or Catch is demanded without anybody listing it.
 */
import { failoverDefinition } from '../../infra/definition';

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

interface MachineText {
  readonly States: Readonly<Record<string, { readonly Type?: string; readonly Catch?: readonly Catcher[] }>>;
}

const catchLabel = (state: string, { ErrorEquals, Next }: Catcher): string =>
  `${state} [${ErrorEquals.map((error) => error.replace(/^(States|DynamoDb|Sfn)\./, '')).join(', ')}] -> ${Next}`;

export interface ReachableCatch {
  readonly label: string;
  readonly state: string;
  readonly errors: readonly string[];
}

export interface Reachable {
  readonly states: readonly string[];
  /** Those that call somebody. */
  readonly tasks: readonly string[];
  readonly catchers: readonly ReachableCatch[];
}

/** Every state and every Catch of the machine: all that can be reached. */
export const machine: Reachable = reachable(failoverDefinition());

function reachable(definition: string): Reachable {
  const { States } = JSON.parse(definition) as MachineText;
  return {
    states: Object.keys(States),
    tasks: Object.keys(States).filter((name) => States[name]!.Type === 'Task'),
    catchers: Object.entries(States).flatMap(([state, { Catch = [] }]) =>
      Catch.map((one) => ({ label: catchLabel(state, one), state, errors: one.ErrorEquals })),
    ),
  };
}
