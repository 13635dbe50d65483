/** One meaning a name: a type that two files export under one name means two things to whoever reads both. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
/** local-cloud/ is a house of its own, in AWS's words. */
const product = [
  'core',
  'adapters',
  'functions',
  'config',
  'infra',
  'cli',
  'sim',
  'lab',
  'model',
  'performance',
  'scripts',
];

const exported = new Map<string, string[]>();
for (const folder of product) {
  if (!existsSync(path.join(root, folder))) continue;
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((one) => one.endsWith('.ts') && !one.endsWith('.d.ts'))) {
    const text = readFileSync(path.join(root, folder, file), 'utf8');
    for (const [, name] of text.matchAll(/^export (?:interface|type|class|abstract class) ([A-Z]\w*)/gm))
      exported.set(name!, [...(exported.get(name!) ?? []), path.join(folder, file)]);
  }
}

it('gives no two exported types one name', () => {
  const twice = [...exported].filter(([, files]) => files.length > 1);
  expect(Object.fromEntries(twice)).toEqual({});
  expect(exported.size).toBeGreaterThan(200);
});
