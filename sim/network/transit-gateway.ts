/**
 * Transit gateways: what is attached to them and which of their route tables each attachment's packets meet. The tables
 * themselves are `RouteTables` like those of VPCs, with a time to take effect of their own.
 *
 *     subnet -- VPC's table --> tgw-… -- table that the VPC's attachment is associated with --> tgw-attach-… (a VPN)
 *
 * A VPC has one attachment, and an attachment one table: each table that canaries or users stand behind has a VPC of its
 * own here. What comes back from a VPN attachment always finds its VPC: the tables of those are not simulated.
 * Whether a static route to a dead VPN turns into a black hole is drawn per seed: the sources disagree.
 *
 * A prefix list is one entry of a table, and each of its blocks is shown as a route. What AWS says of those while the
 * reference is modified is drawn too: they name the old attachment until packets follow, or the new one at once.
 */
import type { RouteTarget } from '../../core/words/domain';
import type { Random } from '../../local-cloud/random';
import type { RouteEnd, ShownRoute } from '../../local-cloud/shown-route';
import type { ShownAttachment, ShownTransitRoute, TransitPort } from '../../local-cloud/site-to-site';
import type { ManagedVpn, ManagedVpns } from './managed-vpn';
import { prefixBits } from './prefix';
import type { RouteTables } from './route-tables';

export class TransitGateways implements TransitPort {
  readonly tables = new Map<string, { readonly transitGatewayId: string }>();
  readonly attachments = new Map<string, ShownAttachment>();
  /** Table by attachment. */
  readonly associations = new Map<string, string>();
  /** Blocks by list. */
  readonly prefixLists = new Map<string, readonly string[]>();
  deadVpnBlackholes: boolean;
  /** Whether a route is `pending` until it has its effect, or `active` at once. */
  private readonly tellsPending: boolean;
  /** Whether blocks of a list show where their reference leads from the call on, or when packets follow. */
  readonly blocksFollowAtOnce: boolean;
  /** Whether a reference takes another write while it is modified. */
  private readonly refusesWhileModifying: boolean;
  private readonly changing = new Set<string>();

  constructor(
    private readonly vpns: ManagedVpns,
    private readonly routes: RouteTables,
    random: Random,
  ) {
    this.deadVpnBlackholes = random.chance(0.5);
    this.tellsPending = random.chance(0.5);
    this.blocksFollowAtOnce = random.chance(0.5);
    this.refusesWhileModifying = random.chance(0.75);
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
    return table === undefined ? undefined : this.routes.lookup(table, address, this.bitsOf);
  }

  /** The length of the list's longest block that holds the address; -1: none does. */
  readonly bitsOf = (list: string, address: string): number =>
    Math.max(-1, ...(this.prefixLists.get(list) ?? []).map((block) => prefixBits(block, address)));

  /** Writes to the table are refused with `IncorrectState` until this ends. */
  beginChange(table: string, on: boolean): void {
    if (on) this.changing.add(table);
    else this.changing.delete(table);
  }

  isChanging(table: string, list?: string): boolean {
    const isModified =
      list !== undefined && this.routes.written(table, list)?.id !== this.routes.forwarded(table, list)?.id;
    return this.changing.has(table) || (isModified && this.refusesWhileModifying);
  }

  referenceState(table: string, list: string): ReturnType<TransitPort['referenceState']> {
    const now = this.routes.forwarded(table, list);
    if (now === null) return 'pending';
    const shown = this.routes.shown(table).find(({ destination }) => destination === list);
    return now.id === shown?.target.id ? 'available' : 'modifying';
  }

  /** A static route for a block comes before a list that holds it, a list before what is propagated. */
  shown(table: string): readonly ShownTransitRoute[] {
    const all = this.routes.shown(table);
    const isList = ({ destination }: ShownRoute): boolean => destination.startsWith('pl-');
    const own = all
      .filter((route) => !isList(route))
      .map((route) => ({
        ...route,
        state: this.stateOf(route.target, this.routes.forwarded(table, route.destination)),
      }));
    const ofLists = all.filter(isList).flatMap((route) => this.blocksShown(table, route));
    const inOrder = [
      ...own.filter((route) => !route.propagated),
      ...ofLists,
      ...own.filter((route) => route.propagated),
    ];
    const first = new Map<string, ShownTransitRoute>();
    for (const route of inOrder) if (!first.has(route.destination)) first.set(route.destination, route);
    return [...first.values()];
  }

  private blocksShown(table: string, { destination: list, target }: ShownRoute): ShownTransitRoute[] {
    const before = this.routes.forwarded(table, list);
    if (before === null && !this.blocksFollowAtOnce) return [];
    const shown = this.blocksFollowAtOnce ? target : before!;
    const state = this.stateOf(shown, before);
    const blocks = this.prefixLists.get(list) ?? [];
    return blocks.map((destination) => ({ destination, target: shown, propagated: false, state, prefixList: list }));
  }

  private stateOf(target: RouteEnd, now: RouteTarget | null): ShownTransitRoute['state'] {
    if (target.id === '') return 'blackhole';
    if (this.attachments.get(target.id)?.isGone === true) return 'blackhole';
    const vpn = this.vpns.all.find(({ attachmentId }) => attachmentId === target.id);
    if (vpn !== undefined && this.deadVpnBlackholes && !this.vpns.isUp(vpn)) return 'blackhole';
    return this.tellsPending && now?.id !== target.id ? 'pending' : 'active';
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
