/** GetMetricData, all its pages; and what is asked of the canaries' metrics. */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Canary } from '../../core/words/domain';
import { attempt, type Clock } from '../attempt';
import { dimensionsOf, metricNames } from './metric-names';

export const canaryKinds = ['reachable', 'loss', 'rtt'] as const;
/** GetMetricData takes 500 queries; three per canary. */
export const canariesPerCallMax = 160;

/** `on`: what is asked about, for who reads the error. */
export async function metricData(
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  clock: Clock,
  on: string,
  input: Omit<GetMetricDataCommandInput, 'NextToken'>,
): Promise<MetricDataResult[]> {
  const results: MetricDataResult[] = [];
  let NextToken: string | undefined;
  do {
    const get = new GetMetricDataCommand({ ...input, NextToken });
    const answer = await attempt(clock, { operation: 'GetMetricData', on }, () => cloudwatch.send(get));
    results.push(...(answer.MetricDataResults ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return results;
}

export interface CanaryAsking {
  readonly namespace: string;
  readonly periodSeconds: number;
  readonly stats: Readonly<Record<(typeof canaryKinds)[number], string>>;
}

/** One query a kind; the answer's id is the kind and the canary's place in the list: `loss0`. */
export function canaryQueries(canary: Canary, i: number, asking: CanaryAsking): MetricDataQuery[] {
  const Dimensions = Object.entries(dimensionsOf(canary)).map(([Name, Value]) => ({ Name, Value }));
  return canaryKinds.map((kind) => ({
    Id: `${kind}${i}`,
    MetricStat: {
      Metric: { Namespace: asking.namespace, MetricName: metricNames[kind], Dimensions },
      Period: asking.periodSeconds,
      Stat: asking.stats[kind],
    },
  }));
}
