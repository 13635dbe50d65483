/**
 * The two tables of the CloudWatch user guide ("How alarm state is evaluated when data is missing"), row by row:
 * evaluation range of 5 points, 3 periods, `0` within the threshold, `X` breaching, `-` missing.
 */
import { alarmState, type MissingData } from '../../../../../local-cloud/services/alarms/alarm-state';

const treatments: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

function states(points: string, toAlarm: number): string[] {
  const values = points.split(' ').map((point) => (point === '-' ? undefined : point === 'X' ? 1 : 0));
  return treatments.map((missing) =>
    alarmState({ periods: 3, toAlarm, missing, breaches: (value) => value > 0 }, values, 'INSUFFICIENT_DATA'),
  );
}

/** `INSUFFICIENT_DATA` in the `ignore` column is "retain current state". */
const unknown = 'INSUFFICIENT_DATA';

describe('3 of 3 datapoints', () => {
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', [unknown, unknown, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', unknown, 'ALARM', 'OK']],
  ])('%s', (points, wanted) => {
    expect(states(points, 3)).toEqual(wanted);
  });

  it('does not alarm on a lone new point that the next one may contradict', () => {
    expect(states('- - - - X', 3)[0]).not.toBe('ALARM');
    expect(states('- - - X -', 3)[0]).not.toBe('ALARM');
  });
});

describe('2 of 3 datapoints', () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', unknown, 'ALARM', 'OK']],
  ])('%s', (points, wanted) => {
    expect(states(points, 2)).toEqual(wanted);
  });
});
