/**
 * Policies to attach to people: what an operator needs every day, what breaks the glass, and of a standby what lets it take
 * over. None may touch a route or an instance; the first two are forbidden to redrive an execution, which would replay the plan of a world that is gone.
 *
 * A deny binds whom it is attached to. An administrator without these policies can still redrive; `switchback
 * policies` prints the service control policy that forbids it to everybody.
 */

import { Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import { recordsPrefix } from '../../core/words/record-key';
import { recordsArn } from '../archive';
import type { Drills } from '../drills';
import { executionsAreMany } from '../functions';
import { executionArns, machineArn } from '../machine';
import { signpostArns } from '../signpost';
import type { Tables } from '../tables';
import { allow, allowWide, attachable, describeIsForAll } from './grants';
import { transitReads } from './route-grants';

export interface OperatorsProps {
  readonly deployment: Deployment;
  readonly tables: Tables;
  readonly logGroups: readonly logs.ILogGroup[];
  readonly undelivered: sqs.IQueue;
  /** What `break glass` may switch off and on again: everything that starts a run by itself. */
  readonly starters: readonly events.IRule[];
  /** Null: none is scheduled. */
  readonly drills: Drills | null;
  /** The stream of reports starts runs too, and is no rule. */
  readonly reportsStream: lambda.IEventSourceMapping;
  /** What lets a standby take over; empty: it is none. */
  readonly takeover: readonly iam.PolicyStatement[];
}

export class Operators extends Construct {
  /** Commands, and everything there is to read. */
  readonly policies: readonly iam.ManagedPolicy[];
  /** Stop what runs, and keep anything from starting. */
  readonly breakGlass: readonly iam.ManagedPolicy[];
  /** Let a standby take over, with the rights to break its glass; empty: it is none. */
  readonly takeover: readonly iam.ManagedPolicy[];

  constructor(scope: Construct, id: string, props: OperatorsProps) {
    super(scope, id);
    const { deployment, drills, reportsStream, starters } = props;
    const executions = executionArns(this, deployment);
    const neverRedrive = new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: ['states:RedriveExecution'],
      resources: [executions],
    });
    this.policies = attachable(this, 'Operator', 'Commands Switchback and reads what it did.', [
      allow(['states:StartExecution', 'states:ListExecutions'], [machineArn(this, deployment)]),
      ...this.reads(props, executions),
      neverRedrive,
    ]);
    this.breakGlass = attachable(this, 'BreakGlass', 'Stops Switchback: what runs, and what would start.', [
      allowWide(executionsAreMany, ['states:StopExecution'], [executions]),
      allow(
        ['events:DisableRule', 'events:EnableRule', 'events:DescribeRule'],
        starters.map(({ ruleArn }) => ruleArn),
      ),
      allow(['lambda:UpdateEventSourceMapping', 'lambda:GetEventSourceMapping'], [reportsStream.eventSourceMappingArn]),
      ...(drills === null ? [] : switching(drills)),
      neverRedrive,
    ]);
    this.takeover =
      props.takeover.length === 0
        ? []
        : attachable(
            this,
            'Takeover',
            'Lets this standby take over: fences the other, frees this one.',
            props.takeover,
          );
  }

  private reads(props: OperatorsProps, executions: string): iam.PolicyStatement[] {
    const { deployment, tables, logGroups, undelivered, starters } = props;
    // Not the automations: their ids have no prefix of ours, so it would be everybody's, parameters and outputs and all.
    return [
      allowWide(executionsAreMany, ['states:DescribeExecution', 'states:GetExecutionHistory'], [executions]),
      allow(['ssm:GetParameters'], signpostArns(this, deployment, starters)),
      allow(['dynamodb:GetItem', 'dynamodb:Query'], [tables.state.tableArn, tables.reports.tableArn]),
      allow(['dynamodb:BatchGetItem'], [tables.reports.tableArn]),
      allow(
        ['logs:FilterLogEvents', 'logs:StartQuery'],
        logGroups.map(({ logGroupArn }) => logGroupArn),
      ),
      allow(['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'], [undelivered.queueArn]),
      allowWide(describeIsForAll, [
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetDashboard',
        'cloudwatch:GetMetricData',
        'ec2:DescribeInstanceStatus',
        'ec2:DescribeInstances',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeRouteTables',
        'logs:GetQueryResults',
        'ssm:DescribeInstanceInformation',
      ]),
      ...transitReads(this, deployment),
      ...this.archived(deployment),
    ];
  }

  /** Records of this deployment's incidents; the bucket's own policy and key must let them be read as well. */
  private archived(deployment: Deployment): iam.PolicyStatement[] {
    const archive = deployment.installation?.archive;
    if (archive === undefined) return [];
    const bucket = Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: archive.bucket });
    return [
      allowWide(
        'Records under this deployment’s own prefix, which names each by its incident.',
        ['s3:GetObject'],
        [recordsArn(this, deployment, archive)],
      ),
      allow(['s3:ListBucket'], [bucket], { StringLike: { 's3:prefix': `${recordsPrefix(deployment.name)}*` } }),
    ];
  }
}

/** A schedule is switched by writing all of it anew, its role included. */
const switching = ({ schedules, role }: Drills): iam.PolicyStatement[] => [
  allow(
    ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'],
    schedules.map(({ attrArn }) => attrArn),
  ),
  allow(['iam:PassRole'], [role.roleArn], { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } }),
];
