/** A runner on its own clock with scripted services, for machines written by hand. */
import {
  type Execution,
  type HistoryEvent,
  loadMachine,
  Runner,
  type RunnerOptions,
  type TaskCall,
} from '../../local-cloud/asl/runner';
import { VirtualClock } from '../../local-cloud/clock';
import { randomStream } from '../../local-cloud/random';

export type States = Readonly<Record<string, object>>;

export interface Harness {
  readonly clock: VirtualClock;
  readonly runner: Runner;
  /** Every call, with the virtual second it was made at. */
  readonly calls: readonly { readonly atSeconds: number; readonly call: TaskCall }[];
  /** Starts an execution and runs the clock until it ends, or for `seconds`. */
  run(input?: unknown, seconds?: number): Promise<Execution>;
}

export interface HarnessOptions {
  readonly invoke?: (call: TaskCall, clock: VirtualClock) => Promise<unknown>;
  readonly seed?: number;
  readonly latency?: RunnerOptions['latency'];
  readonly onEvent?: RunnerOptions['onEvent'];
  /** Fields of the machine beside StartAt and States. */
  readonly machine?: object;
}

const sdkCall = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';

/** States that end the machine unless the fields say otherwise. */
export const task = (fields: object = {}) => ({ Type: 'Task', Resource: sdkCall, Arguments: {}, End: true, ...fields });
export const waiting = (fields: object = {}) => task({ Resource: `${sdkCall}.waitForTaskToken`, ...fields });
export const pass = (fields: object = {}) => ({ Type: 'Pass', End: true, ...fields });

export const epoch = Date.UTC(2026, 2, 1, 12);
const aDay = 86_400;

/** The machine starts at its first state. */
export function harness(states: States, options: HarnessOptions = {}): Harness {
  const clock = new VirtualClock(epoch);
  const calls: { atSeconds: number; call: TaskCall }[] = [];
  const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...options.machine };
  const runner = new Runner({
    machine: loadMachine(definition),
    clock,
    random: randomStream(options.seed ?? 1, 'asl'),
    identity: { region: 'eu-west-3', account: '111122223333', stateMachineName: 'm', roleArn: 'arn:aws:iam::1:role/r' },
    services: {
      invoke: async (call) => {
        calls.push({ atSeconds: (clock.now() - epoch) / 1_000, call });
        return options.invoke?.(call, clock);
      },
    },
    latency: options.latency,
    onEvent: options.onEvent,
  });
  const run = async (input: unknown = {}, seconds = aDay): Promise<Execution> => {
    const execution = runner.start('e', JSON.stringify(input));
    await clock.runUntil(clock.now() + seconds * 1_000, () => execution.status !== 'RUNNING');
    return execution;
  };
  return { clock, runner, calls, run };
}

/** `3 TaskScheduled <- 2`, the way the facts about AWS are written. */
export function story(execution: Execution, from = 1): readonly string[] {
  return execution.history
    .slice(from - 1)
    .map(({ id, type, previousEventId }) => `${id} ${type} <- ${previousEventId}`);
}

export function eventsOf(execution: Execution, type: HistoryEvent['type']): readonly HistoryEvent[] {
  return execution.history.filter((event) => event.type === type);
}

export const outputOf = (execution: Execution): unknown => JSON.parse(execution.output ?? 'null');
