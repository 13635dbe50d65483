/**
 * "CloudWatch Alarm State Change" events as AWS documents them, for metric and for composite alarms, whole.
 *
 * Reference payloads lie in sim/fixtures/; a test holds the shapes equal.
 */
import type { Instant } from '../../../core/words/time';
import type { JsonObject } from '../../template/json';
import type { Resource } from '../../template/template';
import type { EventParts } from '../events/bus-event';
import type { AlarmTest, AlarmValue } from './alarm-state';
import type { MetricId } from './metrics';

/** `2026-01-05T00:00:10.000+0000`, as CloudWatch writes instants. */
export const awsTime = (at: Instant): string => new Date(at).toISOString().replace('Z', '+0000');

export interface StateRecord {
  readonly value: AlarmValue;
  readonly at: Instant;
  readonly reason: string;
  readonly reasonData?: string;
  readonly suppressedBy?: string;
}

interface MetricQuery extends MetricId {
  readonly id: string;
  readonly periodMs: number;
  readonly statistic: string;
}

const envelope = (alarm: Resource, detail: JsonObject): EventParts => ({
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: [alarm.arn],
  detail,
});

const stateDetail = (state: StateRecord): JsonObject => ({
  ...(state.suppressedBy !== undefined && {
    actionsSuppressedBy: state.suppressedBy,
    actionsSuppressedReason: `Actions suppressed by ${state.suppressedBy}`,
  }),
  value: state.value,
  reason: state.reason,
  ...(state.reasonData !== undefined && { reasonData: state.reasonData }),
  timestamp: awsTime(state.at),
});

const description = ({ properties }: Resource): JsonObject =>
  properties['AlarmDescription'] === undefined ? {} : { description: properties['AlarmDescription'] };

export function metricEvent(
  alarm: Resource,
  query: MetricQuery,
  state: StateRecord,
  previous: StateRecord,
): EventParts {
  const metric = { namespace: query.namespace, name: query.name, dimensions: { ...query.dimensions } };
  return envelope(alarm, {
    alarmName: alarm.name,
    state: stateDetail(state),
    previousState: stateDetail(previous),
    configuration: {
      ...description(alarm),
      metrics: [
        {
          id: query.id,
          metricStat: { metric, period: query.periodMs / 1_000, stat: query.statistic },
          returnData: true,
        },
      ],
    },
  });
}

export function compositeEvent(alarm: Resource, state: StateRecord, previous: StateRecord): EventParts {
  const { properties } = alarm;
  const suppressor = properties['ActionsSuppressor'];
  return envelope(alarm, {
    alarmName: alarm.name,
    state: stateDetail(state),
    previousState: stateDetail(previous),
    configuration: {
      ...description(alarm),
      alarmRule: properties['AlarmRule']!,
      ...(suppressor !== undefined && {
        actionsSuppressor: suppressor,
        actionsSuppressorWaitPeriod: properties['ActionsSuppressorWaitPeriod'] ?? 0,
        actionsSuppressorExtensionPeriod: properties['ActionsSuppressorExtensionPeriod'] ?? 0,
      }),
    },
  });
}

interface Transition {
  readonly alarm: Resource;
  readonly value: AlarmValue;
  readonly seen: readonly { readonly at: Instant; readonly value: number }[];
  readonly now: Instant;
  readonly periodMs: number;
  readonly test: AlarmTest;
}

const operatorText: Readonly<Record<string, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** CloudWatch's own sentences. */
export function transitionReason({ alarm, value, seen, now, periodMs, test }: Transition): StateRecord {
  const { properties } = alarm;
  const shown = seen.slice(-test.periods).reverse();
  const threshold = Number(properties['Threshold']);
  const reasonData = JSON.stringify({
    version: '1.0',
    queryDate: awsTime(now),
    ...(shown.length > 0 && { startDate: awsTime(shown.at(-1)!.at) }),
    statistic: properties['Statistic'] ?? properties['ExtendedStatistic'],
    period: periodMs / 1_000,
    recentDatapoints: shown.map((point) => point.value).reverse(),
    threshold,
  });
  const base = { value, at: now, reasonData };
  if (value === 'INSUFFICIENT_DATA') {
    return { ...base, reason: `Insufficient Data: ${test.periods} datapoints were unknown.` };
  }
  if (shown.length === 0) {
    return {
      ...base,
      reason: `Threshold Crossed: no datapoints were received for ${test.periods} periods and ${test.periods} missing datapoints were treated as [${test.missing === 'breaching' ? 'Breaching' : 'NonBreaching'}].`,
    };
  }
  const points = shown.map((point) => `${decimal(point.value)} (${shortDate(point.at)})`).join(', ');
  const verb = `${shown.length === 1 ? 'was' : 'were'}${value === 'OK' ? ' not' : ''} ${operatorText[String(properties['ComparisonOperator'])]}`;
  const count = value === 'OK' ? test.periods - test.toAlarm + 1 : test.toAlarm;
  const transition = value === 'OK' ? 'ALARM -> OK' : 'OK -> ALARM';
  return {
    ...base,
    reason: `Threshold Crossed: ${shown.length} out of the last ${test.periods} datapoints [${points}] ${verb} the threshold (${decimal(threshold)}) (minimum ${count} datapoint${count === 1 ? '' : 's'} for ${transition} transition).`,
  };
}

/** Java's text of a double. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** `05/01/26 00:00:10`. */
function shortDate(at: Instant): string {
  const [date, time] = new Date(at).toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
