/**
 * Lambda's asynchronous invocations: the event is queued, failures are tried again after one and two minutes, and what
 * never succeeds goes to the function's on-failure destination and dead-letter queue, as the template says.
 */
import type { VirtualClock } from '../../clock';
import type { Faults } from '../../front/faults';
import type { Authority } from '../../iam/authority';
import type { Latencies } from '../../latency';
import { AwsError } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import type { MetricId } from '../alarms/metrics';
import { mayHandOver } from './event-source-mapping';

export interface Invocation {
  /** Empty: the handler returned. */
  readonly functionError: '' | 'Unhandled';
  /** JSON text: the answer, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
}

export interface AsyncOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly latencies: Latencies;
  readonly authority: Authority;
  readonly faults: Faults;
  sendToQueue(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
  /** To a topic. */
  publish(topicArn: string, message: string): void;
  count(metric: MetricId, value: number): void;
}

/** The synchronous side. */
export interface Invocable {
  invoke(arn: string, payload: string): Promise<Invocation>;
  resourceOf(arn: string): Resource;
  exists(arn: string): boolean;
}

const pausesMs = [60_000, 120_000];
const attemptsDefault = 2;

export class AsyncInvocations {
  constructor(
    private options: AsyncOptions,
    private readonly functions: Invocable,
  ) {}

  redeploy(template: Template): void {
    this.options = { ...this.options, template };
  }

  queue(arn: string, payload: string, tries = 0): void {
    const { clock, latencies } = this.options;
    clock.after(latencies.draw('asyncQueue'), `async ${arn}`, async () => {
      const failure = await this.tryOnce(arn, payload);
      // A function that was taken away meanwhile leaves nobody who would hand its events on.
      if (failure === undefined || !this.functions.exists(arn)) return;
      const config = this.configOf(arn);
      const attempts = Number(config['MaximumRetryAttempts'] ?? attemptsDefault);
      const pauseMs = pausesMs[tries];
      if (tries < attempts && pauseMs !== undefined) {
        clock.after(pauseMs, `async retry ${arn}`, () => this.queue(arn, payload, tries + 1));
      } else {
        this.handOver(arn, config, payload, failure);
      }
    });
  }

  /** Undefined: it succeeded. */
  private async tryOnce(arn: string, payload: string): Promise<string | undefined> {
    try {
      const { functionError, payload: answer } = await this.functions.invoke(arn, payload);
      return functionError === '' ? undefined : answer;
    } catch (error) {
      if (error instanceof AwsError) return error.message;
      throw error;
    }
  }

  private configOf(arn: string): JsonObject {
    const { name } = this.functions.resourceOf(arn);
    const config = this.options.template
      .ofType('AWS::Lambda::EventInvokeConfig')
      .find(({ properties }) => String(properties['FunctionName']).split(':').pop() === name);
    return config?.properties ?? {};
  }

  private handOver(arn: string, config: JsonObject, payload: string, failure: string): void {
    const onFailure = (config['DestinationConfig'] as JsonObject | undefined)?.['OnFailure'] as JsonObject | undefined;
    const { name: FunctionName, properties } = this.functions.resourceOf(arn);
    const queue = properties['DeadLetterConfig'] as JsonObject | undefined;
    this.options.count({ namespace: 'AWS/Lambda', name: 'AsyncEventsDropped', dimensions: { FunctionName } }, 1);
    if (onFailure !== undefined) {
      const body = { requestPayload: JSON.parse(payload) as unknown, responsePayload: failure, functionArn: arn };
      this.sendRecord(arn, String(onFailure['Destination']), JSON.stringify(body));
    }
    if (queue !== undefined) this.send(arn, String(queue['TargetArn']), payload, { ERROR_MESSAGE: failure });
  }

  private sendRecord(arn: string, destination: string, body: string): void {
    if (destination.split(':')[2] !== 'sns') this.send(arn, destination, body, {});
    else if (mayHandOver(arn, { action: 'sns:Publish', destination }, this.options))
      this.options.publish(destination, body);
  }

  private send(arn: string, queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void {
    if (mayHandOver(arn, { action: 'sqs:SendMessage', destination: queueArn }, this.options))
      this.options.sendToQueue(queueArn, body, attributes);
  }
}
