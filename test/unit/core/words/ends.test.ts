/** What stands at which end, and where its paths lead from there. */
import { placesOf } from '../../../../core/gateways/kinds';
import { pathOfRoute, placeIn } from '../../../../core/routes/plan';
import { choiceOf, endOf, gatewayOfCanary, gatewaysOf, isElsewhere, seenFrom } from '../../../../core/words/ends';
import { connection } from '../../../given';
import { endsDeployment, endsEvidence, interfaceAt, meshOf, routesAt } from '../../../given-ends';

const deployment = endsDeployment();
const mesh = meshOf(deployment);

it('sees from each end its own gateways, sets and canaries, and nothing of the other', () => {
  const ohio = seenFrom(mesh, 'ohio');
  expect(Object.values(ohio.paths)).toEqual([
    { name: 'a', gateway: 'o-a', tunnels: ['mesh-a'] },
    { name: 'b', gateway: 'o-b', tunnels: ['to-frankfurt-b'] },
  ]);
  expect(Object.keys(ohio.routeSets)).toEqual(['all.ohio']);
  expect(ohio.canaries.map(({ id }) => id)).toEqual(['mesh/o-path-a', 'mesh/o-path-b', 'mesh/o-all']);
  expect(Object.values(seenFrom(mesh, 'frankfurt').paths).map(({ gateway }) => gateway)).toEqual(['f-a', 'f-b']);
  const paris = connection();
  expect(seenFrom(paris, 'ohio')).toBe(paris); // One end is all there is to see.
});

it('knows every gateway of either end, and which of them a canary leaves by', () => {
  expect(gatewaysOf(mesh)).toEqual(['f-a', 'o-a', 'f-b', 'o-b']);
  expect(mesh.canaries.map((canary) => gatewayOfCanary(mesh, canary))).toEqual([
    ...['f-a', 'f-b', undefined],
    ...['o-a', 'o-b', undefined],
  ]);
  expect(choiceOf(mesh.routeSets['all.ohio']!)).toBe('all');
});

it('leads a path to another interface at each end, and takes a route for the path it follows there', () => {
  const places = placesOf(deployment, 'mesh', endsEvidence(deployment));
  for (const end of ['frankfurt', 'ohio'] as const)
    for (const path of ['a', 'b'] as const) {
      const set = mesh.routeSets[`all.${end}`]!;
      expect(placeIn(set, places, path).id).toBe(interfaceAt(deployment, end, path));
      const [route] = routesAt(deployment, end, path);
      expect(pathOfRoute(route!, set, places)).toEqual({ path, stale: false });
      // The interface of the other end's gateway is none of this end's.
      const other = mesh.routeSets[set.twin!]!;
      expect(pathOfRoute(route!, other, places)).toBeNull();
    }
});

it('calls an end elsewhere by its region or its account', () => {
  const away = endsDeployment((t) => {
    t.account = '123456789012';
    t.ends.ohio = { account: '210987654321', externalId: '3f6c' };
    for (const gateway of [t.gateways['o-a'], t.gateways['o-b']]) delete gateway.launchTemplate;
  });
  const ohio = endOf(away, away.gateways['o-a']);
  expect(isElsewhere(away, ohio)).toBe(true);
  expect(isElsewhere(away, endOf(away, away.gateways['f-a']))).toBe(false);
  expect(isElsewhere(deployment, { name: 'x', region: 'us-east-2' })).toBe(true);
  expect(isElsewhere(deployment, undefined)).toBe(false);
});
