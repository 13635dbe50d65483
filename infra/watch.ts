/**
 * The function that asks AWS about the tunnels of Site-to-Site connections and has speakers read, and the one role that
 * may: the answer to DescribeVpnConnections holds pre-shared keys, and IAM limits it to no connection. What it writes
 * nobody else may.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { speakersOf, viewsOf } from '../core/words/gateways';
import type { FunctionAssets } from './function-assets';
import { documentArn, ec2Arns, identityParameterArns, identityPrefix } from './granting/arns';
import { allow, allowWide, describeIsForAll } from './granting/grants';
import { idsAreNew, launchedFor } from './granting/repair-role';
import { metricNamespace, SwitchbackFunction } from './switchback-function';
import type { Tables } from './tables';

export interface WatchProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
  readonly tables: Tables;
  readonly undelivered: sqs.IQueue;
  /** The Command document that reads a speaker. */
  readonly speakerDocument: string;
}

export class Watch extends Construct {
  readonly logs: logs.ILogGroup;
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    const { deployment, assets, tables, undelivered, speakerDocument } = props;
    const stack = Stack.of(this);
    const speakers = Object.keys(speakersOf(deployment));
    const views = Object.entries(viewsOf(deployment));
    const regions = [...new Set(views.map(([, { region }]) => region))];
    const connections = views.map(([, { region, vpnConnectionId }]) =>
      stack.formatArn({ service: 'ec2', resource: 'vpn-connection', resourceName: vpnConnectionId, region }),
    );
    const keys = [...views.map(([gateway]) => `tunnels#${gateway}`), ...speakers.map((name) => `speaker#${name}`)];
    const watch = new SwitchbackFunction(this, 'Function', {
      name: 'watch',
      assets,
      description:
        'Once a minute: asks AWS how the tunnels of VPN connections are, and speakers what they say. Read only.',
      timeoutSeconds: 55, // Before the next minute's begins.
      memoryMb: 128,
      environment: {
        REPORTS_TABLE: tables.reports.tableName,
        METRIC_NAMESPACE: metricNamespace(deployment),
        ...(speakers.length > 0 && { SPEAKER_DOCUMENT: speakerDocument, IDENTITY_PREFIX: identityPrefix(deployment) }),
      },
      statements: [
        ...(views.length === 0 ? [] : this.askAws(regions, connections)),
        ...(speakers.length === 0 ? [] : this.readSpeakers(deployment, speakerDocument)),
        allow(['dynamodb:BatchGetItem'], [tables.reports.tableArn]),
        allow(['dynamodb:PutItem'], [tables.reports.tableArn], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
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

  private askAws(regions: readonly string[], connections: readonly string[]): iam.PolicyStatement[] {
    return [
      allowWide(describeIsForAll, ['ec2:DescribeVpnConnections', 'cloudwatch:GetMetricData'], ['*'], {
        StringEquals: { 'aws:RequestedRegion': regions },
      }),
      allow(['ec2:GetActiveVpnTunnelStatus', 'ec2:GetVpnTunnelReplacementStatus'], [...new Set(connections)]),
    ];
  }

  /** The one document that reads, on gateways with a speaker and on what `replace` launched in their place. */
  private readSpeakers(deployment: Deployment, document: string): iam.PolicyStatement[] {
    const gateways = Object.values(speakersOf(deployment)).map(({ gateway }) => gateway);
    const instances = ec2Arns(
      this,
      'instance',
      gateways.map(({ instanceId }) => instanceId),
    );
    const replaceable = gateways.filter(({ launchTemplate }) => launchTemplate !== undefined);
    return [
      allow(['ssm:SendCommand'], [documentArn(this, document), ...instances]),
      allowWide(commandsAreMany, ['ssm:GetCommandInvocation']),
      ...(replaceable.length === 0
        ? []
        : [
            allowWide(idsAreNew, ['ssm:SendCommand'], ec2Arns(this, 'instance', ['*']), launchedFor(replaceable)),
            allow(['ssm:GetParameters'], identityParameterArns(this, deployment)),
          ]),
    ];
  }
}

const commandsAreMany = 'What a command printed is asked for by its id; IAM limits that to no document.';
