/**
 * How AWS spells a task's events: `Task…` with a resource, or `LambdaFunction…` when the resource is a function's ARN.
 */
import type { Branch } from './branch';
import { notTruncated } from './history';
import type { Payload } from './json';
import type { Resource } from './resource';

/** What one attempt was scheduled with. */
export interface Attempt {
  readonly arguments: Payload;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  readonly credentialsRole?: string;
  readonly token?: string;
}

export class TaskEvents {
  private readonly named: { readonly resourceType: string; readonly resource: string };

  constructor(
    private readonly branch: Branch,
    private readonly resource: Resource,
  ) {
    this.named = { resourceType: resource.resourceType, resource: resource.resource };
  }

  /** What a message about the payload limit calls the task. */
  get limitName(): string {
    return this.isFunction ? this.resource.arn : this.resource.resourceType;
  }

  scheduled(attempt: Attempt, region: string): void {
    const role = attempt.credentialsRole;
    const options = {
      ...(attempt.timeoutSeconds === undefined ? {} : { timeoutInSeconds: attempt.timeoutSeconds }),
      ...(attempt.heartbeatSeconds === undefined || this.isFunction
        ? {}
        : { heartbeatInSeconds: attempt.heartbeatSeconds }),
      ...(role === undefined ? {} : { taskCredentials: { roleArn: role } }),
    };
    const { text } = attempt.arguments;
    if (this.isFunction) {
      this.branch.record('LambdaFunctionScheduled', {
        lambdaFunctionScheduledEventDetails: {
          resource: this.resource.arn,
          input: text,
          inputDetails: notTruncated,
          ...options,
        },
      });
    } else {
      this.branch.record('TaskScheduled', {
        taskScheduledEventDetails: { ...this.named, region, parameters: text, ...options },
      });
    }
  }

  started(): void {
    if (this.isFunction) this.branch.record('LambdaFunctionStarted');
    else this.branch.record('TaskStarted', { taskStartedEventDetails: this.named });
  }

  submitted({ text }: Payload): void {
    const taskSubmittedEventDetails = { ...this.named, output: text, outputDetails: notTruncated };
    this.branch.record('TaskSubmitted', { taskSubmittedEventDetails });
  }

  succeeded({ text }: Payload): void {
    const output = { output: text, outputDetails: notTruncated };
    if (this.isFunction) {
      this.branch.record('LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: output });
    } else {
      this.branch.record('TaskSucceeded', { taskSucceededEventDetails: { ...this.named, ...output } });
    }
  }

  failed(details: { readonly error?: string; readonly cause?: string }): void {
    if (this.isFunction) this.branch.record('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
    else this.branch.record('TaskFailed', { taskFailedEventDetails: { ...this.named, ...details } });
  }

  timedOut(error: string): void {
    if (this.isFunction)
      this.branch.record('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: { error } });
    else this.branch.record('TaskTimedOut', { taskTimedOutEventDetails: { ...this.named, error } });
  }

  private get isFunction(): boolean {
    return this.resource.kind === 'function';
  }
}
