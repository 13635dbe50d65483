/** An instance that checks source and destination drops whatever is not addressed to itself: all of its traffic. */
import type { AccountCheck } from '../check';
import { counted, fail, orWell, unknown } from '../diagnosis';

export const forwarding: AccountCheck = {
  name: 'source-dest-check',
  title: 'gateways may forward packets',
  needs: 'configuration',
  async look(patient) {
    const looks = await patient.gateways();
    const troubles = looks.flatMap(({ gateway, identity, facts }) => {
      if (facts === null)
        return [unknown(gateway.name, `EC2 does not list ${identity.instanceId}`, 'mend its ids first')];
      if (!facts.sourceDestCheck) return [];
      return [
        fail({
          about: gateway.name,
          found: `${identity.routeInterfaceId} checks source and destination`,
          why: 'EC2 drops every packet that it should forward, and no canary over it is answered',
          mend: `aws ec2 modify-network-interface-attribute --network-interface-id ${identity.routeInterfaceId} --no-source-dest-check`,
        }),
      ];
    });
    return orWell(troubles, `${counted(looks.length, 'interface')} without source/destination check`);
  },
};
