/**
 * The rules of `core/decide/decide.ts`, one by one and in their order, and the bad outcomes they were written against. Each
 * test names what would go wrong if its rule were weakened.
 */

import type { Memory } from '../../../../core/store/memory';
import { limits } from '../../../../core/words/policy';
import {
  aIsDown,
  bothDown,
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  incident,
  instance,
  memory,
  move,
  onB,
  report,
  routes,
  rung,
  t0,
  turn,
} from '../../../given';

describe('when nothing is wrong', () => {
  it('finishes, whatever woke it', () => {
    expect(turn().decision).toMatchObject({ kind: 'finish', rule: 'rest' });
  });

  it('says nothing to people', () => {
    expect(turn().notice).toBeNull();
  });
});

describe('rule 1, paused', () => {
  const paused = { since: t0, until: t0 + 300_000, reason: 'audit', requestedBy: 'ana' };

  it('holds even beside a healthy path: a human said stop', () => {
    const { decision } = turn({ desired: desired({ paused }), evidence: evidence({ reports: aIsDown }) });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'stand-still', because: 'paused by ana: audit' });
  });

  it('ends by itself', () => {
    const over = { ...paused, until: t0 - 1 };
    expect(turn({ desired: desired({ paused: over }), evidence: evidence({ reports: aIsDown }) }).decision.kind).toBe(
      'divert',
    );
  });
});

describe('rule 2, a young move', () => {
  it('holds its set until it can be judged', () => {
    const moves = { office: move({ at: t0 - 5_000, outcome: 'unconfirmed' }) };
    const drains = { b: drain() };
    const { decision } = turn({
      memory: memory({ incident, moves }),
      desired: desired({ drains }),
      evidence: evidence({ ...onB, reports: { 'paris/office': down('paris/office') } }),
    });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'due' });
  });

  it('does not hold users on a path that is down', () => {
    const moves = { office: move({ at: t0 - 5_000, outcome: 'unconfirmed' }) };
    const { decision } = turn({
      memory: memory({ incident, moves }),
      evidence: evidence({ ...onB, reports: { 'paris/path-b': down('paris/path-b') } }),
    });
    expect(decision).toMatchObject({ kind: 'divert', rule: 'rescue', moves: [{ to: 'a' }] });
  });
});

describe('rule 3, divert from down to proven healthy', () => {
  it('moves every route set that follows the down path', () => {
    const { decision } = turn({ evidence: evidence({ reports: aIsDown }) });
    expect(decision).toMatchObject({
      kind: 'divert',
      rule: 'rescue',
      moves: [{ routeSet: 'office', from: ['a'], to: 'b' }],
    });
    expect(decision.because).toContain('path a is down: canary paris/path-a missed 3 rounds');
    expect(decision.because).toContain('path b is proven healthy');
  });

  it('does not leave a path that answers again: in a moment it is up, or down beyond doubt', () => {
    const again = down('paris/path-a', { missedInARow: 0, answeredInARow: 1, missedSince: 0, answeredAt: t0 - 1_000 });
    expect(turn({ evidence: evidence({ reports: { 'paris/path-a': again } }) }).decision).toMatchObject({
      kind: 'hold',
      rule: 'due',
      because: 'path a answers again, not often enough yet',
      until: t0 + 2_000,
    });
    const dead = { 'gw-a': instance('gw-a', { state: 'stopping' }) };
    const { decision } = turn({ evidence: evidence({ reports: { 'paris/path-a': again }, instances: dead }) });
    expect(decision).toMatchObject({ kind: 'divert', rule: 'rescue' });
  });

  it('never trusts a standby whose proof is older than 3 s', () => {
    const reports = { ...aIsDown, 'paris/path-b': report('paris/path-b', { reportedAt: t0 - 3_001 }) };
    expect(turn({ evidence: evidence({ reports }) }).decision).toMatchObject({
      kind: 'hold',
      because: 'the proof of the other path is a moment too old',
    });
  });

  it('asks for a proof newer than the failure: two paths that die together are not one that is well', () => {
    const reports = {
      'paris/path-a': down('paris/path-a', { missedSince: t0 - 1_500 }),
      'paris/path-b': report('paris/path-b', { answeredAt: t0 - 1_501 }),
    };
    expect(turn({ evidence: evidence({ reports }) }).decision).toMatchObject({ kind: 'hold', rule: 'due' });
    const later = { ...reports, 'paris/path-b': report('paris/path-b', { answeredAt: t0 - 1_500 }) };
    expect(turn({ evidence: evidence({ reports: later }) }).decision.kind).toBe('divert');
  });

  it('judges a set by its current path, not by its home', () => {
    const { decision } = turn({
      memory: memory({ incident, moves: { office: move() } }),
      evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } }),
    });
    expect(decision.kind).not.toBe('divert');
  });

  it('is stopped by no budget: users are not left dark beside a healthy path', () => {
    const spent = Array.from({ length: 50 }, (_, i) => t0 - i * 1_000);
    const budgets = { moves: spent, failbacks: spent, severeMoves: spent, repairs: spent, replaces: spent };
    expect(turn({ memory: memory({ budgets }), evidence: evidence({ reports: aIsDown }) }).decision).toMatchObject({
      kind: 'divert',
      rule: 'rescue',
    });
  });

  it('is stopped by no brake: mass failure does not stop a rescue onto a proven path', () => {
    const four = ['paris', 'rome', 'oslo', 'bern'].map((name) => connection({ name }));
    const otherReports = Object.fromEntries(four.slice(1).flatMap((c) => c.canaries.map((k) => [k.id, down(k.id)])));
    const result = turn({ deployment: deployment(...four), evidence: evidence({ reports: aIsDown, otherReports }) });
    expect(result.decision).toMatchObject({ kind: 'divert', rule: 'rescue' });
  });

  it('drains: leaves a working path that a human drained', () => {
    const { decision } = turn({ desired: desired({ drains: { a: drain() } }) });
    expect(decision).toMatchObject({ kind: 'divert', rule: 'rescue', planned: true, moves: [{ to: 'b' }] });
  });

  it('never goes onto a drained path', () => {
    const { decision } = turn({
      desired: desired({ drains: { b: drain() } }),
      evidence: evidence({ reports: aIsDown }),
    });
    expect(decision.kind).not.toBe('divert');
  });

  it('believes EC2 that says stopping, whatever the canary still says', () => {
    const instances = { 'gw-a': instance('gw-a', { state: 'stopping' }) };
    expect(turn({ evidence: evidence({ instances }) }).decision).toMatchObject({ kind: 'divert', rule: 'rescue' });
  });

  it('finishes a young move that was made in part, at once', () => {
    const half = [routes('eni-gw-b')[0]!, routes('eni-gw-a')[1]!];
    const moves = { office: move({ at: t0 - 1_000, outcome: 'unconfirmed' }) };
    const { decision } = turn({
      memory: memory({ incident, moves }),
      evidence: evidence({ reports: aIsDown, routes: half }),
    });
    expect(decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
  });

  it('finishes a move that was made in part', () => {
    const half = [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!];
    const { decision } = turn({ evidence: evidence({ reports: aIsDown, routes: half }) });
    expect(decision).toMatchObject({ kind: 'divert', moves: [{ from: ['a', 'b'], to: 'b' }] });
  });

  it('prefers one with another path when there are three', () => {
    const three = connection();
    const c = { ...three.paths['b']!, name: 'c', gateway: 'gw-b' };
    const withC = { ...three, paths: { ...three.paths, c } };
    expect(turn({ deployment: deployment(withC), evidence: evidence({ reports: aIsDown }) }).decision).toMatchObject({
      moves: [{ to: 'b' }],
    });
  });
});

describe('rule 4, last resort', () => {
  const stopped = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
  const unknownB = { ...aIsDown, 'paris/path-b': null };

  it('leaves a dead path for one nobody can see', () => {
    expect(turn({ evidence: evidence({ instances: stopped, reports: unknownB }) }).decision).toMatchObject({
      kind: 'divert',
      rule: 'last-resort',
      lastResort: true,
    });
  });

  it('does not leave a path that is merely down for one nobody can see', () => {
    expect(turn({ evidence: evidence({ reports: unknownB }) }).decision.kind).not.toBe('divert');
  });

  it('in a coupled connection goes by the other gateway when its canary died with the first tunnel', () => {
    const coupled = deployment(connection({ coupled: true }));
    expect(
      turn({ deployment: coupled, evidence: evidence({ instances: stopped, reports: bothDown }) }).decision,
    ).toMatchObject({ rule: 'last-resort', moves: [{ to: 'b' }] });
  });

  it('in an independent connection believes both canaries', () => {
    expect(turn({ evidence: evidence({ instances: stopped, reports: bothDown }) }).decision.kind).not.toBe('divert');
  });

  it('uses a soft drain when nothing else is left, never a hard one', () => {
    const e = evidence({ reports: aIsDown });
    expect(turn({ desired: desired({ drains: { b: drain('soft') } }), evidence: e }).decision).toMatchObject({
      kind: 'divert',
      rule: 'last-resort',
    });
    expect(turn({ desired: desired({ drains: { b: drain('hard') } }), evidence: e }).decision.kind).not.toBe('divert');
  });

  it('takes a lossy path over a dark one', () => {
    const reports = { ...aIsDown, 'paris/path-b': report('paris/path-b', { verdict: 'degraded', lossRatio: 0.1 }) };
    expect(turn({ evidence: evidence({ reports }) }).decision).toMatchObject({
      rule: 'last-resort',
      lastResort: true,
      moves: [{ to: 'b' }],
    });
  });
});

describe('rule 5, severe', () => {
  const lossy = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.4 }) };
  const sinceAMinute = memory({ severeSince: { a: t0 - 60_000 } });

  it('leaves 40 % loss after a minute beside a perfect standby', () => {
    expect(turn({ memory: sinceAMinute, evidence: evidence({ reports: lossy }) }).decision).toMatchObject({
      kind: 'divert',
      rule: 'severe',
      severe: true,
    });
  });

  it('waits for the minute', () => {
    const young = memory({ severeSince: { a: t0 - 20_000 } });
    expect(turn({ memory: young, evidence: evidence({ reports: lossy }) }).decision).toMatchObject({
      kind: 'hold',
      rule: 'due',
      until: t0 + 40_000,
    });
  });

  it('asks the standby to have been healthy as long', () => {
    const fresh = memory({ severeSince: { a: t0 - 60_000 }, healthySince: { b: t0 - 5_000 } });
    expect(turn({ memory: fresh, evidence: evidence({ reports: lossy }) }).decision.kind).not.toBe('divert');
  });

  it('is budgeted, and a human can lift that', () => {
    const budgets = { ...memory().budgets, severeMoves: [1, 2, 3, 4].map((i) => t0 - i * 3_600_000) };
    const spent = memory({ severeSince: { a: t0 - 60_000 }, budgets });
    expect(turn({ memory: spent, evidence: evidence({ reports: lossy }) }).decision.kind).not.toBe('divert');
    expect(
      turn({ memory: spent, desired: desired({ acknowledgedAt: t0 - 1 }), evidence: evidence({ reports: lossy }) })
        .decision.kind,
    ).toBe('divert');
  });

  it('never moves for 10 % loss', () => {
    const mild = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.1 }) };
    expect(
      turn({ memory: memory({ incident, severeSince: {} }), evidence: evidence({ reports: mild }) }).decision.kind,
    ).toBe('park');
  });
});

describe('rule 6, brake', () => {
  it('tells people once when no path works, and holds the routes', () => {
    const first = turn({ evidence: evidence({ reports: bothDown }) });
    expect(first.decision).toMatchObject({ kind: 'escalate', rule: 'brake', key: 'brake/none' });
    const told = JSON.parse(first.memoryTold) as Memory;
    expect(turn({ memory: told, evidence: evidence({ reports: bothDown }) }).decision.kind).toBe('repair');
  });

  it('tells again when it comes again after a soak of health, not while it flaps', () => {
    const told = memory({ incident, told: { 'brake/none': t0 - 3_600_000 }, moves: {} });
    const lossy = { 'paris/path-b': report('paris/path-b', { verdict: 'degraded', lossRatio: 0.08 }) };
    const well = turn({ memory: told, evidence: evidence({ reports: lossy }) });
    expect((JSON.parse(well.memory) as Memory).told).toEqual({});
    const flapping = turn({
      memory: { ...told, healthySince: { a: t0 - 5_000 } },
      evidence: evidence({ reports: lossy }),
    });
    expect((JSON.parse(flapping.memory) as Memory).told).toEqual(told.told);
  });

  it('does not cry for a standby that is down while users are served', () => {
    const { decision } = turn({ evidence: evidence({ reports: { 'paris/path-b': down('paris/path-b') } }) });
    expect(decision).toMatchObject({ kind: 'repair', path: 'b' });
  });
});

describe('rule 7, contradicted', () => {
  const planned = move({ planned: true, leftWorkingPath: true, outcome: 'unconfirmed', at: t0 - 25_000 });
  const e = evidence({ ...onB, reports: { 'paris/office': down('paris/office') } });
  const healthySince = { a: t0 - 60_000, b: t0 - 60_000 };
  const moved = memory({ incident, healthySince, moves: { office: planned } });

  it('undoes a move off a working path that the users contradict', () => {
    expect(turn({ memory: moved, evidence: e }).decision).toMatchObject({
      kind: 'undo',
      rule: 'undo',
      moves: [{ to: 'a' }],
    });
  });

  it('waits for users where the path has only just come back, e.g. after its peer was down', () => {
    const back = turn({ memory: { ...moved, healthySince: { a: t0 - 60_000 } }, evidence: e });
    expect(back.decision.kind).not.toBe('undo');
    expect(JSON.parse(back.memory)).toMatchObject({ moves: { office: { outcome: 'unconfirmed' } }, contradicted: {} });
  });

  it('leaves users where they are once they get answers after all, and asks nobody', () => {
    const known = memory({ incident, healthySince, moves: { office: { ...planned, outcome: 'contradicted' } } });
    const served = turn({ memory: known, evidence: evidence(onB) });
    expect(served.decision).not.toMatchObject({ rule: 'undo' });
    expect(JSON.parse(served.memory)).toMatchObject({ moves: { office: { outcome: 'confirmed' } } });
  });

  it('does not undo a rescue: what it left was dead', () => {
    const rescue = { ...planned, leftWorkingPath: false };
    expect(turn({ memory: memory({ incident, moves: { office: rescue } }), evidence: e }).decision.kind).not.toBe(
      'undo',
    );
  });

  it('undoes once per incident, then asks a human: no ping-pong', () => {
    const again = { ...moved, undone: true };
    expect(turn({ memory: again, evidence: e }).decision).toMatchObject({
      kind: 'escalate',
      rule: 'undo',
      key: 'contradicted/office',
    });
  });

  it('goes on undoing what EC2 did not answer, and says so where the way back is gone', () => {
    const undo = {
      kind: 'undo',
      from: ['b'],
      to: 'a',
      state: 'tried',
      because: 'users get no answer: back to a',
    } as const;
    const unanswered = memory({
      incident,
      undone: true,
      contradicted: { office: { b: t0 } },
      moves: { office: move({ ...undo, outcome: 'unconfirmed' }) },
    });
    expect(turn({ memory: unanswered, evidence: e }).decision).toMatchObject({
      kind: 'undo',
      moves: [{ routeSet: 'office', from: ['b'], to: 'a' }],
      because: undo.because,
    });
    const aSilent = evidence({ ...onB, reports: { 'paris/office': down('paris/office'), 'paris/path-a': null } });
    expect(turn({ memory: unanswered, evidence: aSilent }).decision).toMatchObject({ key: 'contradicted/office' });
    const home = evidence({ reports: { 'paris/office': down('paris/office') } });
    expect(turn({ memory: unanswered, evidence: home }).decision.kind).not.toBe('undo');
  });

  it('does not drain onto the contradicted path again after the undo', () => {
    const undone = memory({
      incident,
      undone: true,
      contradicted: { office: { b: t0 } },
      moves: { office: move({ kind: 'undo', from: ['b'], to: 'a', outcome: 'confirmed' }) },
    });
    expect(turn({ memory: undone, desired: desired({ drains: { a: drain() } }) }).decision.kind).not.toBe('divert');
  });
});

describe('rule 10, failback', () => {
  const away = memory({ incident, moves: { office: move() }, told: { x: t0 } });

  it('returns home after the soak', () => {
    expect(turn({ memory: away, evidence: evidence(onB) }).decision).toMatchObject({
      kind: 'failback',
      rule: 'failback',
      moves: [{ to: 'a' }],
    });
  });

  it('waits for the soak', () => {
    const soaking = { ...away, healthySince: { a: t0 - 60_000, b: t0 - 600_000 } };
    expect(turn({ memory: soaking, evidence: evidence(onB) }).decision).toMatchObject({
      kind: 'hold',
      rule: 'due',
      until: t0 + 120_000,
    });
  });

  it('soaks longer after each unplanned move, never instead of a rescue', () => {
    const flapping = {
      ...away,
      healthySince: { a: t0 - 300_000, b: t0 - 600_000 },
      budgets: { ...away.budgets, moves: [t0 - 900_000, t0 - 600_000] },
    };
    expect(turn({ memory: flapping, evidence: evidence(onB) }).decision).toMatchObject({
      kind: 'hold',
      until: t0 + 60_000,
    });
  });

  it('stays away outside the window and while home is drained', () => {
    const closed = deployment(connection({}, { failbackWindow: { fromHourUtc: 3, toHourUtc: 5 } }));
    expect(turn({ deployment: closed, memory: away, evidence: evidence(onB) }).decision.kind).toBe('park');
    expect(
      turn({ memory: away, desired: desired({ drains: { a: drain() } }), evidence: evidence(onB) }).decision.kind,
    ).toBe('park');
  });

  it('is budgeted', () => {
    const budgets = { ...away.budgets, failbacks: Array.from({ length: 6 }, (_, i) => t0 - (i + 1) * 3_600_000) };
    expect(turn({ memory: { ...away, budgets }, evidence: evidence(onB) }).decision.kind).not.toBe('failback');
  });
});

describe('rule 11, somebody else’s routes', () => {
  const foreign = evidence({ routes: routes('eni-other') });

  it('reports them once and never overwrites them', () => {
    const first = turn({ evidence: foreign });
    expect(first.decision).toMatchObject({ kind: 'escalate', key: 'manual/office' });
    const told = JSON.parse(first.memoryTold) as Memory;
    expect(turn({ memory: told, evidence: foreign }).decision).toMatchObject({ kind: 'park' });
    const dark = evidence({ routes: routes('eni-other'), reports: aIsDown });
    expect(turn({ memory: told, evidence: dark }).decision.kind).toBe('repair');
  });
});

describe('rules 12 to 14, the end', () => {
  it('parks an incident with nothing due soon, so that it does not run for ever', () => {
    const tried = memory({
      incident,
      moves: { office: move() },
      told: { 'stuck/a/peer': t0 },
      rungs: [rung({ endedAt: t0 - 200_000, result: 'success' })],
    });
    expect(
      turn({
        memory: tried,
        evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 61_000 }) } }),
      }).decision,
    ).toMatchObject({
      kind: 'park',
      rule: 'rest',
      because: expect.stringMatching(/^nothing is due soon: .*, waiting for a person: [a-z ,;]+$/),
    });
  });

  it('holds and says what is missing when the routes cannot be read', () => {
    expect(turn({ evidence: evidence({ routes: [] }) }).decision).toMatchObject({
      kind: 'hold',
      rule: 'evidence',
      because: 'not enough is known: routes could not be read',
    });
  });

  it('announces the end of an incident people heard of, then closes it', () => {
    const heard = memory({ incident, told: { 'move/1': t0 } });
    const last = turn({ memory: heard });
    expect(last.notice?.message).toContain('over after 2 min');
    const closed = turn({ memory: JSON.parse(last.memoryTold) as Memory });
    expect(closed.notice).toBeNull();
    expect((JSON.parse(closed.memory) as Memory).incident).toBeNull();
  });

  it('sleeps at most 30 s and at least one', () => {
    expect(turn({ evidence: evidence({ routes: [] }) }).sleepSeconds).toBe(limits.sleepMaxMs / 1_000);
  });
});
