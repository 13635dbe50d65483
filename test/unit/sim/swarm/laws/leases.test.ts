/** The law of spent budgets: a repair gives its entry back if it has touched nothing, and never otherwise. */
import type { Scene } from '../../../../../sim/swarm/law';
import { LeaseLaws } from '../../../../../sim/swarm/laws/leases';
import { drawSite } from '../../../../../sim/swarm/site';

const site = drawSite(0);
const [name] = Object.keys(site.connections) as [string];

function brokenBy(kind: 'repairs' | 'moves', hasBegun: boolean, left: readonly number[] = []): string[] {
  const broken: string[] = [];
  const scene = { deployment: site, now: () => 10_000, broken: (_: string, how: string) => broken.push(how) };
  const law = new LeaseLaws(scene as unknown as Scene, { hasBegun: () => hasBegun });
  const item = (spent: readonly number[], endedAt: number | null) => {
    const rungs = [{ clientToken: 't', startedAt: 5_000, endedAt }];
    return { memory: { S: JSON.stringify({ budgets: { [kind]: spent }, rungs }) } };
  };
  const keys = { pk: { S: `connection#${name}` }, sk: { S: 'lease' } };
  law.onItem({ keys, oldImage: item([5_000, ...left], 9_000), newImage: item(left, 9_000) } as never);
  return broken;
}

it.each([
  ['a repair that has touched nothing is given back', 'repairs', false, []],
  ['a repair that had begun is not', 'repairs', true, [`${name}: 1 repairs are forgotten`]],
  ['a move is not', 'moves', false, [`${name}: 1 moves are forgotten`]],
] as const)('%s', (_, kind, hasBegun, said) => {
  expect(brokenBy(kind, hasBegun)).toEqual(said);
});

it('what is more than is kept at least can go, whatever this one counts', () => {
  const left = (count: number) => Array.from({ length: count }, (_, i) => 6_000 + i);
  expect([brokenBy('repairs', true, left(16)), brokenBy('repairs', true, left(15))]).toEqual([
    [],
    [`${name}: 1 repairs are forgotten`],
  ]);
});
