/** The tree as the house style looks at it: its folders of code, their files, their texts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(__dirname, '../..');
export const code = [
  'core',
  'adapters',
  'functions',
  'config',
  'infra',
  'local-cloud',
  'sim',
  'lab',
  'model',
  'performance',
  'cli',
  'test',
  'scripts',
  'examples',
];

export function filesUnder(folder: string, ending: RegExp): string[] {
  const full = path.join(root, folder);
  if (!existsSync(full)) return [];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

/** Without declarations. */
export const sources = code.flatMap((folder) => filesUnder(folder, /\.ts$/)).filter((file) => !file.endsWith('.d.ts'));
export const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Which module each relative import of this file names, from the root and without an ending. */
export const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import\() ?'(\.[^']*)'/g)].map(([, to]) => path.join(path.dirname(file), to!));
