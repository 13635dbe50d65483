/** The rule that calls functions once a minute with nothing to do: functions/keep-warm.ts. */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** For what the next minute makes up for. */
export const minuteOnly = { retryAttempts: 0, maxEventAge: Duration.seconds(60) } as const;

export const keepWarm = (
  scope: Construct,
  description: string,
  functions: readonly lambda.IFunction[],
  delivery: targets.LambdaFunctionProps,
): events.Rule =>
  new events.Rule(scope, 'KeepWarm', {
    description,
    schedule: events.Schedule.rate(Duration.minutes(1)),
    targets: functions.map(
      (each) =>
        new targets.LambdaFunction(each, { ...delivery, event: events.RuleTargetInput.fromObject({ warmUp: true }) }),
    ),
  });
