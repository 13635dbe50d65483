/**
 * Alarms per canary, on path metrics and never on instance ids, and a few about Switchback itself.
 *
 * No alarm has an action: an alarm's change wakes the machine (signals.ts), and only the machine, which knows what it
 * means, speaks. The exception is trouble with Switchback itself, which it could not tell: a rule tells people.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Canary, Connection, Deployment } from '../core/domain';
import { metricNamespace } from './switchback-function';
import type { Undelivered } from './undelivered';

const { BREACHING, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } =
  cloudwatch.ComparisonOperator;

export interface AlarmsProps {
  readonly deployment: Deployment;
  readonly machine: sfn.IStateMachine;
  readonly sweep: lambda.IFunction;
  readonly undelivered: Pick<Undelivered, 'queue' | 'forRules'>;
  readonly topic: sns.ITopic;
}

export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    for (const connection of Object.values(props.deployment.connections)) {
      for (const canary of connection.canaries) this.watch(canary, connection, props.deployment.name);
    }
    this.watchOurselves(props);
    this.tellAboutOurselves(props);
  }

  private watch(canary: Canary, connection: Connection, prefix: string): void {
    const metric = (metricName: string, statistic: string, period: Duration) =>
      new cloudwatch.Metric({
        namespace: metricNamespace,
        metricName,
        statistic,
        period,
        dimensionsMap: { Connection: connection.name, Canary: canary.id },
      });
    const scope = new Construct(this, canary.id.replace('/', '-'));
    const name = `${prefix}/${canary.id}`;
    new cloudwatch.Alarm(scope, 'Reachable', {
      alarmName: `${name}/reachable`,
      alarmDescription: `Canary ${canary.id} gets no answer.`,
      metric: metric('Reachable', 'Minimum', Duration.seconds(10)),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2, // One bad period may be one bad round.
      datapointsToAlarm: 2,
      treatMissingData: MISSING, // Unknown is not down; silence has its own alarm.
    });
    new cloudwatch.Alarm(scope, 'Latency', {
      alarmName: `${name}/latency`,
      alarmDescription: `Canary ${canary.id} waits longer than ${connection.policy.degradedRttMs} ms.`,
      metric: metric('RttMs', 'Average', Duration.minutes(1)),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: connection.policy.degradedRttMs,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: MISSING,
    });
    new cloudwatch.Alarm(scope, 'Silent', {
      alarmName: `${name}/silent`,
      alarmDescription: `Canary ${canary.id} does not measure.`,
      metric: metric('MeasurementOk', 'SampleCount', Duration.minutes(1)),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      treatMissingData: BREACHING,
    });
  }

  private watchOurselves({ deployment, machine, sweep, undelivered }: AlarmsProps): void {
    const period = Duration.minutes(1);
    const one = { threshold: 1, evaluationPeriods: 1, comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD };
    new cloudwatch.Alarm(this, 'ExecutionsFailed', {
      alarmName: `${deployment.name}/self/executions-failed`,
      alarmDescription: 'A failover execution failed: its routes were left as they were.',
      metric: machine.metricFailed({ period, statistic: 'Sum' }),
      ...one,
      treatMissingData: NOT_BREACHING,
    });
    new cloudwatch.Alarm(this, 'Undelivered', {
      alarmName: `${deployment.name}/self/undelivered`,
      alarmDescription: 'Signals could not be delivered; read the queue, the sweep did their work.',
      metric: undelivered.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      ...one,
      treatMissingData: NOT_BREACHING,
    });
    new cloudwatch.Alarm(this, 'SweepMissing', {
      alarmName: `${deployment.name}/self/sweep-missing`,
      alarmDescription: 'The sweep did not run for three minutes: lost events stay lost.',
      metric: sweep.metricInvocations({ period, statistic: 'Sum' }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: BREACHING,
    });
  }

  private tellAboutOurselves({ deployment, topic, undelivered }: AlarmsProps): void {
    const name = events.EventField.fromPath('$.detail.alarmName');
    const reason = events.EventField.fromPath('$.detail.state.reason');
    new events.Rule(this, 'SelfAlarm', {
      description: 'Switchback itself is in trouble: tell people.',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ prefix: `${deployment.name}/self/` }], state: { value: ['ALARM'] } },
      },
      targets: [
        new targets.SnsTopic(topic, {
          deadLetterQueue: undelivered.forRules,
          maxEventAge: Duration.seconds(300),
          message: events.RuleTargetInput.fromText(`Switchback itself needs a look: ${name}. ${reason}`),
        }),
      ],
    });
  }
}
