/** How memory follows moves: what is left unwritten, what is one move and what is another, what a later look undoes. */
import type { Assessment } from '../../../../core/assess/assessment';
import { rememberMoves, reopenMoves, seeHands, seeMoves } from '../../../../core/remember/moves';
import { rememberUnclosed } from '../../../../core/remember/unclosed';
import type { Memory, Unwritten } from '../../../../core/store/memory';
import type { MoveDecision, StepResult } from '../../../../core/words/decision';
import type { Evidence } from '../../../../core/words/evidence';
import { down, evidence, memory, move, moveDecision, onB, routes, t0 } from '../../../given';
import { viewOf } from '../decide/view-of';

const second = 1_000;
const step = (result: StepResult['result'], over: Partial<StepResult> = {}): StepResult => ({
  routeSet: 'office',
  table: 'rtb-1',
  destination: '172.16.0.0/16',
  kind: 'replace',
  from: 'eni-gw-a',
  to: 'eni-gw-b',
  result,
  detail: '',
  ...over,
});
const after = (
  made: readonly StepResult[],
  over: Partial<MoveDecision> = {},
  before: Memory = memory(),
  now = t0,
): Memory => rememberMoves(before, moveDecision(over), made, now);
const seen = (over: Partial<Evidence> = {}): Assessment => viewOf({ evidence: evidence(over) }).assessment;
const left = (over: Partial<Unwritten> = {}): Unwritten => ({
  call: 'ReplaceRoute',
  table: 'rtb-1',
  destination: '172.16.0.0/16',
  to: 'b',
  detail: '',
  refused: false,
  since: t0 - 30 * second,
  at: t0 - 10 * second,
  tries: 2,
  ...over,
});
const home = { kind: 'failback', moves: [{ routeSet: 'office', from: ['b'], to: 'a', passed: true }] } as const;

describe('what could not be written', () => {
  it.each(['failed', 'throttled', 'refused'] as const)(
    'is remembered of a step that %s, cut, and of no other',
    (result) => {
      const detail = 'x'.repeat(500);
      const made = [step('done'), step('waiting'), step('conflict'), step(result, { table: 'rtb-2', detail })];
      expect(after(made).unwritten).toEqual({
        office: left({
          table: 'rtb-2',
          detail: 'x'.repeat(160),
          refused: result === 'refused',
          since: t0,
          at: t0,
          tries: 1,
        }),
      });
      expect(after([step('done'), step('waiting'), step('conflict')]).unwritten).toEqual({});
    },
  );

  it('is a set’s own: neither another’s step nor another’s trouble is touched', () => {
    const before = memory({ unwritten: { plant: left() } });
    expect(after([step('done'), step('refused', { routeSet: 'plant' })], {}, before).unwritten).toEqual({
      plant: left(),
    });
  });

  it('lasts from its first time while nothing is written, or while EC2 refuses; in a large move it begins anew', () => {
    const before = memory({ unwritten: { office: left() } });
    const since = (made: readonly StepResult[]) => {
      const { office } = after(made, {}, before).unwritten;
      return [office!.since, office!.tries];
    };
    expect(since([step('failed')])).toEqual([t0 - 30 * second, 3]);
    expect(since([step('done'), step('refused')])).toEqual([t0 - 30 * second, 3]);
    expect(since([step('done'), step('throttled')])).toEqual([t0, 1]);
    expect(since([step('done'), step('failed'), step('refused')])).toEqual([t0 - 30 * second, 3]);
  });

  it('is over once its routes are there, or home and well, or its set is gone; not before', () => {
    const waits = (to: string, look: Assessment) =>
      Object.keys(seeMoves(memory({ unwritten: { office: left({ to }) } }), look, t0).unwritten);
    expect(waits('b', seen(onB))).toEqual([]);
    expect(waits('a', seen(onB))).toEqual(['office']);
    expect(waits('b', seen())).toEqual([]);
    expect(waits('b', seen({ reports: { 'paris/path-a': down('paris/path-a') } }))).toEqual(['office']);
    const gone = memory({ unwritten: { plant: left() } });
    expect(seeMoves(gone, seen(onB), t0).unwritten).toEqual({});
  });
});

describe('one move and another', () => {
  const begun = memory({ moves: { office: move({ state: 'begun', at: t0 - 60 * second }) } });

  it('goes on while it is the same way; turned round, it is told and counted anew', () => {
    const on = after([step('done')], {}, begun);
    expect([on.moves['office']!.state, on.toTell, on.budgets.moves]).toEqual(['whole', [], []]);
    const back = after([step('done')], home, begun);
    expect(back.toTell).toHaveLength(1);
    expect(back.budgets).toMatchObject({ moves: [], failbacks: [t0] });
    const elsewhere = { moves: [{ routeSet: 'office', from: ['b'], to: 'c', passed: true }] };
    expect(after([step('done')], elsewhere, begun).budgets.moves).toEqual([t0]);
    expect(after([step('done')], { ...elsewhere, kind: 'undo' }, begun).budgets).toMatchObject({
      moves: [],
      failbacks: [],
    });
  });

  it('is another where an undo leads the way a divert went', () => {
    expect(after([step('done')], { kind: 'undo' }, begun).moves['office']).toMatchObject({ kind: 'undo', at: t0 });
  });

  it('is whole when its routes are where the path leads now, though they never left it', () => {
    const stays = memory({ moves: { office: move({ from: ['b'], state: 'sent' }) } });
    expect(seeMoves(stays, seen(onB), t0).moves['office']!.state).toBe('whole');
  });

  it('is not undone by an older look', () => {
    expect(after([step('sent')], {}, begun).moves['office']!.state).toBe('begun');
    expect(after([step('failed')], {}, begun).moves['office']!.state).toBe('begun');
  });

  it('keeps the move before it only while nothing has shown of it', () => {
    const before = (state: 'begun' | 'whole' | 'sent') => memory({ moves: { office: move({ state }) } });
    const over = (made: StepResult['result'], state: 'begun' | 'whole' | 'sent') =>
      after([step(made)], home, before(state)).moves['office']!.over?.state;
    expect([over('failed', 'whole'), over('failed', 'begun'), over('failed', 'sent')]).toEqual([
      'whole',
      'begun',
      'begun',
    ]);
    expect([over('sent', 'whole'), over('done', 'whole')]).toEqual([undefined, undefined]);
    const tried = memory({ moves: { office: move({ state: 'tried' }) } });
    expect(after([step('failed')], home, tried).moves['office']).not.toHaveProperty('over');
  });

  describe('of which EC2 has shown nothing', () => {
    const sentAt = t0 - 5 * second;
    const sent = memory({ moves: { office: move({ state: 'sent', at: sentAt }) } });
    const toC = {
      because: 'path b is down',
      moves: [{ routeSet: 'office', from: ['a'], to: 'c', passed: true }],
    };
    const unshown = {
      key: `move/unshown/office/b/${sentAt}`,
      text: 'divert: office from a to b (EC2 took it; the next move came before it showed): path a is down',
    };

    it('is told and counted when another takes its place', () => {
      const { toTell, budgets } = after([step('done')], toC, sent);
      expect(toTell).toEqual([
        unshown,
        { key: `move/office/c/${t0}`, text: 'divert: office from a to c: path b is down' },
      ]);
      expect(budgets.moves).toEqual([sentAt, t0]);
    });

    it('is told once, though the other shows late, or is never made', () => {
      for (const result of ['sent', 'failed'] as const) {
        const next = after([step(result)], toC, sent);
        expect([next.toTell, next.budgets.moves]).toEqual([[unshown], [sentAt]]);
        expect(after([step(result)], toC, next, t0 + second).toTell).toEqual([unshown]);
      }
      const tried = after([step('failed')], toC, sent);
      const late = t0 + 60 * 60 * second;
      const shown = seeMoves(seeMoves(tried, seen(onB), late), seen(onB), late);
      expect(shown.moves['office']).toMatchObject({ to: 'b', state: 'whole' });
      expect([shown.toTell, shown.budgets.moves]).toEqual([[unshown], [sentAt]]);
    });

    it('is not told while it goes on, while EC2 refuses the other, nor if EC2 may not have taken it', () => {
      expect(after([step('sent')], {}, sent).toTell).toEqual([]);
      expect(after([step('refused')], toC, sent).toTell).toEqual([]);
      const tried = memory({ moves: { office: move({ state: 'tried' }) } });
      expect(after([step('sent')], toC, tried).toTell).toEqual([]);
    });

    it('is told when a dead run is found to have moved its routes on', () => {
      const onHome = memory({ moves: { office: move({ state: 'sent', at: sentAt, from: ['c'] }) } });
      const found = rememberUnclosed(onHome, seen(), t0 - second, t0);
      expect(found.toTell.map(({ text }) => text)).toEqual([
        unshown.text.replace('from a', 'from c'),
        'failback: office from b to a: found there; the run that moved it could not write so down',
      ]);
      expect(found.budgets.moves).toEqual([sentAt]);
    });
  });

  it('spends a severe move if one of its sets begins anew', () => {
    const both = [...moveDecision().moves, { routeSet: 'plant', from: ['a'], to: 'b', passed: true }];
    const made = [step('done'), step('done', { routeSet: 'plant' })];
    expect(after(made, { severe: true, moves: both }, begun).budgets.severeMoves).toEqual([t0]);
    expect(after(made.slice(0, 1), { severe: true }, begun).budgets.severeMoves).toEqual([]);
  });

  it('is one move with the sets that EC2 let go at first, while it refused this one', () => {
    const plant = { routeSet: 'plant', from: ['a'], to: 'b', passed: true };
    const made = [step('done', { routeSet: 'plant' })];
    const spent = (since: number, to = 'b', over: Partial<MoveDecision> = {}) => {
      const budgets = { ...memory().budgets, moves: [t0 - 40 * second, t0 - 20 * second] };
      const office = move({ state: 'whole', at: t0 - 19 * second });
      const before = memory({ moves: { office }, budgets, unwritten: { plant: left({ refused: true, since, to }) } });
      return after(made, { moves: [plant], ...over }, before).budgets;
    };
    expect(spent(t0 - 30 * second).moves).toEqual([t0 - 40 * second, t0 - 20 * second]);
    expect(spent(t0 - 30 * second, 'b', { severe: true }).severeMoves).toEqual([]);
    expect(spent(t0 - 10 * second).moves).toHaveLength(3);
    expect(spent(t0 - 30 * second, 'c').moves).toHaveLength(3);
  });

  it('uses up the one undo of an incident only by an undo that was made, of a move that was no trial', () => {
    const undo = { ...home, kind: 'undo' } as const;
    const undone = (before: Memory, made: StepResult['result'] = 'done', over: Partial<MoveDecision> = undo) =>
      after([step(made)], over, before).undone;
    const of = (trial: boolean) => memory({ moves: { office: move({ trial }) } });
    expect([undone(of(false)), undone(of(true)), undone(of(false), 'refused')]).toEqual([true, false, false]);
    expect(undone(of(false), 'done', home)).toBe(false);
    expect(undone({ ...of(true), undone: true })).toBe(true);
  });

  it('remembers when another path was tried, beside what was tried before', () => {
    const before = memory({ triedAt: { plant: 7 } });
    expect(after([step('done')], { trial: true }, before).triedAt).toEqual({ plant: 7, office: t0 });
    expect(after([step('done')], {}, before).triedAt).toEqual({ plant: 7 });
  });

  it('is counted for when it was sent, however late it shows, and a hand’s flap for two minutes is not the path’s', () => {
    const sent = memory({ moves: { office: move({ state: 'sent', at: t0 - 40 * second }) } });
    expect(seeMoves(sent, seen(onB), t0).budgets.moves).toEqual([t0 - 40 * second]);
    const hand = (ms: number) => ({ ...sent, putBack: { office: { from: 'b', to: 'a', times: 1, at: t0 - ms } } });
    expect(seeMoves(hand(120 * second - 1), seen(onB), t0).budgets.moves).toEqual([]);
    expect(seeMoves(hand(120 * second), seen(onB), t0).budgets.moves).toHaveLength(1);
  });
});

describe('a move that left out a table', () => {
  const whole = (over = {}) => memory({ moves: { office: move({ missing: 1, ...over }) } });
  const half = seen({ routes: [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!] });
  const of = (before: Memory, look: Assessment) => reopenMoves(before, look).moves['office'];

  it('is begun again when EC2 lists it and its routes are elsewhere, and whole as it was when they are there', () => {
    expect(of(whole(), half)).toMatchObject({ state: 'begun', at: t0 - 60 * second });
    expect(of(whole(), seen(onB))).toEqual(move());
  });

  it.each<[string, Memory, Assessment]>([
    ['it left out none', whole({ missing: undefined }), half],
    ['no route of it is on its path', whole(), seen()],
    ['it is under way', whole({ state: 'sent' }), half],
    ['as many are missing still', whole(), seen({ routes: routes('eni-gw-b').slice(1), missingTables: ['rtb-1'] })],
  ])('stays as it is while %s', (_, before, look) => {
    expect(of(before, look)).toEqual(before.moves['office']);
  });

  it('of a set that is gone stays as it is', () => {
    const gone = memory({ moves: { plant: move({ missing: 1 }) } });
    expect(reopenMoves(gone, half)).toEqual(gone);
    expect(seeMoves(memory({ moves: { plant: move({ state: 'sent' }) } }), half, t0).moves['plant']!.state).toBe(
      'sent',
    );
  });
});

it('takes for somebody’s hand only what a replica of EC2 that lags cannot explain', () => {
  const before = (at: number) => memory({ moves: { office: move({ at }) }, usedSince: { office: { path: 'b', at } } });
  expect(seeHands(before(t0 - 15 * second + 1), seen(), false, t0).putBack).toEqual({});
  expect(seeHands(before(t0 - 15 * second), seen(), false, t0).putBack).toMatchObject({
    office: { to: 'a', times: 1 },
  });
});

describe('somebody’s hand', () => {
  const moved = memory({ moves: { office: move() }, usedSince: { office: { path: 'b', at: t0 - 60 * second } } });
  const hands = (look: Assessment, before: Memory = moved) => seeHands(before, look, false, t0).putBack;

  it('is seen where routes that were whole on a path are on another, and on no other route', () => {
    const half = seen({ routes: [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!] });
    expect(hands(half)).toEqual({ office: { from: 'b', to: 'a', times: 1, at: t0 } });
    expect(hands(seen(onB))).toEqual({});
    expect(hands(seen({ routes: [] }))).toEqual({});
    expect(hands(seen({ routes: [routes('eni-gw-a')[0]!, routes('eni-else')[1]!] }))).toEqual({});
    expect(hands(seen(), { ...moved, usedSince: { office: { path: 'a', at: t0 } } })).toEqual({});
  });

  it('is remembered for a day', () => {
    const at = (ms: number) => ({ ...moved, putBack: { plant: { from: 'b', to: 'a', times: 1, at: t0 - ms } } });
    expect(Object.keys(hands(seen(onB), at(86_400_000 - 1)))).toEqual(['plant']);
    expect(hands(seen(onB), at(86_400_000))).toEqual({});
  });
});

it('tells sets that moved for one reason in one sentence, and says where a part of them follows', () => {
  const two = [...moveDecision().moves, { routeSet: 'plant', from: ['a'], to: 'b', passed: true }];
  const told = (...made: StepResult[]) => after(made, { moves: two }).toTell;
  const plant = step('done', { routeSet: 'plant' });
  expect(told(step('done'), plant)).toEqual([
    { key: `move/office+plant/b/${t0}`, text: 'divert: office from a to b, plant from a to b: path a is down' },
  ]);
  expect(told(step('done'), step('throttled'), plant)[0]!.text).toContain('(in part, the rest follows)');
  const begun = memory({
    moves: { office: move({ state: 'sent' }), plant: move({ state: 'sent', because: 'a drain' }) },
  });
  const look = seen(onB);
  const both = { ...look, sets: { ...look.sets, plant: { ...look.sets['office']!, routeSet: 'plant' } } };
  const earlier = { ...begun, moves: { ...begun.moves, plant: move({ state: 'sent', at: t0 - 90 * second }) } };
  expect(seeMoves(earlier, both, t0).budgets.moves).toEqual([t0 - 90 * second]);
  expect(seeMoves(begun, both, t0).toTell.map(({ text }) => text)).toEqual([
    'divert: office from a to b: path a is down',
    'divert: plant from a to b: a drain',
  ]);
});
