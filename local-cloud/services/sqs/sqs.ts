/**
 * SQS, as far as dead-letter queues need it: messages lie and are counted. Nobody receives them here.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { Template } from '../../template/template';

export interface QueueMessage {
  readonly at: Instant;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export class Queues implements FakeService {
  readonly name = 'sqs';
  /** By queue ARN. */
  readonly messages = new Map<string, QueueMessage[]>();

  constructor(
    template: Template,
    private readonly clock: VirtualClock,
    private readonly onSent: (queue: string) => void = () => {},
  ) {
    this.redeploy(template);
  }

  redeploy(template: Template): void {
    for (const { arn } of template.ofType('AWS::SQS::Queue')) if (!this.messages.has(arn)) this.messages.set(arn, []);
  }

  /** Messages that lie in each queue, by queue name. */
  lengths(): Record<string, number> {
    return Object.fromEntries([...this.messages].map(([arn, queue]) => [arn.split(':').pop()!, queue.length]));
  }

  async call(operation: string): Promise<unknown> {
    throw new NotModelled('sqs', operation);
  }

  /** SendMessage on behalf of an AWS service; the caller has checked the queue's policy. */
  send(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void {
    const queue = this.messages.get(queueArn);
    if (queue === undefined) throw new AwsError('QueueDoesNotExist', `The specified queue does not exist: ${queueArn}`);
    queue.push({ at: this.clock.now(), body, attributes });
    this.onSent(queueArn.split(':').pop()!);
  }
}
