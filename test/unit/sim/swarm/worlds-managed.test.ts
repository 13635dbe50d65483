/** What 2,000 seeds are sure to meet of AWS's own VPN connections. */
import { drawSite } from '../../../../sim/swarm/site';
import { managedKinds } from '../../../../sim/swarm/worlds-managed';

it('is every kind of such a world, in forty sites', () => {
  const sites = Array.from({ length: 40 }, (_, i) => drawSite(i));
  const missing = managedKinds.filter(([, isSo]) => !sites.some(isSo)).map(([name]) => name);
  expect(missing).toEqual([]);
});
