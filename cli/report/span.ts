/** How much time the charts of an incident show: a little before the first sign, a little after the end. */
import { type Instant, secondMs } from '../../core/words/time';
import type { ReportSource } from './source';

const marginMs = 30 * secondMs;

export interface ShownSpan {
  readonly from: Instant;
  readonly to: Instant;
  /** The first thing that anybody knows of: in a simulation the fault itself. */
  readonly firstSign: Instant;
}

export function spanOf({ record, world, madeAt }: ReportSource): ShownSpan {
  const { openedAt, closedAt, signals, commands, dark } = record;
  const own = [openedAt, ...signals, ...commands, ...dark].map((one) => (typeof one === 'number' ? one : startOf(one)));
  const firstSeen = Math.min(...own);
  const faultAt = world?.happened.findLast(({ at }) => at <= firstSeen)?.at;
  const firstSign = faultAt ?? firstSeen;
  return { firstSign, from: firstSign - marginMs, to: Math.min(madeAt, (closedAt ?? madeAt) + marginMs) };
}

const startOf = (one: { readonly at: Instant } | { readonly from: Instant }): Instant =>
  'at' in one ? one.at : one.from;
