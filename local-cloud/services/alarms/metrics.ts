/**
 * Metric data: points by metric identity, each visible only some seconds after it was written, and the statistics that
 * GetMetricData and alarms take of them.
 *
 * Points are kept for three hours, as CloudWatch keeps high-resolution data.
 */
import { hourMs, type Instant } from '../../../core/words/time';

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Point {
  readonly at: Instant;
  readonly visibleAt: Instant;
  readonly value: number;
}

const keptMs = 3 * hourMs;
/** Old points are swept out so rarely that it costs nothing per point. */
const sweptEveryMs = hourMs / 2;

export const metricKey = ({ namespace, name, dimensions }: MetricId): string =>
  `${namespace}/${name}/${Object.keys(dimensions)
    .sort()
    .map((dimension) => `${dimension}=${dimensions[dimension]}`)
    .join(',')}`;

export class Metrics {
  private readonly points = new Map<string, Point[]>();

  /** `at` is when it was measured; readers see it from `visibleAt` on. */
  put(id: MetricId, at: Instant, value: number, visibleAt: Instant): void {
    const key = metricKey(id);
    const points = this.points.get(key) ?? [];
    this.points.set(key, points);
    points.push({ at, visibleAt, value });
    if (points[0]!.at < at - keptMs - sweptEveryMs) {
      this.points.set(
        key,
        points.filter((point) => point.at >= at - keptMs),
      );
    }
  }

  /** One statistic over [from, to), as it can be seen at `now`; undefined when no point is there. */
  statistic(id: MetricId, statistic: string, from: Instant, to: Instant, now: Instant): number | undefined {
    const points = this.points.get(metricKey(id)) ?? [];
    const values: number[] = [];
    const oldest = Math.max(from, now - keptMs);
    for (let i = points.length - 1; i >= 0; i--) {
      const point = points[i]!;
      // Points come nearly in order: a minute of slack ends the search early.
      if (point.at < oldest - 60_000) break;
      if (point.at >= oldest && point.at < to && point.visibleAt <= now) values.push(point.value);
    }
    return values.length === 0 ? undefined : aggregate(values, statistic);
  }
}

function aggregate(values: readonly number[], statistic: string): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'SampleCount':
      return values.length;
    case 'Average':
      return sum / values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    default:
      return percentile(values, statistic);
  }
}

function percentile(values: readonly number[], statistic: string): number {
  const match = /^p(\d{1,2}(?:\.\d+)?)$/.exec(statistic);
  if (match === null) throw new Error(`Statistic '${statistic}' is not modelled`);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((Number(match[1]) / 100) * sorted.length) - 1)]!;
}
