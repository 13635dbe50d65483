/**
 * The metrics that alarms and the dashboard watch, by what they are about. Their names are those that
 * `adapters/cloudwatch/metric-names.ts` gives them; a test holds the two together.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Canary, Deployment, GatewayName } from '../../core/words/domain';
import { metricNamespace } from '../switchback-function';
import { gatewayNamespace } from '../tunnel-metrics';

export interface MetricReading {
  readonly statistic: 'Average' | 'Maximum' | 'Minimum';
  readonly period: Duration;
}

export function canaryMetric(
  deployment: Deployment,
  { connection, id }: Canary,
  metricName: 'LossRatio' | 'MeasurementOk' | 'Reachable' | 'RttMs',
  reading: MetricReading,
): cloudwatch.Metric {
  return of(deployment, metricName, { Connection: connection, Canary: id }, reading);
}

/** One 0 or 1 a minute, from the sweep. */
export function gatewayMetric(deployment: Deployment, gateway: GatewayName): cloudwatch.Metric {
  const reading = { statistic: 'Minimum', period: Duration.minutes(1) } as const;
  return of(deployment, 'GatewayOk', { Deployment: deployment.name, Gateway: gateway }, reading);
}

/** One a minute, from `watch`: how AWS sees the gateway's tunnels. */
export function tunnelMetric(
  deployment: Deployment,
  gateway: GatewayName,
  metricName: 'TunnelCheckMs' | 'TunnelCheckOk' | 'TunnelsUp',
  statistic: MetricReading['statistic'],
): cloudwatch.Metric {
  const dimensions = { Deployment: deployment.name, Gateway: gateway, By: 'aws' };
  return of(deployment, metricName, dimensions, { statistic, period: Duration.minutes(1) });
}

/** One a minute, from the gateway itself: how its own daemon sees them. */
export function ownTunnelMetric(
  deployment: Deployment,
  gateway: GatewayName,
  metricName: 'TunnelCheckMs' | 'TunnelCheckOk' | 'TunnelsConfigured' | 'TunnelsUp',
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: gatewayNamespace(deployment),
    metricName,
    dimensionsMap: { Deployment: deployment.name, Gateway: gateway, By: 'gateway' },
    statistic: 'Maximum',
    period: Duration.minutes(1),
  });
}

/** Published only while it is above zero. */
export function waitingMetric(
  deployment: Deployment,
  metricName: 'DrillOverdue' | 'Escalated',
  period: Duration,
): cloudwatch.Metric {
  return of(deployment, metricName, { Deployment: deployment.name }, { statistic: 'Maximum', period });
}

function of(
  deployment: Deployment,
  metricName: string,
  dimensionsMap: Record<string, string>,
  reading: MetricReading,
): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: metricNamespace(deployment), metricName, dimensionsMap, ...reading });
}
