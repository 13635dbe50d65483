/**
 * The function that asks AWS about the tunnels of Site-to-Site connections, and the one role that may: the answer to
 * DescribeVpnConnections holds pre-shared keys, and IAM limits it to no connection. What it writes nobody else may.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { viewsOf } from '../core/words/gateways';
import type { FunctionAssets } from './function-assets';
import { describeIsForAll } from './functions';
import { allow, allowWide } from './granting/grants';
import { metricNamespace, SwitchbackFunction } from './switchback-function';
import type { Tables } from './tables';

export interface WatchProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
  readonly tables: Tables;
  readonly undelivered: sqs.IQueue;
}

export class Watch extends Construct {
  readonly logs: logs.ILogGroup;
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, assets, tables, undelivered }: WatchProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const views = Object.entries(viewsOf(deployment));
    const regions = [...new Set(views.map(([, { region }]) => region))];
    const connections = views.map(([, { region, vpnConnectionId }]) =>
      stack.formatArn({ service: 'ec2', resource: 'vpn-connection', resourceName: vpnConnectionId, region }),
    );
    const watch = new SwitchbackFunction(this, 'Function', {
      name: 'watch',
      assets,
      description: 'Once a minute: asks AWS how the tunnels of VPN connections are. Read only.',
      timeoutSeconds: 55, // Before the next minute's begins.
      memoryMb: 128,
      environment: { REPORTS_TABLE: tables.reports.tableName, METRIC_NAMESPACE: metricNamespace(deployment) },
      statements: [
        allowWide(describeIsForAll, ['ec2:DescribeVpnConnections', 'cloudwatch:GetMetricData'], ['*'], {
          StringEquals: { 'aws:RequestedRegion': regions },
        }),
        allow(['ec2:GetActiveVpnTunnelStatus', 'ec2:GetVpnTunnelReplacementStatus'], [...new Set(connections)]),
        allow(['dynamodb:BatchGetItem'], [tables.reports.tableArn]),
        allow(['dynamodb:PutItem'], [tables.reports.tableArn], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': views.map(([gateway]) => `tunnels#${gateway}`) },
        }),
      ],
    });
    this.logs = watch.logs;
    this.function = watch.function;
    // The next minute's does all that a retry could.
    watch.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    new events.Rule(this, 'EveryMinute', {
      description: 'Asks AWS how the tunnels of VPN connections are.',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(watch.function, {
          deadLetterQueue: undelivered,
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
        }),
      ],
    });
  }
}
