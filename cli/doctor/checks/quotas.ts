/** What AWS allows in this account, beside what it already holds: Elastic IPs, and routes in the tables that move. */
import type { AccountCheck } from '../check';
import { type Diagnosis, orWell, unknown, warn } from '../diagnosis';
import type { Patient } from '../patient';
import { quotaOf } from './quota-of';

const nearRatio = 0.9;

export const quotas: AccountCheck = {
  name: 'quotas',
  title: 'there is room in the account’s quotas',
  needs: 'account',
  async look(patient) {
    const troubles = await Promise.all([elasticIps(patient), routesPerTable(patient)]);
    return orWell(troubles.flat(), 'Elastic IPs and routes per table have room');
  },
};

const unsaid = (what: string): Diagnosis =>
  unknown('', `Service Quotas does not say how many ${what}`, 'look in its console');

async function elasticIps(patient: Patient): Promise<readonly Diagnosis[]> {
  const [limit, addresses] = await Promise.all([quotaOf(patient, 'ec2', 'L-0263D0A3'), patient.account.addresses()]);
  if (limit === null) return [unsaid('Elastic IPs there may be')];
  if (addresses.length < limit) return [];
  return [
    warn({
      about: 'Elastic IPs',
      found: `${addresses.length} of ${limit} are taken`,
      why: 'a gateway that is built anew, or a NAT gateway for a canary, finds no address',
      mend: `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value ${limit + 5}`,
    }),
  ];
}

async function routesPerTable(patient: Patient): Promise<readonly Diagnosis[]> {
  const ids = new Set(
    Object.values(patient.deployment.connections).flatMap(({ routeSets, canaries }) => [
      ...Object.values(routeSets).flatMap(({ tables }) => tables),
      ...canaries.flatMap(({ routeTableId }) => routeTableId ?? []),
    ]),
  );
  const vpcTables = [...ids].filter((id) => id.startsWith('rtb-'));
  if (vpcTables.length === 0) return [];
  const [limit, tables] = await Promise.all([
    quotaOf(patient, 'vpc', 'L-93826ACB'),
    patient.account.routeTables(vpcTables),
  ]);
  if (limit === null) return [unsaid('routes a table may have')];
  return [...tables].flatMap(([id, { Routes = [] }]) => {
    // Propagated routes are counted apart.
    const own = Routes.filter(({ Origin }) => Origin === 'CreateRoute').length;
    if (own < nearRatio * limit) return [];
    return [
      warn({
        about: id,
        found: `${own} of ${limit} routes`,
        why: 'a route that must be made, over a propagated one or to pin a canary, is refused',
        mend: `aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-93826ACB --desired-value ${limit + 50}`,
      }),
    ];
  });
}
