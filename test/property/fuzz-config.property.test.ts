/**
 * Bad `switchback.yaml`: any text is a sound deployment, or a list of problems that each name the field, what stands
 * there and the mend. Never another exception; that none takes long is for `npm run performance`.
 *
 * Method: the sample sites with something wrong in their tree or in their text, YAML's own traps, and plain junk.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { problemText } from '../../config/problems';
import { deploymentFrom, parseConfig } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import { site } from '../unit/config/site';
import { junkText, mutated, runs, seed } from './fuzz';
import { millionsOfRoutes, oversized } from './oversized-config';

const names = ['pair', 'affinity', 'shared'] as const;
const texts = names.map((name) => readFileSync(join(__dirname, `../../sim/sites/${name}.yaml`), 'utf8'));

/** What an author may type by accident, or paste. */
const scraps = [
  '&a [*a, *a]',
  '*nobody',
  '<<: {mode: repair}',
  '? [a, b]\n: c',
  '!!binary aGk=',
  '!!set {a, b}',
  '---',
  '...',
  '\t',
  '\0',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '# ',
  '|',
  '>',
  '\r\n',
  'yes',
  '0x10',
  '.nan',
  '.inf',
  '1e999',
  '2026-01-05',
  '~',
  '\ufeff',
  '%YAML 1.1',
];

const edited = fc
  .record({
    text: fc.constantFrom(...texts),
    cuts: fc.array(
      fc.record({
        from: fc.nat({ max: 4_000 }),
        length: fc.nat({ max: 60 }),
        scrap: fc.oneof(fc.constantFrom(...scraps), fc.string({ maxLength: 8 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ text, cuts }) =>
    cuts.reduce(
      (t, { from, length, scrap }) => t.slice(0, from % t.length) + scrap + t.slice((from % t.length) + length),
      text,
    ),
  );

const lines = fc
  .record({
    text: fc.constantFrom(...texts),
    moves: fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 200 })), { minLength: 1, maxLength: 4 }),
  })
  .map(({ text, moves }) => {
    const all = text.split('\n');
    for (const [from, to] of moves) all.splice(to % all.length, 0, all[from % all.length]!);
    return all.join('\n');
  });

const trees = fc
  .constantFrom(...names)
  .chain((name) => mutated(site(name)))
  .map((text) => stringify(JSON.parse(text)));

/** Every reference leads somewhere: what the functions rely on without a second look. */
function expectWhole({ connections, gateways }: Deployment): void {
  for (const [name, { paths, routeSets, canaries, standby }] of Object.entries(connections)) {
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(Object.keys(paths).length).toBeGreaterThanOrEqual(standby === 'none' ? 1 : 2);
    for (const path of Object.values(paths)) expect(gateways).toHaveProperty([path.gateway]);
    for (const set of Object.values(routeSets)) expect(paths).toHaveProperty([set.home]);
    for (const canary of canaries) expect(canary.targets.length).toBeGreaterThan(0);
  }
}

function expectAnswer(text: string): void {
  const result = parseConfig(text);
  if (result.ok) {
    expectWhole(result.deployment);
    return;
  }
  expect(result.problems.length).toBeGreaterThan(0);
  for (const problem of result.problems) {
    // A sentence of ours, not of a library, that says where, what and what else.
    expect(problem.message).toMatch(/^[a-z].{8,}/s);
    expect(problem.message).not.toMatch(/undefined|\[object|Invalid input|Expected/);
    expect(problemText(problem).length).toBeLessThan(2_000);
    if (problem.path === '') expect(result.problems.length).toBe(1);
  }
}

describe(`bad switchback.yaml (seed ${seed})`, () => {
  it.each([
    ['with something wrong in its tree', trees, 150],
    ['with something wrong in its text', edited, 200],
    ['with lines moved about', lines, 150],
    ['that is something else', fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom(...scraps), junkText), 300],
  ] as const)('%s is read, or refused field by field', (_title, arbitrary, usual) => {
    fc.assert(fc.property(arbitrary, expectAnswer), runs(usual));
  });

  it('is refused as a tree too: a scenario lays its own over a site', () => {
    const property = fc.property(fc.oneof(mutated(site()), junkText), (text) => {
      const result = deploymentFrom(JSON.parse(text));
      if (result.ok) expectWhole(result.deployment);
      else expect(result.problems.length).toBeGreaterThan(0);
    });
    fc.assert(property, runs(250));
  });

  it.each(oversized)('%s is refused', (_title, text) => {
    expectAnswer(text);
    expect(parseConfig(text).ok).toBe(false);
  });

  it('routes by the million are refused', () => {
    expect(deploymentFrom(millionsOfRoutes()).ok).toBe(false);
  });
});
