/**
 * What AWS counts at its end of each tunnel and publishes: bytes out and in since the point before, and whether it is
 * UP, every five minutes, to be seen one to three minutes later.
 *
 * Bytes are no sign of life: AWS's own status checks count too, even on a tunnel that is DOWN.
 */
import { minuteMs } from '../../core/words/time';
import type { VirtualClock } from '../../local-cloud/clock';
import type { Random } from '../../local-cloud/random';
import type { ServiceMetric } from '../../local-cloud/site-to-site';

const periodMs = 5 * minuteMs;
const visibleAfterMs = { from: minuteMs, to: 3 * minuteMs };
/** At most, per period and direction. */
const ownChecksBytes = 2_000;
/** IP bytes of one TCP attempt: opened and closed again, or never answered (systems page of S1, measured). */
const answeredBytes = { out: 216, in: 155 };
const unansweredBytes = 60;

interface Metered {
  readonly outsideAddress: string;
  readonly ike: 'up' | 'down';
}

interface MeteredVpn {
  readonly id: string;
  readonly state: string;
  readonly tunnels: readonly Metered[];
}

/** Over which tunnel packets leave, and over which their answers come. */
interface Pair {
  readonly out: Metered;
  readonly back: Metered;
}

interface Count {
  out: number;
  in: number;
}

export class TunnelMeter {
  private readonly counts = new Map<Metered, Count>();
  private readonly listeners: ((metric: ServiceMetric) => void)[] = [];
  private runs = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly vpns: { readonly all: readonly MeteredVpn[] },
  ) {}

  onMetric(listener: (metric: ServiceMetric) => void): void {
    this.listeners.push(listener);
  }

  /** One attempt, with this much payload either way. */
  count({ out, back }: Pair, answered: boolean, payloadBytes: number): void {
    this.of(out).out += (answered ? answeredBytes.out : unansweredBytes) + payloadBytes;
    if (answered) this.of(back).in += answeredBytes.in + payloadBytes;
  }

  /** Points stand at whole five minutes. */
  start(): void {
    if (this.runs) return;
    this.runs = true;
    this.publishAt(this.clock.now() - (this.clock.now() % periodMs) + periodMs);
  }

  private publishAt(end: number): void {
    this.clock.at(end, 'VPN metrics', () => {
      for (const vpn of this.vpns.all) if (vpn.state === 'available') this.publish(vpn, end - periodMs);
      this.publishAt(end + periodMs);
    });
  }

  private publish(vpn: MeteredVpn, at: number): void {
    const visibleAt = at + periodMs + this.random.int(visibleAfterMs.from, visibleAfterMs.to);
    for (const tunnel of vpn.tunnels) {
      const { out, in: back } = this.of(tunnel);
      this.counts.delete(tunnel);
      const checks = (): number => this.random.int(0, ownChecksBytes);
      const values = {
        TunnelState: tunnel.ike === 'up' ? 1 : 0,
        TunnelDataOut: out + checks(),
        TunnelDataIn: back + checks(),
      };
      const TunnelIpAddress = tunnel.outsideAddress;
      // AWS publishes each of them for the connection, for the tunnel, and for the tunnel of the connection.
      const VpnId = vpn.id;
      const kinds: readonly ServiceMetric['dimensions'][] = [
        { VpnId },
        { TunnelIpAddress },
        { VpnId, TunnelIpAddress },
      ];
      for (const dimensions of kinds)
        for (const [name, value] of Object.entries(values))
          for (const each of this.listeners)
            each({ name: name as ServiceMetric['name'], dimensions, at, visibleAt, value });
    }
  }

  private of(tunnel: Metered): Count {
    const found = this.counts.get(tunnel) ?? { out: 0, in: 0 };
    this.counts.set(tunnel, found);
    return found;
  }
}
