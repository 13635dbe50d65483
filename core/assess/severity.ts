/**
 * Does a report show a path that loses or delays too much? A matter of more than one report: loss is counted over a
 * window of rounds, so 30 % reads as 19 % now and then, and a canary's run that has just begun has no window yet.
 *
 *     begins at the policy's numbers     lasts down to seven tenths of them, and past a run whose window is not full
 *
 * Without this a spell would begin anew with most minutes: users hurt for good would be moved nowhere, and nobody told.
 */

import type { CanaryReport } from '../words/evidence';
import { type Policy, windowRoundsOf } from '../words/policy';
import { secondMs } from '../words/time';

const lastsDownTo = 0.7;
/** A window takes 20 s at the default. Where rounds are rare, half of one must do, with what the run before has left. */
const youngMs = 35 * secondMs;

/** `lasts`: it was so at the last look. */
export function showsSevere({ lossRatio, rttMs }: CanaryReport, policy: Policy, lasts: boolean): boolean {
  const share = lasts ? lastsDownTo : 1;
  return lossRatio >= policy.severeLossRatio * share || (rttMs ?? 0) >= policy.severeRttMs * share;
}

/**
 * Its window is not full yet: it tells of loss by few rounds, and what it has from the run before is a minute old. Reports
 * made of metrics have no rounds.
 */
export const isTooYoungForLoss = ({ round }: CanaryReport, policy: Policy): boolean =>
  round > 0 && round < windowRoundsOf(policy) && round * policy.roundIntervalMs < youngMs;
