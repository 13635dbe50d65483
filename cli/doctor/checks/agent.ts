/** The Systems Manager agent: by it the software on a gateway is reached, so without it repairs begin with a reboot. */
import type { AccountCheck } from '../check';
import { counted, orWell, unknown, warn } from '../diagnosis';
import { isDenied } from '../patient';

export const agent: AccountCheck = {
  name: 'agent',
  title: 'Systems Manager reaches the gateways',
  needs: 'configuration',
  async look(patient) {
    const unread = await patient.agentsUnread();
    if (unread !== null) {
      const reading = unknown('', unread.message, 'allow ssm:DescribeInstanceInformation');
      return [{ ...reading, missed: isDenied(unread) ? 'denied' : 'unanswered' }];
    }
    const reached = (await patient.gateways()).filter(
      ({ gateway, facts }) => gateway.control === 'ssm' && facts !== null,
    );
    const troubles = reached.flatMap(({ gateway, identity, facts }) =>
      facts!.agent === 'online'
        ? []
        : [
            warn({
              about: gateway.name,
              found:
                facts!.agent === 'lost'
                  ? `the agent of ${identity.instanceId} has lost its connection`
                  : `Systems Manager does not know ${identity.instanceId}`,
              why: 'restart-tunnel cannot run: the first repair there is would be a reboot, which takes minutes',
              mend: `see that its role has AmazonSSMManagedInstanceCore and that it reaches Systems Manager, or write control: none for ${gateway.name}`,
            }),
          ],
    );
    return orWell(troubles, `${counted(reached.length, 'agent')} online`);
  },
};
