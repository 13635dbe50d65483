/**
 * The four functions that think: `assess` reads, `apply` writes routes, `sense` and `sweep` start executions. Each
 * role is the list of what its code calls; questions never act, so only `apply` may change anything in EC2.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { brainPath, endsElsewhere } from '../core/words/end-names';
import { instancesOf } from '../core/words/gateways';
import { limits } from '../core/words/policy';
import { isStandby } from '../core/words/standby';
import { secondMs } from '../core/words/time';
import { endReads, endWrites } from './ends/end-grants';
import type { FunctionAssets } from './function-assets';
import { identityParameterArns, identityPrefix } from './granting/arns';
import { allow, allowWide, describeIsForAll, groundQuestions, onItems } from './granting/grants';
import { listReads, routeWrites, transitReads } from './granting/route-grants';
import { followReports, readStream, toQueue } from './reports-stream';
import { metricNamespace, SwitchbackFunction } from './switchback-function';
import type { Tables } from './tables';

/** Only where a gateway publishes: the alarms on its numbers. */
function readTunnelAlarms(deployment: Deployment): iam.PolicyStatement[] {
  const publishes = Object.values(instancesOf(deployment)).some(({ tunnelMetrics }) => tunnelMetrics === true);
  return publishes ? [allowWide(describeIsForAll, ['cloudwatch:DescribeAlarms'])] : [];
}

/** A tag on each could narrow it; but a start that must tag can be refused for the tag, and then nothing is repaired. */
const automationsAreMany =
  'Systems Manager gives out the ids of automations; the code asks for those in its own items, and no person is granted it.';
export const executionsAreMany = 'Every execution of this one machine; their names are given out as they start.';

export interface FunctionsProps {
  readonly deployment: Deployment;
  /** What of it stands where this stack does. */
  readonly here: Deployment;
  readonly assets: FunctionAssets;
  readonly tables: Tables;
  readonly undelivered: sqs.IQueue;
  /** By name, not by reference: the machine calls these functions, so they cannot wait for it to exist. */
  readonly stateMachineArn: string;
  /** The executions that `sweep` may ask about. */
  readonly executionArns: string;
  /** See `SwitchbackProps`. */
  readonly reserveConcurrency: boolean;
}

/**
 * One turn at a time per connection, by its lease; one more may still be running out when its run was taken over. Fewer
 * would throttle ourselves in a mass failure.
 */
const invocationsPerConnection = 2;

export class Functions extends Construct {
  readonly assess: SwitchbackFunction;
  readonly apply: SwitchbackFunction;
  readonly sense: SwitchbackFunction;
  readonly sweep: SwitchbackFunction;
  /** Hands changed reports to `sense`: the one thing that starts runs and is no rule. */
  readonly reportsStream: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { assets, deployment, executionArns, here, stateMachineArn, tables, undelivered } = props;
    // Roles of other accounts tell by it who may take them on.
    const isTrusted = endsElsewhere(deployment).some(({ account }) => account !== undefined);
    const rolePath = isTrusted ? brainPath(deployment) : undefined;
    const connections = Object.keys(deployment.connections).length;
    const reservedConcurrency = props.reserveConcurrency ? invocationsPerConnection * connections : undefined;
    const identities = this.readIdentities(here);
    const evidence = [
      ...this.readEvidence(tables),
      ...transitReads(this, here),
      ...listReads(this, here),
      ...readTunnelAlarms(here),
      ...identities,
      ...endReads(this, deployment),
    ];
    const mayStart = allow(['states:StartExecution'], [stateMachineArn]);
    const mayAsk = allowWide(executionsAreMany, ['states:DescribeExecution'], [executionArns]);
    const stateTable = { STATE_TABLE: tables.state.tableName };
    const whoIsWho = { ...stateTable, IDENTITY_PREFIX: identityPrefix(deployment) };
    const evidenceTables = {
      ...whoIsWho,
      REPORTS_TABLE: tables.reports.tableName,
      METRIC_NAMESPACE: metricNamespace(deployment),
    };

    this.assess = new SwitchbackFunction(this, 'Assess', {
      name: 'assess',
      assets,
      description: 'Reads the world and says the one next thing to do. Read only.',
      timeoutSeconds: limits.assessMs / secondMs,
      memoryMb: 256,
      environment: evidenceTables,
      statements: evidence,
      reservedConcurrency,
      rolePath,
    });
    this.apply = new SwitchbackFunction(this, 'Apply', {
      name: 'apply',
      assets,
      description: 'Moves the listed routes, fenced by the lease.',
      timeoutSeconds: limits.applyMs / secondMs, // Shorter than its task's timeout: a write cannot outlive the state that waits for it.
      memoryMb: 256,
      environment: whoIsWho,
      statements: [
        allow(['dynamodb:GetItem'], [tables.state.tableArn]),
        onItems(['dynamodb:UpdateItem', 'dynamodb:PutItem'], tables.state, 'connection'),
        allowWide(describeIsForAll, ['ec2:DescribeRouteTables']),
        ...identities,
        ...transitReads(this, here),
        ...routeWrites(this, here),
        ...endWrites(this, deployment),
      ],
      reservedConcurrency,
      rolePath,
    });

    this.sense = new SwitchbackFunction(this, 'Sense', {
      name: 'sense',
      assets,
      description: 'Turns reports and EC2 events that concern us into executions.',
      timeoutSeconds: 10,
      memoryMb: 256,
      environment: { ...stateTable, STATE_MACHINE_ARN: stateMachineArn },
      statements: [
        allow(['dynamodb:GetItem'], [tables.state.tableArn]),
        // Nobody else may write there: it is believed.
        onItems(['dynamodb:UpdateItem'], tables.state, 'observed'),
        mayStart,
        ...readStream(tables.reports, undelivered),
      ],
    });
    this.reportsStream = followReports(this, {
      ...{ sense: this.sense.function, reports: tables.reports, undelivered },
      enabled: !isStandby(deployment),
    });
    // An event older than the loop's own minute of sweeping wakes nobody who is not awake already.
    this.sense.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.seconds(300),
      onFailure: toQueue(undelivered),
    });

    this.sweep = new SwitchbackFunction(this, 'Sweep', {
      name: 'sweep',
      assets,
      description: 'Once a minute: seeds what is missing, starts what no event has started.',
      timeoutSeconds: 30,
      memoryMb: 256,
      environment: { ...evidenceTables, STATE_MACHINE_ARN: stateMachineArn },
      statements: [
        ...evidence,
        onItems(['dynamodb:PutItem'], tables.state, 'connection', 'gateway'),
        onItems(['dynamodb:UpdateItem'], tables.state, 'connection', 'gateway'),
        mayStart,
        mayAsk,
      ],
      rolePath,
    });
    // The next minute's sweep does all that a retry could.
    this.sweep.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
  }

  /** Which replacements there were, for the hour in which the state table does not say. */
  private readIdentities(deployment: Deployment): iam.PolicyStatement[] {
    const parameters = identityParameterArns(this, deployment);
    return parameters.length === 0 ? [] : [allow(['ssm:GetParameters'], parameters)];
  }

  /** Read only. */
  private readEvidence(tables: Tables) {
    const executions = Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'automation-execution',
      resourceName: '*',
    });
    return [
      allow(['dynamodb:GetItem'], [tables.state.tableArn]),
      allow(['dynamodb:BatchGetItem'], [tables.reports.tableArn]),
      allowWide(describeIsForAll, [...groundQuestions, 'cloudwatch:GetMetricData']),
      allowWide(automationsAreMany, ['ssm:GetAutomationExecution'], [executions]),
    ];
  }
}
