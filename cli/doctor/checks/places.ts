/** The subnets that the configuration names: are they there, in that zone and VPC, with an address to spare? */

import type { Subnet } from '@aws-sdk/client-ec2';
import type { Deployment } from '../../../core/words/domain';
import { seenFrom } from '../../../core/words/ends';
import { instancesOf } from '../../../core/words/gateways';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';

/** Somewhere the configuration says something stands. */
interface Place {
  readonly about: string;
  readonly subnetId: string;
  readonly zone: string;
  /** Null: it does not say. */
  readonly vpcId: string | null;
  readonly isCanary: boolean;
}

/** A canary's function takes one interface in its subnet; another while Lambda moves it. */
const freeAddressesMin = 2;

export const places: AccountCheck = {
  name: 'places',
  title: 'subnets are where they are declared to be',
  needs: 'configuration',
  async look({ deployment, account }) {
    const all = placesIn(deployment);
    const ids = [...new Set(all.map(({ subnetId }) => subnetId))];
    const found = await account.subnets(ids);
    return orWell(
      all.flatMap((place) => troubleOf(place, found.get(place.subnetId))),
      `${counted(ids.length, 'subnet')} in their zones`,
    );
  },
};

function placesIn(deployment: Deployment): readonly Place[] {
  const instances = instancesOf(deployment);
  const gateways = Object.values(instances).map(({ name, subnetId, availabilityZone, vpcId }) => ({
    ...{ about: name, subnetId, zone: availabilityZone, vpcId, isCanary: false },
  }));
  const canaries = Object.values(deployment.connections).flatMap((connection) => {
    return connection.canaries.map(({ id, subnetId, availabilityZone, pin, end = '' }) => {
      const { paths } = seenFrom(connection, end);
      const vpcs = Object.values(paths).flatMap(({ gateway }) => instances[gateway]?.vpcId ?? []);
      // A service canary may stand in another VPC: where its users are.
      const vpcId = pin === 'follows' ? null : (vpcs[0] ?? null);
      return { about: id, subnetId, zone: availabilityZone, isCanary: true, vpcId };
    });
  });
  return [...gateways, ...canaries];
}

function troubleOf({ about, subnetId, zone, vpcId, isCanary }: Place, seen: Subnet | undefined): readonly Diagnosis[] {
  const wrong = (found: string, why: string): Diagnosis =>
    fail({ about, found, why, mend: `write what is there: aws ec2 describe-subnets --subnet-ids ${subnetId}` });
  if (seen === undefined) return [wrong(`there is no ${subnetId} in this region`, 'the deploy fails at it')];
  const troubles: Diagnosis[] = [];
  if (seen.AvailabilityZone !== zone)
    troubles.push(
      wrong(
        `${subnetId} is in ${seen.AvailabilityZone}, not in ${zone}`,
        'what falls with a zone is judged by the declared one: a zone that fails takes more than is expected',
      ),
    );
  if (vpcId !== null && seen.VpcId !== vpcId)
    troubles.push(
      wrong(`${subnetId} is in ${seen.VpcId}, not in ${vpcId}`, 'no route of its table leads to the gateway'),
    );
  const free = seen.AvailableIpAddressCount;
  if (isCanary && free !== undefined && free < freeAddressesMin)
    troubles.push(
      warn({
        about,
        found: `${subnetId} has ${counted(free, 'free address', 'free addresses')}`,
        why: 'Lambda takes one for the canary, and another while it moves it: without one the canary is silent',
        mend: `free some, or give the canary another subnet: aws ec2 describe-subnets --subnet-ids ${subnetId}`,
      }),
    );
  return troubles;
}
