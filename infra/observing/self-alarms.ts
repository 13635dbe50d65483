/**
 * Alarms about Switchback itself, and about people who are waited for. What Switchback could not tell, since it is
 * itself in trouble, the alarm publishes: no rule between, because EventBridge sends a topic no key by which its policy
 * could tell our rules from everybody's (docs/decisions/017-who-may-speak.md).
 *
 * `people/escalated` tells nobody: people were told when it happened. It stands where other tools look for open
 * alarms, until it is over.
 */
import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import { waitingMetric } from './metrics';
import type { Undelivered } from './undelivered';

const { MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const minute = Duration.minutes(1);

export interface SelfAlarmsProps {
  readonly deployment: Deployment;
  readonly machine: sfn.IStateMachine;
  readonly sweep: lambda.IFunction;
  /** Null: there are no tunnels to ask AWS about. */
  readonly watch: lambda.IFunction | null;
  readonly reports: dynamodb.ITable;
  readonly undelivered: Pick<Undelivered, 'queue'>;
  readonly topic: sns.ITopic;
}

type Watched = Pick<cloudwatch.AlarmProps, 'alarmName' | 'alarmDescription' | 'metric' | 'datapointsToAlarm'> & {
  readonly evaluationPeriods?: number;
};

export class SelfAlarms extends Construct {
  readonly all: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, props: SelfAlarmsProps) {
    super(scope, id);
    this.watchMachine(props);
    this.watchPulses(props);
    if (props.watch !== null) this.watchTheWatch(props.deployment, props.watch);
    const spoken = [...this.all, this.watchDrills(props.deployment)];
    this.watchEscalations(props.deployment);
    this.publish(spoken, props);
  }

  private watchMachine({ deployment, machine, undelivered }: SelfAlarmsProps): void {
    // Three alarms, not a sum: a sum costs as much, and would not say which. A refused command is none of them. While the
    // lock table is down a run fails every few minutes: people are to hear of that trouble, not of each run.
    const ends = [
      ['ExecutionsFailed', 'failed', 'A failover execution failed: its routes were left as they were.'],
      ['ExecutionsTimedOut', 'timed-out', 'A failover execution ran out of time: its routes were left as they were.'],
      ['ExecutionsAborted', 'aborted', 'A failover execution was stopped from outside, in whatever it was doing.'],
    ] as const;
    for (const [metricName, end, alarmDescription] of ends) {
      this.whenOne(metricName, {
        alarmName: `${deployment.name}/self/executions-${end}`,
        alarmDescription,
        metric: machine.metric(metricName, { period: minute, statistic: 'Sum' }),
        evaluationPeriods: 15,
        datapointsToAlarm: 1,
      });
    }
    // Messages that come, not messages that lie there: nobody takes them away for two weeks, and the second loss must be
    // heard too. SQS may show a queue's first message in a long while a quarter of an hour late.
    this.whenOne('Undelivered', {
      alarmName: `${deployment.name}/self/undelivered`,
      alarmDescription: 'Signals could not be delivered; read the queue, the sweep did their work.',
      metric: undelivered.queue.metricNumberOfMessagesSent({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 15,
      datapointsToAlarm: 1,
    });
  }

  /** What must be heard of each minute. Its silence is no number, and in the first minutes of a deploy no news. */
  private watchPulses({ deployment, reports, sweep }: SelfAlarmsProps): void {
    this.whenSilent('SweepMissing', {
      alarmName: `${deployment.name}/self/sweep-missing`,
      alarmDescription: 'The sweep has not run for minutes: lost events stay lost.',
      metric: sweep.metricInvocations({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
    // Lambda asks four times a second, whether there are records or not; a mapping that is off, or may not, asks never.
    this.whenSilent('ReportsUnread', {
      alarmName: `${deployment.name}/self/reports-unread`,
      alarmDescription: 'Nobody reads the stream of reports: failovers wait for alarms and the sweep.',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'ReturnedRecordsCount',
        dimensionsMap: {
          TableName: reports.tableName,
          Operation: 'GetRecords',
          StreamLabel: Fn.select(3, Fn.split('/', reports.tableStreamArn!)),
        },
        period: minute,
        statistic: 'SampleCount',
      }),
      evaluationPeriods: 3,
    });
    // A sweep that fails has run: it is not missing.
    this.whenOne('SweepFailing', {
      alarmName: `${deployment.name}/self/sweep-failing`,
      alarmDescription: 'The sweep failed three minutes in a row: it sees no connection, or has a mistake of ours.',
      metric: sweep.metricErrors({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
  }

  /** What `watch` cannot see it reports itself; that it does not report at all is told by this alarm. */
  private watchTheWatch({ name }: Deployment, watch: lambda.IFunction): void {
    this.whenSilent('WatchMissing', {
      alarmName: `${name}/self/watch-missing`,
      alarmDescription: 'Nobody has asked AWS about tunnels for minutes: what is known of them grows old.',
      metric: watch.metricInvocations({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
    this.whenOne('WatchFailing', {
      alarmName: `${name}/self/watch-failing`,
      alarmDescription: 'What AWS says of tunnels could not be reported three minutes in a row; its log says why.',
      metric: watch.metricErrors({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
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
  private whenOne(id: string, props: Watched): cloudwatch.Alarm {
    return this.add(id, {
      evaluationPeriods: 1,
      ...props,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: NOT_BREACHING,
    });
  }

  /**
   * Silence as INSUFFICIENT_DATA, which publishes too: an alarm begins there, so the minutes before the first sign of life
   * are no transition and no mail. Were silence breaching, the first thing people hear of would be a false alarm.
   */
  private whenSilent(id: string, props: Watched): cloudwatch.Alarm {
    return this.add(id, {
      evaluationPeriods: 3,
      ...props,
      comparisonOperator: LESS_THAN_THRESHOLD,
      treatMissingData: MISSING,
    });
  }

  private add(id: string, props: Omit<cloudwatch.AlarmProps, 'threshold'>): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, { ...props, threshold: 1 });
    this.all.push(alarm);
    return alarm;
  }

  /** When they go off; that they are over, people see for themselves. notices.ts has let them. */
  private publish(alarms: readonly cloudwatch.Alarm[], { topic }: SelfAlarmsProps): void {
    const tell = new actions.SnsAction(topic);
    for (const alarm of alarms) {
      alarm.addAlarmAction(tell);
      const { treatMissingData } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
      if (treatMissingData === MISSING) alarm.addInsufficientDataAction(tell);
    }
  }
}
