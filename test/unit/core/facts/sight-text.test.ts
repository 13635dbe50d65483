/** What EC2 showed, as stored text: small, whole, and never more than was seen. */
import fc from 'fast-check';
import { sightFrom, sightText } from '../../../../core/facts/sight-text';
import type { Connection, RouteSet } from '../../../../core/words/domain';
import type { RouteFacts } from '../../../../core/words/evidence';
import { limits } from '../../../../core/words/policy';
import { connection, t0 } from '../../../given';

const set = (name: string, tables: number, destinations: number): RouteSet => ({
  name,
  home: 'a',
  region: 'eu-central-1',
  plane: 'vpc-table',
  propagated: false,
  tables: Array.from({ length: tables }, (_, i) => `rtb-0${name}${String(i).padStart(12, '0')}`),
  destinations: Array.from({ length: destinations }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`),
});

const withSets = (...sets: RouteSet[]): Connection =>
  connection({ routeSets: Object.fromEntries(sets.map((one) => [one.name, one])) });

const routesOf = ({ routeSets }: Connection, targetOf: (i: number) => string | null): RouteFacts[] =>
  Object.values(routeSets)
    .flatMap(({ name, tables, destinations }) =>
      tables.flatMap((table) => destinations.map((destination) => ({ routeSet: name, table, destination }))),
    )
    .map((route, i) => {
      const id = targetOf(i);
      return {
        ...route,
        target: id === null ? null : { kind: 'network-interface', id },
        state: i % 97 === 1 ? 'blackhole' : 'active',
        origin: i % 89 === 1 ? 'propagated' : 'static',
      };
    });

const eni = (i: number): string => `eni-0${String(i).padStart(16, '0')}`;
const pins = { 'paris/path-a': [{ address: '172.16.1.10', target: null }], 'paris/path-b': null };

it('comes back as it was seen', () => {
  const target = fc.constantFrom('eni-a', 'eni-a', 'eni-a', 'eni-b', null);
  const sites = fc.record({ tables: fc.integer({ min: 1, max: 6 }), destinations: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(sites, fc.array(target, { minLength: 72, maxLength: 72 }), ({ tables, destinations }, targets) => {
      const site = withSets(set('office', tables, destinations), set('lab', destinations, tables));
      const routes = routesOf(site, (i) => targets[i]!);
      expect(sightFrom(site, sightText(site, { routes, pins }), t0)).toEqual({ seenAt: t0, routes, pins });
    }),
    { seed: 20_260_105, numRuns: 200 },
  );
});

it('comes back with attachments, what has no effect yet, and what lies beneath', () => {
  const site = withSets(set('office', 3, 1));
  const [first, second, third] = routesOf(site, () => null) as [RouteFacts, RouteFacts, RouteFacts];
  const routes: RouteFacts[] = [
    { ...first, target: { kind: 'attachment', id: 'tgw-attach-a' }, state: 'pending', origin: 'static' },
    {
      ...second,
      target: { kind: 'gateway', id: 'vgw-1' },
      under: { kind: 'gateway', id: 'vgw-1' },
      origin: 'propagated',
    },
    { ...third, target: { kind: 'network-interface', id: 'eni-a' }, origin: 'static', state: 'active' },
  ];
  expect(sightFrom(site, sightText(site, { routes, pins }), t0)).toEqual({ seenAt: t0, routes, pins });
});

it('takes two kilobytes for 480 routes, and a fifth of an item when a thousand all lead elsewhere', () => {
  const large = withSets(set('office', 48, 10));
  expect(sightText(large, { routes: routesOf(large, () => 'eni-a'), pins: {} }).length).toBeLessThan(4_000);
  const wild = withSets(set('office', 100, limits.planStepsMax / 100));
  const text = sightText(wild, { routes: routesOf(wild, (i) => eni(i)), pins: {} });
  expect(text.length).toBeLessThan(200_000);
});

it('leaves out a table that EC2 did not list', () => {
  const site = withSets(set('office', 2, 2));
  const routes = routesOf(site, () => 'eni-a').slice(2);
  expect(sightFrom(site, sightText(site, { routes, pins }), t0)?.routes).toEqual(routes);
});

it('makes up no route: neither of a destination nor of a table that was configured since', () => {
  const then = withSets(set('office', 2, 2), set('lab', 1, 1));
  const text = sightText(then, { routes: routesOf(then, () => 'eni-a'), pins });
  const now = withSets(set('office', 2, 3), set('lab', 2, 1), set('new', 1, 1));
  expect(sightFrom(now, text, t0)?.routes.map(({ routeSet, table }) => [routeSet, table])).toEqual([
    ['lab', now.routeSets['lab']!.tables[0]],
  ]);
});

it.each([
  undefined,
  null,
  '',
  '{}',
  '[]',
  '{"schema":2,"ways":[],"sets":{},"pins":{}}',
  '{"schema":1,"ways":[{"target":{"kind":"host","id":"x"},"state":"active","origin":"static"}],"sets":{},"pins":{}}',
  '{"schema":1,"ways":[],"sets":{"office":{"of":"x","tables":{"rtb-1":{"way":"0","but":{}}}}},"pins":{}}',
])('reads nothing from %s', (text) => {
  expect(sightFrom(connection(), text, t0)).toBeNull();
});

it('has no route where a way is missing', () => {
  const site = withSets(set('office', 1, 1));
  const text = sightText(site, { routes: routesOf(site, () => 'eni-a'), pins: {} });
  expect(sightFrom(site, text.replace('"way":0', '"way":7'), t0)?.routes).toEqual([]);
  expect(sightFrom(site, text, 'yesterday')).toBeNull();
});
