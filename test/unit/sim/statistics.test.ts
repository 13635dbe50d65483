/** Percentiles and shares, each with what other samples would have said. */
import { quantile, shareOf } from '../../../sim/statistics';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

it('takes the smallest value that so many of the sample do not exceed', () => {
  expect(quantile(upTo(100), 0.5).value).toBe(50);
  expect(quantile(upTo(100), 0.95).value).toBe(95);
  expect(quantile(upTo(100), 0.99).value).toBe(99);
});

it('says between which ranks it lies in 95 of 100 samples, and no upper one where the sample has none', () => {
  expect(quantile(upTo(100), 0.5)).toEqual({ value: 50, from: 40, to: 61 });
  expect(quantile(upTo(1_000), 0.95)).toEqual({ value: 950, from: 936, to: 965 });
  expect(quantile(upTo(100), 0.99).to).toBe(Number.POSITIVE_INFINITY);
});

it('narrows with the sample', () => {
  const width = (n: number): number => {
    const { from, to } = quantile(upTo(n), 0.95);
    return (to - from) / n;
  };
  expect(width(1_000)).toBeLessThan(width(100) / 2);
});

it('says what a share of none still leaves possible', () => {
  expect(shareOf(0, 1_600)).toMatchObject({ value: 0, from: 0 });
  expect(shareOf(0, 1_600).to).toBeCloseTo(0.0024, 4);
  expect(shareOf(32, 1_600)).toMatchObject({ value: 0.02 });
});
