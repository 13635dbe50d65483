/**
 * What can be said of the bundles without a clock: their sizes, and that docs/PERFORMANCE.md shows them. How long an
 * import takes and how large a process grows is measured by the command behind that page, which CI runs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBundles } from '../../cli/bundles';
import { functionNames } from '../../infra/function-names';
import { limits, sizeKbOf } from '../../performance/measure';

beforeAll(ensureBundles);

it.each(functionNames)('keeps the bundle of %s small', (name) => {
  expect(sizeKbOf(name)).toBeLessThanOrEqual(limits.sizeMaxKb);
});

it('has its numbers in the document made by the command', () => {
  const text = readFileSync(join(__dirname, '../../docs/PERFORMANCE.md'), 'utf8');
  for (const name of functionNames) {
    const row = new RegExp(`^${name} +(\\d+) kB`, 'm').exec(text);
    expect(Number(row?.[1])).toBeGreaterThan(0);
    expect(Math.abs(Number(row?.[1]) - sizeKbOf(name))).toBeLessThan(25); // Refresh the table: npm run -s performance -- --write
  }
});
