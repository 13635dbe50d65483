/** The middle of some values, beside what sorting them finds. */
import { medianOf } from '../../../../core/facts/median';
import { randomStream } from '../../../../local-cloud/random';

it('is the middle one of the values in order, the upper one of two, and none of none', () => {
  expect(medianOf([])).toBeNull();
  expect(medianOf([7])).toBe(7);
  expect(medianOf([7, 3])).toBe(7);
  expect(medianOf([9, 1, 5])).toBe(5);
  expect(medianOf([4, 4, 4, 4])).toBe(4);
});

it('is what sorting finds, of whatever is drawn: many equal ones, in order, against the order', () => {
  const random = randomStream(7, 'median');
  for (let i = 0; i < 500; i++) {
    const values = Array.from({ length: 1 + Math.floor(random.next() * 64) }, () =>
      Math.floor(random.next() * (i % 3 === 0 ? 4 : 500)),
    );
    const sorted = [...values].sort((one, other) => one - other);
    const middle = sorted[sorted.length >> 1];
    expect([medianOf([...values]), medianOf([...sorted]), medianOf(sorted.toReversed())]).toEqual([
      middle,
      middle,
      middle,
    ]);
  }
});
