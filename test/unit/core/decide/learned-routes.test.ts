/** AWS propagates a route no more while its path carries; and propagates it again beneath the static one that stood in. */
import type { Memory } from '../../../../core/store/memory';
import type { Deployment } from '../../../../core/words/domain';
import type { RouteFacts } from '../../../../core/words/evidence';
import { down, incident, memory, move, report, t0, turn } from '../../../given';
import { routesOn, singleOver, tunnel, tunnelReport, vpnTurn } from '../../../given-vpn';

const minute = 60_000;
const plain = singleOver();
const site = withLastResort(plain);

function withLastResort(of: Deployment): Deployment {
  const paris = of.connections['paris']!;
  const office = { ...paris.routeSets['office']!, lastResort: 'routes' as const };
  return { ...of, connections: { paris: { ...paris, routeSets: { office } } } };
}

const known = routesOn(site, 'a');
const gone = (route: RouteFacts): RouteFacts => ({ ...route, target: null, origin: 'static' });
const laid = (route: RouteFacts): RouteFacts => ({ ...route, origin: 'static', under: null });
const backBeneath = (route: RouteFacts): RouteFacts => ({ ...laid(route), under: route.target });

function taken(
  routes: readonly RouteFacts[],
  { of = site, past = {}, reports = {} }: { of?: Deployment; past?: Partial<Memory>; reports?: object } = {},
) {
  const seen = vpnTurn(of, 'a', tunnelReport(tunnel(), tunnel()), {});
  const heard = { ...seen.evidence.reports, 'paris/path-a': report('paris/path-a'), ...reports };
  return turn({
    ...seen,
    memory: memory({ incident, ...past }),
    evidence: { ...seen.evidence, reports: heard, routes },
  });
}
const dark = { 'paris/office': down('paris/office') };
const longWell = { healthySince: { a: t0 - 60 * minute } };

it('lays a static route where it is gone, to the path that carries', () => {
  expect(taken(known.map(gone), { reports: dark }).decision).toMatchObject({
    kind: 'divert',
    rule: 'rescue',
    moves: [{ from: ['a'], to: 'a' }],
    because: expect.stringMatching(
      /^AWS propagates no route to .*, so a static one is laid there until it does; path a/,
    ),
  });
});

it('lays it in one table of two', () => {
  const [first, ...others] = known;
  const found = taken([gone(first!), ...others], { reports: dark });
  expect(found.decision).toMatchObject({ kind: 'divert', moves: [{ to: 'a' }] });
});

it.each([
  ['that nobody allowed', plain, dark],
  ['whose users are served all the same', site, { 'paris/office': report('paris/office') }],
  ['whose path is down', site, { ...dark, 'paris/path-a': down('paris/path-a') }],
])('lays none %s', (_, of, reports) => {
  expect(taken(known.map(gone), { of, reports }).decision.kind).not.toBe('divert');
});

it('tells people which route is gone, where it may lay none', () => {
  const since = t0 - 2 * minute;
  const past = { unserved: { office: { dark: since, hurt: since, slow: since } } };
  const { notice } = taken(known.map(gone), {
    of: plain,
    reports: { 'paris/office': down('paris/office', { since, missedSince: since }) },
    past,
  });
  expect(notice?.message).toMatch(/AWS propagates no route to 172.16.0.0\/16 into rtb-1/);
});

const longAgo = move({ from: ['a'], to: 'a', at: t0 - 30 * minute, outcome: 'confirmed' });

it('takes it away where AWS propagates it again, once that move has soaked', () => {
  const moves = { office: longAgo };
  const { decision } = taken(known.map(backBeneath), { past: { moves, ...longWell } });
  expect(decision).toMatchObject({ kind: 'failback', planned: true, moves: [{ from: ['a'], to: 'a' }] });
  const young = { moves: { office: { ...longAgo, at: t0 - 30_000 } }, ...longWell };
  expect(taken(known.map(backBeneath), { past: young }).decision.kind).not.toBe('failback');
});

it('leaves it where nothing is propagated, or nobody allowed to take it away', () => {
  const past = { moves: { office: longAgo }, ...longWell };
  expect(taken(known.map(laid), { past }).decision.kind).not.toBe('failback');
  expect(taken(known.map(backBeneath), { of: plain, past }).decision.kind).not.toBe('failback');
});

it.each(['tried', 'sent'] as const)('is not taken for made before EC2 shows it (%s)', (state) => {
  const moves = { office: move({ from: ['a'], to: 'a', at: t0 - 500, state, outcome: 'unconfirmed' }) };
  const { memory: text } = taken(known.map(gone), { reports: dark, past: { moves } });
  expect((JSON.parse(text) as Memory).moves['office']!.state).toBe(state);
});
