/**
 * A canary's report as an item of the reports table, both ways. What comes out is checked field by field, because it
 * was written from another network by a function that may be older or newer than the reader.
 */

import type { CanaryReport, CanaryVerdict, FullSize } from '../../core/words/evidence';
import { malformed, shown } from '../../core/words/malformed';
import { isInstant, own } from '../../core/words/shape';
import { type Attributes, fromItem, toItem } from './attributes';

const verdicts: readonly CanaryVerdict[] = ['healthy', 'degraded', 'down', 'unknown'];
const probes: readonly CanaryReport['gatewayProbe'][] = ['up', 'down', 'none'];

const fullSizes: readonly FullSize[] = ['both_ways', 'out_only', 'lost', 'unmeasured'];

export function reportItem(report: CanaryReport): Attributes {
  return toItem({ ...report });
}

/** Throws `MalformedInput` naming every field at fault. */
export function reportFromItem(item: Attributes): CanaryReport {
  const record = fromItem(item);
  const problems: string[] = [];
  const field = <T>(name: keyof CanaryReport, wanted: string, fits: (value: unknown) => value is T): T => {
    const value = own(record, name);
    if (!fits(value)) problems.push(`${name}: ${shown(value)} must be ${wanted}`);
    return value as T;
  };
  const text = (name: keyof CanaryReport): string =>
    field(name, 'a text', (v): v is string => typeof v === 'string' && v !== '');
  const number = (name: keyof CanaryReport): number => field(name, 'a number of at least 0', isCount);
  const instant = (name: keyof CanaryReport): number => field(name, 'epoch milliseconds', isInstant);
  const report: CanaryReport = {
    schema: field('schema', '1', (v): v is 1 => v === 1),
    canary: text('canary'),
    connection: text('connection'),
    reportedAt: instant('reportedAt'),
    since: instant('since'),
    verdict: field('verdict', verdicts.join(', '), (v): v is CanaryVerdict => verdicts.includes(v as CanaryVerdict)),
    lossRatio: field('lossRatio', 'a share from 0 to 1', (v): v is number => isCount(v) && v <= 1),
    rttMs: field('rttMs', 'a number or null', (v): v is number | null => v === null || isCount(v)),
    missedInARow: number('missedInARow'),
    answeredInARow: number('answeredInARow'),
    answeredAt: instant('answeredAt'),
    missedSince: instant('missedSince'),
    gatewayProbe: field('gatewayProbe', probes.join(', '), (v): v is 'up' | 'down' | 'none' =>
      probes.includes(v as 'up'),
    ),
    ...(Object.hasOwn(record, 'probeMissed') && { probeMissed: number('probeMissed') }),
    // A canary of before knew no sizes; while it is being replaced its word on the rest must still count.
    fullSize: Object.hasOwn(record, 'fullSize')
      ? field('fullSize', fullSizes.join(', '), (v): v is FullSize => fullSizes.includes(v as FullSize))
      : 'unmeasured',
    ...(Object.hasOwn(record, 'lateMs') && { lateMs: number('lateMs'), lateAt: instant('lateAt') }),
    runId: text('runId'),
    round: number('round'),
    changed: field('changed', 'true or false', (v): v is boolean => typeof v === 'boolean'),
  };
  if (problems.length > 0) throw malformed('canary report', problems);
  return report;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
