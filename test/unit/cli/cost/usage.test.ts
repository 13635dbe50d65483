/** Who pays for a function that canaries of several connections share. */
import { partsOf } from '../../../../cli/cost/usage';
import type { Resource } from '../../../../local-cloud/template/template';

const running = (canaries?: string) =>
  ({ properties: canaries === undefined ? {} : { Environment: { Variables: { CANARIES: canaries } } } }) as Resource;

it.each([
  [undefined, [['(shared)', 1]]],
  ['paris/a,paris/b', [['paris', 1]]],
  [
    'paris/a,paris/b,rome/a,oslo/a',
    [
      ['paris', 0.5],
      ['rome', 0.25],
      ['oslo', 0.25],
    ],
  ],
])('of %s, each by its canaries', (canaries, parts) => {
  expect(partsOf(running(canaries))).toEqual(parts);
});
