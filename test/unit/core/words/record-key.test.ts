/** Where a record lies, and whose it is. */
import { recordKey, recordKeyFrom } from '../../../../core/words/record-key';

const incident = { connection: 'paris', openedAt: Date.parse('2026-01-05T00:02:01Z'), id: 'I-7F3K2M' };

it('is found again by its key', () => {
  const key = recordKey('acme', incident);
  expect(key).toBe('incidents/acme/paris/2026-01-05-I-7F3K2M.json');
  expect(recordKeyFrom('acme', key)).toEqual({ key, connection: 'paris', day: '2026-01-05', id: 'I-7F3K2M' });
});

it.each([
  'incidents/acme-2/paris/2026-01-05-I-7F3K2M.json',
  'incidents/acme/paris/deep/2026-01-05-I-7F3K2M.json',
  'incidents/acme/paris/2026-01-05-I-7F3K2M.json.bak',
  'incidents/acme/paris/2026-01-05-notes.json',
  'incidents/acme/',
])('does not take %s for one', (key) => {
  expect(recordKeyFrom('acme', key)).toBeNull();
});
