/** The routes that may move: do they stand, do they lead to a path of ours, and does nothing longer lie inside them? */

import { isPrefixList } from '../../../core/words/destinations';
import type { RouteTarget } from '../../../core/words/domain';
import { gatewaysOf } from '../../../core/words/ends';
import type { RouteFacts, Shadow } from '../../../core/words/evidence';
import { planeOf } from '../../../core/words/planes';
import { sameTarget, targetText } from '../../../core/words/targets';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';
import type { Patient, RouteLook } from '../patient';
import { targetsOf } from './path-targets';

export const routesCheck: AccountCheck = {
  name: 'routes',
  title: 'routes lead to our paths, and none that is longer leads elsewhere',
  needs: 'configuration',
  async look(patient) {
    const looks = await patient.routes();
    const troubles = await Promise.all(looks.map((look) => troublesOf(patient, look)));
    const count = looks.reduce((sum, { routes }) => sum + routes.length, 0);
    return orWell(troubles.flat(), `${counted(count, 'route')} on our paths, nothing longer inside`);
  },
};

async function troublesOf(patient: Patient, look: RouteLook): Promise<readonly Diagnosis[]> {
  const { connection, routes, shadows } = look;
  const ours = (await Promise.all(gatewaysOf(connection).map((one) => targetsOf(patient, one)))).flat();
  return [
    ...missingTables(look),
    ...routes.flatMap((route) => troubleOf(connection.name, route, ours)),
    ...shadows.map((shadow) => shadowed(connection.name, shadow)),
  ];
}

function shadowed(connection: string, { table, destination, within, of, target }: Shadow): Diagnosis {
  const isTransit = planeOf(table) === 'tgw-table';
  const wipe = `aws ec2 delete-${isTransit ? 'transit-gateway-route --transit-gateway-' : 'route --'}route-table-id ${table} --destination-cidr-block ${destination}`;
  const mend =
    of !== undefined
      ? `take ${destination} out of ${of} or ${within}`
      : isPrefixList(within)
        ? `take ${destination} out of ${within}, or ${wipe}`
        : `list ${destination} as a destination too, or ${wipe}`;
  return warn({
    about: connection,
    found: `${destination}${of === undefined ? '' : ` of ${of}`} in ${table} leads to ${target.id}, inside ${within}`,
    why: isPrefixList(within)
      ? 'what is longer, static, or of the other list wins: its packets stay there, wherever Switchback moves the list'
      : 'the longest route wins: its packets stay there, wherever Switchback moves the wider one',
    mend,
  });
}

function missingTables({ connection, routes }: RouteLook): readonly Diagnosis[] {
  const seen = new Set(routes.map(({ table }) => table));
  const listed = [...new Set(Object.values(connection.routeSets).flatMap(({ tables }) => tables))];
  return listed
    .filter((table) => !seen.has(table))
    .map((table) =>
      fail({
        about: connection.name,
        found: `there is no ${table} in this region`,
        why: 'its users cannot be moved',
        mend: 'write the tables that are there: aws ec2 describe-route-tables',
      }),
    );
}

function troubleOf(connection: string, route: RouteFacts, ours: readonly RouteTarget[]): readonly Diagnosis[] {
  const { table, destination, target, state } = route;
  if (target === null)
    return [
      fail({
        about: connection,
        found: `${table} has no route to ${destination}`,
        why: 'Switchback moves routes that stand: users of this table have no way to the partner now',
        mend: `route ${destination} in ${table} to the gateway of its home path`,
      }),
    ];
  const where = `${destination} in ${table} leads to ${targetText(target)}`;
  if (!ours.some((one) => sameTarget(one, target)))
    return [
      warn({
        about: connection,
        found: `${where}, which is no path of ${connection}`,
        why: 'somebody else’s route is left alone: its users are not diverted when they are dark',
        mend: `see who wrote it (check route-writers), and lead it to a path of ${connection}`,
      }),
    ];
  if (state !== 'blackhole') return [];
  return [
    fail({
      about: connection,
      found: `${where}, a black hole`,
      why: 'its users are dark now',
      mend: `switchback plan ${connection}`,
    }),
  ];
}
