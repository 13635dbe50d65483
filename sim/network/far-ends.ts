/**
 * Site-to-Site connections of AWS on which an instance's tunnels end, in a region of their own: what AWS tells of them
 * there. A tunnel that the instance holds is UP at its far end, as long as the partner's end is there.
 */
import { viewsOf } from '../../core/words/gateways';
import type { ShownConnection } from '../../local-cloud/site-to-site';
import type { PhysicalWorld } from '../world';
import { canaryKey } from './managed-vpn';

/** Telemetry changes when it is looked at: nobody sees it in between. */
export class FarEnds {
  private readonly told = new Map<string, { readonly status: 'UP' | 'DOWN'; readonly changedAt: number }>();

  constructor(private readonly world: PhysicalWorld) {}

  shown(): ShownConnection[] {
    const { deployment, vpns } = this.world;
    return Object.entries(viewsOf(deployment))
      .filter(([gateway]) => vpns.of(gateway) === undefined)
      .map(([gateway, { vpnConnectionId, region, tunnels }]) => ({
        id: vpnConnectionId,
        region,
        state: 'available',
        endsOn: { kind: 'vpn-gateway', id: vpnConnectionId.replace(/^vpn-/, 'vgw-') },
        customerGatewayId: vpnConnectionId.replace(/^vpn-/, 'cgw-'),
        tunnels: tunnels.map((outsideAddress, i) => ({
          ...{ outsideAddress, provisioning: 'available', startupAction: 'add' },
          ...{ maintenanceBy: null, maintainedAt: null, insideCidr: `169.254.200.${4 * i}/30` },
          ...this.statusOf(gateway, outsideAddress, i),
          preSharedKey: `${canaryKey}.${outsideAddress.replaceAll('.', '_')}`,
        })),
      }));
  }

  private statusOf(gateway: string, address: string, i: number) {
    const { clock, tunnels } = this.world;
    const own = tunnels.all.filter((tunnel) => tunnel.gateway === gateway)[i];
    const isUp = own !== undefined && own.host !== null && own.peerUp && !own.endGone;
    const status: 'UP' | 'DOWN' = isUp ? 'UP' : 'DOWN';
    const before = this.told.get(address);
    const known = before?.status === status ? before : { status, changedAt: clock.now() };
    this.told.set(address, known);
    return { ...known, message: isUp ? '' : 'IPSEC IS DOWN' } as const;
  }
}
