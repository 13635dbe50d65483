/** A deployment as text, there and back; what came back damaged is none. */
import { packed, unpacked } from '../../../config/packed';
import { deployment } from '../../given';

it('unpacks into what was packed, and packs alike twice', () => {
  const declared = deployment();
  expect(unpacked(packed(declared))).toEqual(JSON.parse(JSON.stringify(declared)));
  expect(packed(declared)).toEqual(packed(declared));
});

it.each([
  ['nothing', []],
  ['a part that is missing', [packed(deployment())[0]!.slice(0, 200)]],
  ['what is no packing', ['bm90aGluZw==']],
  ['another version’s', packed({ ...deployment(), schema: 2 as 1 })],
])('makes nothing of %s', (_, parts) => {
  expect(unpacked(parts)).toBeNull();
});
