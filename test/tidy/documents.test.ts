/** What the documents name is there: a scenario that a reader is told to play, a file that a link leads to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scenarioNames } from '../../sim/scenario';
import { code, filesUnder, root, textOf } from './sources';

const documents = [
  'README.md',
  'CHANGELOG.md',
  ...['docs', 'examples', 'terraform', ...code].flatMap((folder) => filesUnder(folder, /\.md$/)),
];

it('names only scenarios that can be played', () => {
  const known = new Set(scenarioNames());
  const named = [...textOf('docs/SYSTEMS.md').matchAll(/(?<=`|simulate )s[12]-[a-z0-9-]+[a-z0-9]/g)].map(
    ([name]) => name,
  );
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(15);
});

it('links only to files that are there', () => {
  const dead = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target]) => target!)
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document} -> ${target}`),
  );
  expect(dead).toEqual([]);
});
