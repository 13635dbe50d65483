/**
 * The order that draws answers to the tunnel of the path that users have gone to: it is keyed anew, since a partner that holds
 * both tunnels in one box answers over the one that was keyed last. It mends nothing and takes no tunnel down.
 */
import type { PathName } from '../words/domain';
import type { Rung } from '../words/rungs';
import { identityOf } from './identity';
import type { Facts, RungSpec, RungStart } from './kind';
import { orderSpec } from './order-spec';

export const attractOrders = {
  attract: { ...orderSpec, parameters },
} as const satisfies Partial<Record<Rung, RungSpec>>;

function parameters(facts: Facts, name: PathName, { clientToken }: RungStart): Record<string, readonly string[]> {
  const { deployment, connection, evidence } = facts;
  const { gateway, tunnels } = connection.paths[name]!;
  return {
    InstanceId: [identityOf(deployment, gateway, evidence).instanceId],
    Gateway: [gateway],
    Repair: [clientToken],
    Tunnel: [tunnels.join(',')],
  };
}
