/**
 * When a metric alarm is in which state: M of N datapoints, and CloudWatch's own way with missing ones.
 *
 * Source: the CloudWatch user guide, "How alarm state is evaluated when data is missing". CloudWatch looks further back
 * than N (its example: 5 points for N = 3; the general rule is not published, N + 2 is taken here), prefers real points
 * to filled ones, and fills only what is still lacking.
 */

export type AlarmValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'breaching' | 'notBreaching' | 'ignore';

export interface AlarmTest {
  /** N: EvaluationPeriods. */
  readonly periods: number;
  /** M: DatapointsToAlarm. */
  readonly toAlarm: number;
  readonly missing: MissingData;
  breaches(value: number): boolean;
}

/** How many periods are retrieved. */
export const evaluationRange = (periods: number): number => periods + 2;

/** `points` are the evaluation range, oldest first; undefined is a missing point. */
export function alarmState(test: AlarmTest, points: readonly (number | undefined)[], current: AlarmValue): AlarmValue {
  const recent = points.slice(-test.periods);
  // As long as the newest N are all there, older ones do not count.
  const considered = recent.includes(undefined) ? points : recent;
  const real = considered.filter((value): value is number => value !== undefined).slice(-test.periods);
  const lacking = test.periods - real.length;
  const breaching = real.filter((value) => test.breaches(value)).length;
  if (lacking === 0) return breaching >= test.toAlarm ? 'ALARM' : 'OK';
  switch (test.missing) {
    case 'breaching':
      return breaching + lacking >= test.toAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaching >= test.toAlarm ? 'ALARM' : 'OK';
    default:
      return withoutFilling(test, points, real, breaching, current);
  }
}

/** `missing` and `ignore`: only real points speak, and too few of them say little. */
function withoutFilling(
  test: AlarmTest,
  points: readonly (number | undefined)[],
  real: readonly number[],
  breaching: number,
  current: AlarmValue,
): AlarmValue {
  if (real.length === 0) return test.missing === 'ignore' ? current : 'INSUFFICIENT_DATA';
  if (breaching >= test.toAlarm) return 'ALARM';
  if (breaching < real.length) return 'OK';
  // Only breaching points, fewer than M. A lone one becomes an alarm once it is old enough that no later point can
  // make it look like an accident ("premature alarm state" in the guide).
  if (test.missing === 'ignore') return current;
  const oldest = points.findIndex((value) => value !== undefined);
  return points.length - oldest >= test.toAlarm ? 'ALARM' : current === 'ALARM' ? 'ALARM' : 'OK';
}
