/** A kept record, read back: whole, or not at all. */
import { recordFrom } from '../../../../core/turn/record-text';
import { record } from '../../cli/report/given';

it('reads what was written, and passes over what it does not know', () => {
  expect(recordFrom(JSON.stringify(record))).toEqual(record);
  expect(recordFrom(JSON.stringify({ ...record, mood: 'calm' }))).toMatchObject(record);
});

const fields = Object.keys(record) as (keyof typeof record)[];

it.each(fields)('believes nothing where %s is missing or another kind', (field) => {
  const { [field]: _, ...without } = record;
  expect(recordFrom(JSON.stringify(without))).toBeNull();
  expect(recordFrom(JSON.stringify({ ...record, [field]: true }))).toBeNull();
});

it.each([
  ['nothing', ''],
  ['no JSON', '<html>'],
  ['a newer form', JSON.stringify({ ...record, schema: 2 })],
  ['a notice without its text', JSON.stringify({ ...record, notices: [{ ...record.notices[0], text: null }] })],
  ['an instant that no date holds', JSON.stringify({ ...record, openedAt: 1e300 })],
])('believes nothing of %s', (_, text) => {
  expect(recordFrom(text)).toBeNull();
});
