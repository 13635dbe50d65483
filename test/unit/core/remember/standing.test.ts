/** How a connection stands: what people read on the dashboard, and what two alarms count. */

import { standingOf } from '../../../../core/remember/standing';
import { type Desired, leaseFrom, nothingDesired } from '../../../../core/store/lease';
import type { Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import { dayMs } from '../../../../core/words/time';
import { aIsDown, connection, evidence, incident, memory, move, onB, report, t0, turn } from '../../../given';

const stands = (over: Partial<Memory> = {}, site = connection(), seededAt = 0, desired: Partial<Desired> = {}) =>
  standingOf(
    site,
    { ...leaseFrom({}), memory: memory(over), seededAt, desired: { ...nothingDesired, ...desired } },
    t0,
  );
const kept = (text: string): Memory => memoryFrom(text);

it('names the path that carries each set, and since when', () => {
  expect(stands({ usedSince: { office: { path: 'b', at: t0 - 60_000 } } }).carriedBy).toEqual({
    office: { path: 'b', since: '2026-01-04T23:59:00Z' },
  });
});

it('says no time for a set that was there when it was first seen, and no path for one that is split', () => {
  expect(stands({ usedSince: { office: { path: 'a', at: 0 } } }).carriedBy).toEqual({
    office: { path: 'a', since: '' },
  });
  expect(stands({ usedSince: { office: { path: null, at: t0 } } }).carriedBy['office']!.path).toBeNull();
  expect(stands().carriedBy).toEqual({ office: { path: null, since: '' } });
});

it('tells the open incident, and the one before it', () => {
  expect(stands()).toMatchObject({ incident: '', lastIncident: '', lastDrill: '' });
  const lastIncident = { id: 'paris-0', openedAt: t0 - dayMs, closedAt: t0 - dayMs + 60_000, because: 'path b: down' };
  expect(stands({ incident, lastIncident })).toMatchObject({
    incident: 'since 2026-01-04T23:58:00Z: path a is down',
    lastIncident: '2026-01-04T00:00:00Z to 2026-01-04T00:01:00Z: path b: down',
  });
});

it.each([
  ['brake/none', true],
  ['away/office', true],
  ['manual/office', true],
  ['stuck/a/budget', true],
  ['contradicted/office', true],
  ['unread/memory', true],
  ['of-a-kind-made-later', true],
  ['move/abc/1', false],
  ['repair/abc', false],
  ['would/divert/office/b', false],
  ['closed', false],
])('%s asks for people: %s', (key, escalated) => {
  expect(stands({ incident, told: { [key]: t0 } }).escalated).toBe(escalated);
});

it.each<[string, Partial<Memory>]>([
  ['well', { usedSince: { office: { path: 'a', at: 0 } } }],
  ['well', {}],
  ['not home', { usedSince: { office: { path: 'b', at: t0 } } }],
  ['not home', { usedSince: { office: { path: null, at: t0 } } }],
  ['in incident', { incident, usedSince: { office: { path: 'b', at: t0 } } }],
  ['people needed', { incident, told: { 'brake/none': t0 } }],
  [
    'users dark',
    { incident, told: { 'brake/none': t0 }, unserved: { office: { dark: t0 - 60_000, hurt: null, slow: t0 } } },
  ],
])('is %s, and the dot says how bad that is', (state, over) => {
  const dots = { 'users dark': '🔴', 'people needed': '🔴', 'in incident': '🟠', 'not home': '🟡', well: '🟢' };
  expect(stands(over)).toMatchObject({ state, light: dots[state as keyof typeof dots] });
});

it('says since when which users are dark', () => {
  const unserved = { office: { dark: t0 - 60_000, hurt: null, slow: t0 }, lab: { dark: null, hurt: t0, slow: t0 } };
  expect(stands({ unserved }).dark).toBe('office since 2026-01-04T23:59:00Z');
  expect(stands().dark).toBe('');
});

it('says what is paused and drained, until when, by whom and why, and nothing of what has ended', () => {
  const order = { kind: 'soft', until: t0 + 1, requestedBy: 'ann', reason: 'kernel', since: t0 - 60_000 } as const;
  const said = 'until 2026-01-05T00:00:00Z by ann: kernel';
  const under = stands({}, connection(), 0, { paused: order, drains: { a: order, b: { ...order, until: t0 } } });
  expect(under).toMatchObject({ paused: said, drained: `a ${said}` });
  expect(stands()).toMatchObject({ paused: '', drained: '' });
});

describe('a drill', () => {
  const { drillEveryMs } = connection().policy;
  const practised = (agoMs: number) => ({ practisedAt: { office: t0 - agoMs } });

  it('is overdue one moment after its period', () => {
    expect(stands(practised(drillEveryMs)).drillOverdue).toBe(false);
    expect(stands(practised(drillEveryMs + 1)).drillOverdue).toBe(true);
  });

  it('is not asked for where routes may not move, nor of a connection that is new', () => {
    expect(stands({}, connection({ mode: 'observe' })).drillOverdue).toBe(false);
    expect(stands({}, connection(), t0 - drillEveryMs).drillOverdue).toBe(false);
    expect(stands({}, connection(), t0 - drillEveryMs - 1).drillOverdue).toBe(true);
  });

  it('counts by the set that waits longest', () => {
    const { office } = connection().routeSets;
    const two = connection({ routeSets: { office: office!, lab: { ...office!, name: 'lab', tables: ['rtb-3'] } } });
    expect(stands(practised(1), two)).toMatchObject({ lastDrill: '', drillOverdue: true });
    const both = { practisedAt: { office: t0 - 1, lab: t0 - dayMs } };
    expect(stands(both, two)).toMatchObject({ lastDrill: '2026-01-04T00:00:00Z', drillOverdue: false });
  });
});

describe('what is remembered for it', () => {
  const served = report('paris/office', { reportedAt: t0 + 10_000, answeredAt: t0 + 10_000 });
  const later = { ...evidence({ reports: { ...aIsDown, 'paris/office': served }, ...onB }), readAt: t0 + 11_000 };
  const after = (moved: ReturnType<typeof move>) =>
    kept(turn({ memory: memory({ incident, moves: { office: moved } }), evidence: later, now: t0 + 11_000 }).memory);

  it('is the move off home that users confirmed, planned or not, dated when it was made', () => {
    expect(after(move({ at: t0, outcome: 'unconfirmed' })).practisedAt).toEqual({ office: t0 });
    expect(after(move({ at: t0, outcome: 'unconfirmed', planned: true })).practisedAt).toEqual({ office: t0 });
  });

  it('is not a failback, nor a move that is still to be confirmed', () => {
    expect(after(move({ at: t0, outcome: 'unconfirmed', kind: 'failback' })).practisedAt).toEqual({});
    expect(after(move({ at: t0 + 10_900, outcome: 'unconfirmed' })).practisedAt).toEqual({});
  });

  it('is the incident that was closed, with its end; a quiet turn changes nothing', () => {
    const closed = kept(turn({ memory: memory({ incident }), now: t0 }).memory);
    expect(closed.lastIncident).toEqual({ ...incident, closedAt: t0 });
    expect(closed.incident).toBeNull();
    expect(kept(turn({ memory: closed }).memory).lastIncident).toEqual(closed.lastIncident);
  });
});

it('is readable from a memory that was stored before any of it was kept: not unread, but without a past', () => {
  const { lastIncident, practisedAt, ...older } = memory({ incident });
  const read = kept(JSON.stringify(older));
  expect(read.unread).toBeUndefined();
  expect(read).toMatchObject({ incident, lastIncident: null, practisedAt: {} });
  expect(stands(read)).toMatchObject({ lastIncident: '', lastDrill: '' });
});
