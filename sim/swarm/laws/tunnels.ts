/**
 * Laws about the two tunnels of a Site-to-Site connection: never both under replacement by us, and never the one that
 * carries answered traffic, but in a rehearsal. Judged as the call lands, by the world's own truth.
 *
 * Which tunnel carries is looked at every five seconds, before a replacement moves it: AWS leaves a tunnel at once when
 * it goes DOWN.
 */
import { laws } from '../../../core/decide/invariants';
import type { Memory, RungRun } from '../../../core/store/memory';
import { minuteMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import { lease, text } from '../items';
import type { Law, Scene } from '../law';

interface Replacement {
  readonly VpnConnectionId: string;
  readonly VpnTunnelOutsideIpAddress: string;
}

/** A canary's word is this old at most when a rung starts on it. */
const lookBackMs = minuteMs;

export class TunnelLaws implements Law {
  /** Outside addresses that we have replaced, ever. */
  private readonly byUs = new Set<string>();
  /** By connection: the tunnel that AWS sent through when it was looked at last. */
  private readonly carried = new Map<string, string>();

  constructor(private readonly scene: Scene) {}

  onTick(): void {
    for (const { id, egress } of this.scene.cloud.world.vpns.all) this.carried.set(id, egress.outsideAddress);
  }

  onLanded({ by, operation, input }: CallRecord): void {
    if (by !== 'automation' || operation !== 'ReplaceVpnTunnel') return;
    const { VpnConnectionId: id, VpnTunnelOutsideIpAddress: tunnel } = input as unknown as Replacement;
    const vpn = this.scene.cloud.world.vpns.all.find((one) => one.id === id)!;
    const other = vpn.tunnels.find(({ outsideAddress }) => outsideAddress !== tunnel)!;
    this.byUs.add(tunnel);
    this.scene.judged(laws.oneTunnel);
    if (other.provisioning === 'pending' && this.byUs.has(other.outsideAddress))
      this.scene.broken(laws.oneTunnel, `${tunnel} is replaced while ${other.outsideAddress} still is`);
    if (this.runOf(tunnel)?.purpose !== 'rehearsal') this.leaves(vpn.gateway, tunnel, this.carried.get(id) === tunnel);
  }

  /** Users who were answered over this gateway until now lose what they were answered by, where it carried. */
  private leaves(gateway: string, tunnel: string, carried: boolean): void {
    const { deployment, truth, cloud } = this.scene;
    for (const { name, routeSets, paths } of Object.values(deployment.connections)) {
      for (const set of Object.keys(routeSets)) {
        const used = cloud.world.pathOf(name, set);
        if (used === null || paths[used]!.gateway !== gateway) continue;
        this.scene.judged(laws.lastTunnel);
        if (carried && truth.workedUntilNow(name, used, lookBackMs))
          this.scene.broken(laws.lastTunnel, `${tunnel} of ${gateway} is replaced under users of ${name}/${set}`);
      }
    }
  }

  private runOf(tunnel: string): RungRun | undefined {
    const memories = Object.keys(this.scene.deployment.connections).map((name) =>
      text(this.scene.items.at(...lease(name)), 'memory'),
    );
    const rungs = memories.flatMap((memory) => (memory === undefined ? [] : (JSON.parse(memory) as Memory).rungs));
    return rungs.find((run) => run.tunnel === tunnel && run.endedAt === null);
  }
}
