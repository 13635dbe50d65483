/**
 * How tunnels stand, on the dashboard: as AWS sees them, from what `watch` publishes each minute, and as gateways see
 * their own. An old number is no number: how long ago AWS was asked stands beside it.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Deployment, GatewayName } from '../../core/words/domain';
import { viewsOf } from '../../core/words/gateways';
import { publishesTunnels } from './alarms';
import { ownTunnelMetric, tunnelMetric } from './metrics';

/** A row each; `watchLogs`: null where nothing is there to be watched. */
export function tunnelRows(
  deployment: Deployment,
  watchLogs: logs.ILogGroup | null,
  width: number,
): cloudwatch.IWidget[][] {
  const publishing = Object.keys(deployment.gateways).filter((name) => publishesTunnels(deployment, name));
  return [
    ...(watchLogs === null ? [] : [seenByAws(deployment, watchLogs, width)]),
    ...(publishing.length === 0 ? [] : [seenThemselves(deployment, publishing, width)]),
  ];
}

const leftYAxis = { min: 0, showUnits: false };

function seenByAws(deployment: Deployment, watchLogs: logs.ILogGroup, width: number): cloudwatch.IWidget[] {
  const gateways = Object.keys(viewsOf(deployment));
  const of = (metric: Parameters<typeof tunnelMetric>[2], statistic: 'Maximum' | 'Minimum'): cloudwatch.Metric[] =>
    gateways.map((gateway) => tunnelMetric(deployment, gateway, metric, statistic));
  return [
    lastReading(watchLogs, width),
    graph('tunnels up, by AWS', width, { left: of('TunnelsUp', 'Minimum'), leftYAxis: { ...leftYAxis, max: 2 } }),
    graph('tunnels, by AWS: could it be asked (1: yes), and ms to ask', width, {
      left: of('TunnelCheckOk', 'Minimum'),
      right: of('TunnelCheckMs', 'Maximum'),
      leftYAxis: { ...leftYAxis, max: 1 },
      rightYAxis: leftYAxis,
    }),
  ];
}

/** The metric lines of `watch` are log lines too; a minute and a half after one the next is overdue. */
const lastReading = (watchLogs: logs.ILogGroup, width: number): cloudwatch.IWidget =>
  new cloudwatch.LogQueryWidget({
    title: 'tunnels up, by AWS, and seconds since the last reading',
    logGroupNames: [watchLogs.logGroupName],
    queryLines: [
      'fields Gateway, TunnelsUp, TunnelCheckOk',
      "filter By = 'aws' and TunnelCheckOk = 1",
      'stats latest(TunnelsUp) as tunnels_up, max(toMillis(@timestamp)) as read_at by Gateway',
      'fields Gateway as gateway, tunnels_up, now() - read_at / 1000 as seconds_since',
      'sort tunnels_up asc',
    ],
    width: width / 3,
    height: 6,
  });

/** What gateways say themselves: how many tunnels, how long it took to ask, and whether there was an answer at all. */
function seenThemselves(deployment: Deployment, gateways: readonly GatewayName[], width: number): cloudwatch.IWidget[] {
  const of = (name: Parameters<typeof ownTunnelMetric>[2]) =>
    gateways.map((gateway) => ownTunnelMetric(deployment, gateway, name));
  return [
    graph('tunnels up, by the gateways themselves', width, {
      left: of('TunnelsUp'),
      right: of('TunnelsConfigured'),
      leftYAxis,
    }),
    graph('tunnels: could they be counted (1: yes)', width, {
      left: of('TunnelCheckOk'),
      leftYAxis: { ...leftYAxis, max: 1 },
    }),
    graph('tunnels: time to count them, ms', width, { left: of('TunnelCheckMs'), leftYAxis }),
  ];
}

const graph = (title: string, width: number, props: cloudwatch.GraphWidgetProps): cloudwatch.IWidget =>
  new cloudwatch.GraphWidget({ period: Duration.minutes(1), ...props, title, width: width / 3, height: 6 });
