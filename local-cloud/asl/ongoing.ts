/**
 * What a state may know of the execution it runs in. The execution itself (execution.ts) walks from state to state and
 * is therefore not known to them.
 */
import type { VirtualClock } from '../clock';
import type { Random } from '../random';
import type { Branch } from './branch';
import type { Block, Machine } from './definition';
import type { Bindings } from './functions';
import type { JsonObject, Payload } from './json';
import type { TaskServices } from './task-services';
import type { TaskTokens } from './tokens';

/** What ARNs and the context object are made of. */
export interface Identity {
  readonly region: string;
  readonly account: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
}

/** Milliseconds of virtual time, drawn at every use. */
export interface Latency {
  /** From StartExecution to the first state. */
  start(): number;
  /** From a state's end to the next state's entry. */
  /** On the way to this state. */
  transition(next: string): number;
  /** From TaskScheduled to the call. */
  taskOverhead(): number;
}

/** What all executions of a runner share. */
export interface Shared {
  readonly machine: Machine;
  readonly clock: VirtualClock;
  readonly services: TaskServices;
  readonly random: Random;
  readonly identity: Identity;
  readonly tokens: TaskTokens;
  readonly latency: Latency;
  readonly functions: Bindings;
}

export interface Ongoing {
  readonly run: Shared;
  readonly arn: string;
  readonly stateMachineArn: string;
  /** What `$states.context` holds besides State, Task and Map. */
  readonly context: { readonly Execution: JsonObject; readonly StateMachine: JsonObject };
  runBlock(block: Block, input: Payload, branch: Branch): Promise<Payload>;
}
