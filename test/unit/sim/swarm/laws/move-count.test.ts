/** Which attempts the laws count as one move. */
import type { ApplyRequest } from '../../../../../core/words/decision';
import type { Scene } from '../../../../../sim/swarm/law';
import { MoveCount } from '../../../../../sim/swarm/laws/move-count';

const table = 'rtb-1';
const takenAt = 5_000;

/** A move to b is whole at `wholeAt`; a hand takes its route away, and 60 s later b is decided on once more. */
function perhapsRest(wholeAt: number, before: readonly object[] = []): number {
  let now = 0;
  let at = 'a';
  const routeSets = { 'set-0': { name: 'set-0', home: 'a', tables: [table], destinations: ['10.0.0.0/16'] } };
  const scene = {
    deployment: { connections: { paris: { routeSets } } },
    startedAt: 0,
    now: () => now,
    storm: {
      steps: [...before, { at: takenAt, do: 'route_by_hand', table, destination: '10.0.0.0/16', target: 'gw-a' }],
    },
    cloud: { world: { routes: { isListed: () => true, held: () => at }, pathTo: (_: string, to: string) => to } },
  };
  const count = new MoveCount(scene as unknown as Scene);
  const request = (decidedAt: number) => {
    const moves = [{ routeSet: 'set-0', from: ['a'], to: 'b', passed: true }];
    return { connection: 'paris', decision: { kind: 'divert', decidedAt, moves } } as unknown as ApplyRequest;
  };
  now = wholeAt;
  count.idOf(request(1));
  at = 'b';
  count.wrote(request(1));
  now = takenAt + 60_000;
  at = 'a';
  expect(count.idOf(request(2))).toBe(2);
  return count.perhapsRest.get('paris')?.size ?? 0;
}

it('takes a move for the rest of the one before, perhaps, if a hand took a route before a look could show it', () => {
  expect(perhapsRest(takenAt - 1_000)).toBe(1);
});

it('takes it so too if EC2 showed no routes meanwhile', () => {
  const throttle = {
    at: takenAt - 12_000,
    do: 'throttle',
    service: 'ec2',
    operation: 'DescribeRouteTables',
    for: 9_000,
  };
  expect(perhapsRest(takenAt - 11_000, [throttle])).toBe(1);
  expect(perhapsRest(takenAt - 11_000, [{ ...throttle, for: 500 }])).toBe(0);
});

it('takes it for another if it was whole for long', () => {
  expect(perhapsRest(takenAt - 11_000)).toBe(0);
});

/** A move to a is whole; its gateway is replaced, and the routes follow to where it leads, once or as often as it is. */
it('takes routes that follow a replaced gateway for a move of their own, each time', () => {
  let leadsTo = 'eni-1';
  const routeSets = { 'set-0': { name: 'set-0', home: 'a', tables: [table], destinations: ['10.0.0.0/16'] } };
  const scene = {
    deployment: { connections: { paris: { routeSets, paths: { a: { gateway: 'gw-a' } } } } },
    startedAt: 0,
    now: () => 0,
    storm: { steps: [] },
    cloud: {
      world: {
        routes: { isListed: () => true, held: () => 'any of its interfaces' },
        pathTo: () => 'a',
        vpns: { of: () => undefined },
        roles: { machineOf: () => ({ id: 'i-1' }) },
        vpc: { interfaceOf: () => ({ id: leadsTo }) },
      },
    },
  };
  const count = new MoveCount(scene as unknown as Scene);
  const made = (decidedAt: number, from: string): number => {
    const moves = [{ routeSet: 'set-0', from: [from], to: 'a', passed: true }];
    const request = { connection: 'paris', decision: { kind: 'divert', decidedAt, moves } } as unknown as ApplyRequest;
    const id = count.idOf(request);
    count.wrote(request);
    return id;
  };
  expect([made(1, 'b'), made(2, 'b')]).toEqual([1, 1]);
  leadsTo = 'eni-2';
  expect([made(3, 'a'), made(4, 'a')]).toEqual([3, 3]);
  leadsTo = 'eni-3';
  expect(made(5, 'a')).toBe(5);
});
