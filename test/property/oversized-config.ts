/**
 * `switchback.yaml` texts that might keep a reader busy for long: YAML's own traps, bottomless and enormous ones. The
 * fuzz test holds that each is refused, `npm run performance` that none takes long.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const pair = readFileSync(join(__dirname, '../../sim/sites/pair.yaml'), 'utf8');

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
].join('\n');

export const oversized: readonly (readonly [title: string, text: string])[] = [
  ['a bomb of aliases', bomb],
  ['an alias to nobody', 'name: *nobody'],
  ['an alias to itself', 'gateways: &g\n  gw: *g'],
  ['the same key twice', `${pair}\nname: again`],
  [
    'a merge key',
    pair.replace('control:', '<<: {control: ssm}\n    control:').replace('region:', '<<: {a: 1}\nregion:'),
  ],
  ['a list as a key', '? [a, b]\n: c'],
  ['two documents', 'name: a\n---\nname: b'],
  ['a bottomless list', '['.repeat(20_000)],
  ['a bottomless map', many(3_000, (i) => `${' '.repeat(i)}a:`)],
  ['a bottomless tree', '['.repeat(2_000) + ']'.repeat(2_000)],
  ['fifty thousand keys', many(50_000, (i) => `k${i}: 1`)],
  ['ten thousand unknown fields', `${pair}\n${many(10_000, (i) => `unknown-${i}: 1`)}`],
  ['ten thousand gateways', `gateways:\n${many(10_000, (i) => `  g${i}: {zone: x}`)}`],
  ['a megabyte of one word', `name: ${'x'.repeat(1_000_000)}`],
  [
    'a path called constructor',
    pair
      .replace('a: {gateway: gw-a', 'constructor: {gateway: gw-a')
      .replace('home: a', 'home: constructor')
      .replace('path: a', 'path: constructor'),
  ],
];

/** Two thousand tables with two thousand destinations each, in the tree of a sound site. */
export function millionsOfRoutes(): unknown {
  const tree = parse(pair);
  const set = tree.connections.paris.routeSets.office;
  set.tables = Array.from({ length: 2_000 }, (_, i) => `rtb-${i.toString(16).padStart(17, '0')}`);
  set.destinations = Array.from({ length: 2_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  return tree;
}
