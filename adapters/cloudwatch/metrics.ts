/**
 * The canaries' CloudWatch metrics as stand-in reports, for the hour in which the reports table cannot be read. They
 * left the canary by another way (stdout), so they survive a DynamoDB outage; they are coarser and up to 30 s old.
 *
 * A canary without a recent point has no report: unknown, not down.
 */
import type { CloudWatchClient, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Canary, CanaryId } from '../../core/words/domain';
import type { CanaryReport, CanaryVerdict } from '../../core/words/evidence';
import type { Policy } from '../../core/words/policy';
import { type Instant, secondMs } from '../../core/words/time';
import type { Clock } from '../attempt';
import { canariesPerCallMax, canaryQueries, metricData } from './metric-data';

export interface Metrics {
  read(canaries: readonly WatchedCanary[]): Promise<Readonly<Record<CanaryId, CanaryReport | null>>>;
}

interface WatchedCanary {
  readonly canary: Canary;
  readonly policy: Policy;
}

const stats = { reachable: 'Minimum', loss: 'Average', rtt: 'Average' } as const;

/** High-resolution points are kept by the second. */
const periodSeconds = 1;

export function metrics(cloudwatch: Pick<CloudWatchClient, 'send'>, namespace: string, clock: Clock): Metrics {
  const readPage = (watched: readonly WatchedCanary[]): Promise<MetricDataResult[]> => {
    const now = clock.now();
    const spanMs = Math.max(...watched.map((w) => w.policy.metricsFreshMaxMs));
    return metricData(cloudwatch, clock, watched.map((w) => w.canary.id).join(', '), {
      StartTime: new Date(now - spanMs),
      EndTime: new Date(now + secondMs),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: watched.flatMap((w, i) => canaryQueries(w.canary, i, { namespace, periodSeconds, stats })),
    });
  };

  return {
    async read(watched) {
      const reports: Record<CanaryId, CanaryReport | null> = {};
      for (let i = 0; i < watched.length; i += canariesPerCallMax) {
        const page = watched.slice(i, i + canariesPerCallMax);
        const results = await readPage(page);
        page.forEach((w, index) => {
          reports[w.canary.id] = reportOf(w, index, results, clock.now());
        });
      }
      return reports;
    },
  };
}

function reportOf(
  { canary, policy }: WatchedCanary,
  index: number,
  results: readonly MetricDataResult[],
  now: Instant,
): CanaryReport | null {
  const reachable = latest(results, `reachable${index}`);
  if (reachable === null || now - reachable.at > policy.metricsFreshMaxMs) return null;
  const lossRatio = latest(results, `loss${index}`)?.value ?? 0;
  const rttMs = latest(results, `rtt${index}`)?.value ?? null;
  const verdict = verdictOf(reachable.value, lossRatio, rttMs, policy);
  return {
    schema: 1,
    canary: canary.id,
    connection: canary.connection,
    reportedAt: reachable.at,
    since: verdict === 'down' ? unreachableSince(results, `reachable${index}`) : reachable.at,
    verdict,
    lossRatio,
    rttMs,
    missedInARow: verdict === 'down' ? policy.downAfterRounds : 0,
    answeredInARow: verdict === 'down' ? 0 : policy.upAfterRounds,
    // A metric says what was reached in its period, not which probe: it claims no moment of failure.
    answeredAt: verdict === 'down' ? 0 : reachable.at,
    missedSince: 0,
    gatewayProbe: 'none',
    fullSize: 'unmeasured',
    runId: 'metrics',
    round: 0,
    changed: false,
  };
}

function verdictOf(reachable: number, lossRatio: number, rttMs: number | null, policy: Policy): CanaryVerdict {
  if (reachable < 1) return 'down';
  return lossRatio > policy.degradedLossRatio || (rttMs ?? 0) > policy.degradedRttMs ? 'degraded' : 'healthy';
}

/** The oldest of the points that say so without a break, up to now. */
function unreachableSince(results: readonly MetricDataResult[], id: string): Instant {
  const points = pointsOf(results, id).sort((a, b) => b.at - a.at);
  const answered = points.findIndex(({ value }) => value >= 1);
  return points[answered === -1 ? points.length - 1 : answered - 1]!.at;
}

interface Point {
  readonly at: Instant;
  readonly value: number;
}

/** The newest point of one query; pages of one query may come apart. */
function latest(results: readonly MetricDataResult[], id: string): Point | null {
  return pointsOf(results, id).reduce<Point | null>((best, p) => (best === null || p.at > best.at ? p : best), null);
}

function pointsOf(results: readonly MetricDataResult[], id: string): Point[] {
  return results
    .filter((result) => result.Id === id)
    .flatMap((result) =>
      (result.Timestamps ?? []).map((at, i) => ({
        at: new Date(at).getTime(),
        value: result.Values?.[i] ?? Number.NaN,
      })),
    )
    .filter((point) => Number.isFinite(point.value));
}
