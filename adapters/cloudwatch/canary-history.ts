/**
 * What canaries measured over a past span, from their CloudWatch metrics: for a report, where `metrics.ts` reads the
 * newest minute for a decision. CloudWatch forgets by steps: seconds after three hours, minutes after fifteen days, five
 * minutes after sixty-three.
 */
import type { CloudWatchClient, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Canary } from '../../core/words/domain';
import { dayMs, hourMs, type Instant, secondMs } from '../../core/words/time';
import type { Clock } from '../attempt';
import { canariesPerCallMax, canaryKinds, canaryQueries, metricData } from './metric-data';

export interface CanaryPoint {
  /** The start of the period it stands for. */
  readonly at: Instant;
  /** The worst of the period, 0 to 1. Null: not measured. */
  readonly loss: number | null;
  readonly rttMs: number | null;
  /** False: not reachable at some moment of the period. Null: the canary did not know, or nobody measured. */
  readonly reachable: boolean | null;
}

export interface CanaryHistory {
  readonly periodMs: number;
  /** In order, by canary id. */
  readonly points: ReadonlyMap<string, readonly CanaryPoint[]>;
}

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

const stats = { reachable: 'Minimum', loss: 'Maximum', rtt: 'Average' } as const;
/** More a line shows no better on a screen. */
const pointsMax = 2_000;

/** [kept for, by so many seconds]: docs.aws.amazon.com, "Metrics retention". The canaries write every ten seconds. */
const kept: readonly (readonly [ageMs: number, seconds: number])[] = [
  [3 * hourMs, 10],
  [15 * dayMs, 60],
  [63 * dayMs, 300],
  [Number.POSITIVE_INFINITY, 3_600],
];

/** The finest that CloudWatch still has of all of the span, and that a page can show. */
export function periodSeconds({ from, to }: Span, now: Instant): number {
  const finest = kept.find(([ageMs]) => now - from <= ageMs)![1];
  return (
    kept.map(([, seconds]) => seconds).find((s) => s >= finest && (to - from) / (s * secondMs) <= pointsMax) ?? 3_600
  );
}

export async function canaryHistory(
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  clock: Clock,
  asked: Span & { readonly canaries: readonly Canary[]; readonly namespace: string },
): Promise<CanaryHistory> {
  const seconds = periodSeconds(asked, clock.now());
  const points = new Map<string, readonly CanaryPoint[]>();
  for (let i = 0; i < asked.canaries.length; i += canariesPerCallMax) {
    const canaries = asked.canaries.slice(i, i + canariesPerCallMax);
    const results = await answers(cloudwatch, clock, { ...asked, canaries }, seconds);
    canaries.forEach((canary, index) => {
      points.set(canary.id, pointsOf(results, index));
    });
  }
  return { periodMs: seconds * secondMs, points };
}

const answers = (
  cloudwatch: Pick<CloudWatchClient, 'send'>,
  clock: Clock,
  { from, to, canaries, namespace }: Span & { readonly canaries: readonly Canary[]; readonly namespace: string },
  periodSeconds: number,
): Promise<MetricDataResult[]> =>
  metricData(cloudwatch, clock, canaries.map(({ id }) => id).join(', '), {
    // CloudWatch answers fastest to whole periods.
    StartTime: new Date(from - (from % (periodSeconds * secondMs))),
    EndTime: new Date(to),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: canaries.flatMap((canary, i) => canaryQueries(canary, i, { namespace, periodSeconds, stats })),
  });

function pointsOf(results: readonly MetricDataResult[], i: number): CanaryPoint[] {
  const [reachable, loss, rtt] = canaryKinds.map((kind) => {
    const pages = results.filter(({ Id }) => Id === `${kind}${i}`);
    return new Map(
      pages.flatMap(({ Timestamps = [], Values = [] }) => Timestamps.map((at, n) => [at.getTime(), Values[n] ?? null])),
    );
  });
  const times = [...new Set([...reachable!.keys(), ...loss!.keys(), ...rtt!.keys()])].sort((a, b) => a - b);
  return times.map((at) => {
    const answered = reachable!.get(at) ?? null;
    return {
      at,
      loss: loss!.get(at) ?? null,
      rttMs: rtt!.get(at) ?? null,
      reachable: answered === null ? null : answered > 0,
    };
  });
}
