/** One plan for both directions: what routes do, and what speakers must say where routes are then. */
import { placesOf } from '../../../../core/gateways/kinds';
import { buildPlan } from '../../../../core/routes/plan';
import { evidence, routes } from '../../../given';
import { across, bgpConnection, bgpDeployment } from '../../../given-bgp';

const places = placesOf(bgpDeployment(), 'paris', evidence());
const away = { routeSet: 'office', from: ['a'], to: 'b', passed: true };
const home = { routeSet: 'office', from: ['b'], to: 'a', passed: true };
const drain = { kind: 'drain', path: 'a', speaker: 'gw-a', scope: across.a, expected: 'normal', to: 'drained' };
const undrain = { ...drain, kind: 'undrain', expected: 'drained', to: 'normal' };

it('drains the home that routes leave, and says nothing to the standby, which is advertised all the time', () => {
  const { steps, orders } = buildPlan(bgpConnection(), places, routes('eni-gw-a'), [away]);
  expect(steps).toHaveLength(2);
  expect(orders).toEqual([drain]);
});

it('asks for the inverse on the way back', () => {
  expect(buildPlan(bgpConnection(), places, routes('eni-gw-b'), [home]).orders).toEqual([undrain]);
});

it('covers both with its digest', () => {
  const { neighbor: _, ...a } = bgpConnection().paths['a']!;
  const silent = { ...bgpConnection(), paths: { ...bgpConnection().paths, a } };
  const digests = [bgpConnection(), silent].map((of) => buildPlan(of, places, routes('eni-gw-a'), [away]).digest);
  expect(new Set(digests).size).toBe(2);
});

it('leaves a path advertised that another set is still on', () => {
  const of = bgpConnection();
  const lab = { ...of.routeSets['office']!, name: 'lab', tables: ['rtb-9'] };
  const [one] = routes('eni-gw-a').map((route) => ({ ...route, routeSet: 'lab', table: 'rtb-9' }));
  const both = { ...of, routeSets: { ...of.routeSets, lab } };
  expect(buildPlan(both, places, [...routes('eni-gw-a'), one!], [away]).orders).toEqual([]);
  const labAway = { ...away, routeSet: 'lab' };
  expect(buildPlan(both, places, [...routes('eni-gw-b'), one!], [labAway]).orders).toEqual([drain]);
});

it('orders nothing where no route moves, and nothing for a home whose routes are unread', () => {
  expect(buildPlan(bgpConnection(), places, routes('eni-gw-b'), [away]).orders).toEqual([]);
  expect(buildPlan(bgpConnection(), places, [], [away])).toMatchObject({ steps: [], orders: [] });
});
