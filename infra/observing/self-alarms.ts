/**
 * Alarms about Switchback itself, and about people who are waited for. Each calls the herald, a function that puts it into
 * words and needs nothing of ours that may be broken; where that fails, the alarm is heard all the same (herald.ts). No
 * rule stands between: EventBridge sends a topic no key by which its policy could tell our rules from everybody's
 * (docs/decisions/017-who-may-speak.md).
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
import { type SelfAlarmName, selfAlarms, selfAlarmText } from '../../core/words/self-alarms';
import type { Herald } from './herald';
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
  readonly herald: Herald;
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
    const sweepMissing = this.watchPulses(props);
    if (props.watch !== null) this.watchTheWatch(props.deployment, props.watch);
    const spoken = [...this.all, this.watchDrills(props.deployment)];
    this.watchEscalations(props.deployment);
    for (const alarm of spoken) this.tellBy(alarm, props.herald.asAction());
    this.speakWithoutHerald(props, sweepMissing);
  }

  /** Heard where a function can word nothing: the herald's own failures, and the pulse that stops with all of Lambda. */
  private speakWithoutHerald({ deployment, herald, topic }: SelfAlarmsProps, sweepMissing: cloudwatch.Alarm): void {
    const publish = new actions.SnsAction(topic);
    const failing = this.whenOne('HeraldFailing', {
      ...named('self/herald-failing', deployment),
      // Thrown, too slow, throttled for too long: whatever was given up, also where Lambda could hand it on.
      metric: herald.function.metric('AsyncEventsDropped', { period: minute, statistic: 'Sum' }),
    });
    this.tellBy(failing, publish);
    this.tellBy(sweepMissing, publish);
  }

  private watchMachine({ deployment, machine, undelivered }: SelfAlarmsProps): void {
    // Three alarms, not a sum: a sum costs as much, and would not say which. A refused command is none of them. While the
    // lock table is down a run fails every few minutes: people are to hear of that trouble, not of each run.
    const ends = [
      ['ExecutionsFailed', 'self/executions-failed'],
      ['ExecutionsTimedOut', 'self/executions-timed-out'],
      ['ExecutionsAborted', 'self/executions-aborted'],
    ] as const;
    for (const [metricName, alarm] of ends) {
      this.whenOne(metricName, {
        ...named(alarm, deployment),
        metric: machine.metric(metricName, { period: minute, statistic: 'Sum' }),
        evaluationPeriods: 15,
        datapointsToAlarm: 1,
      });
    }
    // Messages that come, not messages that lie there: nobody takes them away for two weeks, and the second loss must be
    // heard too. SQS may show a queue's first message in a long while a quarter of an hour late.
    this.whenOne('Undelivered', {
      ...named('self/undelivered', deployment),
      metric: undelivered.queue.metricNumberOfMessagesSent({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 15,
      datapointsToAlarm: 1,
    });
  }

  /** What must be heard of each minute. Its silence is no number, and in the first minutes of a deploy no news. Answers with the sweep's. */
  private watchPulses({ deployment, reports, sweep }: SelfAlarmsProps): cloudwatch.Alarm {
    const sweepMissing = this.whenSilent('SweepMissing', {
      ...named('self/sweep-missing', deployment),
      metric: sweep.metricInvocations({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
    // Lambda asks four times a second, whether there are records or not; a mapping that is off, or may not, asks never.
    this.whenSilent('ReportsUnread', {
      ...named('self/reports-unread', deployment),
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
      ...named('self/sweep-failing', deployment),
      metric: sweep.metricErrors({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
    return sweepMissing;
  }

  /** What `watch` cannot see it reports itself; that it does not report at all is told by this alarm. */
  private watchTheWatch(deployment: Deployment, watch: lambda.IFunction): void {
    this.whenSilent('WatchMissing', {
      ...named('self/watch-missing', deployment),
      metric: watch.metricInvocations({ period: minute, statistic: 'Sum' }),
      evaluationPeriods: 3,
    });
    this.whenOne('WatchFailing', {
      ...named('self/watch-failing', deployment),
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
      ...named('people/drill-overdue', deployment),
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

  /** When it goes off; that it is over, people see for themselves. */
  private tellBy(alarm: cloudwatch.Alarm, tell: cloudwatch.IAlarmAction): void {
    alarm.addAlarmAction(tell);
    const { treatMissingData } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
    if (treatMissingData === MISSING) alarm.addInsufficientDataAction(tell);
  }
}

/** Its description is what CloudWatch's own mail says, where the herald says nothing. */
const named = (
  alarm: SelfAlarmName,
  { name, region }: Deployment,
): Pick<cloudwatch.AlarmProps, 'alarmName' | 'alarmDescription'> => ({
  alarmName: `${name}/${alarm}`,
  alarmDescription: selfAlarmText(selfAlarms[alarm], name, region),
});
