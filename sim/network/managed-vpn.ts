/**
 * AWS's own Site-to-Site VPN connections: two tunnels each, and which of them AWS sends through.
 *
 *   UP    -- nobody answers on the line -->  DOWN after the dead-peer time
 *   UP    -- taken down, endpoint replaced, connection deleted -->  DOWN at once
 *   DOWN  -- the partner is heard and somebody starts IKE -->  UP
 *
 * The tunnel that AWS sends through is drawn in the beginning and stays, until it is DOWN; the partner returns over the
 * same one, or always over the first that is UP. A tunnel that passes one way stays UP. After a replacement somebody
 * must start IKE: AWS, where it is set up so, or a partner who does by itself; else the tunnel stays DOWN.
 *
 * Telemetry tells a change later than it happens, and the later of two changes last.
 */
import type { GatewayName, VpnConnectionGateway } from '../../core/words/domain';
import { hourMs, type Instant } from '../../core/words/time';
import type { VirtualClock } from '../../local-cloud/clock';
import { draw, type Random } from '../../local-cloud/random';
import type { ShownConnection, ShownTunnel } from '../../local-cloud/site-to-site';
import type { Durations } from './durations';
import { NetworkManager } from './network-events';
import { TunnelMeter } from './tunnel-meter';

export interface ManagedTunnel {
  readonly outsideAddress: string;
  ike: 'up' | 'down';
  provisioning: 'available' | 'pending';
  /** Data leaves, nothing comes back; IKE stays up. */
  oneWay: boolean;
  /** Why nobody starts IKE: a person has taken it down, or its endpoint is new and nobody does so by itself. */
  heldBy: 'nobody' | 'hand' | 'new endpoint';
  maintenanceBy: Instant | null;
  maintainedAt: Instant | null;
  /** States of the tunnel that telemetry has shown or will show, each with its time: it lags by minutes. */
  readonly told: Told[];
  /** A timer that is no longer wanted compares unequal. */
  attempt: number;
  /** What happens to the tunnel when its running timer ends. */
  awaits: 'nothing' | 'dead-peer time' | 'IKE';
}

interface Told {
  readonly at: Instant;
  readonly status: 'UP' | 'DOWN';
  readonly visibleAt: Instant;
}

export interface ManagedVpn {
  readonly gateway: GatewayName;
  readonly id: string;
  readonly endsOn: { readonly kind: 'transit-gateway' | 'vpn-gateway'; readonly id: string };
  /** Null: it ends on no transit gateway. */
  readonly attachmentId: string | null;
  readonly startupAction: 'add' | 'start';
  /** The partner's device starts IKE by itself towards a new endpoint. */
  readonly peerInitiates: boolean;
  readonly returns: 'same' | 'first';
  readonly tunnels: readonly ManagedTunnel[];
  state: ShownConnection['state'];
  egress: ManagedTunnel;
  /** Telemetry tells nothing new since then; null: it does. */
  stuckAt: Instant | null;
}

/** Over which tunnel packets leave, and over which their answers come. */
export interface TunnelPair {
  readonly out: ManagedTunnel;
  readonly back: ManagedTunnel;
}

export interface ManagedVpnOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly networkManager: Random;
  readonly durations: Durations;
  /** Does anything answer on this gateway's lines? */
  isHeard(gateway: GatewayName): boolean;
  /** Traffic may feel it. */
  onChange(what: string): void;
}

/** In every pre-shared key: a law looks for it wherever something is written down. */
export const canaryKey = 'canaryKeyThatNobodyMayEverSee';

const longAgoMs = 90 * 24 * hourMs;
/** AWS's default: the first probe after 10 s without traffic, and 30 s until it gives up. */
const deadPeerMs = { from: 30_000, to: 40_000 };

export class ManagedVpns {
  readonly all: ManagedVpn[] = [];
  readonly meter: TunnelMeter;
  readonly networkManager: NetworkManager;
  /** Real daemons say what is UP: nothing here is timed. */
  private isTold = false;

  constructor(private readonly options: ManagedVpnOptions) {
    const { clock, random } = options;
    this.meter = new TunnelMeter(clock, random, this);
    this.networkManager = new NetworkManager(clock, options.networkManager);
  }

  /** One that stands since long, both tunnels UP; one that is there already stays as it is. */
  add(gateway: VpnConnectionGateway): void {
    const { name, vpnConnectionId: id, endsOn, initiatedBy, peerInitiates } = gateway;
    if (this.all.some((each) => each.id === id)) return;
    const { clock, random } = this.options;
    const longAgo = clock.now() - longAgoMs;
    const tunnels = gateway.tunnels.map(
      (outsideAddress): ManagedTunnel => ({
        ...{ outsideAddress, ike: 'up', provisioning: 'available', oneWay: false, heldBy: 'nobody' },
        ...{ maintenanceBy: null, maintainedAt: null, attempt: 0, awaits: 'nothing' },
        told: [{ at: longAgo, status: 'UP', visibleAt: longAgo }],
      }),
    );
    this.all.push({
      ...{
        gateway: name,
        id,
        endsOn: { kind: endsOn.kind, id: endsOn.id },
        tunnels,
        state: 'available',
        stuckAt: null,
      },
      attachmentId: endsOn.kind === 'transit-gateway' ? endsOn.attachmentId : null,
      startupAction: initiatedBy === 'aws' ? 'start' : 'add',
      peerInitiates,
      returns: random.chance(0.5) ? 'same' : 'first',
      egress: random.pick(tunnels),
    });
    this.meter.start();
  }

  of(gateway: GatewayName): ManagedVpn | undefined {
    return this.all.find((each) => each.gateway === gateway);
  }

  named(gateway: GatewayName): ManagedVpn {
    const found = this.of(gateway);
    if (found === undefined) throw new Error(`The simulated world has no VPN connection ${gateway}`);
    return found;
  }

  /** By address, by its number, or by what it does now. */
  tunnelOf(gateway: GatewayName, tunnel: string): ManagedTunnel {
    const { tunnels, egress } = this.named(gateway);
    const found = tunnels.find((each, i) =>
      [each.outsideAddress, String(i + 1), each === egress ? 'used' : 'other'].includes(tunnel),
    );
    if (found === undefined)
      throw new Error(`Gateway ${gateway} has no tunnel ${tunnel}; say its address, 1 or 2, used or other`);
    return found;
  }

  isUp = (vpn: ManagedVpn): boolean => vpn.tunnels.some(({ ike }) => ike === 'up');

  /** Null: no tunnel is UP, so AWS drops what is sent there. */
  pairOf(vpn: ManagedVpn): TunnelPair | null {
    if (vpn.egress.ike !== 'up') return null;
    const first = vpn.tunnels.find(({ ike }) => ike === 'up')!;
    return { out: vpn.egress, back: vpn.returns === 'same' ? vpn.egress : first };
  }

  /** What `DescribeVpnConnections` and its kin tell now. */
  shown(): ShownConnection[] {
    return this.all.map((vpn) => ({
      id: vpn.id,
      state: vpn.state,
      endsOn: vpn.endsOn,
      customerGatewayId: vpn.id.replace(/^vpn-/, 'cgw-'),
      tunnels: vpn.tunnels.map((tunnel, i) => this.shownTunnel(vpn, tunnel, i)),
    }));
  }

  private shownTunnel(vpn: ManagedVpn, tunnel: ManagedTunnel, i: number): ShownTunnel {
    const seenAt = Math.min(this.options.clock.now(), vpn.stuckAt ?? Number.POSITIVE_INFINITY);
    const { at, status } = tunnel.told.filter(({ visibleAt }) => visibleAt <= seenAt).at(-1)!;
    const { outsideAddress, provisioning, maintenanceBy, maintainedAt } = tunnel;
    return {
      ...{ outsideAddress, provisioning, maintenanceBy, maintainedAt, status, changedAt: at },
      message: status === 'UP' ? '' : 'IPSEC IS DOWN',
      startupAction: vpn.startupAction,
      insideCidr: `169.254.${10 + this.all.indexOf(vpn)}.${4 * i}/30`,
      preSharedKey: `${canaryKey}.${outsideAddress.replaceAll('.', '_')}`,
    };
  }

  // What happens to them.

  takeDown(gateway: GatewayName, tunnel: string): void {
    const vpn = this.named(gateway);
    const one = this.tunnelOf(gateway, tunnel);
    one.heldBy = 'hand';
    this.drop(vpn, one, `tunnel ${one.outsideAddress} of ${gateway} is taken down`);
  }

  bringUp(gateway: GatewayName, tunnel: string): void {
    this.tunnelOf(gateway, tunnel).heldBy = 'nobody';
    this.reconsider();
  }

  oneWay(gateway: GatewayName, tunnel: string, on: boolean): void {
    const one = this.tunnelOf(gateway, tunnel);
    one.oneWay = on;
    this.options.onChange(
      `tunnel ${one.outsideAddress} of ${gateway} passes data ${on ? 'one way only' : 'both ways'}`,
    );
  }

  /** The partner's device has started anew: it starts IKE towards whatever is new. */
  peerStarted(gateway: GatewayName): void {
    for (const tunnel of this.named(gateway).tunnels) if (tunnel.heldBy === 'new endpoint') tunnel.heldBy = 'nobody';
    this.reconsider();
  }

  /** False: it is being replaced already. */
  replace(vpn: ManagedVpn, tunnel: ManagedTunnel, by: string): boolean {
    if (tunnel.provisioning === 'pending') return false;
    const { clock, durations, random } = this.options;
    tunnel.provisioning = 'pending';
    tunnel.heldBy = vpn.startupAction === 'start' || vpn.peerInitiates ? 'nobody' : 'new endpoint';
    this.drop(vpn, tunnel, `${by} replaces the endpoint of tunnel ${tunnel.outsideAddress} of ${vpn.gateway}`);
    clock.after(draw(durations.endpointReplacement, random), `new endpoint of ${tunnel.outsideAddress}`, () => {
      Object.assign(tunnel, { provisioning: 'available', maintenanceBy: null, maintainedAt: clock.now() });
      this.reconsider();
    });
    return true;
  }

  /** Announced now, and applied by AWS itself then, unless somebody has replaced the tunnel before. */
  announceMaintenance(gateway: GatewayName, tunnel: string, by: Instant): void {
    const vpn = this.named(gateway);
    const one = this.tunnelOf(gateway, tunnel);
    one.maintenanceBy = by;
    this.options.clock.at(by, `maintenance of ${one.outsideAddress}`, () => {
      if (one.maintenanceBy === by) this.replace(vpn, one, 'AWS');
    });
  }

  /** For good, and its attachment with it. */
  delete(gateway: GatewayName): void {
    const vpn = this.named(gateway);
    vpn.state = 'deleted';
    for (const tunnel of vpn.tunnels) this.drop(vpn, tunnel, `VPN connection ${vpn.id} is deleted`);
  }

  telemetryStuck(gateway: GatewayName, on: boolean): void {
    this.named(gateway).stuckAt = on ? this.options.clock.now() : null;
  }

  /** What a real daemon says of its tunnel (lab/). From the first such word on no tunnel goes or comes by itself. */
  heard(gateway: GatewayName, tunnel: string, ike: ManagedTunnel['ike']): void {
    this.isTold = true;
    const vpn = this.named(gateway);
    const one = this.tunnelOf(gateway, tunnel);
    if (one.ike === ike) return;
    if (ike === 'down') this.drop(vpn, one, `tunnel ${one.outsideAddress} of ${gateway} is DOWN`);
    else if (this.mayRise(vpn, one)) this.raise(vpn, one);
  }

  /** Nobody holds it down; whether the partner is heard is another question. */
  mayRise = ({ state }: ManagedVpn, { heldBy, provisioning }: ManagedTunnel): boolean =>
    state === 'available' && heldBy === 'nobody' && provisioning === 'available';

  /** The line or a tunnel changed: what nobody answers goes down, what can come up starts to. */
  reconsider(): void {
    if (this.isTold) return;
    for (const vpn of this.all) {
      const heard = vpn.state === 'available' && this.options.isHeard(vpn.gateway);
      for (const tunnel of vpn.tunnels) {
        if (tunnel.ike === 'up') this.await(vpn, tunnel, heard ? 'nothing' : 'dead-peer time');
        else this.await(vpn, tunnel, heard && this.mayRise(vpn, tunnel) ? 'IKE' : 'nothing');
      }
    }
  }

  private await(vpn: ManagedVpn, tunnel: ManagedTunnel, what: ManagedTunnel['awaits']): void {
    if (tunnel.awaits === what) return;
    tunnel.awaits = what;
    const attempt = ++tunnel.attempt;
    if (what === 'nothing') return;
    const { clock, durations, random } = this.options;
    const { outsideAddress } = tunnel;
    const lasts = what === 'IKE' ? draw(durations.tunnelInitiate, random) : random.int(deadPeerMs.from, deadPeerMs.to);
    clock.after(lasts, `${what} of ${outsideAddress}`, () => {
      if (tunnel.attempt !== attempt) return;
      if (what === 'IKE') this.raise(vpn, tunnel);
      else this.drop(vpn, tunnel, `tunnel ${outsideAddress} of ${vpn.gateway} is DOWN: its peer is dead to it`);
    });
  }

  private raise(vpn: ManagedVpn, tunnel: ManagedTunnel): void {
    this.set(vpn, tunnel, 'up');
    if (vpn.egress.ike !== 'up') vpn.egress = tunnel;
    this.options.onChange(`tunnel ${tunnel.outsideAddress} of ${vpn.gateway} is UP`);
  }

  private drop(vpn: ManagedVpn, tunnel: ManagedTunnel, what: string): void {
    if (tunnel.ike === 'up') {
      this.set(vpn, tunnel, 'down');
      vpn.egress = vpn.tunnels.find(({ ike }) => ike === 'up') ?? vpn.egress;
    }
    this.options.onChange(what);
    this.reconsider();
  }

  private set(vpn: ManagedVpn, tunnel: ManagedTunnel, ike: ManagedTunnel['ike']): void {
    const { clock, durations, random } = this.options;
    Object.assign(tunnel, { ike, awaits: 'nothing', attempt: tunnel.attempt + 1 });
    const at = clock.now();
    const status = ike === 'up' ? 'UP' : 'DOWN';
    const visibleAt = Math.max(at + draw(durations.tunnelTelemetry, random), tunnel.told.at(-1)!.visibleAt);
    tunnel.told.push({ at, status, visibleAt });
    this.networkManager.tunnelChanged(vpn, tunnel.outsideAddress, ike);
  }
}
