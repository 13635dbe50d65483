/**
 * Alarms about Switchback itself, and about people who are waited for. What Switchback could not tell, since it is
 * itself in trouble, the alarm publishes: no rule between, because EventBridge sends a topic no key by which its policy
 * could tell our rules from everybody's (docs/decisions/017-who-may-speak.md).
 *
 * `people/escalated` tells nobody: people were told when it happened. It stands where other tools look for open
 * alarms, until it is over.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Deployment } from '../core/domain';
import { waitingMetric } from './metrics';
import type { Undelivered } from './undelivered';

const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const minute = Duration.minutes(1);

export interface SelfAlarmsProps {
  readonly deployment: Deployment;
  readonly machine: sfn.IStateMachine;
  readonly sweep: lambda.IFunction;
  readonly undelivered: Pick<Undelivered, 'queue'>;
  readonly topic: sns.ITopic;
}

export class SelfAlarms extends Construct {
  readonly all: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, props: SelfAlarmsProps) {
    super(scope, id);
    this.watchMachine(props);
    const spoken = [...this.all, this.watchDrills(props.deployment)];
    this.watchEscalations(props.deployment);
    this.publish(spoken, props);
  }

  private watchMachine({ deployment, machine, sweep, undelivered }: SelfAlarmsProps): void {
    this.whenOne('ExecutionsFailed', {
      alarmName: `${deployment.name}/self/executions-failed`,
      alarmDescription: 'A failover execution failed: its routes were left as they were.',
      metric: machine.metricFailed({ period: minute, statistic: 'Sum' }),
    });
    this.whenOne('Undelivered', {
      alarmName: `${deployment.name}/self/undelivered`,
      alarmDescription: 'Signals could not be delivered; read the queue, the sweep did their work.',
      metric: undelivered.queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'Maximum' }),
    });
    const threeMinutes = { threshold: 1, evaluationPeriods: 3, datapointsToAlarm: 3 };
    const missing = new cloudwatch.Alarm(this, 'SweepMissing', {
      alarmName: `${deployment.name}/self/sweep-missing`,
      alarmDescription: 'The sweep did not run for three minutes: lost events stay lost.',
      metric: sweep.metricInvocations({ period: minute, statistic: 'Sum' }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      ...threeMinutes,
      treatMissingData: BREACHING,
    });
    // A sweep that fails has run: it is not missing.
    const failing = new cloudwatch.Alarm(this, 'SweepFailing', {
      alarmName: `${deployment.name}/self/sweep-failing`,
      alarmDescription: 'The sweep failed three minutes in a row: it sees no connection, or has a mistake of ours.',
      metric: sweep.metricErrors({ period: minute, statistic: 'Sum' }),
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...threeMinutes,
      treatMissingData: NOT_BREACHING,
    });
    this.all.push(missing, failing);
  }

  private watchEscalations(deployment: Deployment): void {
    this.whenOne('Escalated', {
      alarmName: `${deployment.name}/people/escalated`,
      alarmDescription: 'A connection has asked for people, and still needs them.',
      metric: waitingMetric(deployment, 'Escalated', Duration.minutes(5)), // One late sweep must not end it.
    });
  }

  private watchDrills(deployment: Deployment): cloudwatch.Alarm {
    return this.whenOne('DrillOverdue', {
      alarmName: `${deployment.name}/people/drill-overdue`,
      alarmDescription: 'A standby has not carried traffic for longer than drillEvery: nobody knows that it can.',
      metric: waitingMetric(deployment, 'DrillOverdue', Duration.hours(1)),
    });
  }

  /** Without data all is well: these metrics count what is wrong. */
  private whenOne(
    id: string,
    props: Pick<cloudwatch.AlarmProps, 'alarmName' | 'alarmDescription' | 'metric'>,
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      ...props,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    });
    this.all.push(alarm);
    return alarm;
  }

  /** When they go off; that they are over, people see for themselves. notices.ts has let them. */
  private publish(alarms: readonly cloudwatch.Alarm[], { topic }: SelfAlarmsProps): void {
    for (const alarm of alarms) alarm.addAlarmAction(new actions.SnsAction(topic));
  }
}
