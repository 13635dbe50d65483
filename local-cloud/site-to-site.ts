/**
 * AWS's own networking products as their API tells of them: Site-to-Site VPN connections with two tunnels each, and
 * transit gateways with route tables of their own. A part of `WorldPort`.
 *
 * What is true of a tunnel at this moment and what AWS says of it differ: `status` lags, as telemetry does.
 */
import type { Instant } from '../core/words/time';
import type { ShownRoute } from './shown-route';

/** One of the two tunnels of a connection. */
export interface ShownTunnel {
  readonly outsideAddress: string;
  readonly insideCidr: string;
  readonly status: 'UP' | 'DOWN';
  /** Of `status`. */
  readonly changedAt: Instant;
  readonly message: string;
  /** Of its endpoint. */
  readonly provisioning: 'available' | 'pending' | 'failed';
  /** Who starts IKE: `start` means AWS. */
  readonly startupAction: 'add' | 'start';
  /** Whoever reads a connection reads this too. */
  readonly preSharedKey: string;
  /** When AWS applies maintenance by itself; null: none is announced. */
  readonly maintenanceBy: Instant | null;
  readonly maintainedAt: Instant | null;
}

export interface ShownConnection {
  readonly id: string;
  /** Absent: where the stack is. */
  readonly region?: string;
  /** Deleted ones stay listed for a while. */
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted';
  readonly endsOn: { readonly kind: 'transit-gateway' | 'vpn-gateway'; readonly id: string };
  readonly customerGatewayId: string;
  readonly tunnels: readonly ShownTunnel[];
}

/** One measurement that the VPN service publishes of itself. */
export interface ServiceMetric {
  readonly name: 'TunnelState' | 'TunnelDataIn' | 'TunnelDataOut';
  readonly dimensions: Readonly<Record<string, string>>;
  readonly at: Instant;
  readonly visibleAt: Instant;
  readonly value: number;
}

/** An event of Network Manager's, without the bus's envelope. */
interface ToldEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, string>>;
}

export interface SiteToSitePort {
  connections(): readonly ShownConnection[];
  /** A tunnel gets another endpoint: it goes down now. False: one of its replacements is still under way. */
  replaceTunnel(connectionId: string, outsideAddress: string): boolean;
  onMetric(listener: (metric: ServiceMetric) => void): void;
  /** What Network Manager tells, in which region. */
  onTold(listener: (event: ToldEvent, region: string) => void): void;
}

/** What hangs on a transit gateway. */
export interface ShownAttachment {
  readonly id: string;
  readonly transitGatewayId: string;
  readonly resourceType: 'vpc' | 'vpn';
  readonly resourceId: string;
  /** It was deleted: routes to it are black holes. */
  readonly isGone: boolean;
}

export interface ShownTransitRoute extends ShownRoute {
  /** `pending`: written and without effect yet, where the gateway says so. */
  readonly state: 'active' | 'blackhole' | 'pending';
  /** Whose block it is; absent: nobody's, it is a route of its own. */
  readonly prefixList?: string;
}

export interface TransitPort {
  /** Route tables of transit gateways; their routes are in `WorldPort.routes` like those of VPCs. */
  readonly tables: ReadonlyMap<string, { readonly transitGatewayId: string }>;
  readonly attachments: ReadonlyMap<string, ShownAttachment>;
  /** Managed prefix lists: their blocks by id. */
  readonly prefixLists: ReadonlyMap<string, readonly string[]>;
  /** One route for each block: what the table prefers there. */
  shown(tableId: string): readonly ShownTransitRoute[];
  /** Of a reference to a prefix list that is shown. */
  referenceState(tableId: string, list: string): 'pending' | 'available' | 'modifying';
  /** It is being changed: writes to it are refused at this moment. `list`: so are writes to this one's reference. */
  isChanging(tableId: string, list?: string): boolean;
}
