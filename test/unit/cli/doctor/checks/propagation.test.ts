/** What the doctor says of routes that a Route Server is to install. Those of gateways of AWS: doctor.test.ts. */
import type { AccountCheck } from '../../../../../cli/doctor/check';
import { propagation } from '../../../../../cli/doctor/checks/propagation';
import type { RouteFacts } from '../../../../../core/words/evidence';
import { routes } from '../../../../given';
import { ledConnection } from '../../../../given-bgp';

const [home] = routes('eni-gw-a');
const installed: RouteFacts = { ...home!, origin: 'propagated', under: home!.target };

const look = (route: RouteFacts) =>
  (propagation as Extract<AccountCheck, { needs: 'configuration' }>).look({
    routes: async () => [{ connection: ledConnection(), routes: [route] }],
  } as never);

it('is content with a route that it has installed', async () => {
  expect(await look(installed)).toMatchObject([{ level: 'ok' }]);
});

it.each<[string, RouteFacts, RegExp, RegExp]>([
  [
    'none that is installed',
    { ...home!, target: null, under: null },
    /^rs-1 installs no route to 172\.16\.0\.0\/16 in /,
    /enable-route-server-propagation --route-server-id rs-1/,
  ],
  ['a static one over it', { ...home!, under: home!.target }, /a static route to eni-gw-a, over what/, /delete-route/],
  ['a static one alone', { ...home!, under: null }, /a static route to eni-gw-a$/, /out: \{by: routes\}/],
])('fails for %s', async (_, route, found, mend) => {
  expect(await look(route)).toEqual([
    expect.objectContaining({
      level: 'FAIL',
      found: expect.stringMatching(found) as string,
      mend: expect.stringMatching(mend) as string,
    }),
  ]);
});
