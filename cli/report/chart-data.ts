/** What the page hands to its own script, in the units that uPlot reads: seconds, and one value a moment of each series. */
import type { IncidentReport } from './incident-report';

export interface ChartData {
  readonly from: number;
  readonly to: number;
  readonly marks: readonly number[];
  readonly times: readonly number[];
  readonly canaries: readonly {
    readonly colour: number;
    readonly dashed: boolean;
    readonly loss: readonly (number | null)[];
    readonly rtt: readonly (number | null)[];
  }[];
}

export const colours = 6;

export function chartDataOf({ from, to, marks, canaries }: IncidentReport): ChartData {
  const times = [...new Set(canaries.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  return {
    from: from / 1_000,
    to: to / 1_000,
    marks: marks.map(({ at }) => at / 1_000),
    times: times.map((at) => at / 1_000),
    canaries: canaries.map(({ points, of }, i) => {
      const byTime = new Map(points.map((point) => [point.at, point]));
      return {
        colour: i % colours,
        dashed: of === 'service',
        loss: times.map((at) => byTime.get(at)?.loss ?? null),
        rtt: times.map((at) => byTime.get(at)?.rttMs ?? null),
      };
    }),
  };
}
