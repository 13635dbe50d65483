/** Drills: when one may begin, how it ends, what ends it early, and what is remembered of it. */
import type { DrillUnderWay, Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { DrillSchedule } from '../../../../core/words/domain';
import { limits } from '../../../../core/words/policy';
import {
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
  report,
  routes,
  rung,
  t0,
  turn,
} from '../../../given';

const command = { connection: 'paris', trigger: 'drill', requestedBy: 'ana' };
const word = { since: t0 - 1_000, routeSet: null, requestedBy: 'ana' };
const asked = desired({ drill: word });
const open = (over: Partial<DrillUnderWay> = {}): DrillUnderWay => ({
  openedAt: t0 - 60_000,
  until: t0 + 240_000,
  sets: { office: 'b' },
  requestedBy: 'ana',
  aborted: null,
  darkSince: null,
  darkMs: 0,
  ...over,
});
/** Users were moved a minute ago, and confirmed it. */
const out = (over: Partial<DrillUnderWay> = {}, more: Partial<Memory> = {}): Memory =>
  memory({
    incident,
    drill: open(over),
    moves: { office: move({ at: t0 - 58_000, planned: true, leftWorkingPath: true }) },
    usedSince: { office: { path: 'b', at: t0 - 58_000 } },
    practisedAt: { office: t0 - 58_000 },
    ...more,
  });
const told = (answer: ReturnType<typeof turn>): string => answer.notice?.message ?? '';

describe('asked for by the schedule', () => {
  const scheduled = { ...command, requestedBy: 'the schedule' };
  const ofSchedule = desired({ drill: { ...word, requestedBy: 'the schedule' } });
  const ill = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });

  it('is recorded whatever is the matter, and refused at the first look: people are told, once, of no incident', () => {
    expect(turn({ request: scheduled, evidence: ill }).decision.kind).toBe('record_request');
    const drained = { ...ofSchedule, paused: { ...drain(), requestedBy: 'ben' } };
    const answer = turn({ desired: drained });
    expect(told(answer)).toContain(
      'drill asked for by the schedule at 2026-01-04T23:59:59Z is not held: paris is paused',
    );
    expect(told(answer)).toContain('switchback drill paris');
    const after = memoryFrom(answer.memoryTold);
    expect(after).toMatchObject({ incident: null, toTell: [], lastDrill: { outcome: 'refused' } });
    expect(turn({ desired: drained, memory: after }).notice).toBeNull();
  });

  it('is refused beside one that is open, of which people have been told', () => {
    const { decision } = turn({ request: scheduled, memory: out(), evidence: evidence(onB) });
    expect(decision).toMatchObject({ kind: 'refuse_request', because: 'one is open already' });
  });

  it('moves users as any other does', () => {
    expect(turn({ desired: ofSchedule }).decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
  });
});

describe('a blocked window', () => {
  const window = (fromMinute: number, toMinute: number) =>
    ({ days: ['mon'], fromMinute, toMinute, timezone: 'UTC' }) as const;
  const within = (drills: Partial<DrillSchedule>) =>
    turn({
      request: command,
      deployment: deployment(connection({ drills: { timezone: 'UTC', blocked: [], blockedDates: [], ...drills } })),
    }).decision;

  it.each<[string, Partial<DrillSchedule>, string]>([
    ['is open', { blocked: [window(0, 30)] }, '2026-01-05T00:30:00Z'],
    ['opens before users were home again', { blocked: [window(4, 30)] }, '2026-01-05T00:30:00Z'],
    ['is short', { blocked: [window(2, 3)] }, '2026-01-05T00:03:00Z'],
    ['is a date', { blockedDates: [{ from: t0 - 1, until: t0 + 60_000 }] }, '2026-01-05T00:01:00Z'],
    [
      'is a date that begins soon',
      { blockedDates: [{ from: t0 + 60_000, until: t0 + 120_000 }] },
      '2026-01-05T00:02:00Z',
    ],
  ])('%s: no drill begins', (_, drills, until) => {
    expect(within(drills)).toMatchObject({
      kind: 'refuse_request',
      because: `drills of paris are blocked until ${until}`,
    });
  });

  it.each<[string, Partial<DrillSchedule>]>([
    ['has not come', { blocked: [window(5, 30)], blockedDates: [{ from: t0 + limits.drillMs, until: t0 + 9e9 }] }],
    ['is over', { blockedDates: [{ from: t0 - 60_000, until: t0 }] }],
  ])('%s: one may', (_, drills) => {
    expect(within(drills).kind).toBe('record_request');
  });
});

describe('the beginning', () => {
  it('moves users to the standby, for five minutes, and tells people', () => {
    const answer = turn({ desired: asked });
    expect(answer.decision).toMatchObject({ kind: 'divert', rule: 'word', planned: true, moves: [{ to: 'b' }] });
    expect(memoryFrom(answer.memory).drill).toEqual(
      open({ openedAt: t0, until: t0 + limits.drillMs, requestedBy: 'ana' }),
    );
    expect(told(answer)).toContain('drill asked for by ana: office to b until 2026-01-05T00:05:00Z, then home');
  });

  it('is asked for once', () => {
    const lastDrill = { openedAt: t0 - 500, darkMs: 0, requestedBy: 'ana', outcome: 'passed', because: '' } as const;
    expect(turn({ desired: asked, memory: memory({ lastDrill }) }).decision.kind).toBe('finish');
  });

  it('waits some minutes for a better moment, then is given up, and people are told why', () => {
    const ill = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    const waiting = turn({ desired: asked, evidence: ill });
    expect(told(waiting)).not.toContain('drill');
    const late = turn({ desired: desired({ drill: { ...word, since: t0 - limits.drillWordMs - 1 } }), evidence: ill });
    expect(told(late)).toMatch(
      /drill asked for by ana at 2026-01-04T23:54:59Z is not held: an incident is open: path b/,
    );
    expect(memoryFrom(late.memory).lastDrill).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining('path b'),
    });
  });

  it('is not awaited past its time though nothing else is due', () => {
    const short = deployment(connection({}, { failbacks24hMax: 0 }));
    expect(turn({ desired: asked, deployment: short }).decision).toMatchObject({
      kind: 'hold',
      because: expect.stringContaining('a drill asked for by ana waits'),
    });
  });

  it("is nobody's after a day, where what was done about it is forgotten", () => {
    const ancient = desired({ drill: { ...word, since: t0 - 25 * 3_600_000 } });
    const answer = turn({ desired: ancient });
    expect(answer.decision.kind).toBe('finish');
    expect(answer.notice).toBeNull();
  });

  it.each<[string, Parameters<typeof turn>[0], RegExp]>([
    ['the standby is down', { evidence: evidence({ reports: { 'paris/path-b': down('paris/path-b') } }) }, /path b/],
    ['home is down', { evidence: evidence({ reports: { 'paris/path-a': down('paris/path-a') } }) }, /path a/],
    ['a path is drained', { desired: desired({ drains: { b: drain() } }) }, /path b is drained/],
    [
      'users are not served',
      { evidence: evidence({ reports: { 'paris/office': down('paris/office') } }) },
      /users of office/,
    ],
    ['an incident is open', { memory: memory({ incident }) }, /an incident is open: path a is down/],
    ['users are away', { evidence: evidence(onB) }, /incident is open|not home/],
    ['somebody has the routes', { evidence: evidence({ routes: routes('eni-other') }) }, /incident is open|not home/],
    ['a repair runs', { memory: memory({ rungs: [rung()] }) }, /a repair runs/],
    ['one is open', { memory: out({}, { incident: null }), evidence: evidence(onB) }, /one is open already/],
    ['it is paused', { desired: desired({ paused: { ...drain(), requestedBy: 'ben' } }) }, /paused until \S+ by ben/],
    ['it only observes', { deployment: deployment(connection({ mode: 'observe' })) }, /mode observe/],
    ['there is no standby', { deployment: deployment(connection({ standby: 'none' })) }, /no standby/],
    [
      'the day has no failback left',
      { deployment: deployment(connection({}, { failbacks24hMax: 0 })) },
      /failback budget/,
    ],
    [
      'users got nothing on the standby',
      { memory: memory({ contradicted: { office: { b: t0 } } }) },
      /no path but home/,
    ],
    ['the set is unknown', { request: { ...command, routeSet: 'z' } }, /routeSet: "z" must be one of office/],
  ])('is refused when %s', (_, over, because) => {
    const { decision } = turn({ request: command, ...over });
    expect(decision).toMatchObject({ kind: 'refuse_request', mend: expect.stringMatching(/\w/) });
    expect(decision.because).toMatch(because);
  });

  it('is recorded where everything is healthy', () => {
    expect(turn({ request: command })).toMatchObject({
      decision: {
        kind: 'record_request',
        update: { expression: 'SET #drill = :word ADD #signals :one, #commands :one' },
      },
    });
  });
});

describe('while it is open', () => {
  const at = (over: Parameters<typeof turn>[0] = {}) => turn({ evidence: evidence(onB), memory: out(), ...over });

  it('keeps users on the standby', () => {
    expect(at().decision).toMatchObject({ kind: 'hold', because: 'a drill of office is open' });
    expect(memoryFrom(at().memory).drill).toEqual(open());
  });

  it('takes them home when its time is over, under any policy', () => {
    const over = { memory: out({ until: t0 }), deployment: deployment(connection({}, { failback: 'manual' })) };
    expect(at(over).decision).toMatchObject({
      kind: 'failback',
      because: expect.stringContaining('the drill is over'),
    });
  });

  it.each<[string, Parameters<typeof evidence>[0], RegExp]>([
    ['users are in the dark', { reports: { 'paris/office': down('paris/office') } }, /users of office/],
    [
      'the standby loses packets',
      { reports: { 'paris/path-b': report('paris/path-b', { verdict: 'degraded', lossRatio: 0.2 }) } },
      /path b is degraded/,
    ],
  ])('is ended at once when %s, and users go home although the move is not confirmed yet', (_, seen, because) => {
    const young = { office: move({ at: t0 - 5_000, planned: true, leftWorkingPath: true, outcome: 'unconfirmed' }) };
    const answer = at({ evidence: evidence({ ...onB, ...seen }), memory: out({}, { moves: young, practisedAt: {} }) });
    expect(answer.decision.kind).toBe('failback');
    expect(memoryFrom(answer.memory).drill).toMatchObject({ until: t0, aborted: expect.stringMatching(because) });
    expect(told(answer)).toContain('drill ended early: ');
  });

  it('waits for the soak of a home that failed meanwhile', () => {
    const healthySince = { a: t0 - 10_000, b: t0 - 600_000 };
    expect(at({ memory: out({ until: t0 }, { healthySince }) }).decision.kind).toBe('hold');
  });

  it('moves nobody while paused, and is not over before that', () => {
    const paused = desired({ paused: { ...drain(), requestedBy: 'ben' } });
    const answer = at({ memory: out({ until: t0 - 3_600_000 }), desired: paused });
    expect(answer.decision.rule).toBe('stand-still');
    expect(memoryFrom(answer.memory).drill).not.toBeNull();
  });
});

describe('the end', () => {
  const home = (over: Partial<DrillUnderWay> = {}, more: Partial<Memory> = {}) =>
    turn({ memory: out({ until: t0 - 1_000, ...over }, { usedSince: {}, moves: {}, ...more }) });

  it.each<[string, ReturnType<typeof home>, object, RegExp]>([
    [
      'passed',
      home(),
      { outcome: 'passed', darkMs: 0 },
      /drill passed: office on the standby for 60 s; users were not dark at all/,
    ],
    [
      'dark',
      home({ darkMs: 4_000, aborted: 'users of office' }),
      { outcome: 'aborted', darkMs: 4_000 },
      /drill aborted: users of office; users were dark for 4 s/,
    ],
    ['not moved', home({}, { practisedAt: {} }), { outcome: 'unmoved' }, /drill unmoved/],
  ])('is remembered and told: %s', (_, answer, record, text) => {
    expect(memoryFrom(answer.memory)).toMatchObject({ drill: null, lastDrill: { openedAt: t0 - 60_000, ...record } });
    expect(told(answer)).toMatch(text);
  });
});
