/**
 * The mirror's part behind a transit gateway: through which end an attachment sends, and which tunnels' daemons run. And
 * what those daemons say of their tunnels, told back to the world: AWS's telemetry is then made of it.
 */
import type { ManagedTunnel, ManagedVpn } from '../sim/network/managed-vpn';
import type { PhysicalWorld } from '../sim/world';
import type { Namespaces } from './namespaces';
import { siteNetwork } from './plan';
import type { TransitPlan, VpnAttachment } from './transit-plan';
import { readTunnels, type TunnelReading } from './tunnel-readings';
import type { VpnTunnel } from './vpn-tunnel';

export class TransitMirror {
  /** All that was read, oldest first. */
  readonly readings: TunnelReading[] = [];
  private readonly egress = new Map<string, string>();
  private readonly stopped = new Set<VpnTunnel>();

  constructor(
    private readonly spaces: Namespaces,
    private readonly plan: TransitPlan,
    private readonly tunnels: readonly VpnTunnel[],
    private readonly world: PhysicalWorld,
  ) {}

  async reconcile(): Promise<void> {
    for (const attachment of this.plan.vpns) {
      const vpn = this.world.vpns.named(attachment.gateway.name);
      await this.reconcileEgress(attachment, vpn);
      for (const tunnel of vpn.tunnels) await this.reconcileTunnel(vpn, tunnel);
    }
  }

  /** What all daemons say now, for the record and for the world. */
  async read(): Promise<void> {
    const read = await readTunnels(this.tunnels);
    this.readings.push(...read);
    for (const { gateway, outsideAddress, isUp } of read)
      this.world.vpns.heard(gateway, outsideAddress, isUp ? 'up' : 'down');
  }

  private async reconcileEgress({ name, ends }: VpnAttachment, { egress }: ManagedVpn): Promise<void> {
    const end = ends.find(({ outsideAddress }) => outsideAddress === egress.outsideAddress)!;
    if (this.egress.get(name) === end.name) return;
    this.egress.set(name, end.name);
    await this.spaces.ip(name, [`route replace ${siteNetwork} via ${end.link.far}`]);
  }

  private async reconcileTunnel(vpn: ManagedVpn, tunnel: ManagedTunnel): Promise<void> {
    const daemons = this.tunnels.find(({ outsideAddress }) => outsideAddress === tunnel.outsideAddress)!;
    const runs = this.world.vpns.mayRise(vpn, tunnel);
    if (runs !== this.stopped.has(daemons)) return;
    if (runs) this.stopped.delete(daemons);
    else this.stopped.add(daemons);
    await (runs ? daemons.start() : daemons.stop());
  }
}
