/**
 * A path that answers after a second is slow, not dead: its users wait, and nothing of it needs a repair. A canary gives
 * its rounds up long before, so that a dead path is left at once, and says `down` with what it has learned since; from
 * then on its word counts as that of a canary which has waited.
 *
 *     880 ms instead of 30, for whatever reason     down: left at once if another is proven | late: degraded, severe later
 */
import type { CanaryReport, Evidence } from '../words/evidence';

export const withLateAnswers = (evidence: Evidence): Evidence => ({
  ...evidence,
  reports: Object.fromEntries(
    Object.entries(evidence.reports).map(([id, report]) => [id, report === null ? null : asWaited(report)]),
  ),
});

function asWaited(report: CanaryReport): CanaryReport {
  const { verdict, lateMs, lateAt } = report;
  if (verdict !== 'down' || lateMs === undefined || lateAt === undefined) return report;
  const answered = { answeredAt: lateAt, missedInARow: 0, missedSince: 0 };
  return { ...report, ...answered, verdict: 'degraded', rttMs: lateMs, lossRatio: 0 };
}
