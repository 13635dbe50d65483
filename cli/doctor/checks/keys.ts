/**
 * Are pre-shared keys where anybody may read them? In an instance's user data, which whoever may describe the instance
 * reads, and so may every process on it; or in what AWS answers about a VPN connection.
 */
import { viewsOf } from '../../../core/words/gateways';
import type { AccountCheck } from '../check';
import { type Diagnosis, orWell, warn } from '../diagnosis';
import type { Patient } from '../patient';

/** strongSwan (`secret = …` of an ike section, or ipsec.secrets), Libreswan, and what scripts call it. */
const keyLike =
  /(:\s*PSK\s+["'\w]|\bsecret\s*=\s*["'\w]|\bpre[-_ ]?shared[-_ ]?key\w*\s*[:=]\s*["'\w]|\bPSK\s*=\s*["'\w])/i;

export const keys: AccountCheck = {
  name: 'keys',
  title: 'pre-shared keys are not readable in plain',
  needs: 'account',
  async look(patient) {
    const troubles = [...(await inUserData(patient)), ...(await atAws(patient))];
    return orWell(troubles, 'no key in user data, none that AWS hands out');
  },
};

async function inUserData({ account, ...patient }: Patient): Promise<readonly Diagnosis[]> {
  const listed = (await patient.gateways()).filter(({ facts }) => facts !== null);
  const found = await Promise.all(
    listed.map(async ({ gateway, identity }) => {
      if (!(await account.userDataMatches(identity.instanceId, keyLike))) return [];
      return [
        warn({
          about: gateway.name,
          found: `the user data of ${identity.instanceId} holds what looks like a pre-shared key`,
          why: 'whoever may describe the instance, and every process on it, reads it',
          mend: 'keep it in Secrets Manager and fetch it at boot (examples/greenfield does), then give the tunnel another',
        }),
      ];
    }),
  );
  return found.flat();
}

async function atAws({ deployment, account }: Patient): Promise<readonly Diagnosis[]> {
  const ours = Object.values(viewsOf(deployment))
    .filter(({ region }) => region === deployment.region)
    .map(({ vpnConnectionId }) => vpnConnectionId);
  if (ours.length === 0) return [];
  return (await account.vpns())
    .filter(({ id, keysAreKept }) => ours.includes(id) && !keysAreKept)
    .map(({ id }) =>
      warn({
        about: id,
        found: 'its keys are in the answer to whoever may describe it',
        why: 'ec2:DescribeVpnConnections is in every read-only policy, ReadOnlyAccess among them',
        mend: `aws ec2 modify-vpn-connection-options --vpn-connection-id ${id} --pre-shared-key-storage SecretsManager (in a window: the tunnels are renewed)`,
      }),
    );
}
