/**
 * One tunnel of AWS's own VPN connection, both its ends: AWS's, which waits, and the partner's, which starts IKE.
 */
import { asAwsDoes, Daemon } from './daemon';
import type { Namespaces } from './namespaces';
import type { TunnelPlan } from './places';
import { siteNetwork, transit, vpcNetwork } from './plan';
import type { TunnelEnd } from './transit-plan';

export class VpnTunnel {
  /** AWS's end. */
  readonly near: Daemon;
  private readonly far: Daemon;
  private readonly plan: TunnelPlan;

  constructor(spaces: Namespaces, runFolder: string, end: TunnelEnd) {
    const { name, remote, outsideAddress } = end;
    const { ours, theirs } = transit(remote.mark);
    this.plan = remote.tunnels[0]!;
    const tunnel = this.plan.name;
    this.near = new Daemon(spaces, runFolder, {
      host: name,
      role: 'responder',
      tunnels: [{ name: tunnel, localId: outsideAddress, remoteId: remote.outside }],
      transitAddress: ours,
      sendsTo: [siteNetwork],
      deadPeer: asAwsDoes,
    });
    this.far = new Daemon(spaces, runFolder, {
      host: remote.name,
      role: 'initiator',
      tunnels: [{ name: tunnel, localId: remote.outside, remoteId: outsideAddress, remoteAddress: outsideAddress }],
      transitAddress: theirs,
      sendsTo: [vpcNetwork],
    });
  }

  get name(): string {
    return this.plan.name;
  }

  get gateway(): string {
    return this.plan.gateway;
  }

  get outsideAddress(): string {
    return this.plan.publicIp;
  }

  /** The end that waits first: an initiator that is refused gives up for good. */
  async start(): Promise<void> {
    await this.near.restart();
    await this.far.restart();
  }

  async stop(): Promise<void> {
    await Promise.all([this.near.kill(), this.far.kill()]);
  }
}
