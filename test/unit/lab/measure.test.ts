/** What counts as dark, and how runs become a distribution. */
import { distributionOf, feltBetween, type Recording } from '../../../lab/measure';

/** One probe every 10 ms from 0; `.` answered, `x` lost. */
function recording(probes: string, receivedAt: readonly number[] = [], brokenAt: number | null = null): Recording {
  const sentAt = [...probes].map((_, i) => 10 * i);
  const rttMs = [...probes].map((one) => (one === 'x' ? null : 1));
  return { intervalMs: 10, sentAt, rttMs, tcp: { receivedAt, brokenAt, endedAt: 10 * probes.length } };
}

describe('dark time', () => {
  it.each([
    ['nothing lost', '..........', 0, 0],
    ['one lost', '....x.....', 20, 1],
    ['the longest of two gaps', '..x..xxx..', 40, 4],
    ['lost to the end', '.....xxxxx', 50, 5],
    ['never answered', 'xxxxxxxxxx', 90, 10],
  ])('%s', (_what, probes, darkMs, lostProbes) => {
    expect(feltBetween(recording(probes), 0)).toMatchObject({ darkMs, lostProbes });
  });

  it('counts from the fault, back to the last answer before it', () => {
    expect(feltBetween(recording('x...xxxx..'), 40)).toMatchObject({ darkMs: 50, lostProbes: 4 });
  });

  it('leaves out what came before the fault and after the end', () => {
    expect(feltBetween(recording('xxx.......xxx'), 40, 90)).toMatchObject({ darkMs: 0, lostProbes: 0 });
  });
});

describe('a transfer', () => {
  it('stood still for its longest pause', () => {
    expect(feltBetween(recording('..........', [0, 10, 20, 80, 90]), 0).tcpStallMs).toBe(60);
  });

  it('that never went on stood still to the end', () => {
    expect(feltBetween(recording('..........', [0, 10, 20]), 0).tcpStallMs).toBe(80);
  });

  it('that was reset did not survive', () => {
    expect(feltBetween(recording('..........', [0], 50), 0).tcpSurvived).toBe(false);
  });
});

it('takes the nearest rank: every number was measured', () => {
  const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
  expect(distributionOf(values)).toEqual({ min: 1, median: 5, p95: 10, max: 10 });
  expect(distributionOf([7])).toEqual({ min: 7, median: 7, p95: 7, max: 7 });
  expect(() => distributionOf([])).toThrow('at least one');
});
