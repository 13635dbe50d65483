/** What both dashboards ask the logs of the sweep and of assess. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';

export const sweepLines = 'what like /^sweep: (quiet|due)$/';

/** The sweep says once a minute which users are dark. */
export const darkLines = `${sweepLines} and dark != ''`;

/** `assess` says each move as it decides it; a move that goes on is said again, so a bar above one is one move. */
export const moveLines = 'what like /^assess: (divert|failback|undo)$/';

/** The worst first, a line for each connection. */
export function fleetTable(
  logGroup: logs.ILogGroup,
  size: { readonly width: number; readonly height: number },
): cloudwatch.IWidget {
  const fields = ['light', 'state', 'dark', 'incident', 'paused', 'drained', 'lastIncident'];
  return new cloudwatch.LogQueryWidget({
    title: 'How all connections stand',
    logGroupNames: [logGroup.logGroupName],
    queryLines: [
      `fields connection, ${fields.join(', ')}`,
      `filter ${sweepLines}`,
      `stats ${fields.map((field) => `latest(${field}) as ${field}_now`).join(', ')} by connection`,
      'sort light_now asc',
    ],
    ...size,
  });
}
