/** What canaries measured during an incident: by CloudWatch, or, where that has nothing, what runs saw when they looked. */
import type { CanaryPoint } from '../../adapters/cloudwatch/canary-history';
import type { CanarySeries } from './incident-report';
import type { ReportSource } from './source';

export function seriesOf({ record, connection, measured }: ReportSource): CanarySeries[] {
  return connection.canaries
    .map(({ id, watches }): CanarySeries => {
      const points = measured?.points.get(id) ?? [];
      const isMeasured = points.length > 0;
      return {
        id,
        about: watches.kind === 'path' ? `path ${watches.path}` : `users of ${watches.routeSet}`,
        of: watches.kind,
        periodMs: isMeasured ? measured!.periodMs : null,
        points: isMeasured ? points : samplesOf(record.samples, id),
      };
    })
    .filter(({ points }) => points.length > 0);
}

const samplesOf = (samples: ReportSource['record']['samples'], id: string): CanaryPoint[] =>
  samples
    .filter(({ canary }) => canary === id)
    .map(({ at, lossRatio, rttMs, verdict }) => ({
      at,
      loss: verdict === 'unknown' ? null : lossRatio,
      rttMs,
      reachable: verdict === 'unknown' ? null : verdict !== 'down',
    }));
