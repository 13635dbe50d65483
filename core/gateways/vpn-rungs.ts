/**
 * The one rung of a Site-to-Site VPN connection: AWS replaces the endpoint of one tunnel. Meanwhile that tunnel is DOWN,
 * and it stays DOWN until somebody starts IKE: AWS where its startup action says so, else the partner's device.
 *
 *     tunnel DOWN for 10 min ................................ replaced: AWS mends its own ends within that, as a rule
 *     tunnel UP, nothing comes back by it, partner told ..... replaced, where the other is UP to take over
 *     the other is being worked on, or unknown .............. left: both would be down at once
 *     nobody would start IKE ................................ left for good, and people are told so
 *
 * Law: never two tunnels of a connection at once (`oneTunnel`), never one that carries answered traffic outside a
 * rehearsal (`lastTunnel`).
 */
import type { RungRun } from '../store/memory';
import type { PathName, TunnelAddress } from '../words/domain';
import type { TunnelFacts, TunnelReport } from '../words/evidence';
import type { Rung } from '../words/rungs';
import { type Instant, instantText, minuteMs, secondMs, spanText } from '../words/time';
import type { Facts, RungSpec } from './kind';
import { failingSince, gatewayOf, oneWayTunnel, reportOf, tunnelsOf } from './tunnel-report';

/** AWS replaces endpoints that fail by itself, and a dead peer or a rekey is over by then. */
const givenMs = 10 * minuteMs;
/** IKE and the canary's rounds need this once the tunnel is UP. */
const settleMs = 90 * secondMs;

export const vpnRungs = {
  'replace-tunnel': {
    besideTraffic: false,
    mendsNamedFault: false,
    stopsMachine: false,
    replaces: false,
    isOrder: false,
    tunnels: suspects,
    fits: (facts, { path }, tunnel) => tunnel !== null && whyNotNow(facts, path, tunnel) === '',
    parameters: (facts, path, { clientToken, tunnel, purpose }) => {
      const { name, vpnConnectionId } = gatewayOf(facts, path);
      return {
        VpnConnectionId: [vpnConnectionId],
        Tunnel: [tunnel!],
        Other: [otherTunnel(facts, path, tunnel!)],
        Maintenance: [purpose === 'maintenance' ? 'true' : 'false'],
        Gateway: [name],
        Repair: [clientToken],
      };
    },
    why: (facts, { path, because, ownSideBecause }, { tunnel }) =>
      `path ${path} is down (${because}): tunnel ${tunnel} of ${gatewayOf(facts, path).name} is replaced and nothing else; ${ownSideBecause}`,
    settledAt: tunnelSettledAt,
  },
} as const satisfies Partial<Record<Rung, RungSpec>>;

/** Every connection has two; the configuration sees to it. */
export const otherTunnel = (facts: Facts, path: PathName, tunnel: TunnelAddress): TunnelAddress =>
  gatewayOf(facts, path).tunnels.find((address) => address !== tunnel)!;

/** Tunnels that may be to blame: what AWS could not provision, then what has been DOWN longest, then what goes one way. */
function suspects(facts: Facts, path: PathName): TunnelAddress[] {
  const report = reportOf(facts, gatewayOf(facts, path));
  const rank = ({ provisioning, since }: TunnelFacts): number => (provisioning === 'failed' ? 0 : since);
  const down = tunnelsOf(report)
    .filter(([, { status }]) => status === 'down')
    .sort(([, a], [, b]) => rank(a) - rank(b))
    .map(([address]) => address);
  const silent = oneWayTunnel(facts, path)?.tunnel;
  return silent === undefined ? down : [...down, silent];
}

/** Why none of them is replaced now, as people read it; empty: nothing keeps us, or none is to blame. */
export function notReplacedBecause(facts: Facts, path: PathName): string {
  const reasons = new Map<string, TunnelAddress[]>();
  for (const tunnel of suspects(facts, path)) {
    const because = whyNotNow(facts, path, tunnel);
    if (because !== '') reasons.set(because, [...(reasons.get(because) ?? []), tunnel]);
  }
  return [...reasons].map(([because, tunnels]) => `${notReplaced(tunnels)}: ${because}`).join('; ');
}

const notReplaced = (tunnels: readonly TunnelAddress[]): string =>
  tunnels.length === 1 ? `tunnel ${tunnels[0]} is not replaced` : `neither ${tunnels.join(' nor ')} is replaced`;

function whyNotNow(facts: Facts, path: PathName, tunnel: TunnelAddress): string {
  const report = reportOf(facts, gatewayOf(facts, path));
  if (report === null) return 'nobody has read the tunnels lately';
  return whyNever(facts, path, tunnel, report) || whyNotYet(facts, path, tunnel, report);
}

/** What no waiting mends: it would be left down for good, or both would be. Empty: nothing. */
export function whyNever(facts: Facts, path: PathName, tunnel: TunnelAddress, report: TunnelReport): string {
  const gateway = gatewayOf(facts, path);
  const own = report.tunnels[tunnel];
  const other = otherTunnel(facts, path, tunnel);
  const beside = report.tunnels[other]?.provisioning ?? 'unknown';
  if (own === undefined || report.state !== 'available')
    return `AWS says ${gateway.vpnConnectionId} is ${own === undefined ? 'without it' : report.state}`;
  if (own.provisioning === 'pending') return 'AWS is working on it already';
  if (beside === 'pending') return `AWS is working on the other one, ${other}, and both would be down at once`;
  if (beside !== 'available')
    return `whether the other one, ${other}, is there to take over is not known (provisioning ${beside})`;
  const isStarted = own.initiatedByAws ?? gateway.initiatedBy === 'aws';
  if (isStarted || gateway.peerInitiates) return '';
  return "nobody would start IKE afterwards and it would stay down: its startup action is not start, and nobody says that the partner's device begins; set the one, or peerInitiates: true where it does";
}

function whyNotYet(facts: Facts, path: PathName, tunnel: TunnelAddress, report: TunnelReport): string {
  const { status, since } = report.tunnels[tunnel]!;
  const other = otherTunnel(facts, path, tunnel);
  if (status === 'up' && report.tunnels[other]?.status !== 'up')
    return `the other one, ${other}, is not UP to take over`;
  const isTold = `stuck/${path}/one-way` in facts.memory.told;
  if (status === 'up' && !isTold) return 'people hear of it first';
  const from: Instant = status === 'down' ? since : (failingSince(facts, path) ?? facts.now);
  const at = from + givenMs;
  return at <= facts.now
    ? ''
    : `AWS and the partner get ${spanText(givenMs)}; it is at ${instantText(at)} if nothing has changed`;
}

/** That AWS has provisioned it is not yet that it is UP: whoever starts IKE takes its time, or never does. */
function tunnelSettledAt(facts: Facts, { endedAt, startedAt, deadlineAt, tunnel, path }: RungRun): Instant {
  const ended = endedAt ?? facts.now;
  const seen = reportOf(facts, gatewayOf(facts, path))?.tunnels[tunnel ?? ''];
  const isBack = seen?.status === 'up' && seen.since >= startedAt;
  return isBack ? Math.max(ended, seen.since) + settleMs : Math.max(ended + settleMs, deadlineAt);
}
