/** Failures that mend themselves again and again: what is remembered of them, and for how long they keep home waiting. */
import type { Blip, Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import { desired, down, evidence, incident, instance, memory, move, onB, rung, t0, turn } from '../../../given';

const minute = 60_000;
const hour = 60 * minute;
const blip = (agoMs: number, ms = 4_000): Blip => ({ at: t0 - agoMs, ms });
const seen = (before: Partial<Memory>, over: Parameters<typeof down>[1] | null) =>
  memoryFrom(
    turn({
      memory: memory(before),
      evidence: evidence(over === null ? {} : { reports: { 'paris/path-a': down('paris/path-a', over) } }),
    }).memory,
  ).blips;

describe('a failure', () => {
  it('is remembered from its first missed probe on, also by the very first look', () => {
    const expected = { a: [{ at: t0 - 2_000, ms: 2_000 }] };
    expect(seen({}, { missedSince: t0 - 2_000 })).toEqual(expected);
    expect(seen({ healthySince: {} }, { missedSince: t0 - 2_000 })).toEqual(expected);
  });

  it('is the same one while its path was not healthy since, and another afterwards', () => {
    const blips = { a: [blip(30_000, 10_000)] };
    expect(seen({ blips, healthySince: {} }, { missedSince: t0 - 30_000 })).toEqual({ a: [blip(30_000, 30_000)] });
    expect(seen({ blips }, { missedSince: t0 - 1_000 })).toEqual({ a: [blip(30_000, 10_000), blip(1_000, 1_000)] });
    expect(seen({ blips }, null)).toEqual({ a: [blip(30_000, 10_000)] });
  });

  it('goes on although a new canary has seen only the end of it', () => {
    const blips = { a: [blip(60_000, 29_000)] };
    expect(seen({ blips, healthySince: {} }, { missedSince: t0 - 1_000 })).toEqual({ a: [blip(60_000, 60_000)] });
  });

  it('that is being repaired, or is a stopped machine, does not mend itself', () => {
    const blips = { a: [blip(30_000, 10_000)] };
    const repaired = seen(
      { blips, healthySince: {}, rungs: [rung({ startedAt: t0 - 5_000 })] },
      { missedSince: t0 - 30_000 },
    );
    expect(repaired).toEqual({});
    const stopped = evidence({ instances: { 'gw-a': instance('gw-a', { state: 'stopped' }) } });
    expect(memoryFrom(turn({ evidence: stopped }).memory).blips).toEqual({});
  });

  it('is forgotten after a day, and the oldest when there are many', () => {
    expect(seen({ blips: { a: [blip(24 * hour), blip(hour)] } }, null)).toEqual({ a: [blip(hour)] });
    const many = Array.from({ length: 8 }, (_, i) => blip((9 - i) * hour));
    expect(seen({ blips: { a: many } }, { missedSince: t0 - 1_000 })['a']).toEqual([
      ...many.slice(1),
      blip(1_000, 1_000),
    ]);
  });
});

describe('home', () => {
  const waits = (blips: readonly Blip[], healthyMs: number, over: Partial<Parameters<typeof turn>[0]> = {}) =>
    turn({
      memory: memory({
        incident,
        moves: { office: move({ at: t0 - healthyMs - minute }) },
        told: { 'away/office/blips': t0 },
        healthySince: { a: t0 - healthyMs, b: t0 - 24 * hour },
        blips: { a: blips },
      }),
      evidence: evidence(onB),
      ...over,
    }).decision;

  it.each([
    ['once an hour', [blip(121 * minute), blip(61 * minute)], 60 * minute, 75 * minute],
    ['every ten minutes', [blip(32 * minute), blip(22 * minute), blip(12 * minute)], 11 * minute, 12.5 * minute],
    ['every three hours', [blip(7 * hour), blip(4 * hour)], 3.5 * hour, 3.75 * hour],
    ['three times in a day', [blip(23 * hour), blip(15 * hour), blip(8 * hour)], 7.9 * hour, 10 * hour],
    ['irregularly', [blip(100 * minute), blip(90 * minute), blip(40 * minute)], 39 * minute, 62.5 * minute],
  ] as const)('that fails for a moment %s must hold for longer than it did', (_, blips, tooShortMs, enoughMs) => {
    expect(waits(blips, tooShortMs).kind).not.toBe('failback');
    expect(waits(blips, enoughMs)).toMatchObject({ kind: 'failback', rule: 'failback' });
  });

  it.each([
    ['once', [blip(minute)]],
    ['twice in a day, far apart', [blip(10 * hour), blip(4 * minute)]],
    ['for long each time', [blip(65 * minute, 5 * minute), blip(5 * minute, minute)]],
    ['beside it only', []],
  ] as const)('is waited for as ever when it failed %s', (_, blips) => {
    expect(waits(blips, 3 * minute)).toMatchObject({ kind: 'failback' });
  });

  it('is waited for no longer than a day, and no longer at all once a human has acknowledged', () => {
    const rare = [blip(23.9 * hour), blip(23.8 * hour), blip(minute)];
    expect(waits(rare, 23.9 * hour).kind).not.toBe('failback');
    expect(waits(rare, 24 * hour)).toMatchObject({ kind: 'failback' });
    const hourly = [blip(121 * minute), blip(61 * minute)];
    expect(waits(hourly, 4 * minute, { desired: desired({ acknowledgedAt: t0 - 1_000 }) })).toMatchObject({
      kind: 'failback',
    });
  });

  it('that keeps its traffic waiting is told once, with what to do', () => {
    const waiting = memory({
      incident,
      moves: { office: move() },
      healthySince: { a: t0 - minute, b: t0 - hour },
      blips: { a: [blip(121 * minute), blip(61 * minute, 4_200)] },
    });
    const { decision, ...rest } = turn({ memory: waiting, evidence: evidence(onB) });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'away/office/blips' });
    expect(decision.because).toMatch(
      /path a fails every 60 min or so, for 4.2 s.*the traffic of office stays on b until .* for 75 min/,
    );
    expect(decision.because).toMatch(/rekey settings of tunnel paris-a, or raise downAfterRounds to 11/);
    expect(turn({ memory: memoryFrom(rest.memoryTold), evidence: evidence(onB) }).decision.kind).not.toBe('escalate');
  });
});
