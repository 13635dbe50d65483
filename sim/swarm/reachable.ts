/**
 * All that can be reached in the machine: what storms aim at, and what a swarm must have met. Read from what is
 * deployed, so that a new state or Catch is demanded without anybody listing it.
 */
import { failoverDefinition } from '../../infra/definition';

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

interface State {
  readonly Type?: string;
  readonly Catch?: readonly Catcher[];
  readonly Branches?: readonly MachineText[];
}

interface MachineText {
  readonly States: Readonly<Record<string, State>>;
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

/** Those of branches too. */
function statesIn({ States }: MachineText): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Branches ?? []).flatMap(statesIn),
  ]);
}

/** Every state and every Catch of the machine: all that can be reached. */
export const machine: Reachable = reachable(statesIn(definition()));

/** What a site can come to in which no answers follow BGP: no order goes beside its routes. */
export const machineWithoutOrders: Reachable = reachable(
  Object.entries(definition().States).filter(([, { Branches }]) => Branches === undefined),
);

function definition(): MachineText {
  return JSON.parse(failoverDefinition()) as MachineText;
}

function reachable(states: readonly [string, State][]): Reachable {
  return {
    states: states.map(([name]) => name),
    tasks: states.flatMap(([name, { Type }]) => (Type === 'Task' ? [name] : [])),
    catchers: states.flatMap(([state, { Catch = [] }]) =>
      Catch.map((one) => ({ label: catchLabel(state, one), state, errors: one.ErrorEquals })),
    ),
  };
}
