/** What a mode lets happen, and what is still allowed when the lock table is down. */
import type { Memory } from '../../../../core/store/memory';
import {
  aIsDown,
  connection,
  deployment,
  down,
  evidence,
  incident,
  memory,
  move,
  onB,
  report,
  t0,
  turn,
} from '../../../given';

describe('modes', () => {
  it('observe: announces all that it would do, in one mail and once', () => {
    const watch = deployment(connection({ mode: 'observe' }));
    const first = turn({ deployment: watch, evidence: evidence({ reports: aIsDown }) });
    expect(first.decision).toMatchObject({ kind: 'escalate', key: 'would/divert/office/divert office from a to b' });
    expect(first.notice?.message).toMatch(/would divert office from a to b.*\n.*would restart-tunnel gw-a/);
    const second = turn({
      deployment: watch,
      memory: JSON.parse(first.memoryTold) as Memory,
      evidence: evidence({ reports: aIsDown }),
    });
    expect(second.notice).toBeNull();
  });

  it('observe: sleeps once it has said that it would bring the traffic home', () => {
    const watch = deployment(connection({ mode: 'observe' }));
    const first = turn({ deployment: watch, memory: memory({ incident }), evidence: evidence(onB) });
    expect(first.decision).toMatchObject({ kind: 'escalate', key: expect.stringContaining('would/failback') });
    const second = turn({ deployment: watch, memory: JSON.parse(first.memoryTold) as Memory, evidence: evidence(onB) });
    expect(second.decision).toMatchObject({ kind: 'park', rule: 'rest' });
  });

  it('divert: moves routes, does not repair', () => {
    const half = deployment(connection({ mode: 'divert' }));
    expect(turn({ deployment: half, evidence: evidence({ reports: aIsDown }) }).decision.kind).toBe('divert');
    const away = turn({
      deployment: half,
      memory: memory({ incident, moves: { office: move() } }),
      evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } }),
    });
    expect(away.decision).toMatchObject({ kind: 'escalate', key: 'would/repair/a/restart-tunnel gw-a' });
  });
});

describe('fail open, the lock table is down', () => {
  const metrics = evidence({
    reportsFrom: 'metrics',
    reports: { ...aIsDown, 'paris/path-b': report('paris/path-b', { reportedAt: t0 - 25_000 }) },
  });

  it('moves onto a path the metrics prove', () => {
    expect(turn({ failOpen: true, evidence: metrics }).decision).toMatchObject({ kind: 'divert', rule: 'rescue' });
  });

  it('does nothing else', () => {
    expect(turn({ failOpen: true, evidence: evidence({ ...onB, reportsFrom: 'metrics' }) }).decision.kind).toBe('hold');
  });
});
