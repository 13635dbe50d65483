/**
 * The guard that stays on in production, asked about decisions nobody should make: each law by a decision that breaks it
 * and nothing else, beside the nearest one that keeps it.
 */
import { checkDecision, InvariantViolated, laws } from '../../../../core/decide/invariants';
import type { View } from '../../../../core/decide/view';
import type { MoveDecision, RepairDecision, SetMove } from '../../../../core/words/decision';
import { down, evidence, moveDecision, report, routes, t0 } from '../../../given';
import { viewOf } from './view-of';

const aDown = { 'paris/path-a': down('paris/path-a'), 'paris/office': down('paris/office') };
const bProven = { 'paris/path-b': report('paris/path-b', { answeredAt: t0 - 500, reportedAt: t0 - 400 }) };
const onA = routes('eni-gw-a');
const dead = (over: Parameters<typeof evidence>[0] = {}): View =>
  viewOf({ evidence: evidence({ routes: onA, reports: { ...evidence().reports, ...aDown, ...bProven }, ...over }) });

const move = (over: Partial<MoveDecision> = {}, to: Partial<SetMove> = {}): MoveDecision =>
  moveDecision({ moves: [{ routeSet: 'office', from: ['a'], to: 'b', passed: false, ...to }], ...over });

const repair = (over: Partial<RepairDecision> = {}): RepairDecision => ({
  kind: 'repair',
  rule: 'repair',
  because: 'a test',
  path: 'a',
  gateway: 'gw-a',
  rung: 'restart-tunnel',
  document: 'switchback-restart-tunnel',
  parameters: {},
  clientToken: 'token',
  beside: false,
  tunnel: null,
  purpose: 'repair',
  deadlineAt: t0 + 1,
  decidedAt: t0,
  gatewayUntil: t0 + 2,
  endedClaim: 'none',
  declared: { instanceId: 'i-0aaaaaaaaaaaaaaaa', routeInterfaceId: 'eni-gw-a', allocationId: null },
  ...over,
});

const asking = (view: View, decision: Parameters<typeof checkDecision>[1]) => () => checkDecision(view, decision);
const drained = { kind: 'hard', since: t0 - 1, until: t0 + 60_000, reason: 'work', requestedBy: 'ana' } as const;
const withDrain = (path: string, kind: 'soft' | 'hard' = 'hard'): View =>
  viewOf({
    evidence: evidence({ routes: onA, reports: { ...evidence().reports, ...aDown, ...bProven } }),
    desired: { drains: { [path]: { ...drained, kind } } },
  });

describe('a move', () => {
  it('off a dead path onto a proven one keeps every law', () => {
    expect(asking(dead(), move())).not.toThrow();
  });

  it('never goes to a path whose last answer is old', () => {
    const stale = {
      ...evidence().reports,
      ...aDown,
      'paris/path-b': report('paris/path-b', { reportedAt: t0 - 9_000 }),
    };
    expect(asking(dead({ reports: stale }), move())).toThrow(laws.proven);
  });

  it('back to where a contradicted move came from may go onto one that merely answers, and nothing else may', () => {
    const lossy = report('paris/path-b', { verdict: 'degraded', lossRatio: 0.1, reportedAt: t0 - 400 });
    const view = dead({ reports: { ...evidence().reports, ...aDown, 'paris/path-b': lossy } });
    expect(asking(view, move({ kind: 'undo' }))).not.toThrow();
    expect(asking(view, move())).toThrow(laws.proven);
  });

  it('never goes to a drained path, nor as a last resort to one drained hard', () => {
    expect(asking(withDrain('b'), move())).toThrow('a move never goes to a drained path');
    expect(asking(withDrain('b'), move({ lastResort: true }))).toThrow('a hard drain is never used');
    expect(asking(withDrain('b', 'soft'), move({ lastResort: true }))).not.toThrow();
  });

  it('as a last resort leaves nothing but what is down', () => {
    const lossy = report('paris/path-a', { verdict: 'degraded', lossRatio: 0.3 });
    const view = dead({ reports: { ...evidence().reports, ...bProven, 'paris/path-a': lossy } });
    expect(asking(view, move({ lastResort: true }))).toThrow('a last resort leaves only paths that are down');
  });

  it('never writes to routes that are home and healthy, nor where they are already', () => {
    const well = viewOf({ evidence: evidence({ routes: onA }) });
    expect(asking(well, move())).toThrow(laws.homeAndHealthy);
    const onB = dead({ routes: routes('eni-gw-b') });
    expect(asking(onB, move({}, { from: ['b'], to: 'b' }))).toThrow(laws.homeAndHealthy);
  });

  it('never touches a set with a route that is none of ours', () => {
    const foreign = [...routes('eni-gw-a').slice(0, 1), ...routes('eni-else').slice(1)];
    expect(asking(dead({ routes: foreign }), move())).toThrow(laws.foreignRoutes);
  });

  it('goes to a path and of a set that are configured', () => {
    expect(asking(dead(), move({}, { to: 'z' }))).toThrow(InvariantViolated);
    expect(asking(dead(), move({}, { routeSet: 'nowhere' }))).toThrow(InvariantViolated);
  });
});

describe('a repair', () => {
  const onB = dead({ routes: routes('eni-gw-b') });

  it('of a dead path that carries nobody keeps every law', () => {
    expect(asking(onB, repair())).not.toThrow();
    expect(asking(onB, repair({ rung: 'replace' }))).not.toThrow();
  });

  it('never is of a drained path, nor of one that is not there', () => {
    expect(asking(withDrain('a'), repair())).toThrow(laws.drained);
    expect(asking(onB, repair({ path: 'z' }))).toThrow(laws.drained);
  });

  it('never touches a gateway under working traffic', () => {
    const served = { ...evidence().reports, 'paris/path-a': down('paris/path-a') };
    expect(asking(dead({ reports: served }), repair())).toThrow(laws.besideTraffic);
  });

  it.each(['reboot', 'stop-start', 'replace', 'clear-source-dest-check'] as const)(
    'beside traffic never is %s',
    (rung) => {
      expect(asking(onB, repair({ rung, beside: true }))).toThrow(laws.besideTraffic);
      expect(asking(onB, repair({ beside: true }))).not.toThrow();
    },
  );
});

it.each(['hold', 'park', 'finish'] as const)('%s breaks no law', (kind) => {
  const decision = kind === 'hold' ? { kind, until: t0 } : { kind };
  expect(asking(dead(), { ...decision, rule: 'rest', because: 'a test' })).not.toThrow();
});
