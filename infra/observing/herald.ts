/**
 * Puts an alarm about Switchback itself into words, and makes sure that it is heard where it cannot (docs/decisions/034).
 *
 *     alarm .. herald .. topic                     the notice
 *     herald fails, is throttled for a minute .... Lambda publishes the alarm to the topic, as JSON
 *     and that fails too ......................... `self/herald-failing` publishes itself
 *     Lambda is down ............................. `self/sweep-missing` publishes itself
 */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as destinations from 'aws-cdk-lib/aws-lambda-destinations';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import type { FunctionAssets } from '../function-assets';
import { allow } from '../granting/grants';
import { SwitchbackFunction } from '../switchback-function';
import type { Tables } from '../tables';
import { alarmsArn } from './notices';

export interface HeraldProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
  readonly tables: Tables;
  readonly topic: sns.ITopic;
}

export class Herald extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, assets, tables, topic }: HeraldProps) {
    super(scope, id);
    const herald = new SwitchbackFunction(this, 'Function', {
      name: 'herald',
      assets,
      description: 'Tells people of an alarm about Switchback itself, in words.',
      timeoutSeconds: 20,
      memoryMb: 128,
      environment: { TOPIC: topic.topicArn, REPORTS_TABLE: tables.reports.tableName },
      statements: [
        allow(['sns:Publish'], [topic.topicArn]),
        allow(['dynamodb:BatchGetItem'], [tables.reports.tableArn]),
      ],
    });
    this.function = herald.function;
    // Whoever waits for news does not wait for a second try: what the first could not word is sent as it came.
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
      onFailure: new destinations.SnsDestination(topic),
    });
    this.function.addPermission('Alarms', {
      principal: new iam.ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: alarmsArn(this, deployment),
    });
  }

  /** One permission lets in all of this deployment's alarms: the CDK's own action would add one for each. */
  asAction(): cloudwatch.IAlarmAction {
    return { bind: () => ({ alarmActionArn: this.function.functionArn }) };
  }
}
