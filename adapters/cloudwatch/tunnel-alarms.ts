/**
 * What the alarms on a gateway's own numbers say: has its daemon no tunnel, or could nobody tell? The numbers themselves
 * are CloudWatch's to judge; here is only read which alarm is in ALARM, and since when.
 *
 * An alarm that CloudWatch does not list is not in ALARM: it comes with the next deployment.
 */
import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Deployment, GatewayName } from '../../core/words/domain';
import type { OwnTunnelAlarms } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { tunnelAlarmNames } from './metric-names';

/** DescribeAlarms takes no more names. */
const alarmsPerCallMax = 100;

export async function readTunnelAlarms(
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  deployment: Pick<Deployment, 'name'>,
  gateways: readonly GatewayName[],
  clock: Clock,
): Promise<Readonly<Record<GatewayName, OwnTunnelAlarms>>> {
  const namesOf = (gateway: GatewayName) => tunnelAlarmNames(deployment, gateway);
  const names = gateways.flatMap((gateway) => Object.values(namesOf(gateway)));
  const since = new Map<string, number>();
  for (let i = 0; i < names.length; i += alarmsPerCallMax) {
    const AlarmNames = names.slice(i, i + alarmsPerCallMax);
    const tried = { operation: 'DescribeAlarms', on: AlarmNames.join(', ') };
    const describe = new DescribeAlarmsCommand({ AlarmNames, MaxRecords: alarmsPerCallMax });
    const { MetricAlarms = [] } = await attempt(clock, tried, () => cloudwatch.send(describe));
    for (const { AlarmName = '', StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } of MetricAlarms) {
      const at = StateTransitionedTimestamp ?? StateUpdatedTimestamp;
      if (StateValue === 'ALARM') since.set(AlarmName, at === undefined ? clock.now() : new Date(at).getTime());
    }
  }
  return Object.fromEntries(
    gateways.map((gateway) => {
      const { none, unmeasured } = namesOf(gateway);
      return [gateway, { noneUpSince: since.get(none) ?? null, unmeasuredSince: since.get(unmeasured) ?? null }];
    }),
  );
}
