/**
 * Where the author names a bucket: a function that keeps the record of each incident there, woken by our own events. It
 * may read this machine's executions and add objects under one prefix, nothing else; and nothing waits for it.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import type { Installation } from '../core/words/installation';
import { recordsPrefix } from '../core/words/record-key';
import type { FunctionAssets } from './function-assets';
import { executionsAreMany } from './functions';
import { allow, allowWide } from './granting/grants';
import { executionArns, machineArn } from './machine';
import { SwitchbackFunction } from './switchback-function';

export interface ArchiveProps {
  readonly deployment: Deployment;
  readonly archive: NonNullable<Installation['archive']>;
  readonly assets: FunctionAssets;
  readonly undelivered: sqs.IQueue;
}

/** Its objects, and nobody else's in the same bucket. */
export const recordsArn = (scope: Construct, { name }: Deployment, { bucket }: ArchiveProps['archive']): string =>
  Stack.of(scope).formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: bucket,
    resourceName: `${recordsPrefix(name)}*`,
  });

export class Archive extends Construct {
  constructor(scope: Construct, id: string, { deployment, archive, assets, undelivered }: ArchiveProps) {
    super(scope, id);
    const machine = machineArn(this, deployment);
    const records = recordsArn(this, deployment, archive);
    const keep = new SwitchbackFunction(this, 'Function', {
      name: 'archive',
      assets,
      description: 'Keeps the record of each incident in the bucket that the configuration names.',
      timeoutSeconds: 300, // A thousand histories, five at a time, where Step Functions answers twenty a second.
      memoryMb: 512,
      environment: { STATE_MACHINE_ARN: machine, ARCHIVE: JSON.stringify(archive) },
      statements: [
        allow(['states:ListExecutions'], [machine]),
        allowWide(executionsAreMany, ['states:GetExecutionHistory'], [executionArns(this, deployment)]),
        allowWide(
          'Records under this deployment’s own prefix, which names each by its incident.',
          ['s3:PutObject', ...(archive.lock === undefined ? [] : ['s3:PutObjectRetention'])],
          [records],
        ),
      ],
    });
    // Whatever is missed, the next event of the incident brings: each record is whole.
    keep.function.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(1) });
    new events.Rule(this, 'Incidents', {
      description: 'Keeps the record of each incident.',
      eventPattern: { source: ['switchback'], detail: { deployment: [deployment.name] } },
      targets: [
        new targets.LambdaFunction(keep.function, {
          deadLetterQueue: undelivered,
          retryAttempts: 2,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }
}
