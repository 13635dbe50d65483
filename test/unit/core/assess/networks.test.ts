/** Several networks behind one tunnel: a canary per network judges the sets that hold that network, never the path. */
import type { Memory } from '../../../../core/store/memory';
import { connection, deployment, down, evidence, memory, report, routes, t0, turn } from '../../../given';

const base = connection();
const lab = { ...base.routeSets['office']!, name: 'lab', destinations: ['172.20.0.0/16'] };
const judging = (set: string) => base.canaries.flatMap((canary) => ownCanary(canary, set));
const ownCanary = (canary: (typeof base.canaries)[number], set: string) =>
  canary.watches.kind === 'path' ? [{ ...canary, id: `${canary.id}-${set}`, judges: [set] }] : [];
const two = deployment(
  connection({
    routeSets: { ...base.routeSets, lab },
    canaries: [...judging('office'), ...judging('lab'), ...base.canaries.filter((c) => c.watches.kind === 'service')],
  }),
);
const heard = (...silent: string[]) =>
  Object.fromEntries(
    two.connections['paris']!.canaries.map(({ id }) => [id, silent.includes(id) ? down(id) : report(id)]),
  );
const labRoutes = routes('eni-gw-a').map((r) => ({ ...r, routeSet: 'lab', destination: '172.20.0.0/16' }));
const look = (...silent: string[]) =>
  evidence({ reports: heard(...silent), routes: [...routes('eni-gw-a'), ...labRoutes] });
const well = memory({ healthySince: Object.fromEntries(['a', 'b', 'lab@a', 'lab@b'].map((p) => [p, t0 - 600_000])) });

it('moves the set whose network is silent, and no other; the path itself is not down, and nothing is repaired', () => {
  const result = turn({ deployment: two, evidence: look('paris/path-a-lab'), memory: well });
  expect(result.decision).toMatchObject({
    kind: 'divert',
    rule: 'rescue',
    moves: [{ routeSet: 'lab', from: ['a'], to: 'b' }],
  });
  expect(result.situation.paths).toEqual({ a: 'healthy', b: 'healthy' });
});

it('moves it nowhere where its own network is silent on the other path as well', () => {
  const { decision } = turn({ deployment: two, evidence: look('paris/path-a-lab', 'paris/path-b-lab'), memory: well });
  expect(decision.kind).not.toBe('divert');
  expect(decision.kind).not.toBe('repair');
});

it('calls a path down, and repairs it, only when none of its networks answers', () => {
  const { decision, situation } = turn({
    deployment: two,
    evidence: look('paris/path-a-lab', 'paris/path-a-office'),
    memory: well,
  });
  expect(situation.paths['a']).toBe('down');
  expect(decision).toMatchObject({ kind: 'divert', moves: [{ routeSet: 'office' }, { routeSet: 'lab' }] });
});

it('goes home when its own network has answered there for a soak', () => {
  const away = evidence({
    reports: heard(),
    routes: [...routes('eni-gw-a'), ...labRoutes.map((r) => ({ ...r, target: routes('eni-gw-b')[0]!.target }))],
  });
  const soaking: Memory = { ...well, healthySince: { ...well.healthySince, 'lab@a': t0 - 10_000 } };
  const decided = (before: Memory) => turn({ deployment: two, evidence: away, memory: before }).decision;
  expect(decided(soaking).kind).not.toBe('failback');
  expect(decided(well)).toMatchObject({ kind: 'failback', moves: [{ routeSet: 'lab', to: 'a' }] });
});
