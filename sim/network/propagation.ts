/**
 * What virtual private gateways propagate into the route tables of their VPC: the routes of the VPN connections that end
 * on them. Whether AWS withdraws those of static connections when both tunnels are DOWN is drawn per seed: the
 * documentation says that routes are removed, and nobody here has seen it.
 */
import type { VirtualClock } from '../../local-cloud/clock';
import { draw, type Random } from '../../local-cloud/random';
import type { Durations } from './durations';
import type { ManagedVpn, ManagedVpns } from './managed-vpn';
import type { RouteTables } from './route-tables';

interface PropagatedRoute {
  readonly table: string;
  readonly destination: string;
  readonly vpnGatewayId: string;
  /** Somebody has ended the propagation into this table. */
  isOff: boolean;
  isThere: boolean;
  /** What it is, or will soon be. */
  wanted: boolean;
  /** A change that is no longer wanted compares unequal. */
  attempt: number;
}

export class Propagation {
  private readonly routes: PropagatedRoute[] = [];
  withdraws: boolean;

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly durations: Durations,
    private readonly vpns: ManagedVpns,
    private readonly tables: RouteTables,
  ) {
    this.withdraws = random.chance(0.5);
  }

  add(table: string, destination: string, vpnGatewayId: string): void {
    if (this.routes.some((each) => each.table === table && each.destination === destination)) return;
    this.routes.push({ table, destination, vpnGatewayId, isOff: false, isThere: true, wanted: true, attempt: 0 });
    this.tables.propagate(table, destination, { kind: 'gateway', id: vpnGatewayId });
  }

  /** Into one table, by a person. */
  turn(table: string, on: boolean): void {
    for (const route of this.routes) if (route.table === table) route.isOff = !on;
    this.reconsider();
  }

  /** Tunnels went or came. */
  reconsider(): void {
    for (const route of this.routes) {
      const carried = this.vpns.all.some((vpn) => this.carries(vpn, route));
      const wanted = !route.isOff && (carried || !this.withdraws);
      if (wanted === route.wanted) continue;
      route.wanted = wanted;
      const attempt = ++route.attempt;
      if (wanted === route.isThere) continue;
      this.clock.after(draw(this.durations.propagation, this.random), `propagation into ${route.table}`, () => {
        if (attempt === route.attempt) this.put(route, wanted);
      });
    }
  }

  private carries(vpn: ManagedVpn, { vpnGatewayId }: PropagatedRoute): boolean {
    return vpn.endsOn.id === vpnGatewayId && vpn.state === 'available' && this.vpns.isUp(vpn);
  }

  private put(route: PropagatedRoute, isThere: boolean): void {
    route.isThere = isThere;
    const { table, destination, vpnGatewayId: id } = route;
    this.tables.propagate(table, destination, isThere ? { kind: 'gateway', id } : null);
  }
}
