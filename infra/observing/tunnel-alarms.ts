/**
 * Alarms about a gateway's tunnels as AWS sees them. Like all about the world they have no action: they wake the machine
 * by their names (signals.ts), durably where an event is best effort.
 *
 * "Could not be measured" has an alarm of its own and is never "down". AWS's own metric is the witness that needs no
 * function of ours; it may be five minutes late.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Deployment, GatewayName, VpnConnectionView } from '../../core/words/domain';
import { viewsOf } from '../../core/words/gateways';
import { gatewayAlarmPrefix } from './alarm-names';
import { tunnelMetric } from './metrics';

const { BREACHING, IGNORE } = cloudwatch.TreatMissingData;

type Watched = Pick<
  cloudwatch.AlarmProps,
  'alarmDescription' | 'metric' | 'threshold' | 'evaluationPeriods' | 'treatMissingData'
>;

export class TunnelCountAlarms extends Construct {
  readonly all: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    for (const [gateway, view] of Object.entries(viewsOf(deployment))) {
      this.watchOurs(gateway, view, deployment);
      // An alarm reads the metrics of its own region only.
      if (view.region === deployment.region) this.watchAws(gateway, view, deployment);
    }
  }

  private watchOurs(gateway: GatewayName, { tunnels }: VpnConnectionView, deployment: Deployment): void {
    const up = tunnelMetric(deployment, gateway, 'TunnelsUp', 'Maximum');
    this.add(deployment, gateway, 'tunnels-down', {
      alarmDescription: `AWS says no tunnel of ${gateway} is up.`,
      metric: up,
      threshold: 1,
      evaluationPeriods: 1, // Telemetry has taken its time already.
      treatMissingData: IGNORE,
    });
    if (tunnels.length > 1)
      this.add(deployment, gateway, 'tunnels-fewer', {
        alarmDescription: `AWS says a tunnel of ${gateway} is down, for ten minutes: there is no second one left.`,
        metric: up,
        threshold: tunnels.length,
        evaluationPeriods: 10, // Shorter is a rekey, or AWS's own maintenance of an endpoint.
        treatMissingData: IGNORE,
      });
    this.add(deployment, gateway, 'tunnels-unmeasured', {
      alarmDescription: `The tunnels of ${gateway} cannot be asked for, or what is seen cannot be reported.`,
      metric: tunnelMetric(deployment, gateway, 'TunnelCheckOk', 'Maximum'),
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: BREACHING,
    });
  }

  private watchAws(gateway: GatewayName, { vpnConnectionId }: VpnConnectionView, deployment: Deployment): void {
    this.add(deployment, gateway, 'tunnel-state', {
      alarmDescription: `AWS's own metric says no tunnel of ${vpnConnectionId} (${gateway}) is up, or says nothing.`,
      metric: new cloudwatch.Metric({
        namespace: 'AWS/VPN',
        metricName: 'TunnelState',
        dimensionsMap: { VpnId: vpnConnectionId },
        statistic: 'Maximum',
        period: Duration.minutes(5),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: BREACHING, // A tunnel that is down may stop reporting.
    });
  }

  private add(deployment: Deployment, gateway: GatewayName, what: string, watched: Watched): void {
    const alarm = new cloudwatch.Alarm(this, `${gateway}-${what}`, {
      ...watched,
      alarmName: `${gatewayAlarmPrefix(deployment, gateway)}${what}`,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      datapointsToAlarm: watched.evaluationPeriods,
    });
    this.all.push(alarm);
  }
}
