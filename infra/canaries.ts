/**
 * Canary functions, each in a subnet of the configuration, run every minute for a minute. Canaries that stand in the
 * same subnet share one, of several connections too: most of its time is waiting for answers (docs/decisions/008, 023).
 * A function may write the reports of its canaries, and with those of its connection elsewhere that one begins to fail, and
 * nothing else: the subnet is the least trusted place we run code.
 *
 * It reaches DynamoDB through the VPC's free gateway endpoint; metrics leave by stdout, past the VPC.
 */
import { Annotations, ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Canary, Deployment } from '../core/words/domain';
import type { FunctionAssets } from './function-assets';
import { allow, allowWide } from './granting/grants';
import { metricNamespace, SwitchbackFunction } from './switchback-function';

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

/** So many fail together when their function does: those of three connections, or of four that have two each there. */
const canariesPerFunctionMax = 9;
/** What a function of Lambda's smallest size carries: a whole connection's. */
const canariesPer128Mb = 3;

/** A run hands over to the next minute's while it still probes. */
const invocationsPerCanaryFunction = 2;
/** A turn of a connection, and one that is running out. Each asks, then writes. */
const invocationsPerTurn = 4;
const newAccountQuota = 10;

export interface CanariesProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
  readonly reports: dynamodb.ITable;
  /**
   * Where starts go that could not be delivered.
   * @default - nowhere: the minute after starts it again
   */
  readonly undelivered?: sqs.IQueue;
}

export class Canaries extends Construct {
  constructor(scope: Construct, id: string, props: CanariesProps) {
    super(scope, id);
    const places = byPlace(props.deployment);
    for (const together of places) this.place(together, props);
    this.sayConcurrency(places.length, props.deployment);
  }

  /** No template can ask the account for its quota, and a new account's is too small for two connections. */
  private sayConcurrency(functions: number, { connections, installation }: Deployment): void {
    const needed = invocationsPerCanaryFunction * functions + invocationsPerTurn * Object.keys(connections).length;
    if (needed <= newAccountQuota || installation?.reserveConcurrency === true) return;
    const text = `needs up to ${needed} Lambda invocations at once, and a new account may run ${newAccountQuota}: see that "aws lambda get-account-settings" says more, or ask for more, before you deploy`;
    Annotations.of(this).addInfoV2('switchback:concurrency', text);
  }

  private place([first, ...others]: Together, { assets, deployment, reports, undelivered }: CanariesProps): void {
    const [{ connection, subnetId, securityGroupId }] = first;
    const canaries = [first, ...others].flat();
    const ids = canaries.map(({ id }) => id);
    // By its first connection: one that joins later finds the function where it was.
    const name = [connection, ...first.map(({ id }) => id.slice(connection.length + 1))].join('-');
    const told = connectionsApart(canaries, deployment).map((name) => `failing#${name}`);
    const more = others.length === 0 ? '' : `, and the canaries of ${others.length} more connections`;
    const { function: probe } = new SwitchbackFunction(this, name, {
      name: 'canary',
      assets,
      description: `Probes ${first.map(subjectOf).join(', ')} of ${connection}${more}.`,
      timeoutSeconds: 90, // A minute of rounds, and the last one's end.
      memoryMb: 128 * Math.ceil(canaries.length / canariesPer128Mb),
      environment: {
        REPORTS_TABLE: reports.tableName,
        CANARIES: ids.join(','),
        METRIC_NAMESPACE: metricNamespace(deployment),
      },
      statements: [
        allow(['dynamodb:PutItem'], [reports.tableArn], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...ids, ...told] },
        }),
        ...(told.length === 0
          ? []
          : [
              allow(['dynamodb:GetItem'], [reports.tableArn], {
                'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': told },
              }),
            ]),
        allowWide(interfacesAreForLambda, interfaceActions),
        this.denyInterfacesToCode(),
      ],
    });
    const cfnFunction = probe.node.defaultChild as lambda.CfnFunction;
    cfnFunction.vpcConfig = { subnetIds: [subnetId], securityGroupIds: [securityGroupId] };
    // A late or repeated start would probe beside the next minute's.
    probe.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    new events.Rule(this, `${name}-EveryMinute`, {
      description: `Keeps probing: ${first.map(({ id }) => id).join(', ')}${more}.`,
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(probe, {
          ...(undelivered !== undefined && { deadLetterQueue: undelivered }),
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
        }),
      ],
    });
  }

  /** Lambda may handle the interfaces with this role; our code, which holds the same role, may not. */
  private denyInterfacesToCode(): iam.PolicyStatement {
    const functions = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // Only what a function's code asks for names a function: whichever it is.
    return new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: interfaceActions,
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    });
  }
}

/** Connections with path canaries here and elsewhere: those tell each other by the reports table that one begins to fail. */
function connectionsApart(here: readonly Canary[], { connections }: Deployment): string[] {
  const paths = Object.values(connections).flatMap(({ canaries }) =>
    canaries.filter(({ watches }) => watches.kind === 'path'),
  );
  const elsewhere = new Set(paths.filter((one) => !here.includes(one)).map(({ connection }) => connection));
  return [...new Set(paths.filter((one) => here.includes(one)).map(({ connection }) => connection))].filter((name) =>
    elsewhere.has(name),
  );
}

/** The canaries of one connection in one place. */
type Neighbours = readonly [Canary, ...Canary[]];
/** Those of several connections that share a function. */
type Together = readonly [Neighbours, ...Neighbours[]];

/**
 * A place is a subnet and a security group: a function has one way in and out. A connection's canaries in one place stay
 * in one function, where each learns at once that the other fails (docs/decisions/006).
 */
function byPlace({ connections }: Deployment): Together[] {
  const open = new Map<string, [Neighbours, ...Neighbours[]]>();
  const all: Together[] = [];
  for (const { canaries } of Object.values(connections)) {
    for (const [place, neighbours] of placesOf(canaries)) {
      const together = open.get(place);
      if (together !== undefined && together.flat().length + neighbours.length <= canariesPerFunctionMax) {
        together.push(neighbours);
      } else {
        const fresh: [Neighbours, ...Neighbours[]] = [neighbours];
        open.set(place, fresh);
        all.push(fresh);
      }
    }
  }
  return all;
}

function placesOf(canaries: readonly Canary[]): Map<string, Neighbours> {
  const places = new Map<string, [Canary, ...Canary[]]>();
  for (const canary of canaries) {
    const place = `${canary.subnetId} ${canary.securityGroupId}`;
    const known = places.get(place);
    if (known === undefined) places.set(place, [canary]);
    else known.push(canary);
  }
  return places;
}

function subjectOf({ watches }: Canary): string {
  return watches.kind === 'path' ? `path ${watches.path}` : `route set ${watches.routeSet}`;
}
