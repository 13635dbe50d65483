/**
 * One execution: its status, its history, and the walk through its states. Whatever ends it (the last state, a failure
 * nobody caught, StopExecution, the machine's TimeoutSeconds, 25,000 events) goes through `end`, once.
 */
import type { Instant } from '../../core/words/time';
import { Branch } from './branch';
import type { Block } from './definition';
import { errorNames, StateFailure, Stopped } from './failure';
import { type EventDetails, History, type HistoryEvent, HistoryFull, historyEventsMax, notTruncated } from './history';
import { runState } from './interpret';
import { type JsonObject, Payload } from './json';
import type { Ongoing, Shared } from './ongoing';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** What all executions of a runner share. */
export interface Run extends Shared {
  readonly onEvent?: (event: HistoryEvent, execution: Execution) => void;
}

export class Execution implements Ongoing {
  readonly arn: string;
  readonly stateMachineArn: string;
  readonly startedAt: Instant;
  /** Settles when the execution has ended; rejects only for a bug in the simulation. */
  readonly done: Promise<Execution>;
  private state: ExecutionStatus = 'RUNNING';
  private ended:
    | { readonly output?: string; readonly error?: string; readonly cause?: string; at: Instant }
    | undefined;
  private readonly events = new History();
  private readonly root: Branch;
  private readonly payload: Payload;
  private settle!: (outcome: Execution | Promise<never>) => void;

  constructor(
    readonly run: Run,
    readonly name: string,
    input: string,
  ) {
    const { region, account, stateMachineName } = run.identity;
    this.arn = `arn:aws:states:${region}:${account}:execution:${stateMachineName}:${name}`;
    this.stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${stateMachineName}`;
    this.startedAt = run.clock.now();
    this.payload = Payload.ofText(input);
    this.root = Branch.root((...event) => this.record(...event), run.clock, run.functions);
    this.done = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get status(): ExecutionStatus {
    return this.state;
  }

  /** JSON text, as DescribeExecution gives it. */
  get input(): string {
    return this.payload.text;
  }

  /** JSON text, once SUCCEEDED. */
  get output(): string | undefined {
    return this.ended?.output;
  }

  get error(): string | undefined {
    return this.ended?.error;
  }

  get cause(): string | undefined {
    return this.ended?.cause;
  }

  get stoppedAt(): Instant | undefined {
    return this.ended?.at;
  }

  get history(): readonly HistoryEvent[] {
    return this.events.events;
  }

  /** Called once, by the runner. */
  begin(): void {
    try {
      this.schedule();
    } catch (error) {
      // Aborted by a listener of its very first event.
      if (!(error instanceof Stopped)) throw error;
    }
  }

  private schedule(): void {
    const { run } = this;
    this.root.record('ExecutionStarted', {
      executionStartedEventDetails: {
        input: this.payload.text,
        inputDetails: notTruncated,
        roleArn: run.identity.roleArn,
      },
    });
    // The first state follows from nothing: AWS records it with previousEventId 0.
    this.root.last = 0;
    const { timeoutSeconds } = run.machine;
    if (timeoutSeconds !== undefined)
      this.root.after(timeoutSeconds * 1_000, 'execution timeout', () => this.timeOut());
    this.root.after(run.latency.start(), 'execution start', () => void this.walk());
  }

  /** StopExecution, or a crash between two states. No effect on one that has ended. */
  abort(error?: string, cause?: string): void {
    const details = new StateFailure(error, cause).details;
    this.end('ABORTED', details, 'ExecutionAborted', { executionAbortedEventDetails: details }, 0);
  }

  /** What `$states.context` holds besides State, Task and Map. */
  get context(): { readonly Execution: JsonObject; readonly StateMachine: JsonObject } {
    const { identity } = this.run;
    return {
      Execution: {
        Id: this.arn,
        Input: this.payload.value,
        StartTime: new Date(this.startedAt).toISOString(),
        Name: this.name,
        RoleArn: identity.roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: this.stateMachineArn, Name: identity.stateMachineName },
    };
  }

  /** Runs the states of a block one after the other; answers with the last one's output. */
  async runBlock(block: Block, input: Payload, branch: Branch): Promise<Payload> {
    let data = input;
    for (let name: string | undefined = block.startAt; name !== undefined; ) {
      const state = block.states.get(name)!;
      branch.current = state;
      const exit = await runState(this, branch, state, data);
      branch.current = undefined;
      data = exit.output;
      name = exit.next;
      if (name !== undefined) await branch.pause(this.run.latency.transition(name), 'transition');
    }
    return data;
  }

  private async walk(): Promise<void> {
    try {
      const output = await this.runBlock(this.run.machine, this.payload, this.root);
      const details = { output: output.text, outputDetails: notTruncated };
      const event = { executionSucceededEventDetails: details };
      this.end('SUCCEEDED', { output: output.text }, 'ExecutionSucceeded', event, this.root.last);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (error instanceof Stopped) return;
    if (error instanceof StateFailure || error instanceof HistoryFull) {
      const { details } = error instanceof StateFailure ? error : historyFailure;
      this.end('FAILED', details, 'ExecutionFailed', { executionFailedEventDetails: details }, this.root.last);
      return;
    }
    // A bug in the simulation: loud on the clock, so no test can pass over it.
    this.root.stop();
    const rejected = Promise.reject(error);
    this.settle(rejected);
    this.done.catch(() => undefined);
    this.run.clock.after(0, 'execution fault', () => {
      throw error;
    });
  }

  private timeOut(): void {
    this.end('TIMED_OUT', {}, 'ExecutionTimedOut', { executionTimedOutEventDetails: {} }, 0);
  }

  private end(
    status: ExecutionStatus,
    result: { readonly output?: string; readonly error?: string; readonly cause?: string },
    type: 'ExecutionSucceeded' | 'ExecutionFailed' | 'ExecutionAborted' | 'ExecutionTimedOut',
    details: EventDetails,
    previous: number,
  ): void {
    if (this.state !== 'RUNNING') return;
    this.state = status;
    this.ended = { ...result, at: this.run.clock.now() };
    this.root.stop();
    const event = this.events.append(type, previous, this.run.clock.now(), details, true);
    this.run.onEvent?.(event, this);
    this.settle(this);
  }

  private record(type: HistoryEvent['type'], previous: number, details: EventDetails): number {
    const event = this.events.append(type, previous, this.run.clock.now(), details);
    this.run.onEvent?.(event, this);
    return event.id;
  }
}

const historyFailure = new StateFailure(
  errorNames.runtime,
  `The execution reached the maximum number of history events (${historyEventsMax}).`,
);
