/** Whatever is seen of two ends: the sets of a pair are moved to one path, and what is planned moves both or neither. */
import fc from 'fast-check';
import type { MoveDecision } from '../../core/words/decision';
import type { RouteFacts } from '../../core/words/evidence';
import { desired, down, drain, memory, report, t0 } from '../given';
import { bothOn, endsDeployment, endsTurn, gatewayFacts, meshOf } from '../given-ends';

const deployment = endsDeployment();
const mesh = meshOf(deployment);
const ends = ['frankfurt', 'ohio'] as const;
const paths = ['a', 'b'] as const;
type EndName = (typeof ends)[number];

const usually = Array.from({ length: 16 }, () => 'healthy');
const said = fc.constantFrom(...usually, 'down', 'down', 'silent', 'lossy');
const instants = fc.constantFrom(0, t0 - 900_000, t0 - 61_000, t0 - 25_000, t0 - 5_000);

const world = fc.record({
  reports: fc.record(Object.fromEntries(mesh.canaries.map(({ id }) => [id, said]))),
  on: fc.record({ frankfurt: fc.constantFrom(...paths), ohio: fc.constantFrom(...paths) }),
  visible: fc.constantFrom<readonly EndName[]>(ends, ends, ends, ['frankfurt'], ['ohio']),
  stopped: fc.option(fc.constantFrom('f-a', 'f-b', 'o-a', 'o-b')),
  usedAt: fc.record({ frankfurt: instants, ohio: instants }),
  refused: fc.option(fc.constantFrom(...ends)),
  drained: fc.option(fc.constantFrom(...paths)),
});

function reportOf(id: string, what: string) {
  if (what === 'silent') return null;
  if (what === 'down') return down(id);
  return what === 'lossy' ? report(id, { verdict: 'degraded', lossRatio: 0.4 }) : report(id);
}

it('moves twins to one path in one decision, or not at all where it is planned', () => {
  const moved = new Set<string>();
  fc.assert(
    fc.property(world, (seen) => {
      const routes: RouteFacts[] = bothOn(deployment, seen.on.frankfurt, seen.on.ohio).filter(({ routeSet }) =>
        seen.visible.some((end) => routeSet.endsWith(end)),
      );
      const unread = ends.filter((end) => !seen.visible.includes(end));
      const refused = seen.refused;
      const remembered = memory({
        usedSince: {
          'all.frankfurt': { path: seen.on.frankfurt, at: seen.usedAt.frankfurt },
          'all.ohio': { path: seen.on.ohio, at: seen.usedAt.ohio },
        },
        ...(refused !== null && {
          unwritten: {
            [`all.${refused}`]: {
              ...({ call: 'ReplaceRoute', table: 'rtb-1', destination: '10.0.0.0/8', to: 'b', detail: 'no' } as const),
              ...{ refused: true, since: t0 - 1_000, at: t0 - 1_000, tries: 3 },
            },
          },
        }),
      });
      const { decision } = endsTurn(
        {
          reports: Object.fromEntries(Object.entries(seen.reports).map(([id, what]) => [id, reportOf(id, what)])),
          ...{ routes, unreadEnds: unread },
          ...(seen.stopped !== null && {
            instances: { [seen.stopped]: gatewayFacts(deployment, seen.stopped, { state: 'stopped' }) },
          }),
        },
        {
          memory: remembered,
          desired: desired(seen.drained === null ? {} : { drains: { [seen.drained]: drain('hard') } }),
        },
        deployment,
      );
      if (!['divert', 'failback', 'undo'].includes(decision.kind)) return;
      const { moves, planned, rule } = decision as MoveDecision;
      const to = new Set(moves.map((move) => move.to));
      expect(to.size).toBe(1);
      moved.add(`${rule} ${moves.length}`);
      for (const end of ends) {
        const isMoved = moves.some(({ routeSet }) => routeSet === `all.${end}`);
        const isThere = seen.on[end] === [...to][0] && seen.visible.includes(end);
        if (planned) expect(isMoved || isThere).toBe(true);
        // A rescue leaves only an end that nobody can write to.
        else expect(isMoved || isThere || !seen.visible.includes(end) || refused === end).toBe(true);
      }
    }),
    { numRuns: 300, seed: Number(process.env['SEED'] ?? 20_260_105) },
  );
  // Without these it has tried nothing.
  expect([...moved]).toEqual(expect.arrayContaining(['rescue 2', 'rescue 1', 'failback 1', 'split 1']));
});
