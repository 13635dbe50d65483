/**
 * What wakes the machine: alarms start it, EC2's events go to `sense`, and once a minute `sweep` looks for what no
 * event has told. Events only wake: a rule passes a connection's name and nothing that came from outside.
 *
 * Of a standby all of it is switched off until it takes over.
 *
 * Law: an event older than five minutes wakes nobody; what it could say, the sweep has seen since.
 */

import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Connection, Deployment } from '../core/words/domain';
import { gatewaysOf } from '../core/words/ends';
import { instancesOf, viewsOf } from '../core/words/gateways';
import { isStandby } from '../core/words/standby';
import type { Functions } from './functions';
import { service } from './granting/trust';
import { keepWarm, minuteOnly } from './keep-warm';
import { networkManagerPattern } from './network-events';
import { gatewayAlarmPrefix } from './observing/alarm-names';

export interface SignalsProps {
  readonly deployment: Deployment;
  readonly functions: Functions;
  readonly machine: sfn.IStateMachine;
  readonly undelivered: sqs.IQueue;
}

export class Signals extends Construct {
  /** Every rule that starts or wakes a run by itself. */
  readonly rules: readonly events.Rule[];

  constructor(scope: Construct, id: string, { deployment, functions, machine, undelivered }: SignalsProps) {
    super(scope, id);
    const delivery = { deadLetterQueue: undelivered, maxEventAge: Duration.seconds(300) };
    const starter = this.starter();
    const enabled = !isStandby(deployment);
    const oncePerMinute = { ...delivery, ...minuteOnly };
    const alarmRules = Object.values(deployment.connections).map(
      ({ name: connection, paths }) =>
        new events.Rule(this, `Alarm-${connection}`, {
          enabled,
          description: `An alarm of ${connection} changed: look at it.`,
          eventPattern: {
            source: ['aws.cloudwatch'],
            detailType: ['CloudWatch Alarm State Change'],
            detail: {
              alarmName: [{ prefix: `${deployment.name}/${connection}/` }, ...gatewayAlarms(deployment, paths)],
              // Into or out of ALARM. A fresh alarm that finds its first data is no news.
              $or: [{ state: { value: ['ALARM'] } }, { previousState: { value: ['ALARM'] } }],
            },
          },
          targets: [
            new targets.SfnStateMachine(machine, {
              ...delivery,
              role: starter,
              input: events.RuleTargetInput.fromObject({ connection, source: 'alarm' }),
            }),
          ],
        }),
    );
    // All instances: `sense` knows which are ours now, and a rule that named them would be wrong after a replacement.
    const instanceRule = new events.Rule(this, 'InstanceState', {
      enabled,
      description: 'An instance changed state: sense whether it is one of ours.',
      eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'] },
      targets: [new targets.LambdaFunction(functions.sense.function, delivery)],
    });
    const healthRule = this.healthRule(deployment, functions, delivery);
    const networkRules = Object.keys(viewsOf(deployment)).length === 0 ? [] : [this.networkRule(functions, delivery)];
    const sweepRule = new events.Rule(this, 'EveryMinute', {
      enabled,
      description: 'The sweep: the certain one of all signals.',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        // The next minute's sweep does all that a retry could.
        new targets.LambdaFunction(functions.sweep.function, oncePerMinute),
      ],
    });
    const ofARescue = [
      functions.sense.function,
      functions.assess.function.currentVersion,
      functions.apply.function.currentVersion,
    ];
    keepWarm(this, 'No function of a rescue starts cold: functions/keep-warm.ts.', ofARescue, oncePerMinute);
    this.rules = [...alarmRules, instanceRule, healthRule, ...networkRules, sweepRule];
  }

  /** All of the account: `sense` knows which are ours. */
  private healthRule(deployment: Deployment, { sense }: Functions, delivery: targets.LambdaFunctionProps): events.Rule {
    const isOfInstances = Object.keys(instancesOf(deployment)).length > 0;
    const isOfConnections = Object.keys(viewsOf(deployment)).length > 0;
    const service = [...(isOfInstances ? ['EC2'] : []), ...(isOfConnections ? ['VPN'] : [])];
    return new events.Rule(this, 'Health', {
      enabled: !isStandby(deployment),
      description: 'AWS Health speaks of an instance or a VPN connection: sense whether it is one of ours.',
      eventPattern: { source: ['aws.health'], detailType: ['AWS Health Event'], detail: { service } },
      targets: [new targets.LambdaFunction(sense.function, delivery)],
    });
  }

  /** Network Manager speaks in a region of its own, and is handed on from there. */
  private networkRule({ sense }: Functions, delivery: targets.LambdaFunctionProps): events.Rule {
    return new events.Rule(this, 'NetworkManager', {
      description: 'Network Manager speaks of a VPN connection: sense whether it is one of ours.',
      eventPattern: networkManagerPattern,
      targets: [new targets.LambdaFunction(sense.function, delivery)],
    });
  }

  /**
   * The role that the rules start executions with. The role the CDK would make trusts EventBridge whichever account it
   * acts for.
   */
  private starter(): iam.Role {
    const rules = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
    // Each target grants it the one thing it does: to start the machine.
    return new iam.Role(this, 'StarterRole', {
      assumedBy: service(this, 'events.amazonaws.com', [rules]),
      description: 'Starts the failover state machine when an alarm changes.',
    });
  }
}

/** All about the gateways the connection runs over. */
function gatewayAlarms(deployment: Deployment, paths: Connection['paths']): { readonly prefix: string }[] {
  return gatewaysOf({ paths }).map((gateway) => ({ prefix: gatewayAlarmPrefix(deployment, gateway) }));
}
