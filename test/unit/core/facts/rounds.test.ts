/** From probe rounds to a canary's verdict. */

import {
  isDoubtful,
  markHeard,
  markReported,
  markUnheard,
  type RoundResult,
  type Rounds,
  recordFullSize,
  recordRound,
  reportFrom,
  roundsToCarry,
  silentSince,
  startRounds,
} from '../../../../core/facts/rounds';
import type { Canary } from '../../../../core/words/domain';
import { presets, roundsForLossMin } from '../../../../core/words/policy';
import { deployment, t0 } from '../../../given';

const policy = presets.balanced;
const canary: Canary = deployment().connections['paris']!.canaries[0]!;
const observer = (gatewayProbe: 'up' | 'down') => ({ canary, policy, gatewayProbe, runId: 'run' });
const hit: RoundResult = { answered: true, rttMs: 12, attempts: 1, lost: 0, startedAt: 0 };
const miss: RoundResult = { answered: false, rttMs: null, attempts: 3, lost: 3, startedAt: 0 };
const late: RoundResult = { answered: true, rttMs: 30, attempts: 2, lost: 1, startedAt: 0 };

function play(results: readonly RoundResult[], from: Rounds = startRounds(t0), startAt = t0): Rounds {
  return results.reduce((rounds, result, i) => {
    const now = startAt + i * policy.roundIntervalMs;
    return recordRound(rounds, { ...result, startedAt: now - 100 }, policy, now);
  }, from);
}
const times = (n: number, result: RoundResult): RoundResult[] => Array.from({ length: n }, () => result);

it('knows nothing before three answers or three misses', () => {
  expect(play(times(2, hit)).verdict).toBe('unknown');
  expect(play(times(2, miss)).verdict).toBe('unknown');
});

it('is down after three misses in a row: 1.5 s at the default', () => {
  const rounds = play([...times(5, hit), ...times(3, miss)]);
  expect(rounds.verdict).toBe('down');
  expect(rounds.since).toBe(t0 + 7 * policy.roundIntervalMs);
});

it('is not down before the attempts in vain span 785 ms, however many rounds they made', () => {
  const closely = (n: number): Rounds =>
    Array.from({ length: n }).reduce<Rounds>(
      (rounds, _, i) => {
        const startedAt = t0 + i * 100;
        const result = { ...miss, startedAt, lastSentAt: startedAt + 50, beside: i > 0 };
        return recordRound(rounds, result, policy, startedAt + 90);
      },
      play(times(5, hit)),
    );
  expect(closely(8).verdict).toBe('healthy');
  expect(closely(9).verdict).toBe('down');
});

it('counts the silence from the first of the rounds in a row, however long ago the path was last well', () => {
  // Heard again after being cut off: what was missed before is not counted, though it is remembered since when.
  const heard = markHeard(play([...times(5, hit), ...times(2, miss)]), t0);
  const [again] = [play([miss], { ...heard, verdict: 'healthy' }, t0 + 5_000)];
  expect(again).toMatchObject({ missedInARow: 1, silence: { from: t0 + 4_900 } });
  expect(again!.missedSince).toBeLessThan(t0 + 4_900);
});

it('takes a round between two beats for no loss, and for no further answer in a row', () => {
  const well = play(times(20, hit));
  const beside = recordRound(well, { ...late, startedAt: t0 + 20_000, beside: true }, policy, t0 + 20_000);
  expect(beside.recent).toEqual(well.recent);
  expect(beside).toMatchObject({ answeredInARow: 20, missedInARow: 0, answeredAt: t0 + 20_000 });
});

it('is not down while one round in three is answered', () => {
  expect(play([...times(5, hit), miss, miss, hit, miss, miss, hit]).verdict).not.toBe('down');
});

it('is lossy where rounds are answered now and then and never three in a row, and does not keep silent about it', () => {
  const everySecond = Array.from({ length: roundsForLossMin }, (_, i) => (i % 2 === 0 ? hit : miss));
  expect(play(everySecond.slice(1)).verdict).toBe('unknown');
  expect(play(everySecond).verdict).toBe('degraded');
});

it('comes back after three answers, degraded until the loss has left the window', () => {
  const back = play(times(3, hit), play([...times(20, hit), ...times(4, miss)]), t0 + 12_000);
  expect(back.verdict).toBe('degraded');
  expect(play(times(60, hit), back, t0 + 14_000).verdict).toBe('healthy');
});

it('forgets loss within two minutes, however seldom it asks', () => {
  // At a round each 10 s forty rounds took seven minutes: users were moved off a path that had long been well (seed 64002303).
  const seldom = { ...policy, roundIntervalMs: 10_000 };
  const rounds = [...times(8, hit), ...times(2, miss), ...times(2, hit), ...times(2, miss), ...times(20, hit)];
  const last = rounds.reduce(
    (known, result, i) => recordRound(known, { ...result, startedAt: t0 + i * 10_000 }, seldom, t0 + i * 10_000),
    startRounds(t0),
  );
  expect(reportFrom(last, { ...observer('up'), policy: seldom }, t0 + 400_000)).toMatchObject({
    verdict: 'healthy',
    lossRatio: 0,
  });
  expect(roundsToCarry(last, seldom, t0 + 340_000).length).toBeLessThanOrEqual(16);
});

it('calls 10 % loss degraded, and does not flicker around the threshold', () => {
  const tenPercent = Array.from({ length: 40 }, (_, i) => (i % 5 === 4 ? late : hit));
  const lossy = play(tenPercent);
  expect(lossy.verdict).toBe('degraded');
  // 4 % is under the threshold, not under half of it.
  const fourPercent = Array.from({ length: 40 }, (_, i) => (i % 24 === 4 ? late : hit));
  expect(play(fourPercent, lossy, t0 + 20_000).verdict).toBe('degraded');
});

describe('a run that begins on a lossy path', () => {
  const third = Array.from({ length: 30 }, (_, i) => (i % 3 === 1 ? late : hit));
  const calm = presets.calm;
  const begins = t0 + 105_000;
  const next = (before: Rounds): Rounds =>
    play(times(3, hit), startRounds(begins, roundsToCarry(before, calm, begins)), begins);

  it('counts the loss of the run before until it has enough rounds of its own', () => {
    const before = play(third);
    expect(next(before).verdict).toBe('degraded');
    expect(play(times(roundsForLossMin, hit), next(before), begins + 2_000).verdict).toBe('healthy');
  });

  it('does not count what is two minutes old and older than the window', () => {
    const before = play(third, startRounds(t0), t0 - 60_000);
    expect(next(before).verdict).toBe('healthy');
  });

  it('does not count an outage of the run before as loss', () => {
    const before = play([...times(10, miss), ...times(8, hit)]);
    expect(next(before).verdict).toBe('healthy');
    const lossySince = play([...times(10, miss), ...third]);
    expect(next(lossySince).verdict).toBe('degraded');
  });

  it('does not count the end of an outage whose beginning it does not keep', () => {
    expect(next(play([miss, miss, ...times(16, hit)])).verdict).toBe('healthy');
    expect(next(play([hit, miss, miss, ...times(16, hit)])).verdict).toBe('degraded');
  });

  it('measures at a round each ten seconds too, over several runs', () => {
    const slow = { ...calm, roundIntervalMs: 10_000 };
    const runs = [0, 1, 2].reduce<Rounds>((last, run) => {
      const start = t0 + run * 120_000;
      return [hit, late, hit, hit, late, hit, hit].reduce(
        (rounds, one, i) => recordRound(rounds, { ...one, startedAt: start + i * 10_000 }, slow, start + i * 10_000),
        startRounds(start, roundsToCarry(last, slow, start)),
      );
    }, startRounds(t0));
    expect(runs.verdict).toBe('degraded');
  });
});

describe('packets of full size', () => {
  const later = t0 + 60_000;
  const judge = (from: Rounds, ...seen: Parameters<typeof recordFullSize>[1][]): Rounds =>
    seen.reduce((rounds, one) => recordFullSize(rounds, one, policy, later), from);

  it('that vanish while every small one passes make the path degraded, from then on', () => {
    const holed = judge(play(times(40, hit)), 'both_ways', 'lost');
    expect(holed).toMatchObject({ verdict: 'degraded', since: later, fullSize: 'lost' });
    expect(play(times(40, hit), holed, later).verdict).toBe('degraded');
  });

  it.each(['both_ways', 'out_only', 'unmeasured'] as const)('are fine again once they are %s', (seen) => {
    expect(judge(play(times(40, hit)), 'lost', seen)).toMatchObject({ verdict: 'healthy', fullSize: seen });
  });

  it('say nothing about size while small ones are lost as well', () => {
    const lossy = play(Array.from({ length: 40 }, (_, i) => (i % 10 === 4 ? late : hit)));
    expect(judge(lossy, 'lost').fullSize).toBe('unmeasured');
    expect(judge(play([...times(40, hit), miss]), 'lost').fullSize).toBe('unmeasured');
  });

  it('say no more than the rounds know: unknown stays unknown, down stays down', () => {
    expect(judge(play(times(2, hit)), 'lost').verdict).toBe('unknown');
    expect(judge(play([...times(40, hit), ...times(3, miss)]), 'both_ways').verdict).toBe('down');
  });
});

describe('rounds in which not even the control target answered', () => {
  const blind: RoundResult = { ...miss, blind: true };

  it('are no misses, however many, and end what was known', () => {
    expect(play([...times(20, hit), ...times(2, blind)]).verdict).toBe('healthy');
    const lost = play([...times(20, hit), ...times(9, blind)]);
    expect(lost).toMatchObject({ verdict: 'unknown', missedInARow: 0, missedSince: 0, round: 29 });
    expect(lost.recent).toHaveLength(20);
  });

  it('do not take `down` back at once, and the next word needs its three rounds', () => {
    expect(play([...times(5, hit), ...times(3, miss), blind]).verdict).toBe('down');
    const lost = play([...times(20, hit), ...times(3, blind)]);
    expect(play(times(2, hit), lost).verdict).toBe('unknown');
    expect(play(times(3, hit), lost).verdict).toBe('healthy');
    expect(play(times(3, miss), lost).verdict).toBe('down');
  });
});

it('calls a slow path degraded', () => {
  expect(play(times(12, { ...hit, rttMs: 250 })).verdict).toBe('degraded');
});

it('knows when the last answered and the first missed probe were sent', () => {
  const rounds = play([hit, hit, miss, miss]);
  expect([rounds.answeredAt, rounds.missedSince]).toEqual([t0 + 400, t0 + 900]);
  expect(play([hit], rounds, t0 + 2_000).missedSince).toBe(0);
});

describe('reports', () => {
  it('flag a change until one of them is written', () => {
    const up = play(times(3, hit));
    const told = markReported(up, reportFrom(up, observer('up'), t0 + 1_500), t0 + 1_500);
    const down = play(times(3, miss), told, t0 + 2_000);
    expect(reportFrom(down, observer('up'), t0 + 4_000).changed).toBe(true);
    expect(reportFrom(down, observer('up'), t0 + 4_500).changed).toBe(true);
    const again = markReported(down, reportFrom(down, observer('up'), t0 + 4_500), t0 + 4_500);
    expect(reportFrom(again, observer('up'), t0 + 6_000).changed).toBe(false);
  });

  it('of a fresh sandbox are a change only when they are bad news', () => {
    expect(reportFrom(play(times(3, hit)), observer('up'), t0).changed).toBe(false);
    expect(reportFrom(play(times(3, miss)), observer('up'), t0).changed).toBe(true);
  });

  it('carry the share of lossy rounds and the median round trip', () => {
    const { lossRatio, rttMs } = reportFrom(play([hit, hit, late, hit]), observer('up'), t0);
    expect(lossRatio).toBe(0.25);
    expect(rttMs).toBe(12);
  });
});

describe('a canary that the reports table has not answered: perhaps it is cut off itself', () => {
  const heardAt = t0 + 5_000;
  const down = play([...times(5, hit), ...times(3, miss)]);
  const heard = markHeard(down, heardAt);

  it('is doubtful when it calls its path down, at the start of a run and after a report that was not written', () => {
    expect(isDoubtful(down)).toBe(true);
    expect(isDoubtful(markUnheard(play(times(3, miss), markHeard(startRounds(t0), t0 - 200))))).toBe(true);
    expect(isDoubtful(play(times(3, miss), markHeard(startRounds(t0), t0 - 200)))).toBe(false);
    expect(isDoubtful(play(times(5, hit)))).toBe(false);
  });

  it('counts anew once the table answers, however the rounds before went', () => {
    expect(heard).toMatchObject({ verdict: 'unknown', missedInARow: 0, missedSince: t0 + 2_400, round: 8, recent: [] });
    expect(play(times(2, miss), heard, heardAt + 100).verdict).toBe('unknown');
    const still = play(times(3, miss), heard, heardAt + 100);
    expect(isDoubtful(still)).toBe(false);
    expect(reportFrom(still, observer('down'), t0 + 7_000)).toMatchObject({ verdict: 'down', changed: true });
    expect(play(times(3, hit), heard, heardAt + 100)).toMatchObject({ verdict: 'healthy', missedSince: 0 });
  });

  it('does not count a miss that began before it was heard', () => {
    const late = play(times(1, miss), heard, heardAt + 99);
    expect(late).toEqual(heard);
    expect(play(times(2, miss), late, heardAt + 500).verdict).toBe('unknown');
  });

  it('keeps what was answered, and forgets misses too few for a verdict', () => {
    const up = play([...times(8, hit), miss]);
    expect(markHeard(up, heardAt)).toEqual({ ...up, missedInARow: 0, heardAt });
    expect(markReported(up, reportFrom(up, observer('up'), t0), heardAt).reported).toBe('healthy');
  });

  it('is heard from the first answer on, not from the last', () => {
    expect(markHeard(heard, heardAt + 1_000)).toBe(heard);
  });
});

describe('a silence that began in the run before', () => {
  const silent = reportFrom(play(times(5, miss)), observer('up'), t0 + 2_500);
  const earlier = reportFrom(
    play([...times(4, hit), ...times(4, miss)], startRounds(t0), t0 - 3_500),
    observer('up'),
    t0,
  );

  it('is reported since its first missed round, with the last answer before it', () => {
    expect(silent).toMatchObject({ verdict: 'down', answeredAt: 0, missedSince: t0 - 100 });
    const whole = silentSince(silent, earlier, policy);
    expect(whole).toEqual({ ...silent, missedSince: earlier.missedSince, answeredAt: earlier.answeredAt });
    expect(whole.answeredAt).toBeLessThan(whole.missedSince);
  });

  it('begins with this run where the run before was still answered, or nobody looked in between', () => {
    const answered = { ...earlier, missedSince: 0, answeredAt: t0 + 400 };
    expect(silentSince(silent, answered, policy)).toEqual({ ...silent, answeredAt: silent.missedSince });
    const longAgo = { ...earlier, reportedAt: silent.missedSince - policy.silentAfterMs - 1 };
    expect(silentSince(silent, longAgo, policy)).toEqual(silent);
  });

  it('is not that of a run that has seen an answer itself, nor of one that is well', () => {
    const broke = reportFrom(play([hit, ...times(5, miss)]), observer('up'), t0 + 3_000);
    expect(silentSince(broke, earlier, policy)).toEqual(broke);
    const well = reportFrom(play(times(5, hit)), observer('up'), t0 + 2_500);
    expect(silentSince(well, earlier, policy)).toEqual(well);
  });
});
