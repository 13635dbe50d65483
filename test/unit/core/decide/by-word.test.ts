/** A move by a person's word: who may ask for it, when it is made, what keeps users there, and what ends it. */
import { leaseFrom } from '../../../../core/store/lease';
import type { Memory, Move } from '../../../../core/store/memory';
import type { DivertWord } from '../../../../core/words/domain';
import type { Policy } from '../../../../core/words/policy';
import {
  aIsDown,
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  incident,
  memory,
  move,
  onB,
  routes,
  t0,
  turn,
} from '../../../given';

const until = t0 + 7_200_000;
const command = {
  connection: 'paris',
  trigger: 'divert',
  to: 'b',
  until: new Date(until).toISOString(),
  reason: 'router swap',
  requestedBy: 'ana',
};
const word = (over: Partial<DivertWord> = {}): DivertWord => ({
  since: t0 - 1_000,
  until,
  to: 'b',
  reason: 'router swap',
  requestedBy: 'ana',
  ...over,
});
const given = (over: Partial<DivertWord> = {}, more: Parameters<typeof desired>[0] = {}) =>
  desired({ diverts: { office: word(over) }, ...more });
const bIsDown = { reports: { 'paris/path-b': down('paris/path-b') } };
const at = (policy: Partial<Policy>) => deployment(connection({}, policy));
/** By the word, half an hour ago. */
const moved = (over: Partial<Move> = {}, more: Partial<Memory> = {}): Memory =>
  memory({
    incident,
    moves: { office: move({ at: t0 - 1_800_000, planned: true, leftWorkingPath: true, ...over }) },
    usedSince: { office: { path: 'b', at: t0 - 1_800_000 } },
    ...more,
  });
const long = { since: t0 - 1_801_000 };

describe('the move', () => {
  it('leaves a home that is well, as planned, and says who asked, why and until when', () => {
    const { decision } = turn({ desired: given() });
    expect(decision).toMatchObject({
      kind: 'divert',
      rule: 'word',
      planned: true,
      moves: [{ routeSet: 'office', from: ['a'], to: 'b', passed: true }],
    });
    expect(decision.because).toMatch(/^ana asked for it until 2026-01-05T02:00:00Z: router swap; path b is proven/);
  });

  it.each<[string, Parameters<typeof turn>[0]]>([
    ['onto a path that is down', { evidence: evidence(bIsDown) }],
    ['onto a drained path', { desired: given({}, { drains: { b: drain() } }) }],
    ['while paused', { desired: given({}, { paused: { ...drain(), since: t0 - 1_000 } }) }],
    ['in mode observe', { deployment: deployment(connection({ mode: 'observe' })) }],
    ['to a path that is there no more', { desired: given({ to: 'gone' }) }],
    ['when its time is over', { desired: given({ until: t0 }) }],
    ['of another set', { desired: desired({ diverts: { lab: word() } }) }],
    [
      'where users got nothing lately',
      { memory: memory({ contradicted: { office: { b: t0 - 60_000 } } }), desired: given() },
    ],
  ])('is not made %s', (_, over) => {
    expect(turn({ desired: given(), ...over }).decision.kind).not.toBe('divert');
  });

  it('waits for a proof that is a moment too old, and not for long', () => {
    const stale = evidence();
    const b = stale.reports['paris/path-b']!;
    const reports = { ...stale.reports, 'paris/path-b': { ...b, reportedAt: t0 - 4_000 } };
    const { decision } = turn({ evidence: { ...stale, reports }, desired: given() });
    expect(decision).toMatchObject({ kind: 'hold', until: t0 + 1_000 });
  });

  it('comes after a rescue, and is none', () => {
    const { decision } = turn({ evidence: evidence({ reports: aIsDown }), desired: given() });
    expect(decision).toMatchObject({ kind: 'divert', rule: 'rescue', planned: false });
  });
});

describe('users who were moved', () => {
  const after = (over: Parameters<typeof turn>[0] = {}) =>
    turn({ evidence: evidence(onB), memory: moved(), desired: given(long), ...over }).decision;

  it('stay, though home is well and has long soaked', () => {
    expect(after().kind).toBe('park');
    expect(after({ desired: desired() }).kind).toBe('failback');
    expect(after({ deployment: at({ failback: 'manual' }) }).kind).toBe('park');
  });

  it.each<[string, Parameters<typeof turn>[0]]>([
    ['when the time is up', { desired: given({ ...long, until: t0 - 1 }) }],
    [
      'at the word to go home',
      { desired: given(long, { failback: { since: t0 - 5_000, routeSet: null, requestedBy: 'ben' } }) },
    ],
    [
      'when they were served by the hand of a rescue since',
      { memory: moved({ at: t0 - 600_000, kind: 'divert', to: 'c', from: ['b'] }) },
    ],
    [
      'when users got nothing there',
      {
        memory: moved({ outcome: 'contradicted' }, { undone: true, told: { 'contradicted/office': t0 } }),
        evidence: evidence({ ...onB, reports: { 'paris/office': down('paris/office') } }),
      },
    ],
  ])('go home %s', (_, over) => {
    expect(after(over).kind).toBe('failback');
  });

  it('stay where an older word for home would have them leave', () => {
    const failback = { since: t0 - 1_900_000, routeSet: null, requestedBy: 'ben' };
    expect(after({ desired: given(long, { failback }) }).kind).toBe('park');
  });

  it('are rescued off a path that dies, and not taken there again', () => {
    const dead = evidence({ ...onB, ...bIsDown });
    expect(after({ evidence: dead })).toMatchObject({ kind: 'divert', rule: 'rescue' });
    const home = moved({ at: t0 - 60_000, from: ['b'], to: 'a', planned: false });
    const back = turn({
      memory: { ...home, usedSince: { office: { path: 'a', at: t0 - 60_000 } } },
      desired: given(long),
    });
    expect(back.decision.kind).toBe('finish');
  });

  it('are left where somebody put them by hand', () => {
    const usedSince = { office: { path: 'a', at: t0 - 60_000 } };
    expect(turn({ memory: moved({}, { usedSince }), desired: given(long) }).decision.kind).not.toBe('divert');
  });

  it('of a move that got no answer and of which nothing shows are moved again', () => {
    const tried = moved({ state: 'tried', at: t0 - 30_000, outcome: 'unconfirmed' }, { usedSince: {} });
    expect(turn({ memory: tried, desired: given(long) }).decision).toMatchObject({ kind: 'divert', rule: 'word' });
  });
});

describe('the command', () => {
  const asked = (over: Parameters<typeof turn>[0] = {}) => turn({ request: command, ...over }).decision;

  it('is recorded for each set, and read back', () => {
    const decision = asked();
    expect(decision).toMatchObject({
      kind: 'record_request',
      because: expect.stringContaining('diverts office to path b'),
    });
    const { update } = decision as Extract<typeof decision, { kind: 'record_request' }>;
    expect(update).toMatchObject({
      expression: 'SET #d0 = :word ADD #signals :one, #commands :one',
      names: { '#d0': 'divert#office' },
    });
    const text = (update.values[':word'] as { S: string }).S;
    expect(leaseFrom({ 'divert#office': text }).desired.diverts).toEqual({ office: word({ since: t0 }) });
    expect(leaseFrom({ 'divert#office': '{"since":1}' }).desired.diverts).toEqual({});
  });

  it('keeps users where a rescue has taken them', () => {
    expect(asked({ evidence: evidence(onB), memory: moved({ planned: false }) }).kind).toBe('record_request');
  });

  it.each<[string, Parameters<typeof turn>[0], RegExp]>([
    ['the path is down', { evidence: evidence(bIsDown) }, /^path b is down/],
    ['the path is drained', { desired: desired({ drains: { b: drain() } }) }, /^path b is drained/],
    ['it is home', { request: { ...command, to: 'a' } }, /path a is the home of office.*failback/],
    ['routes are unread', { evidence: evidence({ routes: [] }) }, /could not be read/],
    ['somebody else has the routes', { evidence: evidence({ routes: routes('eni-other') }) }, /somebody else's hands/],
    ['it is paused', { desired: desired({ paused: { ...drain(), requestedBy: 'ben' } }) }, /paused until \S+ by ben/],
    ['it only observes', { deployment: deployment(connection({ mode: 'observe' })) }, /mode observe/],
    ['users got nothing there', { memory: memory({ contradicted: { office: { b: t0 } } }) }, /got nothing over b/],
    ['the path is unknown', { request: { ...command, to: 'z' } }, /^to: "z" must be one of a, b$/],
    ['the set is unknown', { request: { ...command, routeSet: 'z' } }, /^routeSet: "z" must be one of office$/],
    ['there is no end', { request: { ...command, until: undefined } }, /^until:/],
  ])('is refused with the reason and the mend when %s', (_, over, because) => {
    const decision = asked(over);
    expect(decision).toMatchObject({ kind: 'refuse_request', mend: expect.stringMatching(/\w/) });
    expect(decision.because).toMatch(because);
  });
});
