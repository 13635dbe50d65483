/** How `sense` hears of reports that changed: from the stream of the table they are kept in, where the table is. */
import { Duration } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { allow } from './granting/grants';

/** `undelivered`: where records go that sense could not serve; absent: nowhere, the sweep sees what they said. */
export function readStream(reports: dynamodb.Table, undelivered?: sqs.IQueue): iam.PolicyStatement[] {
  const stream = reports.tableStreamArn!;
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [stream]),
    ...(undelivered === undefined ? [] : [allow(['sqs:SendMessage'], [undelivered.queueArn])]),
  ];
}

export interface Following {
  readonly sense: lambda.IFunction;
  readonly reports: dynamodb.Table;
  /** False: nothing is read until somebody switches it on. */
  readonly enabled: boolean;
  readonly undelivered?: sqs.IQueue;
}

/** Only reports whose verdict changed, at once, and never a stale one: a poison record must not hold up the shard. */
export function followReports(
  scope: Construct,
  { sense, reports, enabled, undelivered }: Following,
): lambda.EventSourceMapping {
  return new lambda.EventSourceMapping(scope, 'ReportsStream', {
    ...(!enabled && { enabled }),
    target: sense,
    eventSourceArn: reports.tableStreamArn!,
    startingPosition: lambda.StartingPosition.LATEST,
    maxBatchingWindow: Duration.seconds(0),
    retryAttempts: 2,
    maxRecordAge: Duration.seconds(60),
    reportBatchItemFailures: true, // Without it a record that sense could not serve would count as done.
    filters: [{ pattern: '{"dynamodb":{"NewImage":{"changed":{"BOOL":[true]}}}}' }],
    ...(undelivered !== undefined && { onFailure: toQueue(undelivered) }),
  });
}

/** The role may send there already: CDK's own destinations would grant more than that. */
export function toQueue(queue: sqs.IQueue) {
  return { bind: () => ({ destination: queue.queueArn }) };
}
