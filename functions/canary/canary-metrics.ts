/**
 * A canary's metrics as lines in CloudWatch's embedded metric format. They leave by stdout, not through the VPC: the
 * channel that still works when the reports table, or the way to it, does not.
 *
 * One line per ten seconds and one on each change of verdict; `Reachable` is the minimum since the last line, so that
 * no outage falls between two lines.
 */
import { dimensionsOf, metricNames } from '../../adapters/cloudwatch/metric-names';
import type { Rounds } from '../../core/facts/rounds';
import type { Canary } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import { type Instant, secondMs } from '../../core/words/time';

export const lineIntervalMs = 10 * secondMs;

/** What has happened since the last line. */
export interface Tally {
  readonly since: Instant;
  /** Null: no verdict yet. */
  readonly reachable: 0 | 1 | null;
  /** 0: a report could not be written. Null: none was tried. */
  readonly written: 0 | 1 | null;
  /** 0: the canary is cut off, so its rounds measure nothing. */
  readonly measured: 0 | 1;
}

export function startTally(now: Instant): Tally {
  return { since: now, reachable: null, written: null, measured: 1 };
}

/** What the rounds say by now. A verdict that is not known yet says nothing. */
export function tallyRounds(tally: Tally, { verdict, blindInARow }: Pick<Rounds, 'verdict' | 'blindInARow'>): Tally {
  const measured = blindInARow > 0 ? 0 : 1;
  if (verdict === 'unknown') return { ...tally, measured };
  return { ...tally, measured, reachable: verdict === 'down' || tally.reachable === 0 ? 0 : 1 };
}

export function tallyWrite(tally: Tally, isWritten: boolean): Tally {
  return { ...tally, written: isWritten && tally.written !== 0 ? 1 : 0 };
}

export function metricLine(canary: Canary, namespace: string, tally: Tally, report: CanaryReport): string {
  const values = {
    [metricNames.reachable]: tally.reachable,
    [metricNames.loss]: report.verdict === 'unknown' ? null : report.lossRatio,
    [metricNames.rtt]: report.rttMs,
    [metricNames.measured]: tally.measured === 0 ? 0 : tally.written,
  };
  const known = Object.entries(values).filter(([, value]) => value !== null);
  const metrics = known.map(([Name]) => ({
    Name,
    // Without a unit it is none, and the lines of a month cost a few cents less.
    ...(Name === metricNames.rtt && { Unit: 'Milliseconds' }),
    StorageResolution: 1,
  }));
  const dimensions = dimensionsOf(canary);
  return JSON.stringify({
    _aws: {
      Timestamp: report.reportedAt,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: metrics }],
    },
    ...dimensions,
    ...Object.fromEntries(known),
    verdict: report.verdict,
    missedInARow: report.missedInARow,
    gatewayProbe: report.gatewayProbe,
    fullSize: report.fullSize,
    runId: report.runId,
    round: report.round,
  });
}
