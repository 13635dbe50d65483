/** Quiet windows: wall clocks of any zone, and what a user's stop inside one keeps from happening. */

import { isQuietlyStopped, quietSpan } from '../../../../core/assess/quiet';
import type { Connection, QuietWindow, Weekday } from '../../../../core/words/domain';
import type { InstanceFacts } from '../../../../core/words/evidence';
import {
  bothDown,
  connection,
  deployment,
  down,
  evidence,
  instance,
  memory,
  routes,
  rung,
  t0,
  turn,
} from '../../../given';

const berlin = (days: Weekday[], from: number, to: number): QuietWindow => ({
  days,
  fromMinute: from * 60,
  toMinute: to * 60,
  timezone: 'Europe/Berlin',
});
const span = (windows: QuietWindow[], at: string): string[] | null => {
  const found = quietSpan(windows, Date.parse(at));
  return found && [found.from, found.until].map((instant) => `${new Date(instant).toISOString().slice(0, 16)}Z`);
};

describe('a window', () => {
  const night = [berlin(['mon'], 20, 6)];

  it.each<[string, string[] | null]>([
    ['2026-01-05T18:59:59Z', null], // Monday, 19:59:59 in Berlin.
    ['2026-01-05T19:00:00Z', ['2026-01-05T19:00Z', '2026-01-06T05:00Z']],
    ['2026-01-06T04:59:59Z', ['2026-01-05T19:00Z', '2026-01-06T05:00Z']],
    ['2026-01-06T05:00:00Z', null],
    ['2026-01-06T19:30:00Z', null], // Tuesday evening: no day on which it begins.
    ['2026-01-05T03:00:00Z', null], // Monday before dawn: Sunday began nothing.
  ])('of Monday 20:00 to 06:00, in Berlin, at %s', (at, expected) => expect(span(night, at)).toEqual(expected));

  it.each<[string, QuietWindow[], string, string[] | null]>([
    [
      'is an hour shorter in the night clocks go forward',
      [berlin(['sat'], 22, 6)],
      '2026-03-28T23:00:00Z',
      ['2026-03-28T21:00Z', '2026-03-29T04:00Z'],
    ],
    [
      'is an hour longer in the night they go back',
      [berlin(['sat'], 22, 6)],
      '2026-10-24T23:00:00Z',
      ['2026-10-24T20:00Z', '2026-10-25T05:00Z'],
    ],
    [
      'holds the hour that comes twice, both times',
      [berlin(['sun'], 2, 3)],
      '2026-10-25T01:30:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T02:00Z'],
    ],
    [
      'that begins in the hour left out begins after it',
      [{ ...berlin(['sun'], 2, 5), fromMinute: 150 }],
      '2026-03-29T02:00:00Z',
      ['2026-03-29T01:30Z', '2026-03-29T03:00Z'],
    ],
    ['of a whole day', [berlin(['mon'], 0, 24)], '2026-01-05T12:00:00Z', ['2026-01-04T23:00Z', '2026-01-05T23:00Z']],
    [
      'joins the next that begins when it ends',
      [berlin(['mon'], 20, 24), berlin(['tue'], 0, 6)],
      '2026-01-05T20:00:00Z',
      ['2026-01-05T19:00Z', '2026-01-06T05:00Z'],
    ],
    [
      'of the other side of the date line',
      [{ days: ['tue'], fromMinute: 0, toMinute: 60, timezone: 'Pacific/Kiritimati' }],
      '2026-01-05T10:30:00Z',
      ['2026-01-05T10:00Z', '2026-01-05T11:00Z'],
    ],
  ])('%s', (_, windows, at, expected) => expect(span(windows, at)).toEqual(expected));
});

// t0 is a Monday, 00:00 UTC.
const quiet: QuietWindow[] = [{ days: ['sun', 'mon'], fromMinute: 22 * 60, toMinute: 60, timezone: 'UTC' }];
const byUser = 'User initiated (2026-01-04 23:58:20 GMT)';
const stopped = (gateway: string, over: Partial<InstanceFacts> = {}) =>
  instance(gateway, {
    state: 'stopped',
    stopReason: byUser,
    instanceStatus: 'unknown',
    systemStatus: 'unknown',
    ...over,
  });
const at = (over: Partial<Connection> = {}) => deployment(connection({ quiet, ...over }));
const both = (over: Partial<InstanceFacts> = {}) =>
  evidence({ reports: bothDown, instances: { 'gw-a': stopped('gw-a', over), 'gw-b': stopped('gw-b', over) } });
/** The same, reported again by then. */
const asOf = (now: number) => {
  const e = both();
  const reports = Object.entries(e.reports).map(([id, r]) => [id, r && { ...r, reportedAt: now - 1_000 }]);
  return { ...e, reportsReadAt: now, reports: Object.fromEntries(reports) };
};
const bothStopped = (over: Parameters<typeof turn>[0] = {}) => turn({ deployment: at(), evidence: both(), ...over });

describe('what a user stopped inside a window', () => {
  it('is neither started nor an alarm: one line is said, and nothing of the dark', () => {
    const first = bothStopped();
    expect(first.decision.kind).not.toBe('repair');
    expect(first.decision.kind).not.toBe('escalate');
    expect(first.notice!.message).toMatch(
      /\nWhy:\ngw-a \(path a\) and gw-b \(path b\) stopped by a user inside a quiet window: left alone until 2026-01-05T01:00:00Z/,
    );
    expect(first.notice!.message).toContain('Nothing is asked of you.');
    const later = bothStopped({
      now: t0 + 600_000,
      memory: JSON.parse(first.memoryTold),
      evidence: asOf(t0 + 600_000),
    });
    expect([later.decision.kind, later.notice]).toEqual(['park', null]);
  });

  it('is left till the window ends, then handled as ever', () => {
    const told = { 'quiet/1767574800000': t0, 'brake/none': t0 };
    const late = (ms: number) => bothStopped({ now: t0 + ms, memory: memory({ told }), evidence: asOf(t0 + ms) });
    expect(late(3_000_000).decision).toMatchObject({ kind: 'hold', until: t0 + 3_600_000 });
    expect(late(3_600_000).decision).toMatchObject({ kind: 'repair', rung: 'stop-start' });
    expect(JSON.parse(late(3_600_000).memory).told).not.toHaveProperty(['quiet/1767574800000']);
  });

  it('is left by its users for a standby that works', () => {
    const e = evidence({
      reports: { 'paris/path-a': down('paris/path-a'), 'paris/office': down('paris/office') },
      instances: { 'gw-a': stopped('gw-a') },
    });
    expect(turn({ deployment: at(), evidence: e }).decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
  });
});

describe('any other stop is handled as ever', () => {
  it.each<[string, Parameters<typeof turn>[0]]>([
    ['of a connection without windows', { deployment: deployment() }],
    ['outside the window', { evidence: both({ stopReason: 'User initiated (2026-01-04 21:59:59 GMT)' }) }],
    ['of a host that fails', { evidence: both({ stopReason: 'Server.ScheduledStop (2026-01-04 23:58:20 GMT)' }) }],
    ['that says no time', { evidence: both({ stopReason: 'User initiated' }) }],
    ['for ever', { evidence: both({ state: 'terminated' }) }],
    ['of our own', { memory: memory({ rungs: [ours('gw-a'), ours('gw-b')] }) }],
    ['of our own, for another connection', { evidence: { ...both(), gatewayLeases: leased('gw-a', 'gw-b') } }],
  ])('%s', (_, over) => {
    const { decision, notice } = bothStopped(over);
    expect(['repair', 'escalate']).toContain(decision.kind);
    expect(notice?.message ?? '').not.toContain('quiet window');
  });

  it('beside one that a user stopped: the dark is told, and only the other one repaired', () => {
    const instances = {
      'gw-a': stopped('gw-a'),
      'gw-b': stopped('gw-b', { stopReason: 'Server.ScheduledStop (2026-01-04 23:58:20 GMT)' }),
    };
    const e = evidence({ reports: bothDown, instances });
    const told = memory({ told: { 'brake/none': t0 } });
    expect(turn({ deployment: at(), evidence: e }).decision).toMatchObject({ kind: 'escalate', key: 'brake/none' });
    expect(turn({ deployment: at(), evidence: e, memory: told }).decision).toMatchObject({ kind: 'repair', path: 'b' });
  });
});

it('gives a machine that falls silent in an open window half a minute to be seen stopping', () => {
  const silent = (ms: number) => {
    const reports = Object.fromEntries(
      Object.keys(bothDown).map((id) => [id, down(id, { missedSince: t0 - ms, answeredAt: t0 - ms - 500 })]),
    );
    const e = evidence({ reports, routes: routes('eni-gw-a') });
    return turn({ deployment: at(), evidence: e, memory: memory({ told: { 'brake/none': t0 } }) }).decision;
  };
  expect(silent(20_000)).toMatchObject({ kind: 'hold', because: expect.stringContaining('on purpose') });
  expect(silent(31_000).kind).toBe('repair');
});

it('answers the one question others ask of it', () => {
  const view = { connection: at().connections['paris']!, evidence: both(), memory: memory(), now: t0 };
  expect(isQuietlyStopped(view, 'a')).toBe(true);
  expect(isQuietlyStopped({ ...view, now: t0 + 3_600_000 }, 'a')).toBe(false);
  expect(isQuietlyStopped(view, 'nowhere')).toBe(false);
});

function ours(gateway: string) {
  const stop = { rung: 'stop-start', gateway, path: gateway.slice(-1), clientToken: gateway } as const;
  return rung({ ...stop, startedAt: t0 - 120_000, endedAt: t0 - 95_000, result: 'failed' });
}

function leased(...gateways: string[]) {
  const lease = (gateway: string) => ({
    gateway,
    holder: 'oslo',
    clientToken: null,
    rung: 'stop-start' as const,
    until: t0 - 1_000,
    claimedBy: null,
    identity: null,
    unread: null,
  });
  return Object.fromEntries(gateways.map((gateway) => [gateway, lease(gateway)]));
}
