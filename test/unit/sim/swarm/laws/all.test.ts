/** No law is watched over by nobody, and none by a witness that has never been seen to speak. */
import { laws } from '../../../../../core/decide/invariants';
import { filesUnder, textOf } from '../../../../tidy/sources';

/** `laws.oneHolder` anywhere in these files. */
const namedIn = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((file) => [...textOf(file).matchAll(/\blaws\.(\w+)/g)].map(([, name]) => name!)));

it('has a witness for every law', () => {
  const witnessed = namedIn([...filesUnder('sim/swarm/laws', /(?<!all)\.ts$/), 'sim/swarm/home.ts']);
  expect(Object.keys(laws).filter((name) => !witnessed.has(name))).toEqual([]);
});

it('has a fabricated incident that breaks every law', () => {
  const shown = namedIn(filesUnder('test/unit/sim/swarm', /\.test\.ts$/).filter((file) => !file.includes('all.test')));
  expect(Object.keys(laws).filter((name) => !shown.has(name))).toEqual([]);
});
