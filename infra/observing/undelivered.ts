/**
 * Where a signal goes that could not be delivered: kept two weeks, counted by an alarm, read by people. The sweep has
 * done its work long before anybody looks.
 *
 * One statement lets in all rules of this account. The CDK's own way, a statement per rule, would reach the twenty a
 * queue's policy may hold at five connections.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { accept } from '../granting/accepted';
import { forUs } from '../granting/trust';

export class Undelivered extends Construct {
  readonly queue: sqs.Queue;
  /** The same queue for rule targets: to them its policy is somebody else's business. */
  readonly forRules: sqs.IQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    this.queue = new sqs.Queue(this, 'Queue', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Amazon's own key: no rule needs a permission on it, so no key can lose a signal.
      encryption: sqs.QueueEncryption.SQS_MANAGED,
    });
    accept(this.queue, 'SQS3', 'It is the dead-letter queue; nobody processes it, so nothing can die in it.');
    this.queue.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: forUs(this, [stack.formatArn({ service: 'events', resource: 'rule', resourceName: '*' })]),
      }),
    );
    this.forRules = sqs.Queue.fromQueueAttributes(this, 'ForRules', {
      queueArn: this.queue.queueArn,
      queueUrl: this.queue.queueUrl,
    });
  }
}
