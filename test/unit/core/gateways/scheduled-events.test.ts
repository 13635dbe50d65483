/** What AWS has scheduled for instances: who is told, when users leave, when they may come back, and what is not known. */
import type { Memory } from '../../../../core/store/memory';
import type { PlannedEvent } from '../../../../core/store/planned-event';
import { memoryFrom } from '../../../../core/store/stored';
import type { ScheduledEvent } from '../../../../core/words/evidence';
import { hourMs, minuteMs } from '../../../../core/words/time';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gateway,
  incident,
  instance,
  memory,
  move,
  onB,
  t0,
  turn,
} from '../../../given';

const event = (over: Partial<ScheduledEvent> = {}): ScheduledEvent => ({
  id: 'instance-event-1',
  code: 'system-reboot',
  from: t0 + 10 * minuteMs,
  until: t0 + 2 * hourMs,
  ...over,
});
const listed = (events: readonly ScheduledEvent[] | null, name = 'gw-a') =>
  evidence({ instances: { [name]: instance(name, { events }) } });
const known = (one: ScheduledEvent = event(), name = 'gw-a'): Pick<Memory, 'scheduled'> => ({
  scheduled: { [name]: [{ ...one, told: true } satisfies PlannedEvent] },
});
/** Users have left, and the move is confirmed. */
const left = (more: Partial<Memory> = {}): Memory =>
  memory({
    incident,
    moves: { office: move({ planned: true, leftWorkingPath: true }) },
    usedSince: { office: { path: 'b', at: t0 - 60_000 } },
    ...more,
  });
const message = ({ notice }: ReturnType<typeof turn>): string => notice?.message ?? '';

describe('people hear', () => {
  it('once, when it is seen first, what and when, in a mail of no incident', () => {
    const first = turn({ evidence: listed([event({ from: t0 + 9 * 24 * hourMs, until: null })]) });
    expect(message(first)).toContain(
      'AWS has scheduled system-reboot from 2026-01-14T00:00:00Z of gw-a: users leave path a 15 min before',
    );
    expect(message(first)).toContain('Nothing is asked of you.');
    const after = memoryFrom(first.memoryTold);
    expect(after.incident).toBeNull();
    expect(
      turn({ evidence: listed([event({ from: t0 + 9 * 24 * hourMs, until: null })]), memory: after }).notice,
    ).toBeNull();
  });

  it('again when AWS puts it off', () => {
    const later = listed([event({ from: t0 + 5 * hourMs, until: t0 + 6 * hourMs })]);
    expect(message(turn({ evidence: later, memory: memory(known()) }))).toContain('from 2026-01-05T05:00:00Z to');
  });

  it.each<[string, Parameters<typeof turn>[0], RegExp]>([
    [
      'by policy',
      {
        deployment: {
          ...deployment(),
          gateways: { ...deployment().gateways, 'gw-a': { ...gateway('gw-a'), scheduledEvents: 'tell' } },
        },
      },
      /nobody is moved ahead of it: gw-a is configured so \(scheduledEvents: tell\)/,
    ],
    ['in mode observe', { deployment: deployment(connection({ mode: 'observe' })) }, /mode observe moves nobody/],
    ['without a standby', { deployment: deployment(connection({ standby: 'none' })) }, /there is no other path/],
  ])('%s that nobody is moved, and nobody is', (_, over, text) => {
    const answer = turn({ ...over, evidence: listed([event()]) });
    expect(message(answer)).toMatch(text);
    expect(answer.situation.drained).toEqual([]);
  });

  it('that users stay, where they should have left and something keeps them', () => {
    const ill = {
      ...listed([event()]),
      reports: evidence({ reports: { 'paris/path-b': down('paris/path-b') } }).reports,
    };
    const answer = turn({ evidence: ill, memory: memory({ ...known(), healthySince: { a: t0 - 600_000 } }) });
    expect(message(answer)).toContain('of gw-a, and users stay on path a: path b is down');
    expect(answer.situation.drained).toEqual([]);
  });
});

describe('users', () => {
  it('leave a quarter of an hour before, as planned', () => {
    const seen = turn({ evidence: listed([event()]) });
    expect(seen).toMatchObject({
      decision: { kind: 'divert', planned: true, moves: [{ to: 'b' }] },
      situation: { drained: ['a'] },
    });
    expect(message(seen)).toContain(
      'path a is kept out until 2026-01-05T02:00:00Z by Switchback: AWS has scheduled system-reboot',
    );
  });

  it.each<[string, Parameters<typeof turn>[0]]>([
    ['it is far off', { evidence: listed([event({ from: t0 + 16 * minuteMs })]) }],
    ['it is over', { evidence: listed([event({ from: t0 - 3 * hourMs, until: t0 })]) }],
    [
      'it has not come for hours, and EC2 does not say until when',
      { evidence: listed([event({ from: t0 - 4 * hourMs, until: null })]) },
    ],
    ['EC2 lists it no more', { evidence: listed([]), memory: memory(known()) }],
    ['it is paused', { evidence: listed([event()]), desired: desired({ paused: { ...drain(), requestedBy: 'ben' } }) }],
    ['the other path is drained', { evidence: listed([event()]), desired: desired({ drains: { b: drain() } }) }],
    [
      'the other path has just come back',
      { evidence: listed([event()]), memory: memory({ healthySince: { a: 0, b: t0 - 1_000 } }) },
    ],
  ])('stay where they are when %s', (_, over) => {
    const { decision } = turn({ memory: memory(known()), ...over });
    expect(decision.kind).not.toBe('divert');
  });

  it('stay away while it lasts, though EC2 cannot be asked, and though the other path falters', () => {
    const lasts = known(event({ from: t0 - minuteMs }));
    const unasked = { ...listed(null), ...onB };
    expect(turn({ evidence: unasked, memory: left(lasts) }).situation.drained).toEqual(['a']);
    const falters = left({ ...lasts, healthySince: { a: t0 - 600_000 } });
    expect(
      turn({ evidence: { ...listed([event({ from: t0 - minuteMs })]), ...onB }, memory: falters }).situation.drained,
    ).toEqual(['a']);
  });

  it('come home when it is over and home has soaked', () => {
    const { decision } = turn({ evidence: { ...listed([]), ...onB }, memory: left(known()) });
    expect(decision).toMatchObject({ kind: 'failback', moves: [{ to: 'a' }] });
  });

  it('are no reason to leave a machine down that AWS has stopped: it is repaired', () => {
    const stopped = evidence({
      reports: { 'paris/path-a': down('paris/path-a') },
      instances: {
        'gw-a': instance('gw-a', { state: 'stopped', events: [event({ from: t0 - minuteMs, until: null })] }),
      },
      ...onB,
    });
    expect(turn({ evidence: stopped, memory: left(known()) }).decision).toMatchObject({ kind: 'repair', path: 'a' });
  });

  it('are asked to leave one path at a time', () => {
    const both = evidence({
      instances: { 'gw-a': instance('gw-a', { events: [event()] }), 'gw-b': instance('gw-b', { events: [event()] }) },
    });
    expect(turn({ evidence: both }).situation.drained).toHaveLength(1);
  });
});

it('remembers the next two, and those of gateways that are there', () => {
  const many = [3, 1, 2].map((n) => event({ id: `instance-event-${n}`, from: t0 + n * hourMs, until: null }));
  const kept = memoryFrom(turn({ evidence: listed(many), memory: memory(known(event(), 'gw-gone')) }).memory);
  expect(Object.keys(kept.scheduled)).toEqual(['gw-a']);
  expect(kept.scheduled['gw-a']!.map(({ id }) => id)).toEqual(['instance-event-1', 'instance-event-2']);
});
