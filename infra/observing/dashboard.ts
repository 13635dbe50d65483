/**
 * One dashboard, in the order an operator asks: is anything red and what do I type; how does each connection stand; then
 * per connection which path carries traffic and since when, when routes were moved, for how long users were dark; loss and
 * round-trip time on every path, also the idle one; what was decided and why. One connection needs no scrolling.
 *
 * How connections stand is the sweep's newest line (functions/sweep/index.ts, core/remember/standing.ts): at most a
 * minute old, also while another run holds the connection. Moves and dark time are counted from logs, since a metric for
 * each would be billed for each connection. The dashboard shows; nothing reads it.
 */

import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Connection, Deployment } from '../../core/words/domain';
import { gatewaysOf } from '../../core/words/ends';
import { remarksWidgets } from '../remarks';
import { darkLines, fleetTable, moveLines, sweepLines } from './dashboard-lines';
import { canaryMetric, gatewayMetric } from './metrics';
import { tunnelRows } from './tunnel-widgets';

export interface DashboardProps {
  readonly deployment: Deployment;
  /** Where the sweep says how connections stand, and where assess says what it decided. */
  readonly sweepLogs: logs.ILogGroup;
  readonly assessLogs: logs.ILogGroup;
  /** Where `watch` says how tunnels stand; null: there is nothing to watch. */
  readonly watchLogs: logs.ILogGroup | null;
  readonly alarms: readonly cloudwatch.IAlarm[];
  readonly machine: sfn.IStateMachine;
}

const width = 24;
const third = width / 3;
const minute = Duration.minutes(1);
/** CloudWatch takes no more in one widget. */
const alarmsPerWidgetMax = 100;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    const { deployment, sweepLogs, assessLogs, watchLogs, alarms, machine } = props;
    super(scope, id);
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: deployment.name,
      defaultInterval: Duration.hours(3),
    });
    const connections = Object.values(deployment.connections);
    const [first, ...others] = connections;
    const head =
      others.length === 0 && first !== undefined
        ? standing(first, sweepLogs, headHeight)
        : fleetTable(sweepLogs, { width: width - third, height: headHeight });
    dashboard.addWidgets(commands(deployment, Stack.of(this), machine), head);
    for (let i = 0; i < alarms.length; i += alarmsPerWidgetMax) {
      const some = alarms.slice(i, i + alarmsPerWidgetMax);
      dashboard.addWidgets(
        new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: some, width, height: alarmRows(some) }),
      );
    }
    dashboard.addWidgets(...remarksWidgets(deployment, width));
    for (const connection of connections) {
      if (others.length > 0) dashboard.addWidgets(standing(connection, sweepLogs, 3, width));
      dashboard.addWidgets(
        moves(connection, assessLogs),
        darkMinutes(connection, sweepLogs),
        lastMoves(connection, assessLogs),
      );
      dashboard.addWidgets(
        loss(deployment, connection),
        latency(deployment, connection),
        reachability(connection, deployment),
      );
    }
    for (const row of tunnelRows(deployment, watchLogs, width)) dashboard.addWidgets(...row);
    dashboard.addWidgets(decisions(assessLogs));
  }
}

/** Six alarms stand beside each other, each row one unit high under the title. */
const alarmRows = ({ length }: readonly unknown[]): number => 1 + Math.ceil(length / 6);

/** What to type first, and where the rest is: nobody looks for a wiki page at 2 am. */
function commands(deployment: Deployment, { region }: Stack, machine: sfn.IStateMachine): cloudwatch.IWidget {
  const { name } = deployment;
  const [first = 'NAME'] = Object.keys(deployment.connections);
  const arn = machine.stateMachineArn;
  const console = `https://${region}.console.aws.amazon.com`;
  const markdown = [
    `### ${name}`,
    '```',
    `switchback status --name ${name}`,
    `switchback explain --name ${name}`,
    `switchback plan ${first} --name ${name}`,
    `switchback ack ${first} --name ${name}`,
    `switchback pause ${first} --for 1h --reason "..." --name ${name}`,
    '```',
    `[executions](${console}/states/home?region=${region}#/statemachines/view/${arn})`,
    `| [route tables](${console}/vpcconsole/home?region=${region}#RouteTables:)`,
    `| [alarms](${console}/cloudwatch/home?region=${region}#alarmsV2:?search=${encodeURIComponent(`${name}/`)})`,
  ].join('\n');
  return new cloudwatch.TextWidget({ markdown, width: third, height: headHeight });
}

const headHeight = 7;

function standing(
  { name, routeSets }: Connection,
  logGroup: logs.ILogGroup,
  height: number,
  of = width - third,
): cloudwatch.IWidget {
  const carried = Object.keys(routeSets).flatMap((set) => [
    `\`carriedBy.${set}.path\` as ${fieldName(set)}_on`,
    `\`carriedBy.${set}.since\` as ${fieldName(set)}_since`,
  ]);
  const fields = [
    'light',
    'state',
    ...carried,
    'incident',
    'lastIncident',
    'lastDrill',
    'drillOverdue',
    'escalated',
    'because',
  ];
  return new cloudwatch.LogQueryWidget({
    title: `${name}: which path carries traffic, since when`,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [`fields ${fields.join(', ')}`, ofConnection(name, sweepLines), 'sort @timestamp desc', 'limit 1'],
    width: of,
    height,
  });
}

const ofConnection = (name: string, lines: string): string => `filter connection = '${name}' and ${lines}`;

function moves({ name }: Connection, logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: `${name}: routes moved`,
    view: cloudwatch.LogQueryVisualizationType.BAR,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [ofConnection(name, moveLines), 'stats count(*) as turns by bin(5m)'],
    width: third,
    height: 4,
  });
}

function darkMinutes({ name }: Connection, logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: `${name}: minutes in which users got no answer`,
    view: cloudwatch.LogQueryVisualizationType.BAR,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [ofConnection(name, darkLines), 'stats count(*) as minutes by bin(5m)'],
    width: third,
    height: 4,
  });
}

function lastMoves({ name }: Connection, logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: `${name}: moved last`,
    logGroupNames: [logGroup.logGroupName],
    queryLines: ['fields @timestamp, what, because', ofConnection(name, moveLines), 'sort @timestamp desc', 'limit 3'],
    width: third,
    height: 4,
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

function reachability(connection: Connection, deployment: Deployment): cloudwatch.IWidget {
  const { canaries, name } = connection;
  return graph(`${name}: reachable, and gateways that pass EC2's checks (1: yes)`, {
    left: [
      ...canaries.map((canary) =>
        canaryMetric(deployment, canary, 'Reachable', { statistic: 'Minimum', period: minute }),
      ),
      ...gatewaysOf(connection).map((gateway) => gatewayMetric(deployment, gateway)),
    ],
    leftYAxis: { min: 0, max: 1, showUnits: false },
  });
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
