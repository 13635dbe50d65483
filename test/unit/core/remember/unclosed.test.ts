/** What a move that was found, not remembered, spends: one entry for each journal, dated so that a budget sees it. */
import { assess } from '../../../../core/assess/assess';
import { rememberUnclosed } from '../../../../core/remember/unclosed';
import type { Memory } from '../../../../core/store/memory';
import type { RouteSet } from '../../../../core/words/domain';
import { budgetWindowMs, limits } from '../../../../core/words/policy';
import { hourMs, secondMs } from '../../../../core/words/time';
import { connection, deployment, desired, evidence, memory, move, routes, t0 } from '../../../given';

const { office } = connection().routeSets as { office: RouteSet };
const plant: RouteSet = { ...office, name: 'plant', tables: ['rtb-7', 'rtb-8'] };
const two = deployment(connection({ routeSets: { office, plant } }));
const plantRoute = (table: string, path: string) => ({
  ...routes(`eni-gw-${path}`)[0]!,
  routeSet: 'plant',
  table,
});

interface Look {
  /** The path that each set follows; of the second set, that of the routes in each of its tables. */
  readonly on: { readonly office: 'a' | 'b'; readonly plant: 'aa' | 'ab' | 'bb' };
  readonly writeUntil: number;
  readonly before?: Memory;
  readonly now?: number;
}

function look({ on, writeUntil, before = memory(), now = t0 }: Look): Memory {
  const seen = evidence({
    routes: [...routes(`eni-gw-${on.office}`), plantRoute('rtb-7', on.plant[0]!), plantRoute('rtb-8', on.plant[1]!)],
  });
  const assessment = assess({
    deployment: two,
    connection: two.connections['paris']!,
    evidence: seen,
    memory: before,
    desired: desired(),
    now,
  });
  return rememberUnclosed(before, assessment, writeUntil, now);
}

const bothOnB = { office: 'b', plant: 'bb' } as const;
const officeOnB = { office: 'b', plant: 'aa' } as const;

it.each([
  ['while writes of its journal may land', t0 - limits.landingMs, t0 - limits.landingMs - limits.applyMs],
  ['once they have', t0 - limits.landingMs - 1, t0],
  ['days later', t0 - 2 * budgetWindowMs, t0],
])('a move that is found %s counts from when it may have been made', (_, writeUntil, at) => {
  expect(look({ on: bothOnB, writeUntil }).budgets).toMatchObject({ moves: [at], failbacks: [] });
});

it('a return that is found days later counts from when it is found', () => {
  const away = memory({ moves: { office: move(), plant: move() } });
  const { budgets } = look({ on: { office: 'a', plant: 'aa' }, writeUntil: t0 - 2 * budgetWindowMs, before: away });
  expect(budgets).toMatchObject({ moves: [], failbacks: [t0] });
});

describe('a second set of the same journal', () => {
  it.each([
    ['at once', t0 + 5 * secondMs, t0 - 10 * secondMs],
    ['days later', t0 - 2 * budgetWindowMs, t0],
  ])('spends nothing more where it is found %s, in another look', (_, writeUntil, at) => {
    const first = look({ on: { office: 'b', plant: 'ab' }, writeUntil });
    const second = look({ on: bothOnB, writeUntil, before: first, now: t0 + 6 * secondMs });
    expect(Object.keys(second.moves)).toEqual(['office', 'plant']);
    expect(second.budgets.moves).toEqual([at]);
  });

  it.each([
    ['the same look', 'aa'],
    ['another look', 'ab'],
  ] as const)('spends an entry of its own where it went the other way, in %s', (_, firstOn) => {
    const writeUntil = t0 + 5 * secondMs;
    const away = memory({ moves: { plant: move() } });
    const first = look({ on: { office: 'b', plant: firstOn }, writeUntil, before: away });
    const { budgets } = look({ on: officeOnB, writeUntil, before: first, now: t0 + 6 * secondMs });
    expect(budgets).toMatchObject({ moves: [t0 - 10 * secondMs], failbacks: [t0 - 10 * secondMs] });
  });
});

it('counts beside what another journal moved', () => {
  const first = look({ on: officeOnB, writeUntil: t0 - hourMs });
  const second = look({ on: bothOnB, writeUntil: t0 + 5 * secondMs, before: first, now: t0 + 6 * secondMs });
  expect(second.budgets.moves).toEqual([t0, t0 - 10 * secondMs]);
});

it.each([
  ['begun', []],
  ['sent', []],
  ['tried', [t0 - 10 * secondMs]],
  ['whole', [t0 - 10 * secondMs]],
] as const)('spends nothing of its own where another set is on its way there already: %s', (state, spent) => {
  const before = memory({ moves: { plant: move({ state, at: t0 - 20 * secondMs }) } });
  const { budgets } = look({ on: { office: 'b', plant: 'ab' }, writeUntil: t0 + 5 * secondMs, before });
  expect(budgets.moves).toEqual(spent);
});
