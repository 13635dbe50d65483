/**
 * What a canary's metrics are called. The canary emits them, assess reads them back when the reports table is silent,
 * and the infrastructure's alarms watch them: one spelling for all three.
 */
import type { Canary } from '../core/domain';

export const metricNames = {
  /** 0 while the canary says `down`, otherwise 1; nothing while it does not know. */
  reachable: 'Reachable',
  loss: 'LossRatio',
  rtt: 'RttMs',
  /** 1 whenever the loop measured. Its absence means that the loop does not run, 0 that the canary is cut off. */
  measured: 'MeasurementOk',
  /** 0 when a report could not be written. */
  written: 'ReportWritten',
} as const;

export interface CanaryDimensions {
  readonly Connection: string;
  readonly Canary: string;
}

export function dimensionsOf(canary: Canary): CanaryDimensions {
  return { Connection: canary.connection, Canary: canary.id };
}
