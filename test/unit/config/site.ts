/** A sound configuration as a tree, fresh each time, for tests to break. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deploymentFrom } from '../../../config/read';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

export function site(name = 'pair'): Tree {
  return parse(readFileSync(join(__dirname, `../../../sim/sites/${name}.yaml`), 'utf8'));
}

/** What the reader says about a site after this change: `path: message`, one line per problem. */
export function complaints(change: (tree: Tree) => void, name = 'pair'): string[] {
  const tree = site(name);
  change(tree);
  const result = deploymentFrom(tree);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}
