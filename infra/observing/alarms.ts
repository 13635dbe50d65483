/**
 * Alarms about the world: per canary and per gateway, on what is measured and never on instance ids, which a
 * replacement changes. Those about Switchback itself are in self-alarms.ts.
 *
 * None of these has an action: an alarm's change wakes the machine (signals.ts), and only the machine, which knows what it
 * means, speaks. So maintenance needs nothing suppressed.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Canary, Connection, Deployment, GatewayName } from '../../core/words/domain';
import { instanceNamed, instancesOf } from '../../core/words/gateways';
import { gatewayAlarmPrefix } from './alarm-names';
import { canaryMetric, gatewayMetric, ownTunnelMetric } from './metrics';

const { BREACHING, IGNORE, MISSING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const minute = Duration.minutes(1);

export const publishesTunnels = (deployment: Deployment, gateway: GatewayName): boolean =>
  instanceNamed(deployment, gateway)?.tunnelMetrics === true;

export class Alarms extends Construct {
  readonly all: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    for (const connection of Object.values(deployment.connections)) {
      for (const canary of connection.canaries) this.watch(canary, connection, deployment);
    }
    for (const gateway of Object.keys(instancesOf(deployment))) this.watchGateway(gateway, deployment);
  }

  private watch(canary: Canary, connection: Connection, deployment: Deployment): void {
    const scope = new Construct(this, canary.id.replace('/', '-'));
    const name = `${deployment.name}/${canary.id}`;
    const reachable = new cloudwatch.Alarm(scope, 'Reachable', {
      alarmName: `${name}/reachable`,
      alarmDescription: `Canary ${canary.id} gets no answer.`,
      metric: canaryMetric(deployment, canary, 'Reachable', { statistic: 'Minimum', period: Duration.seconds(10) }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2, // One bad period may be one bad round.
      datapointsToAlarm: 2,
      treatMissingData: MISSING, // Unknown is not down; silence has its own alarm.
    });
    const slow = new cloudwatch.Alarm(scope, 'Latency', {
      alarmName: `${name}/latency`,
      alarmDescription: `Canary ${canary.id} waits longer than ${connection.policy.degradedRttMs} ms.`,
      metric: canaryMetric(deployment, canary, 'RttMs', { statistic: 'Average', period: minute }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: connection.policy.degradedRttMs,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: MISSING,
    });
    const silent = new cloudwatch.Alarm(scope, 'Silent', {
      alarmName: `${name}/silent`,
      alarmDescription: `Canary ${canary.id} does not measure, is cut off, or cannot report what it measures.`,
      metric: canaryMetric(deployment, canary, 'MeasurementOk', { statistic: 'Maximum', period: minute }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      treatMissingData: BREACHING,
    });
    this.all.push(reachable, slow, silent);
  }

  /** EC2's own metrics are by instance id; the sweep says the same by the gateway's name. */
  private watchGateway(gateway: GatewayName, deployment: Deployment): void {
    const checks = new cloudwatch.Alarm(this, `Gateway-${gateway}`, {
      alarmName: `${gatewayAlarmPrefix(deployment, gateway)}checks`,
      alarmDescription: `Gateway ${gateway} is not running, or fails EC2's system or instance check.`,
      metric: gatewayMetric(deployment, gateway),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1, // EC2 has taken its time already before it calls a check failed.
      treatMissingData: MISSING,
    });
    this.all.push(checks);
    if (publishesTunnels(deployment, gateway)) this.watchTunnels(gateway, deployment);
  }

  /** A daemon that says "none" and one that says nothing are two alarms: the second is not to be heard as the first. */
  private watchTunnels(gateway: GatewayName, deployment: Deployment): void {
    const under = gatewayAlarmPrefix(deployment, gateway);
    const below = { comparisonOperator: LESS_THAN_THRESHOLD, threshold: 1 };
    const none = new cloudwatch.Alarm(this, `Tunnels-${gateway}`, {
      ...below,
      alarmName: `${under}own-tunnels-down`,
      alarmDescription: `The VPN daemon of gateway ${gateway} says that none of its tunnels is up.`,
      metric: ownTunnelMetric(deployment, gateway, 'TunnelsUp'),
      evaluationPeriods: 1,
      treatMissingData: IGNORE, // Nothing is published while nobody could tell: that has the other alarm.
    });
    const unmeasured = new cloudwatch.Alarm(this, `Unmeasured-${gateway}`, {
      ...below,
      alarmName: `${under}own-tunnels-unmeasured`,
      alarmDescription: `How many tunnels of gateway ${gateway} are up could not be measured. That says nothing of the tunnels.`,
      metric: ownTunnelMetric(deployment, gateway, 'TunnelCheckOk'),
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      treatMissingData: BREACHING,
    });
    this.all.push(none, unmeasured);
  }
}
