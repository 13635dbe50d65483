/** What is stored, read back: damaged, older, newer. What cannot be read is kept, said, and holds the connection. */
import { gatewayLeaseFrom, leaseFrom } from '../../../../core/store/lease';
import { emptyMemory, type Memory } from '../../../../core/store/memory';
import { memoryFrom, observationFrom } from '../../../../core/store/stored';
import { afterMoves } from '../../../../core/turn/answers';
import { aIsDown, desired, down, evidence, incident, memory, move, onB, rung, t0, turn } from '../../../given';

const newer = JSON.stringify({ schema: 2, incident: { id: 'paris-1' }, rungs: { 'gw-a': 'runs' } });

describe('a memory', () => {
  const open = memory({ incident, moves: { office: move() }, rungs: [rung()], told: { 'brake/none': t0 } });

  it('comes back as it was stored', () => {
    expect(memoryFrom(JSON.stringify(open))).toEqual(open);
  });

  it('of an older version gets the defaults of what that version did not know', () => {
    const { contradicted, practisedAt, ...older } = open;
    const text = JSON.stringify({ ...older, budgets: { moves: [t0] } });
    expect(memoryFrom(text)).toEqual({
      ...open,
      contradicted: {},
      practisedAt: {},
      budgets: { ...emptyMemory.budgets, moves: [t0] },
    });
  });

  it('keeps the fields of a newer version of the same schema', () => {
    expect(memoryFrom(JSON.stringify({ ...open, rehearsedAt: t0 }))).toMatchObject({ rehearsedAt: t0 });
  });

  it.each([
    newer,
    '{',
    '[]',
    '{}',
    JSON.stringify({ ...open, rungs: null }),
    JSON.stringify({ ...open, moves: { office: { ...move(), from: 'a' } } }),
    JSON.stringify({ ...open, budgets: { moves: ['x'] } }),
    JSON.stringify({ ...open, incident: { ...incident, openedAt: 1e300 } }),
  ])('that cannot be read is carried along: %s', (text) => {
    expect(memoryFrom(text)).toEqual({ ...emptyMemory, unread: text });
  });

  it('is read again by the version that can, whoever carried it', () => {
    expect(memoryFrom(JSON.stringify({ ...emptyMemory, unread: JSON.stringify(open) }))).toEqual(open);
  });
});

describe('while something stored cannot be read', () => {
  const unread = memoryFrom(newer);
  const look = evidence({ reports: aIsDown });
  const kept = (text: string) => JSON.parse(text) as Memory;

  it('a person is told once, what it is and what to do; nothing moves, nothing is repaired, nothing is forgotten', () => {
    const first = turn({ memory: unread, evidence: look });
    expect(first.decision).toMatchObject({ kind: 'escalate', rule: 'stand-still', key: 'unread/memory' });
    expect(first.notice?.message).toMatch(/memory is .*schema.*acknowledge to go on without it/);
    expect(kept(first.memory).unread).toBe(newer);
    const second = turn({ memory: kept(first.memoryTold), evidence: look, now: t0 + 1_000 });
    expect(second).toMatchObject({ decision: { kind: 'hold', rule: 'stand-still' }, notice: null });
    expect(kept(second.memory).unread).toBe(newer);
  });

  it('an acknowledgement after that gives it up, an earlier one does not', () => {
    const told = kept(turn({ memory: unread, evidence: look }).memoryTold);
    const acknowledged = (at: number) =>
      turn({ memory: told, evidence: look, desired: desired({ acknowledgedAt: at }), now: t0 + 1_000 }).decision.kind;
    expect(acknowledged(t0)).toBe('hold'); // Till people are to hear that users are dark.
    expect(acknowledged(t0 + 1)).toBe('divert');
  });

  it.each([
    ['paused', { paused: '{' }, 'resume, or pause anew'],
    ['drains.b', { drains: { b: '{"kind":"firm"}' } }, 'end the maintenance of b'],
    ['drains', { drains: 'x' }, 'make it a map of paths again'],
  ])('holds on damaged %s', (field, item, mend) => {
    const { decision } = turn({ desired: leaseFrom(item).desired, evidence: look });
    expect(decision).toMatchObject({ kind: 'escalate', rule: 'stand-still', key: `unread/${field}` });
    expect(decision.because).toContain(mend);
  });

  it('holds on an identity that was journalled and is not there', () => {
    const gatewayLeases = { 'gw-b': gatewayLeaseFrom('gw-b', { identity: '{"instanceId":"i-new"}' }) };
    const { decision } = turn({ evidence: evidence({ reports: aIsDown, gatewayLeases }) });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'unread/identity of gw-b' });
  });
});

it.each(['token', 'signals'])('refuses an item whose %s is no count: nobody knows who holds what', (field) => {
  expect(() => leaseFrom({ [field]: 'many' })).toThrow(
    expect.objectContaining({ name: 'StoredItemInvalid', message: expect.stringContaining(`${field}: "many"`) }),
  );
});

it('takes a hint it cannot read for no hint', () => {
  const seen = { instanceId: 'i-1', state: 'stopped', at: t0 };
  expect(observationFrom({ pk: 'observed#gw-a', ...seen })).toEqual(seen);
  expect([7, '', undefined, { ...seen, state: 'hung' }, { ...seen, at: 'now' }].map(observationFrom)).toEqual(
    Array.from({ length: 5 }, () => null),
  );
});

describe('what is dated in the future', () => {
  it('proves nothing: a path is not left for one whose report comes from tomorrow', () => {
    const report = { ...evidence().reports['paris/path-b']!, reportedAt: t0 + 86_400_000 };
    const reports = { ...aIsDown, 'paris/path-b': report };
    expect(turn({ evidence: evidence({ reports }) }).situation.paths).toMatchObject({ b: 'unknown' });
  });

  it('announces no death', () => {
    const observations = {
      'gw-a': { instanceId: 'i-0aaaaaaaaaaaaaaaa', state: 'stopped', at: t0 + 86_400_000 },
    } as const;
    expect(turn({ evidence: evidence({ observations }) }).decision.kind).toBe('finish');
  });

  it('lifts no budget', () => {
    const spent = memory({
      incident,
      budgets: { ...emptyMemory.budgets, repairs: Array.from({ length: 8 }, () => t0 - 3_600_000) },
    });
    const bad = evidence({ reports: { 'paris/path-a': down('paris/path-a') }, ...onB });
    const repairs = (acknowledgedAt: number) =>
      turn({ memory: spent, evidence: bad, desired: desired({ acknowledgedAt }) }).decision.kind === 'repair';
    expect([repairs(0), repairs(t0 - 1), repairs(t0 + 86_400_000)]).toEqual([false, true, false]);
  });
});

describe('a memory with names the configuration lost', () => {
  it('of a running rung waits for its end', () => {
    const { decision } = turn({ memory: memory({ incident, rungs: [rung({ path: 'z' })] }) });
    expect(decision).toMatchObject({ kind: 'hold' });
  });

  it('of a move to be undone asks a human', () => {
    const wrong = move({ from: ['z'], leftWorkingPath: true, outcome: 'contradicted', to: 'a', at: t0 - 90_000 });
    const dark = evidence({ reports: { 'paris/office': down('paris/office') } });
    expect(turn({ evidence: dark, memory: memory({ incident, moves: { office: wrong } }) }).decision).toMatchObject({
      kind: 'escalate',
      rule: 'undo',
    });
  });

  it('stays readable after the next move', () => {
    const text = JSON.stringify(memory({ incident, moves: { gone: move({ to: 'z' }) } }));
    const decision = { ...turn({ evidence: evidence({ reports: aIsDown }) }).decision };
    if (decision.kind !== 'divert') throw new Error(decision.because);
    expect(memoryFrom(afterMoves(text, decision, [], t0)).unread).toBeUndefined();
  });
});
