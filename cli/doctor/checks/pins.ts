/** Does a path canary's own route table lead to its own path's gateway? Else it proves another path than its own. */

import type { Canary, RouteTarget } from '../../../core/words/domain';
import { gatewayOfCanary } from '../../../core/words/ends';
import { sameTarget, targetText } from '../../../core/words/targets';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell } from '../diagnosis';
import type { Patient, RouteLook } from '../patient';
import { targetsOf } from './path-targets';

export const pins: AccountCheck = {
  name: 'pins',
  title: 'path canaries are pinned to their own paths',
  needs: 'configuration',
  async look(patient) {
    const looks = await patient.routes();
    const all = await Promise.all(looks.map((look) => troublesOf(patient, look)));
    const pinned = looks.flatMap(({ connection }) => connection.canaries.filter(isPinned));
    return orWell(all.flat(), `${counted(pinned.length, 'path canary', 'path canaries')} on their own paths`);
  },
};

const isPinned = ({ watches }: Canary): boolean => watches.kind === 'path';

async function troublesOf(patient: Patient, { connection, pins: seen }: RouteLook): Promise<readonly Diagnosis[]> {
  const found = await Promise.all(
    connection.canaries.map(async (canary): Promise<readonly Diagnosis[]> => {
      const gateway = gatewayOfCanary(connection, canary);
      if (gateway === undefined) return [];
      const own = await targetsOf(patient, gateway);
      const leads = seen[canary.id] ?? null;
      return [
        ...(leads === null
          ? [noTable(canary)]
          : leads.flatMap(({ address, target }) =>
              own.some((one) => sameTarget(one, target)) ? [] : [astray(canary, address, target, own)],
            )),
        ...(await elsewhere(patient, canary)),
      ];
    }),
  );
  return found.flat();
}

const noTable = ({ id, routeTableId }: Canary): Diagnosis =>
  fail({
    about: id,
    found: `there is no ${routeTableId}, or what is in it cannot be compared`,
    why: 'nobody knows over which path the canary is answered, so it proves none',
    mend: `write the table of its subnet: aws ec2 describe-route-tables --route-table-ids ${routeTableId}`,
  });

function astray(
  { id, routeTableId }: Canary,
  address: string,
  target: RouteTarget | null,
  own: readonly RouteTarget[],
): Diagnosis {
  const to = own[0];
  const aimed = to === undefined ? 'its gateway' : to.id;
  const verb = target === null ? 'create' : 'replace';
  return fail({
    about: id,
    found: `packets to ${address} leave ${routeTableId} by ${targetText(target)}, not by ${aimed}`,
    why: 'the canary is answered over another path than its own, or over none: what it says of its path is not so',
    mend:
      to?.kind === 'network-interface'
        ? `aws ec2 ${verb}-route --route-table-id ${routeTableId} --destination-cidr-block ${address}/32 --network-interface-id ${to.id}`
        : `route ${address}/32 in ${routeTableId} to ${aimed}`,
  });
}

/** A subnet may hang on another table than the one that is declared: then the pins are never met. */
async function elsewhere({ account }: Patient, canary: Canary): Promise<readonly Diagnosis[]> {
  const { id, subnetId, routeTableId } = canary;
  if (routeTableId === undefined || !routeTableId.startsWith('rtb-')) return [];
  const table = (await account.routeTables([routeTableId])).get(routeTableId);
  const associations = table?.Associations ?? [];
  if (table === undefined || associations.some(({ SubnetId, Main }) => SubnetId === subnetId || Main === true))
    return [];
  return [
    fail({
      about: id,
      found: `${subnetId} does not use ${routeTableId}`,
      why: "the canary's packets never meet its pinning routes",
      mend: `aws ec2 associate-route-table --subnet-id ${subnetId} --route-table-id ${routeTableId}, or write the table that it uses`,
    }),
  ];
}
