/**
 * One VPN instance as a namespace: an interface in its VPC subnet, one outside, and strongSwan.
 *
 *     up    links up, daemon as told            off   links down at the far ends, daemon killed
 *     hung  every packet swallowed, the daemon alive: what a frozen machine looks like
 *
 * Links are taken down at the far ends, in the VPC's and the internet's bridges: the routes of either side stay, as they do
 * when a machine loses power. There is no default route, and none into the site but the tunnel's: no plain text leaks.
 */
import { isOver } from '../core/words/ends';
import { Daemon } from './daemon';
import { addressNetwork, farVpc } from './ends-plan';
import type { Namespaces } from './namespaces';
import type { GatewayPlan } from './places';
import { type LabPlan, outsideRouter, remoteNetwork, remoteOf, transit } from './plan';

export type LinkCondition = 'up' | 'hung' | 'off';

export interface LabPlace {
  readonly instanceId: string;
  readonly privateAddress: string;
  readonly plan: GatewayPlan;
  /** Counts all instances of the lab. */
  readonly number: number;
}

/** Its tunnels to the partner's gateways, or to those of our other end. */
function tunnelsOf(lab: LabPlan, name: string) {
  return Object.values(lab.connection.paths)
    .filter((path) => isOver(path, name))
    .map(({ name: path, gateway, far, tunnels: near }) => {
      const [tunnel] = gateway === name ? near : far!.tunnels;
      const other = gateway === name ? far?.gateway : gateway;
      const own = { name: tunnel ?? path, localId: name };
      if (other !== undefined) {
        const { publicIp } = lab.gateways.find((one) => one.gateway.name === other)!;
        return { ...own, remoteId: other, remoteAddress: publicIp };
      }
      const remote = remoteOf(lab, path);
      return { ...own, remoteId: remote.name, remoteAddress: remote.outside };
    });
}

export class LabGateway {
  readonly daemon: Daemon;
  condition: LinkCondition = 'off';
  private readonly name: string;
  private readonly outside: string;
  /** Both ends are ours. */
  private readonly isAcross: boolean;

  constructor(
    private readonly spaces: Namespaces,
    lab: LabPlan,
    runFolder: string,
    private readonly place: LabPlace,
  ) {
    this.name = `gateway${place.number}`;
    this.outside = `198.51.100.${10 + place.number}`;
    const { name } = place.plan.gateway;
    this.isAcross = lab.connection.ends !== undefined;
    const isFar = place.plan.vpc.space === farVpc.space;
    const tunnels = tunnelsOf(lab, name);
    const [path] = Object.values(lab.connection.paths).filter(({ gateway }) => gateway === name);
    const isRouted = lab.routing !== 'static' && path !== undefined;
    const transitAddress = isRouted ? transit(remoteOf(lab, path.name).mark).ours : undefined;
    const role = isFar ? 'responder' : 'initiator';
    this.daemon = new Daemon(spaces, runFolder, { host: this.name, tunnels, role, transitAddress });
  }

  get instanceId(): string {
    return this.place.instanceId;
  }

  get gatewayName(): string {
    return this.place.plan.gateway.name;
  }

  /** Where the other ends of its tunnels are. */
  private get peers(): string {
    return this.isAcross ? addressNetwork : remoteNetwork;
  }

  get namespace(): string {
    return this.name;
  }

  /** Cabled, and off. */
  async build(): Promise<void> {
    const { spaces, name, place } = this;
    const { bridge, router, vpc } = place.plan;
    await spaces.create([name]);
    await spaces.link(vpc.space, name, name, 'lan');
    await spaces.link('inet', name, name, 'wan');
    await spaces.ip(vpc.space, [`link set ${name} master ${bridge}`]);
    await spaces.ip('inet', [`link set ${name} master outside`]);
    await spaces.ip(name, [
      `addr add ${place.privateAddress}/24 dev lan`,
      `addr add ${this.outside}/24 dev wan`,
      'link set lan up',
      'link set wan up',
      `route add ${vpc.network} via ${router}`,
      `route add ${this.peers} via ${outsideRouter}`,
      `route add unreachable ${vpc.across} metric 9999`,
    ]);
  }

  async become(condition: LinkCondition): Promise<void> {
    const port = `link set ${this.name} ${condition === 'off' ? 'down' : 'up'}`;
    await Promise.all([
      this.spaces.ip(this.place.plan.vpc.space, [port]),
      this.spaces.ip('inet', [port]),
      this.swallow(condition),
    ]);
    if (condition === 'off') await this.daemon.kill();
    this.condition = condition;
  }

  private swallow(condition: LinkCondition): Promise<void> {
    const all = condition === 'hung' ? 'drop;' : '';
    return this.spaces.nft(
      this.name,
      `table inet machine {}
       flush table inet machine
       table inet machine {
         chain in { type filter hook prerouting priority raw; ${all} }
         chain out { type filter hook output priority raw; ${all} }
       }`,
    );
  }

  /** The Elastic IP is here: what leaves bears it, what is sent to it arrives. */
  async takeAddress(): Promise<void> {
    const { publicIp } = this.place.plan;
    await this.spaces.ip(this.name, [
      `addr replace ${publicIp}/32 dev wan`,
      `route replace ${this.peers} via ${outsideRouter} src ${publicIp}`,
    ]);
    await this.spaces.ip('inet', [`route replace ${publicIp}/32 via ${this.outside}`]);
  }

  async loseAddress(): Promise<void> {
    await this.spaces.ip(this.name, [
      `route replace ${this.peers} via ${outsideRouter} src ${this.outside}`,
      `addr del ${this.place.plan.publicIp}/32 dev wan`,
    ]);
  }
}
