/**
 * Transit gateways: what is attached to them and which of their route tables each attachment's packets meet. The tables
 * themselves are `RouteTables` like those of VPCs, with a time to take effect of their own.
 *
 *     subnet -- VPC's table --> tgw-… -- table that the VPC's attachment is associated with --> tgw-attach-… (a VPN)
 *
 * A VPC has one attachment, and an attachment one table: each table that canaries or users stand behind has a VPC of its
 * own here. What comes back from a VPN attachment always finds its VPC: the tables of those are not simulated.
 * Whether a static route to a dead VPN turns into a black hole is drawn per seed: the sources disagree.
 */
import type { RouteTarget } from '../../core/words/domain';
import type { Random } from '../../local-cloud/random';
import type { ShownAttachment, TransitPort } from '../../local-cloud/site-to-site';
import type { ManagedVpn, ManagedVpns } from './managed-vpn';
import type { RouteTables } from './route-tables';

export class TransitGateways implements TransitPort {
  readonly tables = new Map<string, { readonly transitGatewayId: string }>();
  readonly attachments = new Map<string, ShownAttachment>();
  /** Table by attachment. */
  readonly associations = new Map<string, string>();
  deadVpnBlackholes: boolean;
  /** Whether a route is `pending` until it has its effect, or `active` at once. */
  private readonly tellsPending: boolean;
  private readonly changing = new Set<string>();

  constructor(
    private readonly vpns: ManagedVpns,
    private readonly routes: RouteTables,
    random: Random,
  ) {
    this.deadVpnBlackholes = random.chance(0.5);
    this.tellsPending = random.chance(0.5);
  }

  addTable(id: string, transitGatewayId: string): void {
    if (!this.tables.has(id)) this.tables.set(id, { transitGatewayId });
    this.routes.add(id, null);
  }

  attach(attachment: Omit<ShownAttachment, 'isGone'>, associatedWith?: string): void {
    if (!this.attachments.has(attachment.id)) this.attachments.set(attachment.id, { ...attachment, isGone: false });
    if (associatedWith !== undefined) this.associations.set(attachment.id, associatedWith);
  }

  detach(id: string): void {
    const found = this.attachments.get(id);
    if (found === undefined) throw new Error(`The simulated world has no attachment ${id}`);
    this.attachments.set(id, { ...found, isGone: true });
  }

  /** Where the gateway sends a packet of this VPC; undefined: nothing is attached for it. */
  leadsTo(transitGatewayId: string, vpcId: string, address: string): RouteTarget | null | undefined {
    const attached = [...this.attachments.values()].find(
      (each) => each.transitGatewayId === transitGatewayId && each.resourceId === vpcId && !each.isGone,
    );
    const table = attached && this.associations.get(attached.id);
    return table === undefined ? undefined : this.routes.lookup(table, address, () => false);
  }

  /** Writes to the table are refused with `IncorrectState` until this ends. */
  beginChange(table: string, on: boolean): void {
    if (on) this.changing.add(table);
    else this.changing.delete(table);
  }

  isChanging(table: string): boolean {
    return this.changing.has(table);
  }

  routeState(table: string, destination: string): ReturnType<TransitPort['routeState']> {
    const target = this.routes.shown(table).find((route) => route.destination === destination)?.target;
    if (target === undefined || target.id === '') return 'blackhole';
    if (this.attachments.get(target.id)?.isGone === true) return 'blackhole';
    const vpn = this.vpns.all.find(({ attachmentId }) => attachmentId === target.id);
    if (vpn !== undefined && this.deadVpnBlackholes && !this.vpns.isUp(vpn)) return 'blackhole';
    const isEffective = this.routes.forwarded(table, destination)?.id === target.id;
    return this.tellsPending && !isEffective ? 'pending' : 'active';
  }

  /** The connections that packets sent to this target may leave by, whether they stand or not. */
  vpnsBehind(target: RouteTarget | null): readonly ManagedVpn[] {
    switch (target?.kind) {
      case 'attachment':
        return this.vpns.all.filter(({ attachmentId }) => attachmentId === target.id);
      case 'gateway':
      case 'transit-gateway':
        return this.vpns.all.filter(({ endsOn }) => endsOn.id === target.id);
      default:
        return [];
    }
  }
}
