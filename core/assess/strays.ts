/**
 * Routes that a path's verdict does not speak for: they are on an interface that its canary does not look at, because
 * the gateway was replaced or rebuilt and they were not moved with it.
 *
 * And routes that are not there: AWS propagates them no more, while the path itself may carry.
 *
 * Law: being on a former interface is no fault by itself. Such routes count as down only where something says that they
 * serve nobody: EC2 (a black hole), the users, or the address that the peer knows, held by another instance by now.
 */

import { kindOf } from '../gateways/kinds';
import { pathOfRoute, placeIn, withdrawnOf } from '../routes/plan';
import type { PathName } from '../words/domain';
import type { RouteFacts } from '../words/evidence';
import { targetText } from '../words/targets';
import type { Look, SetAssessment, Stray } from './assessment';
import { feltElsewhere, isAboutPath } from './path-verdict';
import { pinOf } from './pins';

type BareSet = Pick<SetAssessment, 'routeSet' | 'used' | 'service' | 'serviceAt' | 'cover'>;

/** By path; those whose verdict speaks for all of the set's routes are not in it. */
export function straysOf(look: Look, set: BareSet, routes: readonly RouteFacts[]): Readonly<Record<PathName, Stray>> {
  const declared = look.connection.routeSets[set.routeSet]!;
  return Object.fromEntries(
    set.used.flatMap((path) => {
      const gone = path === declared.home ? withdrawnOf(declared, routes)[0] : undefined;
      if (gone !== undefined && set.cover === 'wanted' && set.service !== 'up')
        return [[path, { verdict: 'down', dead: false, because: withdrawnText(gone) }]];
      const watched = pinOf(look, path).places;
      const off = routes.filter(
        (route) =>
          route.target !== null &&
          pathOfRoute(route, declared, look)?.path === path &&
          !watched.includes(route.target.id),
      );
      return off.length === 0 ? [] : [[path, strayOf(look, set, path, off)]];
    }),
  );
}

export const withdrawnText = ({ destination, table }: RouteFacts): string =>
  `AWS propagates no route to ${destination} into ${table}`;

function strayOf(look: Look, set: BareSet, path: PathName, off: readonly RouteFacts[]): Stray {
  const at = targetText(off[0]!.target);
  const meant = targetText(placeIn(look.connection.routeSets[set.routeSet]!, look, path));
  const where = `routes of ${set.routeSet} are on ${at}, ${at === meant ? 'where no canary looks' : `not on ${meant}`}`;
  const kind = kindOf(look.deployment.gateways[look.connection.paths[path]!.gateway]!);
  const dead = kind.deadAt(
    look,
    path,
    off.map(({ target }) => target),
  );
  if (set.service !== 'up' && dead !== '') return { verdict: 'down', dead: true, because: `${where}: ${dead}` };
  const hole = off.find((route) => route.state === 'blackhole');
  if (hole !== undefined) {
    const because = `${where}: the route to ${hole.destination} in ${hole.table} is a black hole`;
    return { verdict: 'down', dead: true, because };
  }
  if (set.service === 'down' && isAboutPath(look, set) && feltElsewhere(look, path, set.routeSet))
    return { verdict: 'down', dead: false, because: `${where}, and its users get no answer` };
  const because = set.service === 'up' ? `${where}, and its users are served there` : where;
  return { verdict: 'unknown', dead: false, because };
}
