/**
 * Scheduled drills: a schedule of EventBridge Scheduler per connection that has one, which gives the machine the command
 * that a person would give. What it says stands in the template, so nothing that comes from outside is passed on.
 *
 * It is told of a refusal as little as a rule is: the machine records its word all the same, and people are told
 * (core/decide/drill.ts). What cannot be delivered at all goes where every lost signal goes.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Connection, Deployment } from '../core/words/domain';
import { theSchedule } from '../core/words/orders';
import { drillScheduleName, scheduledDrills } from '../core/words/whereabouts';
import { allow, role } from './granting/grants';
import { service } from './granting/trust';

export interface DrillsProps {
  readonly deployment: Deployment;
  readonly machine: sfn.IStateMachine;
  readonly undelivered: sqs.IQueue;
}

/** Later than this, it is another moment. */
const ageMax = Duration.minutes(5);

/** Every deployment may put its schedules here; Scheduler names the group when it assumes a role, never the schedule. */
const group = 'default';

export class Drills extends Construct {
  /** What breaking the glass may switch off and on. */
  readonly schedules: readonly scheduler.CfnSchedule[];
  /** With which Scheduler starts the machine. */
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { deployment, machine, undelivered }: DrillsProps) {
    super(scope, id);
    const groupArn = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule-group',
      resourceName: group,
    });
    this.role = role(
      this,
      'Role',
      service(this, 'scheduler.amazonaws.com', [groupArn]),
      [allow(['states:StartExecution'], [machine.stateMachineArn]), allow(['sqs:SendMessage'], [undelivered.queueArn])],
      'Starts the failover state machine when a drill is due.',
    );
    this.schedules = scheduledDrills(deployment).map((connection) =>
      this.scheduleFor(deployment, connection, { machine, undelivered }),
    );
  }

  private scheduleFor(
    deployment: Deployment,
    { name, drills }: Connection,
    { machine, undelivered }: Pick<DrillsProps, 'machine' | 'undelivered'>,
  ): scheduler.CfnSchedule {
    return new scheduler.CfnSchedule(this, `Drill-${name}`, {
      name: drillScheduleName(deployment, name),
      groupName: group,
      description: `Asks for a drill of ${name}.`,
      scheduleExpression: drills!.schedule!,
      scheduleExpressionTimezone: drills!.timezone,
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: machine.stateMachineArn,
        roleArn: this.role.roleArn,
        input: JSON.stringify({ connection: name, trigger: 'drill', requestedBy: theSchedule }),
        deadLetterConfig: { arn: undelivered.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: ageMax.toSeconds() },
      },
    });
  }
}
