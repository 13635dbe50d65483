/** What falls together: both paths in one zone, or on one device of the partner. */
import type { Connection } from '../../../core/words/domain';
import { instancesOf, viewsOf } from '../../../core/words/gateways';
import type { AccountCheck } from '../check';
import { type Diagnosis, orWell, unknown, warn } from '../diagnosis';
import type { Patient } from '../patient';

export const oneFate: AccountCheck = {
  name: 'one-fate',
  title: 'the paths of a connection do not fall together',
  needs: 'configuration',
  async look(patient) {
    const several = Object.values(patient.deployment.connections).filter(({ paths }) => Object.keys(paths).length > 1);
    const troubles = await Promise.all(
      several.map(async (one) => [...(await zones(patient, one)), ...(await devices(patient, one))]),
    );
    return orWell(troubles.flat(), 'each path in its own zone, on its own device of the partner');
  },
};

/** As EC2 shows the subnets, not as the configuration has them. */
async function zones({ deployment, account }: Patient, { name, paths }: Connection): Promise<readonly Diagnosis[]> {
  const instances = instancesOf(deployment);
  const own = Object.values(paths).flatMap(({ gateway }) => instances[gateway] ?? []);
  if (own.length < 2) return [];
  const subnets = await account.subnets(own.map(({ subnetId }) => subnetId));
  const seen = own.map(({ subnetId, availabilityZone }) => subnets.get(subnetId)?.AvailabilityZone ?? availabilityZone);
  if (new Set(seen).size > 1) return [];
  return [
    warn({
      about: name,
      found: `all its gateways are in ${seen[0]}: ${own.map((one) => one.name).join(', ')}`,
      why: 'one zone that fails takes every path: there is nothing to divert to',
      mend: 'move one gateway into another zone',
    }),
  ];
}

async function devices(patient: Patient, { name, paths }: Connection): Promise<readonly Diagnosis[]> {
  const views = viewsOf(patient.deployment);
  const all = Object.values(paths);
  const ids = all.flatMap(({ gateway }) => views[gateway]?.vpnConnectionId ?? []);
  if (ids.length < all.length)
    return [
      unknown(
        name,
        'which device of the partner each path ends on cannot be seen from here',
        'ask the partner: two tunnels to one device are one path',
      ),
    ];
  const seen = await patient.account.vpns();
  const ends = ids.map((id) => seen.find((one) => one.id === id)?.customerGatewayId ?? '');
  if (ends.includes(''))
    return [unknown(name, `AWS does not list every one of ${ids.join(', ')} in this region`, 'look in its region')];
  if (new Set(ends).size > 1) return [];
  return [
    warn({
      about: name,
      found: `${ids.join(' and ')} end on one device, ${ends[0]}`,
      why: 'when it fails, or is upgraded, every path is down at once',
      mend: 'ask the partner for a second device, and give one connection its own customer gateway',
    }),
  ];
}
