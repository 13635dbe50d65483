/** Laws about the lease: who may take it from whom, who may give it back, and what its memory must not forget. */
import { laws } from '../../../../../core/decide/invariants';
import { LeaseLaws } from '../../../../../sim/swarm/laws/leases';
import { t0 } from '../../../../given';
import { FabricatedScene, type Given, imageOf, type Plain } from './scene';

interface Change extends Given {
  readonly of?: string;
  readonly before: Plain;
  readonly after: Plain;
  /** The repair has claimed its gateway. */
  readonly hasBegun?: boolean;
}

function brokenBy({ of = 'connection#paris', before, after, hasBegun = true, ...given }: Change): string[] {
  const world = new FabricatedScene({ ...given, items: { 'connection#paris lease': after, ...given.items } });
  const law = new LeaseLaws(world.scene, { hasBegun: () => hasBegun });
  const keys = { pk: { S: of }, sk: { S: 'lease' } };
  law.onItem({ keys, oldImage: imageOf(before), newImage: imageOf(after) } as never);
  return world.broke;
}

const held = { holder: 'arn:one', token: 7, leaseUntil: t0 + 60_000, signals: 3, writeUntil: 0 };
const late = { ...held, leaseUntil: t0 - 30_000 };
const taken = { ...held, holder: 'arn:two', token: 8 };
const free = { token: 7, signals: 3 };
const run = (status: string, state: string) => [
  { arn: 'arn:one', status, history: [{ type: 'TaskStateEntered', stateEnteredEventDetails: { name: state } }] },
];
const busy = run('RUNNING', 'Assess');
const dead = run('ABORTED', 'Assess');

it.each<[string, Change, readonly string[]]>([
  ['taken while it is free', { before: free, after: taken }, []],
  ['taken without a new token', { before: free, after: { ...taken, token: 7 } }, [laws.oneHolder]],
  ['renewed', { before: held, after: { ...held, leaseUntil: t0 + 90_000 } }, []],
  ['given a token that nobody took', { before: free, after: { ...free, token: 8 } }, [laws.oneHolder]],
  ['taken from a run that runs', { before: held, after: taken, executions: busy }, [laws.oneHolder]],
  ['taken from a run whose time is up', { before: late, after: taken, executions: busy }, []],
  ['taken from a dead run', { before: held, after: taken, executions: dead }, []],
  [
    'taken while a write of a dead run is under way',
    { before: { ...held, writeUntil: t0 + 5_000 }, after: taken, executions: dead },
    [laws.oneHolder],
  ],
  ['freed by its holder at its end', { before: held, after: free, executions: run('RUNNING', 'ReleaseLease') }, []],
  ['freed under its holder', { before: held, after: free, executions: busy }, [laws.oneHolder]],
  ['counted down', { before: held, after: { ...held, signals: 2 } }, [laws.signals]],
])('a connection’s lease %s', (_, change, expected) => {
  expect(brokenBy(change)).toEqual(expected);
});

it.each<[string, number, readonly string[]]>([
  ['while it is held', t0 + 1, [laws.oneHolder]],
  ['once its time is up', t0, []],
])('a gateway’s lease goes to another %s', (_, until, expected) => {
  const before = { holder: 'paris', until };
  expect(brokenBy({ of: 'gateway#gw-a', before, after: { ...before, holder: 'lyon' } })).toEqual(expected);
});

describe('what was spent', () => {
  const startedAt = t0 - 5_000;
  const memory = (kind: string, spent: readonly number[], token = 'spent'): string =>
    JSON.stringify({ budgets: { [kind]: spent }, rungs: [{ clientToken: token, startedAt, endedAt: t0 - 1_000 }] });
  const forgets = (kind: string, hasBegun: boolean, kept: readonly number[] = []): string[] => {
    const [before, after] = [memory(kind, [startedAt, ...kept]), memory(kind, kept)];
    return brokenBy({ before: { ...held, memory: before }, after: { ...held, memory: after }, hasBegun });
  };
  const newer = (count: number) => Array.from({ length: count }, (_, i) => startedAt + 1 + i);

  it.each([
    ['on a repair that has touched nothing is given back', 'repairs', false, 0, []],
    ['on a repair that had begun stays spent', 'repairs', true, 0, [laws.budgets]],
    ['on a move stays spent', 'moves', false, 0, [laws.budgets]],
    ['beside all that anything counts may go', 'repairs', true, 16, []],
    ['beside one less may not', 'repairs', true, 15, [laws.budgets]],
  ] as const)('%s', (_, kind, hasBegun, kept, expected) => {
    expect(forgets(kind, hasBegun, newer(kept))).toEqual(expected);
  });
});

describe('a rung under way', () => {
  const open = { clientToken: 'open', rung: 'reboot', path: 'a', startedAt: t0 - 9_000, endedAt: null };
  const memory = (rungs: readonly object[]): string => JSON.stringify({ budgets: {}, rungs });
  const forgotten = (isOver: boolean): string[] =>
    brokenBy({
      before: { ...held, memory: memory([open]) },
      after: { ...held, memory: memory([]), automation: { clientToken: 'open', id: 'auto-1' } },
      automations: { 'auto-1': { isOver } },
    });

  it('is not forgotten while its automation runs', () => {
    expect([forgotten(false), forgotten(true)]).toEqual([[laws.journalled], []]);
  });
});
