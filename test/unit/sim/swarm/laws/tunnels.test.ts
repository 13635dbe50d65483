/** Laws about the two tunnels of a Site-to-Site connection. */
import { laws } from '../../../../../core/decide/invariants';
import type { RungRun } from '../../../../../core/store/memory';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import { TunnelLaws } from '../../../../../sim/swarm/laws/tunnels';
import { rung } from '../../../../given';
import { one, singleOver, two } from '../../../../given-vpn';
import { FabricatedScene } from './scene';

interface Given {
  readonly replaces: readonly string[];
  readonly by?: string;
  /** The other one's endpoint is ready again before the next call. */
  readonly isReady?: boolean;
  readonly carried?: string;
  readonly purpose?: RungRun['purpose'];
  readonly isAnswered?: boolean;
  readonly isUsed?: boolean;
}

function brokenBy(given: Given): string[] {
  const {
    replaces,
    by = 'automation',
    isReady = false,
    carried = two,
    purpose,
    isAnswered = true,
    isUsed = true,
  } = given;
  const tunnels = [one, two].map((outsideAddress) => ({ outsideAddress, provisioning: 'available' }));
  const vpn = { id: 'vpn-0gw-a', gateway: 'gw-a', tunnels, egress: { outsideAddress: carried } };
  const run = rung({ rung: 'replace-tunnel', tunnel: replaces[0]!, ...(purpose && { purpose }) });
  const world = new FabricatedScene({
    deployment: singleOver(),
    items: { 'connection#paris lease': { memory: JSON.stringify({ rungs: [run] }) } },
    world: { vpns: { all: [vpn] }, pathOf: () => (isUsed ? 'a' : null) },
    truth: { workedUntilNow: () => isAnswered },
  });
  const law = new TunnelLaws(world.scene);
  law.onTick();
  for (const tunnel of replaces) {
    for (const each of tunnels) if (isReady) each.provisioning = 'available';
    tunnels.find(({ outsideAddress }) => outsideAddress === tunnel)!.provisioning = 'pending';
    vpn.egress.outsideAddress = tunnel === one ? two : one;
    const input = { VpnConnectionId: vpn.id, VpnTunnelOutsideIpAddress: tunnel };
    law.onLanded({ by, operation: 'ReplaceVpnTunnel', input } as unknown as CallRecord);
  }
  return world.broke;
}

it.each<readonly [string, Given, readonly string[]]>([
  ['of a tunnel that is not in use', { replaces: [one] }, []],
  ['of the one that answers users', { replaces: [two] }, [laws.lastTunnel]],
  ['of it in a rehearsal', { replaces: [two], purpose: 'rehearsal' }, []],
  ['of it for maintenance', { replaces: [two], purpose: 'maintenance' }, [laws.lastTunnel]],
  ['of it when nobody was answered', { replaces: [two], isAnswered: false }, []],
  ['of it when no users are on its path', { replaces: [two], isUsed: false }, []],
  ['of it by somebody else', { replaces: [two], by: 'ana' }, []],
  ['of both at once', { replaces: [one, two], isAnswered: false }, [laws.oneTunnel]],
  ['of one after the other', { replaces: [one, two], isAnswered: false, isReady: true }, []],
])('a replacement %s', (_, given, expected) => {
  expect(brokenBy(given)).toEqual(expected);
});
