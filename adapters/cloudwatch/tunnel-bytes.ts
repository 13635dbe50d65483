/**
 * How many bytes went each way through tunnels of Site-to-Site connections, by AWS's own metrics: counted on AWS's side,
 * inside the encryption. They are no sign of life: a tunnel that is DOWN counts AWS's status checks.
 */
import type { CloudWatchClient, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { TunnelAddress, VpnConnectionView } from '../../core/words/domain';
import type { TunnelFacts } from '../../core/words/evidence';
import { tunnelBytesPeriodMs } from '../../core/words/policy';
import { type Instant, secondMs } from '../../core/words/time';
import type { Clock } from '../attempt';
import { metricData } from './metric-data';

/** By connection and outside address; null: no number of that period is there. */
export type TunnelBytes = (vpnConnectionId: string, tunnel: TunnelAddress) => TunnelFacts['lastBytes'];

const metricNames = { out: 'TunnelDataOut', in: 'TunnelDataIn' } as const;
/** GetMetricData takes 500 queries; two per tunnel. */
const tunnelsPerCallMax = 250;

interface Asked {
  readonly vpnConnectionId: string;
  readonly tunnel: TunnelAddress;
}

/** Of the five minutes that begin at `from`. */
export async function tunnelBytes(
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  clock: Clock,
  connections: readonly VpnConnectionView[],
  from: Instant,
): Promise<TunnelBytes> {
  const asked = connections.flatMap(({ vpnConnectionId, tunnels }) =>
    tunnels.map((tunnel): Asked => ({ vpnConnectionId, tunnel })),
  );
  const found = new Map<string, TunnelFacts['lastBytes']>();
  for (let i = 0; i < asked.length; i += tunnelsPerCallMax) {
    const page = asked.slice(i, i + tunnelsPerCallMax);
    const results = await readPage(cloudwatch, clock, page, from);
    for (const [index, one] of page.entries()) {
      const [out, back] = [`out${index}`, `in${index}`].map((id) => sumOf(results, id));
      found.set(keyOf(one), out == null || back == null ? null : { from, out, in: back });
    }
  }
  return (vpnConnectionId, tunnel) => found.get(keyOf({ vpnConnectionId, tunnel })) ?? null;
}

const keyOf = ({ vpnConnectionId, tunnel }: Asked): string => `${vpnConnectionId} ${tunnel}`;

async function readPage(
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  clock: Clock,
  page: readonly Asked[],
  from: Instant,
): Promise<MetricDataResult[]> {
  return metricData(cloudwatch, clock, page.map(keyOf).join(', '), {
    StartTime: new Date(from),
    EndTime: new Date(from + tunnelBytesPeriodMs),
    MetricDataQueries: page.flatMap(queriesOf),
  });
}

function queriesOf({ vpnConnectionId, tunnel }: Asked, index: number): MetricDataQuery[] {
  const Dimensions = [
    { Name: 'VpnId', Value: vpnConnectionId },
    { Name: 'TunnelIpAddress', Value: tunnel },
  ];
  return (['out', 'in'] as const).map((way) => ({
    Id: `${way}${index}`,
    MetricStat: {
      Metric: { Namespace: 'AWS/VPN', MetricName: metricNames[way], Dimensions },
      Period: tunnelBytesPeriodMs / secondMs,
      Stat: 'Sum',
    },
  }));
}

function sumOf(results: readonly MetricDataResult[], id: string): number | null {
  const values = results.filter((result) => result.Id === id).flatMap(({ Values }) => Values ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
