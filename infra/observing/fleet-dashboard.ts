/**
 * The fleet's page, where there is more than one connection: how all of them stand, the worst first, and where and when
 * routes moved and users were dark, a colour for each connection. One screen, however many there are; what one
 * connection's canaries measure is on the deployment's own dashboard, to which it leads.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import { darkLines, fleetTable, moveLines } from './dashboard-lines';

export interface FleetDashboardProps {
  readonly deployment: Deployment;
  readonly sweepLogs: logs.ILogGroup;
  readonly assessLogs: logs.ILogGroup;
}

const width = 24;
const half = width / 2;
/** A line of the table for each connection, a head, and no more than a screen. */
const tableHeight = (connections: number): number => Math.min(14, 3 + Math.ceil(connections / 2));

export class FleetDashboard extends Construct {
  constructor(scope: Construct, id: string, { deployment, sweepLogs, assessLogs }: FleetDashboardProps) {
    super(scope, id);
    const { name, connections } = deployment;
    const many = Object.keys(connections).length;
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `${name}-fleet`,
      defaultInterval: Duration.hours(3),
    });
    const { region } = Stack.of(this);
    const own = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`;
    const markdown = `### ${name}: ${many} connections\n\`switchback status --name ${name}\` | [each of them](${own})`;
    dashboard.addWidgets(new cloudwatch.TextWidget({ markdown, width, height: 2 }));
    dashboard.addWidgets(fleetTable(sweepLogs, { width, height: tableHeight(many) }));
    dashboard.addWidgets(
      bars('Minutes in which users got no answer', sweepLogs, darkLines),
      bars('Routes moved', assessLogs, moveLines),
    );
  }
}

function bars(title: string, logGroup: logs.ILogGroup, lines: string): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title,
    view: cloudwatch.LogQueryVisualizationType.STACKEDAREA,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [`filter ${lines}`, 'stats count(*) as times by bin(5m), connection'],
    width: half,
    height: 6,
  });
}
