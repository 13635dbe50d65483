/**
 * Runs Step Functions machines (JSONata, Standard) on virtual time, with the history AWS would record.
 *
 *   const machine = loadMachine(definitionText);                  // load.ts; throws UnsupportedFeature, InvalidDefinition
 *   const runner = new Runner({ machine, clock, services, random, identity, tokens, latency, onEvent });
 *   const execution = runner.start('incident-1', JSON.stringify(input));  // the input is JSON text, as StartExecution's
 *   await clock.runUntil(limit);                                  // a run moves only while the clock runs
 *   execution.status;                                             // RUNNING SUCCEEDED FAILED TIMED_OUT ABORTED
 *   execution.output; execution.error; execution.cause;           // output as JSON text, as DescribeExecution
 *   execution.history; await execution.done;                      // events as GetExecutionHistory
 *   execution.abort('Crashed', 'why');                            // StopExecution, or a crash between two states
 *
 * `services.invoke` is the cloud: it answers with the API's response, or throws `TaskError(error, cause)` with the
 * names Step Functions uses (`DynamoDb.ConditionalCheckFailedException`, a Lambda's errorType and its cause text).
 * Any other throw is a bug in the simulation: it fails the clock's run, never the machine.
 * `tokens` (TaskTokens) is account wide: pass the same one to every runner, answer it from SendTaskSuccess/Failure/
 * Heartbeat; its TokenError carries AWS's name (InvalidToken, TaskDoesNotExist, TaskTimedOut, InvalidOutput).
 * Execution names are not checked for reuse: ExecutionAlreadyExists is the cloud's to raise.
 */

import type { VirtualClock } from '../clock';
import type { Random } from '../random';
import type { Machine } from './definition';
import { Execution, type Run } from './execution';
import { jsonataFunctions } from './functions';
import type { HistoryEvent } from './history';
import type { Identity, Latency } from './ongoing';
import type { TaskServices } from './task-services';
import { TaskTokens } from './tokens';

export type { Machine } from './definition';
export { Execution } from './execution';
export type { HistoryEvent } from './history';
export { loadMachine } from './load';
export { UnsupportedFeature } from './refusal';
export { type TaskCall, TaskError, type TaskServices } from './task-services';
export { isTokenShaped, TaskTokens, TokenError } from './tokens';

export interface RunnerOptions {
  readonly machine: Machine;
  readonly clock: VirtualClock;
  readonly services: TaskServices;
  /** Feeds $random, $uuid, retry jitter and task tokens. */
  readonly random: Random;
  readonly identity: Identity;
  readonly tokens?: TaskTokens;
  /** Milliseconds of virtual time, drawn at each use; 0 where absent. */
  readonly latency?: Partial<Latency>;
  /** Called as each event is recorded; it may abort the execution, which then stops on the spot. */
  readonly onEvent?: (event: HistoryEvent, execution: Execution) => void;
}

const noLatency: Latency = { start: () => 0, transition: () => 0, taskOverhead: () => 0 };

export class Runner {
  /** Where SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat go. */
  readonly tokens: TaskTokens;
  private readonly run: Run;

  constructor(options: RunnerOptions) {
    const { clock, random } = options;
    this.tokens = options.tokens ?? new TaskTokens();
    this.run = {
      ...options,
      tokens: this.tokens,
      latency: { ...noLatency, ...options.latency },
      functions: jsonataFunctions({ now: () => clock.now(), random }),
    };
  }

  /** Starts at once, as StartExecution: the first state is entered after `latency.start()`, when the clock runs. */
  start(name: string, input: string): Execution {
    const execution = new Execution(this.run, name, input);
    execution.begin();
    return execution;
  }
}
