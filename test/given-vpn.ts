/**
 * Builders for connections over Site-to-Site VPN connections of AWS: `paris` with both paths on a transit gateway, and
 * `bank` with a single one on a virtual private gateway. Everything is home and well; a test changes what it is about.
 */
import type { Turn } from '../core/turn/turn';
import type { Connection, Deployment, Path, VpnConnectionGateway } from '../core/words/domain';
import type { Evidence, RouteFacts, TunnelFacts, TunnelReport } from '../core/words/evidence';
import { dayMs, minuteMs } from '../core/words/time';
import { connection, deployment, desired, evidence, memory, t0 } from './given';

export const one = '203.0.113.1';
export const two = '203.0.113.2';

const vpnGateway = (name: string, over: Partial<VpnConnectionGateway> = {}): VpnConnectionGateway => ({
  kind: 'vpn',
  name,
  vpnConnectionId: `vpn-0${name}`,
  endsOn: { kind: 'transit-gateway', id: 'tgw-1', attachmentId: `tgw-attach-${name}` },
  tunnels: name === 'gw-a' ? [one, two] : ['203.0.113.3', '203.0.113.4'],
  initiatedBy: 'aws',
  peerInitiates: false,
  maintenance: 'never',
  ...over,
});

/** No daemon's tunnel is named on it. */
const path = (name: string): Path => ({ name, gateway: `gw-${name}`, tunnels: [] });

/** Two paths, each a connection of its own on one transit gateway. */
export function pairOver(over: Partial<VpnConnectionGateway> = {}, of: Partial<Connection> = {}): Deployment {
  const paris = connection({ ...of });
  const office = { ...paris.routeSets['office']!, plane: 'tgw-table' as const, tables: ['tgw-rtb-1', 'tgw-rtb-2'] };
  const paths = { a: path('a'), b: path('b') };
  const moved: Connection = { ...paris, paths, routeSets: { office } };
  return { ...deployment(moved), gateways: { 'gw-a': vpnGateway('gw-a', over), 'gw-b': vpnGateway('gw-b') } };
}

/** One path and no standby. */
export function singleOver(over: Partial<VpnConnectionGateway> = {}, of: Partial<Connection> = {}): Deployment {
  const paris = connection({ standby: 'none', ...of });
  const office = { ...paris.routeSets['office']!, propagated: true };
  const canaries = paris.canaries.filter(({ id }) => !id.endsWith('path-b'));
  const paths = { a: path('a') };
  const only: Connection = { ...paris, paths, routeSets: { office }, canaries };
  const gateway = vpnGateway('gw-a', { endsOn: { kind: 'vpn-gateway', id: 'vgw-1' }, ...over });
  return { ...deployment(only), gateways: { 'gw-a': gateway } };
}

export const tunnel = (over: Partial<TunnelFacts> = {}): TunnelFacts => ({
  status: 'up',
  since: t0 - 90 * dayMs,
  message: '',
  provisioning: 'available',
  initiatedByAws: true,
  maintenanceBy: null,
  lastBytes: null,
  lastCarried: null,
  ...over,
});

export const downTunnel = (forMs: number, over: Partial<TunnelFacts> = {}): TunnelFacts =>
  tunnel({ status: 'down', since: t0 - forMs, ...over });

export const tunnelReport = (first: TunnelFacts, second: TunnelFacts, gateway = 'gw-a'): TunnelReport => ({
  schema: 1,
  gateway,
  reportedAt: t0 - 20_000,
  state: 'available',
  tunnels: gateway === 'gw-a' ? { [one]: first, [two]: second } : { '203.0.113.3': first, '203.0.113.4': second },
  changed: false,
});

/** Routes of `office` to what path a or b leads to. */
export const routesOn = ({ gateways, connections }: Deployment, path: 'a' | 'b'): RouteFacts[] => {
  const gateway = gateways[`gw-${path}`] as VpnConnectionGateway;
  const { endsOn } = gateway;
  const target =
    endsOn.kind === 'vpn-gateway'
      ? ({ kind: 'gateway', id: endsOn.id } as const)
      : ({ kind: 'attachment', id: endsOn.attachmentId } as const);
  return connections['paris']!.routeSets['office']!.tables.map((table) => ({
    routeSet: 'office',
    table,
    destination: '172.16.0.0/16',
    target,
    state: 'active',
    origin: endsOn.kind === 'vpn-gateway' ? 'propagated' : 'static',
  }));
};

/** What a turn is taken of: a site, where its routes are, and the report of gateway gw-a. */
export function vpnTurn(
  site: Deployment,
  on: 'a' | 'b',
  report: TunnelReport | null,
  over: Partial<Evidence> = {},
): Pick<Turn, 'deployment' | 'evidence' | 'memory' | 'desired'> {
  const well = tunnelReport(tunnel(), tunnel(), 'gw-b');
  const base = evidence({ ...over, routes: routesOn(site, on), instances: {} });
  return {
    deployment: site,
    evidence: { ...base, instances: {}, tunnels: { 'gw-a': report, 'gw-b': well } },
    memory: memory(),
    desired: desired(),
  };
}

export const longMs = 11 * minuteMs;
