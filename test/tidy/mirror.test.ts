/** Where the test of a file is: at the same place under test/unit/ as the file in the tree. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { filesUnder, root, sources } from './sources';

const tests = filesUnder('test/unit', /\.ts$/).map((file) => path.relative('test/unit', file));

it('has only folders in test/unit that the tree has', () => {
  const folders = [...new Set(tests.map((file) => path.dirname(file)))];
  expect(folders.filter((folder) => !existsSync(path.join(root, folder)))).toEqual([]);
  expect(folders.length).toBeGreaterThan(30);
});

it('keeps a test that has the name of a file beside nothing but that file', () => {
  const nameOf = (file: string) => path.basename(file).replace(/(\.test)?\.ts$/, '');
  const astray = tests.filter((test) => {
    const [room] = test.split('/');
    const named = sources.filter((file) => file.startsWith(`${room}/`) && nameOf(file) === nameOf(test));
    return named.length > 0 && !named.some((file) => path.dirname(file) === path.dirname(test));
  });
  expect(astray).toEqual([]);
});
