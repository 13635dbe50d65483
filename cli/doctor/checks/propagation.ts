/** Routes that AWS propagates by itself: what the configuration says of them must be so, for home is made of it. */
import type { Connection } from '../../../core/words/domain';
import type { RouteFacts } from '../../../core/words/evidence';
import { isMovedByNetwork } from '../../../core/words/routing';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';

export const propagation: AccountCheck = {
  name: 'propagation',
  title: 'propagation is as declared',
  needs: 'configuration',
  async look(patient) {
    const looks = await patient.routes();
    const troubles = looks.flatMap(({ connection, routes }) => routes.flatMap((route) => troubleOf(connection, route)));
    const sets = looks.flatMap(({ connection }) => Object.values(connection.routeSets));
    return orWell(
      troubles,
      `${counted(sets.filter((one) => one.propagated).length, 'propagated set')} of ${sets.length}`,
    );
  },
};

function troubleOf(connection: Connection, route: RouteFacts): readonly Diagnosis[] {
  const { name, routeSets } = connection;
  const { table, destination, origin, under } = route;
  const about = `${name}/${route.routeSet}`;
  if (isMovedByNetwork(connection)) return troubleOfLed(about, connection.routing!.routeServer!, route);
  const isPropagated = origin === 'propagated' || (under ?? null) !== null;
  const set = routeSets[route.routeSet]!;
  // A transit gateway's table does not show what lies under a static route.
  const isHidden = set.plane === 'tgw-table' && origin === 'static' && route.target !== null;
  if (set.propagated && !isPropagated && !isHidden)
    return [
      fail({
        about,
        found: `nothing is propagated to ${destination} in ${table}, and the set says propagated`,
        why: 'going home deletes the static route: with nothing beneath it users would have none at all',
        mend: `aws ec2 enable-vgw-route-propagation --route-table-id ${table} --gateway-id vgw-…, or take propagated out`,
      }),
    ];
  if (set.propagated || !isPropagated) return [];
  return [
    warn({
      about,
      found: `${destination} in ${table} is propagated as well`,
      why: 'whoever deletes the static route sends users over what AWS propagates, and nobody decided so',
      mend: `say propagated: true where that is home, or aws ec2 disable-vgw-route-propagation --route-table-id ${table} --gateway-id ${under?.id ?? 'vgw-…'}`,
    }),
  ];
}

/** Where a Route Server leads users each route is its own, and nothing lies over it. */
function troubleOfLed(
  about: string,
  id: string,
  { table, destination, origin, target, under }: RouteFacts,
): Diagnosis[] {
  if (origin === 'propagated') return [];
  if (target === null)
    return [
      fail({
        about,
        found: `${id} installs no route to ${destination} in ${table}`,
        why: 'users in that table have no way to the partner, whatever the speakers say',
        mend: `aws ec2 enable-route-server-propagation --route-server-id ${id} --route-table-id ${table}, and see that a gateway tells its endpoints of ${destination}`,
      }),
    ];
  return [
    fail({
      about,
      found: `${destination} in ${table} is a static route to ${target.id}${under == null ? '' : `, over what ${id} installs`}`,
      why: 'it comes before what a Route Server installs: users stay on it when their path dies, and no order to a speaker moves them',
      mend: `aws ec2 delete-route --route-table-id ${table} --destination-cidr-block ${destination}, once ${id} installs one beneath; or write out: {by: routes}`,
    }),
  ];
}
