/**
 * A mass failure: more than half of all paths of four connections or more are not well. Proven rescues go on; whatever
 * would need luck waits, and what has been found wanting is not gone onto.
 */
import type { Memory } from '../../../../core/store/memory';
import { toldSpec } from '../../../../core/words/told-kinds';
import {
  aIsDown,
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
  t0,
  turn,
} from '../../../given';

const four = ['paris', 'rome', 'oslo', 'bern'].map((name) => connection({ name }));
const otherReports = Object.fromEntries(four.slice(1).flatMap((one) => one.canaries.map(({ id }) => [id, down(id)])));
const allWell = Object.fromEntries(Object.keys(otherReports).map((id) => [id, report(id)]));
const inMass = { deployment: deployment(...four) };

describe('the last resort', () => {
  const stopped = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
  const given = { instances: stopped, reports: { ...aIsDown, 'paris/path-b': null } };

  it('does not go onto the unknown while everything fails at once', () => {
    expect(turn({ evidence: evidence(given) }).decision).toMatchObject({ kind: 'divert', rule: 'last-resort' });
    const { decision } = turn({ ...inMass, evidence: evidence({ ...given, otherReports }) });
    expect(decision.kind).not.toBe('divert');
  });
});

describe('an undo', () => {
  const planned = move({ planned: true, leftWorkingPath: true, outcome: 'unconfirmed', at: t0 - 25_000 });
  const given = { ...onB, reports: { 'paris/office': down('paris/office') } };
  // The brake has been told: what speaks next is the rule in question.
  const moved = memory({ incident, moves: { office: planned }, told: { mass: t0 - 1_000 } });

  it('waits while everything fails at once: what users feel then is not about their path', () => {
    expect(turn({ memory: moved, evidence: evidence(given) }).decision.kind).toBe('undo');
    const { decision } = turn({ ...inMass, memory: moved, evidence: evidence({ ...given, otherReports }) });
    expect(decision.kind).not.toBe('undo');
  });
});

describe('a severe path', () => {
  const lossy = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.4 }) };
  const sinceAMinute = memory({ severeSince: { a: t0 - 60_000 } });

  it('is not left for one that users have found wanting', () => {
    const e = evidence({ reports: lossy });
    expect(turn({ memory: sinceAMinute, evidence: e }).decision).toMatchObject({ kind: 'divert', rule: 'severe' });
    const contradicted = { ...sinceAMinute, contradicted: { office: { b: t0 - 1_000 } } };
    expect(turn({ memory: contradicted, evidence: e }).decision.kind).not.toBe('divert');
  });

  it('is not left for one that somebody drained', () => {
    const e = evidence({ reports: lossy });
    const { decision } = turn({
      memory: sinceAMinute,
      desired: desired({ drains: { b: drain('soft') } }),
      evidence: e,
    });
    expect(decision.kind).not.toBe('divert');
  });

  it('is not left while everything fails at once', () => {
    const { decision } = turn({
      ...inMass,
      memory: sinceAMinute,
      evidence: evidence({ reports: lossy, otherReports }),
    });
    expect(decision.kind).not.toBe('divert');
  });
});

describe('the brake for a common cause', () => {
  // At half of all paths mass comes and goes with every one of them (seed 64000374: told twice within eight seconds).
  it('is over once it has been gone for a soak, and not told again before', () => {
    const all = (now: number, told: Memory, mass: boolean) => {
      const { notice, memory: text } = turn({
        ...inMass,
        memory: told,
        now,
        evidence: evidence({ reportsReadAt: now, otherReports: mass ? otherReports : allWell }),
      });
      return { said: notice?.message ?? '', memory: JSON.parse(text) as Memory };
    };
    const open = memory({ incident, told: { mass: t0 - 60_000 }, healthySince: { a: t0 - 900_000, b: t0 - 900_000 } });
    const gone = all(t0, open, false);
    expect(gone.said).not.toContain('common cause');
    const again = all(t0 + 8_000, gone.memory, true);
    expect(again.said).not.toContain('brake');
    expect(gone.memory).toMatchObject({ told: { mass: t0 - 60_000 }, goneSince: { mass: t0 } });
    expect(toldSpec('mass')!.holds).toBe('soak');
  });
});

describe('going home', () => {
  it('waits while everything fails at once', () => {
    const away = memory({ incident, moves: { office: move() }, told: { mass: t0 - 1_000 } });
    expect(turn({ memory: away, evidence: evidence(onB) }).decision.kind).toBe('failback');
    const { decision } = turn({ ...inMass, memory: away, evidence: evidence({ ...onB, otherReports }) });
    expect(decision.kind).not.toBe('failback');
  });
});

describe('what counts as mass', () => {
  const lossy = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.4 }) };
  const others = four.slice(1).flatMap((one) => one.canaries.filter(({ watches }) => watches.kind === 'path'));
  // Eight paths in all, and one of paris's own is not well: a severe path is left unless that is mass.
  it.each([
    [2, 'divert'],
    [3, 'divert'],
    [4, 'not divert'],
  ])('with %i other paths down a severe path is left: %s', (failing, expected) => {
    const reports = Object.fromEntries(others.map(({ id }, i) => [id, i < failing ? down(id) : report(id)]));
    const severe = memory({ severeSince: { a: t0 - 60_000 } });
    const { decision } = turn({
      ...inMass,
      memory: severe,
      evidence: evidence({ reports: lossy, otherReports: reports }),
    });
    expect(decision.kind === 'divert' ? 'divert' : 'not divert').toBe(expected);
  });

  it('needs four connections: three partners of one site may fail together without that', () => {
    const severe = memory({ severeSince: { a: t0 - 60_000 } });
    const e = evidence({ reports: lossy, otherReports });
    expect(turn({ deployment: deployment(...four.slice(0, 3)), memory: severe, evidence: e }).decision.kind).toBe(
      'divert',
    );
  });
});
