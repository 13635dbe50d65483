/** Which single write makes a route point elsewhere, in each kind of table. */
import { planes } from '../../../../core/routes/planes';
import type { RouteTarget } from '../../../../core/words/domain';
import type { RouteFacts } from '../../../../core/words/evidence';

const vgw: RouteTarget = { kind: 'gateway', id: 'vgw-1' };
const eni: RouteTarget = { kind: 'network-interface', id: 'eni-b' };
const [a, b] = ['tgw-attach-a', 'tgw-attach-b'].map((id): RouteTarget => ({ kind: 'attachment', id })) as [
  RouteTarget,
  RouteTarget,
];
const route = (target: RouteTarget | null, over: Partial<RouteFacts> = {}): RouteFacts => ({
  routeSet: 'office',
  table: 'rtb-1',
  destination: '172.16.0.0/16',
  target,
  state: 'active',
  origin: 'static',
  ...over,
});

it.each<readonly [string, RouteFacts, RouteTarget, string, RouteTarget | null]>([
  ['off a propagated route', route(vgw, { origin: 'propagated', under: vgw }), eni, 'create', eni],
  ['off one that AWS has withdrawn', route(null), eni, 'create', eni],
  ['from one static route to another', route(vgw), eni, 'replace', eni],
  ['back to what lies propagated beneath', route(eni, { under: vgw }), vgw, 'delete', null],
  // Deleting would leave no route at all.
  ['back to what is not propagated yet', route(eni, { under: null }), vgw, 'replace', vgw],
])("goes in a VPC's table %s", (_, from, to, kind, target) => {
  expect(planes['vpc-table'].stepTo(from, to)).toMatchObject({ kind, to: target, expected: from.target });
});

it.each<readonly [string, RouteFacts, string]>([
  ['from one attachment to another', route(a), 'replace'],
  ['off a propagated route', route(a, { origin: 'propagated' }), 'create'],
  ['where there is none', route(null), 'create'],
])("goes in a transit gateway's table %s", (_, from, kind) => {
  expect(planes['tgw-table'].stepTo(from, b)).toMatchObject({ kind, to: b, expected: from.target });
});

it('knows what each kind of table can lead to', () => {
  expect([vgw, eni, a].map((target) => planes['vpc-table'].holds(target))).toEqual([true, true, false]);
  expect([vgw, eni, a].map((target) => planes['tgw-table'].holds(target))).toEqual([false, false, true]);
});
