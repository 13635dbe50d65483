/** What stays in memory after a move, and what the users make of it later. */

import { declaredIds } from '../../../../core/gateways/identity';
import { placesOf } from '../../../../core/gateways/kinds';
import { buildPlan } from '../../../../core/routes/plan';
import type { Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import { afterMoves } from '../../../../core/turn/answers';
import type { MoveDecision, StepResult } from '../../../../core/words/decision';
import type { Evidence } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import {
  aIsDown,
  deployment,
  down,
  evidence,
  gatewayLease,
  memory,
  moveDecision,
  report,
  routes,
  t0,
  turn,
} from '../../../given';

const moves = [{ routeSet: 'office', from: ['a'], to: 'b', passed: true }];
const decision = (over: Partial<MoveDecision> = {}): MoveDecision =>
  moveDecision({
    moves,
    planDigest: buildPlan(
      deployment().connections['paris']!,
      placesOf(deployment(), 'paris', evidence()),
      routes('eni-gw-a'),
      moves,
    ).digest,
    ...over,
  });
/** The two routes of the set, by what became of each. */
const steps = (...results: StepResult['result'][]): StepResult[] =>
  results.map((result, i) => ({
    routeSet: 'office',
    table: `rtb-${i + 1}`,
    destination: '172.16.0.0/16',
    kind: 'replace',
    from: 'eni-gw-a',
    to: 'eni-gw-b',
    result,
    detail: result === 'done' ? '' : `EC2 said ${result}`,
  }));
const after = (
  over: Partial<MoveDecision> = {},
  made: readonly StepResult[] = steps('done', 'done'),
  before: Memory = memory(),
  now = t0,
) => JSON.parse(afterMoves(JSON.stringify(before), decision(over), made, now)) as Memory;

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

it('remembers no move of writes that EC2 refused, but which, and since when', () => {
  const once = after({}, steps('refused', 'refused'));
  expect(once).toMatchObject({ moves: {}, toTell: [], budgets: { moves: [] } });
  expect(once.unwritten['office']).toMatchObject({ call: 'ReplaceRoute', table: 'rtb-1', refused: true, tries: 1 });
  const twice = after({}, steps('refused', 'refused'), once, t0 + 5_000);
  expect(twice.unwritten['office']).toMatchObject({ since: t0, at: t0 + 5_000, tries: 2 });
  expect(after({}, steps('done', 'done'), twice).unwritten).toEqual({});
});

it('will tell people, and say that it was made in part', () => {
  expect(after({}, steps('done', 'throttled')).toTell).toMatchObject([{ text: expect.stringContaining('in part') }]);
});

it('counts and tells a move once, however many writes and looks it takes', () => {
  const sent = after({}, steps('sent', 'sent'));
  expect(sent).toMatchObject({ moves: { office: { state: 'sent' } }, toTell: [], budgets: { moves: [] } });
  const begun = after({}, steps('done', 'throttled'), sent, t0 + 20_000);
  expect(begun).toMatchObject({ moves: { office: { state: 'begun', at: t0 } }, budgets: { moves: [t0] } });
  const whole = after({}, steps('done'), begun, t0 + 30_000);
  expect(whole.moves['office']).toMatchObject({ state: 'whole', at: t0 + 30_000 });
  expect([whole.toTell.length, whole.budgets.moves.length]).toEqual([1, 1]);
});

it('keeps what was spent beyond its own policy: the next deployment may allow more', () => {
  const repairs = Array.from({ length: 40 }, (_, i) => t0 - 40_000 + i * 1_000);
  const spent = memory({ budgets: { moves: [], failbacks: [], severeMoves: [], replaces: [t0 - 2_000, t0], repairs } });
  const { budgets } = memoryFrom(turn({ evidence: evidence(), memory: spent }).memory);
  expect(budgets).toMatchObject({ repairs: repairs.slice(-16), replaces: [t0 - 2_000, t0] });
});

it('counts sets that were moved together once, though EC2 shows them in one look after another', () => {
  const together = [...moves, { ...moves[0]!, routeSet: 'labs' }];
  const ofLabs = (...results: StepResult['result'][]) => steps(...results).map((s) => ({ ...s, routeSet: 'labs' }));
  const first = after({ moves: together }, [...steps('done', 'sent'), ...ofLabs('sent', 'sent')]);
  expect(first).toMatchObject({ moves: { office: { state: 'begun' }, labs: { state: 'sent' } } });
  const whole = after({ moves: [together[0]!] }, steps('done'), first, t0 + 5_000);
  const later = after({ moves: [together[1]!] }, ofLabs('done', 'done'), whole, t0 + 9_000);
  expect([later.toTell.length, later.budgets.moves]).toEqual([2, [t0]]);
  const home = { kind: 'failback', planned: true } as const;
  const back = after({ ...home, moves: together }, [...steps('done', 'sent'), ...ofLabs('sent', 'sent')], later);
  expect(after({ ...home, moves: [together[1]!] }, ofLabs('done'), back, t0 + 9_000).budgets.failbacks).toEqual([t0]);
});

it('tells of a move whose write had no answer once EC2 shows it, and of none that never shows', () => {
  const tried = after({}, steps('failed', 'failed'));
  expect(tried).toMatchObject({ moves: { office: { state: 'tried' } }, toTell: [], budgets: { moves: [] } });
  const look = (at: string) => turn({ evidence: evidence({ routes: routes(at) }), memory: tried, now: t0 + 1_000 });
  expect(look('eni-gw-b').notice?.message).toMatch(/^divert: office from a to b/m);
  expect(look('eni-gw-a').notice?.message ?? '').not.toContain('divert:');
});

it('tells and counts a move by the reason it was made for, not by one for which nothing had shown', () => {
  const drained = after({ planned: true, because: 'path a is drained' }, steps('failed', 'failed'));
  const made = after({}, steps('done', 'done'), drained, t0 + 60_000);
  expect(made).toMatchObject({
    toTell: [{ text: 'divert: office from a to b: path a is down' }],
    moves: { office: { planned: false, state: 'whole' } },
    budgets: { moves: [t0 + 60_000] },
  });
});

it('takes a second move to the same path, once the first was whole, for a second move', () => {
  const again = after({}, steps('done', 'done'), after(), t0 + 60_000);
  expect([again.toTell.length, again.budgets.moves.length]).toEqual([2, 2]);
});

it('counts a move to where its path leads now once, however late EC2 shows it', () => {
  // The gateway of a was replaced: its routes are on the interface it had before (seed 64000296).
  const replaced = declaredIds(instanceAt(deployment(), 'gw-a'));
  const identity = { instanceId: 'i-0new', routeInterfaceId: 'eni-new', replaced, former: [] };
  const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { identity }) };
  const onto = { moves: [{ routeSet: 'office', from: ['a'], to: 'a', passed: false }] };
  const look = (before: Memory, now: number): Memory =>
    JSON.parse(turn({ evidence: evidence({ routes: routes('eni-gw-a'), gatewayLeases }), memory: before, now }).memory);
  const sent = look(after(onto, steps('sent', 'sent')), t0 + 2_000);
  const again = look(after(onto, steps('sent', 'sent'), sent, t0 + 3_000), t0 + 5_000);
  expect(again).toMatchObject({ moves: { office: { state: 'sent' } }, toTell: [], budgets: { moves: [] } });
  const shown = after(onto, steps('done', 'done'), again, t0 + 6_000);
  expect([shown.toTell.length, shown.budgets.moves]).toEqual([1, [t0]]);
});

describe('a move that got no answer over one that was made', () => {
  const made = after();
  const home = { moves: [{ routeSet: 'office', from: ['b'], to: 'a', passed: true }] };
  const tried = after({ kind: 'failback', planned: true, ...home }, steps('failed', 'failed'), made, t0 + 60_000);
  const look = (at: string, now: number, before = tried, over: Partial<Evidence> = {}) =>
    JSON.parse(turn({ evidence: evidence({ routes: routes(at), ...over }), memory: before, now }).memory) as Memory;

  it('leaves that one to count again, once nothing of it can show any more', () => {
    expect(tried.moves['office']).toMatchObject({ to: 'a', state: 'tried', over: { to: 'b', state: 'whole' } });
    expect(look('eni-gw-b', t0 + 119_000).moves['office']).toMatchObject({ to: 'a', state: 'tried' });
    const { moves: later, toTell, budgets } = look('eni-gw-b', t0 + 121_000);
    expect(later['office']).toMatchObject({ kind: 'divert', to: 'b', state: 'whole', from: ['a'], at: t0 });
    expect(later['office']).not.toHaveProperty('over');
    expect([toTell, budgets.moves]).toEqual([made.toTell, [t0]]);
  });

  it('forgets it as soon as something shows', () => {
    const shown = look('eni-gw-a', t0 + 65_000);
    expect(shown.moves['office']).toMatchObject({ kind: 'failback', to: 'a', state: 'whole' });
    expect(shown.moves['office']).not.toHaveProperty('over');
  });

  it('keeps it through further tries, and forgets nothing that EC2 does not show', () => {
    const again = after({ kind: 'failback', planned: true, ...home }, steps('failed'), tried, t0 + 70_000);
    expect(again.moves['office']).toMatchObject({ at: t0 + 70_000, over: { to: 'b', kind: 'divert' } });
    expect(look('eni-gw-b', t0 + 200_000, tried, { routes: [] }).moves['office']).toMatchObject({ state: 'tried' });
  });

  it('is not taken for somebody who moved the routes unwritten', () => {
    const before = { ...tried, toTell: [] };
    const seen = turn({
      evidence: evidence({ routes: routes('eni-gw-b') }),
      memory: before,
      writeUntil: t0 + 62_000,
      now: t0 + 65_000,
    });
    expect(JSON.parse(seen.memory).toTell).toEqual([]);
  });

  it('is an undo still to be made, whatever was before it', () => {
    const undo = after({ kind: 'undo', ...home }, steps('failed', 'failed'), made, t0 + 60_000);
    expect(look('eni-gw-b', t0 + 200_000, undo).moves['office']).toMatchObject({ kind: 'undo', state: 'tried' });
  });
});

it('has used up its one undo only when EC2 took it', () => {
  expect(after({ kind: 'undo' }, steps('refused', 'refused')).undone).toBe(false);
  expect(after({ kind: 'undo' }, steps('failed', 'failed')).undone).toBe(true);
  expect(after({ kind: 'undo' }).undone).toBe(true);
});

describe('a move while EC2 does not list one of the tables', () => {
  const toB = after({ moves: [{ ...moves[0]!, missing: 1 }] }, steps('done'));
  const later = t0 + 60_000;
  const [first] = routes('eni-gw-b');
  const [, second] = routes('eni-gw-a');
  const reports = {
    'paris/path-a': down('paris/path-a', { reportedAt: later - 500 }),
    'paris/path-b': report('paris/path-b', { reportedAt: later - 500, answeredAt: later - 700 }),
  };
  const look = (over: Partial<Evidence>, before = toB) =>
    turn({ evidence: evidence({ reports, reportsReadAt: later, ...over }), memory: before, now: later });
  const memoryOf = ({ memory: text }: { memory: string }) => JSON.parse(text) as Memory;

  it('says with the decision how many it leaves out', () => {
    const { decision: made } = turn({
      evidence: evidence({ reports: aIsDown, missingTables: ['rtb-2'], routes: [routes('eni-gw-a')[0]!] }),
    });
    expect(made).toMatchObject({ kind: 'divert', moves: [{ to: 'b', missing: 1 }] });
  });

  it('is finished when the table comes back, and is still one move', () => {
    const back = look({ routes: [first!, second!] });
    expect(back.decision).toMatchObject({ kind: 'divert', moves: [{ from: ['b', 'a'], to: 'b' }] });
    expect(memoryOf(back)).toMatchObject({ moves: { office: { state: 'begun' } }, putBack: {} });
    const whole = after({}, steps('done'), memoryOf(back), later + 1_000);
    expect(whole.moves['office']).toMatchObject({ state: 'whole', at: later + 1_000 });
    expect(whole.moves['office']).not.toHaveProperty('missing');
    expect([whole.toTell.length, whole.budgets.moves.length]).toEqual([1, 1]);
  });

  it('is whole when the table comes back with its routes already there', () => {
    const back = memoryOf(look({ routes: routes('eni-gw-b') }));
    expect(back.moves['office']).not.toHaveProperty('missing');
    expect([back.moves['office']!.state, back.budgets.moves.length]).toEqual(['whole', 1]);
  });

  it('is put back by a hand only in tables that EC2 lists', () => {
    const used = { ...toB, usedSince: { office: { path: 'b', at: t0 } } };
    const hand = look({ routes: [routes('eni-gw-a')[0]!], missingTables: ['rtb-2'] }, used);
    expect(memoryOf(hand).putBack['office']).toMatchObject({ from: 'b', to: 'a' });
    expect(memoryOf(look({ routes: [first!, second!] }, used)).putBack).toEqual({});
  });
});
