/**
 * The limits of docs/PERFORMANCE.md on the bundles as built: sizes and memory as they stand, import times with room,
 * because machines differ. The command behind the document measures longer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBundles } from '../../cli/bundles';
import { functionNames } from '../../infra/function-assets';
import { limits, sizeKbOf, type Weight, weigh } from '../../scripts/performance-measure';

/** Processors differ, and their caches are shared. */
const slack = 1.5;

let weights: readonly Weight[];
beforeAll(async () => {
  ensureBundles();
  weights = await weigh({ imports: 3, canaryMs: 2_000 });
}, 120_000);

it.each(functionNames)('keeps the bundle of %s small', (name) => {
  expect(sizeKbOf(name)).toBeLessThanOrEqual(limits.sizeMaxKb);
});

it.each(functionNames)('imports %s in time for a failover', (name) => {
  const { importCpuMs } = weights.find((weight) => weight.name === name)!;
  expect(importCpuMs).toBeGreaterThan(1); // Nothing of this size is read in less.
  expect(importCpuMs).toBeLessThanOrEqual(slack * limits.importMsMax);
});

it.each(functionNames)('leaves %s nearly a third of its memory', (name) => {
  const { peakMb, memoryMb } = weights.find((weight) => weight.name === name)!;
  expect(peakMb).toBeGreaterThan(20); // No Node process is smaller: what is measured is one.
  expect(1 - peakMb / memoryMb).toBeGreaterThanOrEqual(limits.headroomMin);
});

it('has really had the functions at work', () => {
  const calls = Object.fromEntries(weights.map(({ name, calls: made }) => [name, made]));
  expect(calls['sense']).toBeGreaterThanOrEqual(2); // The connection is read, an execution started.
  expect(calls['assess']).toBeGreaterThanOrEqual(6);
  expect(calls['sweep']).toBeGreaterThanOrEqual(7);
  expect(calls['apply']).toBeGreaterThan(100); // Fifty routes, each with its fence.
});

it('has its numbers in the document made by the command', () => {
  const text = readFileSync(join(__dirname, '../../docs/PERFORMANCE.md'), 'utf8');
  for (const name of functionNames) {
    const row = new RegExp(`^${name} +(\\d+) kB`, 'm').exec(text);
    expect(Number(row?.[1])).toBeGreaterThan(0);
    expect(Math.abs(Number(row?.[1]) - sizeKbOf(name))).toBeLessThan(25); // Refresh the table: npm run -s performance -- --write
  }
});
