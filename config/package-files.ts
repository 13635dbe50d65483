/**
 * Finds the files that travel with the code: runbooks, the state machine, scenarios, the functions' bundles.
 *
 * From the package's own folder, which is the nearest one upwards that says so: the code that asks may be a source, what
 * the compiler made of it, or a chunk of the command's bundle, each at another depth.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ownName = 'switchback';

const isOwn = (folder: string): boolean => {
  const file = join(folder, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === ownName;
};

/** Exported for its test; the package's own folder as seen from `start`. */
export function packageFolderFrom(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isOwn(folder)) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new Error(
    `${start} does not lie in the package ${ownName}, so its runbooks and functions cannot be found: ` +
      'leave the package out of your bundle (external) and install it beside it',
  );
}

let known: string | undefined;

/** The full path of a file or folder of the package, as in the repository: `packagePath('runbooks')`. */
export function packagePath(path: string): string {
  known ??= packageFolderFrom(__dirname);
  return join(known, path);
}
