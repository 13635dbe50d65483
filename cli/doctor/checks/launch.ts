/**
 * Would a replacement launch? The version must be there, and EC2 must take the very request that the runbook makes: as a
 * dry run it launches nothing. It is made with your own credentials, so a refusal says nothing of the repair role.
 */
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { attempt } from '../../../adapters/attempt';
import { AccessDenied, isNamed, MalformedInput } from '../../../adapters/errors';
import type { InstanceGateway } from '../../../core/words/domain';
import { instancesOf, isKnownByNameOnly } from '../../../core/words/gateways';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, unknown } from '../diagnosis';
import type { Patient } from '../patient';

type Replaceable = InstanceGateway & { readonly launchTemplate: NonNullable<InstanceGateway['launchTemplate']> };

export const launch: AccountCheck = {
  name: 'launch-template',
  title: 'a replacement would launch',
  needs: 'configuration',
  async look(patient) {
    const all = Object.values(instancesOf(patient.deployment)).filter(
      (gateway): gateway is Replaceable => gateway.launchTemplate !== undefined,
    );
    const troubles = await Promise.all(all.map((gateway) => troublesOf(patient, gateway)));
    const found = all.length === 0 ? 'no gateway may be replaced' : `${counted(all.length, 'replacement')} tried dry`;
    return orWell(troubles.flat(), found);
  },
};

async function troublesOf(patient: Patient, gateway: Replaceable): Promise<readonly Diagnosis[]> {
  const { name, launchTemplate, subnetId } = gateway;
  const { id, version } = launchTemplate;
  const seen = await patient.account.launchTemplate(id, version);
  const lost = (found: string): Diagnosis =>
    fail({
      about: name,
      found,
      why: 'the last rung of repair fails, in the incident in which it is needed',
      mend: `aws ec2 describe-launch-template-versions --launch-template-id ${id}`,
    });
  if (seen === null) return [lost(`there is no version ${version} of ${id}`)];
  const places = (seen.LaunchTemplateData?.NetworkInterfaces ?? []).flatMap((one) => one.SubnetId ?? []);
  if (places.length === 1 && places[0] !== subnetId)
    return [lost(`version ${version} of ${id} launches into ${places[0]}, not into ${subnetId}`)];
  if (places.length !== 1)
    return [lost(`version ${version} of ${id} names ${counted(places.length, 'subnet')}, not one`)];
  const isPublic = seen.LaunchTemplateData?.NetworkInterfaces?.[0]?.AssociatePublicIpAddress === true;
  // Peers find the new machine by its name, which would have nothing to say.
  if (isKnownByNameOnly(gateway) && !isPublic)
    return [lost(`version ${version} of ${id} asks for no public address, and ${gateway.record!.name} is to say it`)];
  return dryRun(patient, name, launchTemplate);
}

async function dryRun(
  { world }: Patient,
  gateway: string,
  { id, version }: Replaceable['launchTemplate'],
): Promise<readonly Diagnosis[]> {
  const Tags = [{ Key: 'switchback:gateway', Value: gateway }];
  const command = new RunInstancesCommand({
    DryRun: true,
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateId: id, Version: version },
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'network-interface', Tags },
    ],
  });
  const tried = { operation: 'RunInstances (dry run)', on: `${id} version ${version}` };
  try {
    await attempt(world, tried, () => world.aws.ec2.send(command).catch(asWell));
    return [];
  } catch (error) {
    if (error instanceof AccessDenied)
      return [
        { ...unknown(gateway, error.message, 'allow ec2:RunInstances to who asks, for a dry run'), missed: 'denied' },
      ];
    if (!(error instanceof MalformedInput)) throw error;
    return [
      fail({
        about: gateway,
        found: error.message,
        why: 'the last rung of repair fails, in the incident in which it is needed',
        mend: `make a version that launches, and declare it: aws ec2 describe-launch-template-versions --launch-template-id ${id}`,
      }),
    ];
  }
}

/** What a dry run that would have worked is answered with. */
function asWell(error: unknown): void {
  if (!isNamed(error, 'DryRunOperation')) throw error;
}
