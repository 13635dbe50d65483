/** Are the gateways who the configuration says: the instance, its interface, its subnet, the address the peer knows? */
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell } from '../diagnosis';
import type { GatewayLook } from '../patient';

export const gateways: AccountCheck = {
  name: 'gateways',
  title: 'gateways are who they are declared to be',
  needs: 'configuration',
  async look(patient) {
    const looks = await patient.gateways();
    return orWell(looks.flatMap(troubleOf), `${counted(looks.length, 'instance')} as declared, and running`);
  },
};

function troubleOf({ gateway, identity, facts }: GatewayLook): readonly Diagnosis[] {
  const about = gateway.name;
  if (facts === null)
    return [
      fail({
        about,
        found: `EC2 does not list ${identity.instanceId} with ${identity.routeInterfaceId}`,
        why: 'nothing is known of this gateway, so no path over it is ever diverted to by what EC2 says',
        mend: `write the ids that are there: aws ec2 describe-instances --filters Name=vpc-id,Values=${gateway.vpcId}`,
      }),
    ];
  if (facts.identityFault !== '')
    return [
      fail({
        about,
        found: facts.identityFault,
        why: 'its own side counts as failed: users are moved away from it, and never back',
        mend: `declare what is there, or put it right: aws ec2 describe-network-interfaces --network-interface-ids ${identity.routeInterfaceId}`,
      }),
    ];
  if (facts.state !== 'running')
    return [
      fail({
        about,
        found: `${identity.instanceId} is ${facts.state}${facts.stopReason === '' ? '' : `: ${facts.stopReason}`}`,
        why: 'its paths carry nobody',
        mend: `aws ec2 start-instances --instance-ids ${identity.instanceId}`,
      }),
    ];
  const impaired = [facts.systemStatus, facts.instanceStatus].includes('impaired');
  if (!impaired) return [];
  return [
    fail({
      about,
      found: `the status checks of ${identity.instanceId} fail`,
      why: 'the machine or its host is sick',
      mend: `aws ec2 describe-instance-status --instance-ids ${identity.instanceId}`,
    }),
  ];
}
