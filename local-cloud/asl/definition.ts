/**
 * A machine after loading: checked, defaults filled in, every expression compiled. The interpreter trusts it.
 */
import type { Resource } from './resource';
import type { Template } from './template';

export interface Block {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Machine extends Block {
  /** Bound of a whole run, in seconds. */
  readonly timeoutSeconds?: number;
}

/** Where a state hands over; absent ends its block. */
interface Onward {
  readonly next?: string;
}

interface Shaped {
  readonly name: string;
  readonly assign?: Template;
  readonly output?: Template;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds?: number;
  readonly jitter: 'NONE' | 'FULL';
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly assign?: Template;
  readonly output?: Template;
}

/** Tasks, Maps and Parallels can fail from outside, so they alone retry and catch. */
interface Guarded {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

interface PassState extends Shaped, Onward {
  readonly type: 'Pass';
}

export interface TaskState extends Shaped, Onward, Guarded {
  readonly type: 'Task';
  readonly resource: Resource;
  readonly arguments?: Template;
  readonly timeoutSeconds?: Template;
  readonly heartbeatSeconds?: Template;
  readonly credentialsRole?: Template;
}

export interface ChoiceRule {
  readonly condition: Template;
  readonly next: string;
  readonly assign?: Template;
  readonly output?: Template;
}

export interface ChoiceState extends Shaped {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default?: string;
}

export interface WaitState extends Shaped, Onward {
  readonly type: 'Wait';
  /** Exactly one of the two. */
  readonly seconds?: Template;
  readonly timestamp?: Template;
}

interface SucceedState extends Shaped {
  readonly type: 'Succeed';
}

export interface FailState extends Shaped {
  readonly type: 'Fail';
  readonly error?: Template;
  readonly cause?: Template;
}

export interface MapState extends Shaped, Onward, Guarded {
  readonly type: 'Map';
  readonly processor: Block;
  readonly items?: Template;
  readonly itemSelector?: Template;
  readonly maxConcurrency?: Template;
  readonly toleratedFailureCount?: Template;
  readonly toleratedFailurePercentage?: Template;
}

export interface ParallelState extends Shaped, Onward, Guarded {
  readonly type: 'Parallel';
  readonly branches: readonly Block[];
  readonly arguments?: Template;
}

export type GuardedState = TaskState | MapState | ParallelState;

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | MapState
  | ParallelState;
