/**
 * One canary function per probe, in its own subnet, run every minute for a minute. A canary may write its own report
 * and nothing else: the subnet it stands in is the least trusted place we run code.
 *
 * It reaches DynamoDB through the VPC's free gateway endpoint; metrics leave by stdout, past the VPC.
 */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Canary, Deployment } from '../core/domain';
import type { FunctionAssets } from './function-assets';
import { allow, allowWide } from './grants';
import { metricNamespace, SwitchbackFunction } from './switchback-function';
import type { Tables } from './tables';

const interfacesAreForLambda = 'Lambda creates the interfaces before they have ids; our code is denied all of it.';

/** What Lambda itself needs to place a function in a VPC; AWS lets none of it be limited to resources. */
const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

export interface CanariesProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
  readonly tables: Tables;
  readonly undelivered: sqs.IQueue;
}

export class Canaries extends Construct {
  constructor(scope: Construct, id: string, props: CanariesProps) {
    super(scope, id);
    const canaries = Object.values(props.deployment.connections).flatMap((connection) => connection.canaries);
    for (const canary of canaries) this.place(canary, props);
  }

  private place(canary: Canary, { assets, tables, undelivered }: CanariesProps): void {
    const { function: probe, role } = new SwitchbackFunction(this, canary.id.replace('/', '-'), {
      name: 'canary',
      assets,
      description: `Probes ${canary.watches.kind === 'path' ? `path ${canary.watches.path}` : `route set ${canary.watches.routeSet}`} of ${canary.connection}.`,
      timeoutSeconds: 90, // A minute of rounds, and the last one's end.
      memoryMb: 128,
      environment: { REPORTS_TABLE: tables.reports.tableName, CANARY: canary.id, METRIC_NAMESPACE: metricNamespace },
      statements: [
        allow(['dynamodb:PutItem'], [tables.reports.tableArn], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [canary.id] },
        }),
        allowWide(interfacesAreForLambda, interfaceActions),
      ],
    });
    this.denyInterfacesToCode(canary, role, probe);
    const cfnFunction = probe.node.defaultChild as lambda.CfnFunction;
    cfnFunction.vpcConfig = { subnetIds: [canary.subnetId], securityGroupIds: [canary.securityGroupId] };
    // A late or repeated start would probe beside the next minute's.
    probe.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    new events.Rule(this, `${canary.id.replace('/', '-')}-EveryMinute`, {
      description: `Keeps canary ${canary.id} probing.`,
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(probe, {
          deadLetterQueue: undelivered,
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
        }),
      ],
    });
  }

  /** Lambda may handle the interfaces with this role; our code, which holds the same role, may not. */
  private denyInterfacesToCode(canary: Canary, role: iam.Role, probe: lambda.Function): void {
    const deny = new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: interfaceActions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': probe.functionArn } },
    });
    new iam.Policy(this, `${canary.id.replace('/', '-')}-NotByCode`, { roles: [role], statements: [deny] });
  }
}
