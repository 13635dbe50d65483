/** What a mode lets happen, and what is still allowed when the lock table is down. */
import type { Memory, Move } from '../../../core/memory';
import { connection, deployment, down, evidence, memory, report, routes, t0, turn } from '../../given';

const aIsDown = { 'paris/path-a': down('paris/path-a'), 'paris/office': down('paris/office') };
const move = (over: Partial<Move> = {}): Move => ({
  kind: 'divert',
  from: ['a'],
  to: 'b',
  at: t0 - 60_000,
  because: 'path a is down',
  planned: false,
  lastResort: false,
  leftWorkingPath: false,
  outcome: 'confirmed',
  ...over,
});
const incident: Memory['incident'] = { id: 'paris-1', openedAt: t0 - 120_000, because: 'path a is down' };
const onB = { routes: routes('eni-gw-b') };

describe('modes', () => {
  it('observe: announces what it would do, once, and goes on to say what it would repair', () => {
    const watch = deployment(connection({ mode: 'observe' }));
    const first = turn({ deployment: watch, evidence: evidence({ reports: aIsDown }) });
    expect(first.decision).toMatchObject({ kind: 'escalate', key: 'would/divert office from a to b' });
    const second = turn({
      deployment: watch,
      memory: JSON.parse(first.memoryTold) as Memory,
      evidence: evidence({ reports: aIsDown }),
    });
    expect(second.decision).toMatchObject({ kind: 'escalate', key: 'would/restart-tunnel gw-a' });
  });

  it('divert: moves routes, does not repair', () => {
    const half = deployment(connection({ mode: 'divert' }));
    expect(turn({ deployment: half, evidence: evidence({ reports: aIsDown }) }).decision.kind).toBe('divert');
    const away = turn({
      deployment: half,
      memory: memory({ incident, moves: { office: move() } }),
      evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } }),
    });
    expect(away.decision).toMatchObject({ kind: 'escalate', key: 'would/restart-tunnel gw-a' });
  });
});

describe('fail open, the lock table is down', () => {
  const metrics = evidence({
    reportsFrom: 'metrics',
    reports: { ...aIsDown, 'paris/path-b': report('paris/path-b', { reportedAt: t0 - 25_000 }) },
  });

  it('moves onto a path the metrics prove', () => {
    expect(turn({ failOpen: true, evidence: metrics }).decision).toMatchObject({ kind: 'divert', rule: 3 });
  });

  it('does nothing else', () => {
    expect(turn({ failOpen: true, evidence: evidence({ ...onB, reportsFrom: 'metrics' }) }).decision.kind).toBe('hold');
  });
});
