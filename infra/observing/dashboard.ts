/**
 * One dashboard, a row per connection, in the order an operator asks: which path carries traffic and since when, the
 * last incident, the last drill; loss and round-trip time on every path, also the idle one; what was decided and why.
 *
 * The table is the sweep's newest line (functions/sweep/index.ts, core/remember/standing.ts): at most a minute old, also while another
 * run holds the connection. The dashboard shows; nothing reads it.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Connection, Deployment } from '../../core/words/domain';
import { remarksWidgets } from '../remarks';
import { publishesTunnels } from './alarms';
import { canaryMetric, gatewayMetric, ownTunnelMetric } from './metrics';

export interface DashboardProps {
  readonly deployment: Deployment;
  /** Where the sweep says how connections stand, and where assess says what it decided. */
  readonly sweepLogs: logs.ILogGroup;
  readonly assessLogs: logs.ILogGroup;
  readonly alarms: readonly cloudwatch.IAlarm[];
}

const width = 24;
const third = width / 3;
const minute = Duration.minutes(1);
/** CloudWatch takes no more in one widget. */
const alarmsPerWidgetMax = 100;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { deployment, sweepLogs, assessLogs, alarms }: DashboardProps) {
    super(scope, id);
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: deployment.name,
      defaultInterval: Duration.hours(3),
    });
    for (let i = 0; i < alarms.length; i += alarmsPerWidgetMax) {
      const some = alarms.slice(i, i + alarmsPerWidgetMax);
      dashboard.addWidgets(
        new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: some, width, height: alarmRows(some) }),
      );
    }
    dashboard.addWidgets(...remarksWidgets(deployment, width));
    for (const connection of Object.values(deployment.connections)) {
      dashboard.addWidgets(standing(connection, sweepLogs));
      dashboard.addWidgets(
        loss(deployment, connection),
        latency(deployment, connection),
        reachability(connection, deployment),
      );
    }
    const publishing = Object.keys(deployment.gateways).filter((name) => publishesTunnels(deployment, name));
    if (publishing.length > 0) dashboard.addWidgets(...tunnels(deployment, publishing));
    dashboard.addWidgets(decisions(assessLogs));
  }
}

/** Six alarms stand beside each other, each row one unit high under the title. */
const alarmRows = ({ length }: readonly unknown[]): number => 1 + Math.ceil(length / 6);

function standing({ name, routeSets }: Connection, logGroup: logs.ILogGroup): cloudwatch.IWidget {
  const carried = Object.keys(routeSets).flatMap((set) => [
    `\`carriedBy.${set}.path\` as ${fieldName(set)}_on`,
    `\`carriedBy.${set}.since\` as ${fieldName(set)}_since`,
  ]);
  const fields = [...carried, 'incident', 'lastIncident', 'lastDrill', 'drillOverdue', 'escalated', 'because'];
  return new cloudwatch.LogQueryWidget({
    title: `${name}: which path carries traffic, since when`,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [
      `fields ${fields.join(', ')}`,
      `filter connection = '${name}' and what like /^sweep: (quiet|due)$/`,
      'sort @timestamp desc',
      'limit 1',
    ],
    width,
    height: 3,
  });
}

/** An alias in Logs Insights takes no dash. */
const fieldName = (set: string): string => set.replaceAll('-', '_');

function loss(deployment: Deployment, { canaries, name, policy }: Connection): cloudwatch.IWidget {
  return graph(`${name}: loss`, {
    left: canaries.map((canary) =>
      canaryMetric(deployment, canary, 'LossRatio', { statistic: 'Average', period: minute }),
    ),
    leftYAxis: { min: 0, max: 1, showUnits: false },
    leftAnnotations: [
      { value: policy.degradedLossRatio, label: 'degraded' },
      { value: policy.severeLossRatio, label: 'severe' },
    ],
  });
}

function latency(deployment: Deployment, { canaries, name, policy }: Connection): cloudwatch.IWidget {
  return graph(`${name}: round-trip time, ms`, {
    left: canaries.map((canary) => canaryMetric(deployment, canary, 'RttMs', { statistic: 'Average', period: minute })),
    leftYAxis: { min: 0, showUnits: false },
    leftAnnotations: [{ value: policy.degradedRttMs, label: 'degraded' }],
  });
}

function reachability({ canaries, name, paths }: Connection, deployment: Deployment): cloudwatch.IWidget {
  const gateways = new Set(Object.values(paths).map(({ gateway }) => gateway));
  return graph(`${name}: reachable, and gateways that pass EC2's checks (1: yes)`, {
    left: [
      ...canaries.map((canary) =>
        canaryMetric(deployment, canary, 'Reachable', { statistic: 'Minimum', period: minute }),
      ),
      ...[...gateways].map((gateway) => gatewayMetric(deployment, gateway)),
    ],
    leftYAxis: { min: 0, max: 1, showUnits: false },
  });
}

/** What gateways say themselves: how many tunnels, how long it took to ask, and whether there was an answer at all. */
function tunnels(deployment: Deployment, gateways: readonly string[]): cloudwatch.IWidget[] {
  const of = (name: Parameters<typeof ownTunnelMetric>[2]) =>
    gateways.map((gateway) => ownTunnelMetric(deployment, gateway, name));
  const leftYAxis = { min: 0, showUnits: false };
  return [
    graph('tunnels up, by the gateways themselves', {
      left: of('TunnelsUp'),
      right: of('TunnelsConfigured'),
      leftYAxis,
    }),
    graph('tunnels: could they be counted (1: yes)', {
      left: of('TunnelCheckOk'),
      leftYAxis: { ...leftYAxis, max: 1 },
    }),
    graph('tunnels: time to count them, ms', { left: of('TunnelCheckMs'), leftYAxis }),
  ];
}

function graph(title: string, props: cloudwatch.GraphWidgetProps): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ ...props, title, width: third, height: 6 });
}

function decisions(logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: 'Decided, newest first',
    logGroupNames: [logGroup.logGroupName],
    queryLines: [
      'fields @timestamp, connection, what, because',
      'filter what like /^assess: / and what != "assess: hold"',
      'sort @timestamp desc',
      'limit 20',
    ],
    width,
    height: 8,
  });
}
