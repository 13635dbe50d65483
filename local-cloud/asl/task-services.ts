/**
 * What a Task state calls: the door between the runner and the cloud. The runner knows no service; it hands over the
 * parsed resource and the evaluated arguments and takes a response or a `TaskError`.
 */
import type { JsonValue } from './json';

export interface TaskCall {
  /** `lambda:invoke` and the like; an `aws-sdk:` call; or a function's ARN as the resource. */
  readonly kind: 'optimized' | 'aws-sdk' | 'function';
  /** `lambda`, `dynamodb`, `sfn`…; `lambda` for a function's ARN. */
  readonly service: string;
  /** `invoke`, `updateItem`…: as written in the resource, without `.waitForTaskToken`. */
  readonly action: string;
  /** The resource as written, without the suffix: the function's ARN when kind is `function`. */
  readonly resource: string;
  readonly arguments: JsonValue;
  readonly context: TaskContext;
}

interface TaskContext {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  /** The role of the state's Credentials, when it has them: the call runs as this one. */
  readonly credentialsRoleArn?: string;
  readonly stateName: string;
  /** Set for `.waitForTaskToken`; a new one at every attempt. */
  readonly taskToken?: string;
  /** 0 for the first attempt. */
  readonly retryCount: number;
}

export interface TaskServices {
  /** Answers with the API's response (undefined counts as `{}`), or throws `TaskError`. */
  invoke(call: TaskCall): Promise<unknown>;
}

/** A task's failure, with the names `ErrorEquals` compares. Both may be absent, as in a bare SendTaskFailure. */
export class TaskError extends Error {
  override readonly name = 'TaskError';

  constructor(
    readonly error?: string,
    override readonly cause?: string,
  ) {
    super(`${error ?? 'no error name'}: ${cause ?? 'no cause'}`);
  }
}
