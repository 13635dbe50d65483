/**
 * Canary functions, each in a subnet of the configuration, run every minute for a minute. Canaries of one connection
 * that stand in the same subnet share one: most of its time is waiting for answers (docs/decisions/008). A function may
 * write the reports of its canaries and nothing else: the subnet is the least trusted place we run code.
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
    for (const { canaries } of Object.values(props.deployment.connections)) {
      for (const together of bySubnet(canaries)) this.place(together, props);
    }
  }

  private place(canaries: readonly [Canary, ...Canary[]], { assets, tables, undelivered }: CanariesProps): void {
    const [{ connection, subnetId, securityGroupId }] = canaries;
    const ids = canaries.map(({ id }) => id);
    const name = [connection, ...ids.map((id) => id.slice(connection.length + 1))].join('-');
    const { function: probe, role } = new SwitchbackFunction(this, name, {
      name: 'canary',
      assets,
      description: `Probes ${canaries.map(subjectOf).join(', ')} of ${connection}.`,
      timeoutSeconds: 90, // A minute of rounds, and the last one's end.
      memoryMb: 128,
      environment: {
        REPORTS_TABLE: tables.reports.tableName,
        CANARIES: ids.join(','),
        METRIC_NAMESPACE: metricNamespace,
      },
      statements: [
        allow(['dynamodb:PutItem'], [tables.reports.tableArn], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ids },
        }),
        allowWide(interfacesAreForLambda, interfaceActions),
      ],
    });
    this.denyInterfacesToCode(name, role, probe);
    const cfnFunction = probe.node.defaultChild as lambda.CfnFunction;
    cfnFunction.vpcConfig = { subnetIds: [subnetId], securityGroupIds: [securityGroupId] };
    // A late or repeated start would probe beside the next minute's.
    probe.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    new events.Rule(this, `${name}-EveryMinute`, {
      description: `Keeps probing: ${ids.join(', ')}.`,
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
  private denyInterfacesToCode(name: string, role: iam.Role, probe: lambda.Function): void {
    const deny = new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: interfaceActions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': probe.functionArn } },
    });
    new iam.Policy(this, `${name}-NotByCode`, { roles: [role], statements: [deny] });
  }
}

/** Also the same security group: a function has one place and one way in and out. */
function bySubnet(canaries: readonly Canary[]): [Canary, ...Canary[]][] {
  const groups = new Map<string, [Canary, ...Canary[]]>();
  for (const canary of canaries) {
    const place = `${canary.subnetId} ${canary.securityGroupId}`;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [canary]);
    else group.push(canary);
  }
  return [...groups.values()];
}

function subjectOf({ watches }: Canary): string {
  return watches.kind === 'path' ? `path ${watches.path}` : `route set ${watches.routeSet}`;
}
