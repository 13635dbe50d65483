/**
 * The order that draws answers to the tunnel of the path that users have gone to: it is keyed anew, since a partner that holds
 * both tunnels in one box answers over the one that was keyed last. It mends nothing and takes no tunnel down.
 */
import type { PathName } from '../words/domain';
import type { Rung } from '../words/rungs';
import { identityOf } from './identity';
import type { Facts, RungSpec, RungStart } from './kind';

export const attractOrders = {
  attract: {
    besideTraffic: true,
    mendsNamedFault: false,
    stopsMachine: false,
    replaces: false,
    isOrder: true,
    fits: () => false, // It is on no ladder.
    settledAt: (facts, { endedAt }) => endedAt ?? facts.now,
    parameters,
    why: () => '',
  },
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
