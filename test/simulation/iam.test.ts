/**
 * The policies against what the product does: whatever may be changed is changed in some scenario, nothing is denied in
 * any, and nothing of ours is granted everywhere. Exceptions are named, with their reasons, in local-cloud/iam/exceptions.ts.
 *
 * One pass: scenarios are played, the far-reaching ones first, until every changing grant was used. That the others are
 * denied nothing either is held by the scenarios' own suite; `npm run iam` prints the whole table.
 */

import { type Grant, GrantUse, isReading, textOf } from '../../local-cloud/iam/grant-use';
import { imposedByAws, keptUnused } from '../../sim/grant-exceptions';
import { scenarioNames } from '../../sim/scenario';
import { farReaching } from './far-reaching';
import { play } from './played';

const use = new GrantUse();
const played: string[] = [];

const changing = (): Grant[] => use.grants().filter(({ action }) => !isReading(action));
const kept = Object.values(keptUnused).flat();
const unused = (): string[] =>
  changing()
    .filter(({ count }) => count === 0)
    .map(textOf)
    .filter((grant) => !kept.includes(grant));

beforeAll(async () => {
  for (const name of new Set([...farReaching, ...scenarioNames()])) {
    const { roles, usage } = (await play(name)).cloud;
    use.add({ roles, usage: () => [...usage] });
    played.push(name);
    if (played.length >= farReaching.length && unused().length === 0) return;
  }
});

it('uses every changing grant in some scenario', () => {
  expect(unused()).toEqual([]);
  expect(changing().length).toBeGreaterThan(60);
});

it('denies nothing that is asked for', () => {
  expect(use.denials()).toEqual([]);
  expect(played.length).toBeGreaterThanOrEqual(farReaching.length);
});

it('grants no changing action on every resource, but those AWS imposes', () => {
  const everywhere = changing().filter(({ resource }) => resource === '*');
  const exceptions = Object.values(imposedByAws).flat();
  expect(everywhere.filter(({ action }) => !exceptions.includes(action)).map(textOf)).toEqual([]);
});

it('keeps no exception that nothing needs', () => {
  const stillUnused = changing()
    .filter(({ count }) => count === 0)
    .map(textOf);
  expect(kept.filter((grant) => !stillUnused.includes(grant))).toEqual([]);
  const everywhere = changing()
    .filter(({ resource }) => resource === '*')
    .map(({ action }) => action);
  expect(
    Object.values(imposedByAws)
      .flat()
      .filter((action) => !everywhere.includes(action)),
  ).toEqual([]);
});
