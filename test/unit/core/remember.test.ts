/** What stays in memory after a move, and what the users make of it later. */

import type { MoveDecision } from '../../../core/decision';
import { placesOf } from '../../../core/identity';
import type { Memory } from '../../../core/memory';
import { buildPlan } from '../../../core/plan';
import { afterMoves } from '../../../core/turn';
import { deployment, evidence, memory, routes, t0 } from '../../given';

const moves = [{ routeSet: 'office', from: ['a'], to: 'b', passed: true }];
const decision = (over: Partial<MoveDecision> = {}): MoveDecision => ({
  kind: 'divert',
  rule: 3,
  because: 'path a is down',
  moves,
  planned: false,
  lastResort: false,
  severe: false,
  planDigest: buildPlan(placesOf(deployment(), 'paris', evidence()), routes('eni-gw-a'), moves).digest,
  decidedAt: t0,
  ...over,
});
const after = (over: Partial<MoveDecision> = {}, outcome: Parameters<typeof afterMoves>[2] = 'applied') =>
  JSON.parse(afterMoves(JSON.stringify(memory()), decision(over), outcome, t0)) as Memory;

it.each([
  ['a rescue', {}, false],
  ['a drain', { planned: true }, true],
  ['a move off a severe path', { severe: true }, true],
  ['an undo', { kind: 'undo', planned: true }, false],
] as const)('lets the users contradict %s only when it left a path that worked', (_, over, leftWorkingPath) => {
  expect(after(over).moves['office']).toMatchObject({ leftWorkingPath, outcome: 'unconfirmed', at: t0 });
});

it('lets nobody contradict a move whose users had no answer before it', () => {
  expect(after({ planned: true, moves: [{ ...moves[0]!, passed: false }] }).moves['office']!.leftWorkingPath).toBe(
    false,
  );
});

it('counts moves, failbacks and severe moves against their budgets, planned ones not as flaps', () => {
  expect(after().budgets).toMatchObject({ moves: [t0], failbacks: [], severeMoves: [] });
  expect(after({ planned: true }).budgets.moves).toEqual([]);
  expect(after({ severe: true }).budgets.severeMoves).toEqual([t0]);
  expect(after({ kind: 'failback', planned: true }).budgets).toMatchObject({ moves: [], failbacks: [t0] });
});

it('remembers nothing of a write that did not happen', () => {
  for (const outcome of ['stale_plan', 'lease_lost', 'nothing_to_do'] as const)
    expect(after({}, outcome).moves).toEqual({});
});

it('will tell people, and say that it was made in part', () => {
  expect(after({}, 'partial').toTell).toMatchObject([{ text: expect.stringContaining('in part') }]);
});
