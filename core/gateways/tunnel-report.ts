/**
 * What the last tunnel report says about a path, as every question about Site-to-Site connections asks it.
 *
 * A report that is too old is none: nothing is known then, and nothing is done.
 */
import { watchesPath } from '../words/canaries';
import type { PathName, TunnelAddress, VpnConnectionGateway } from '../words/domain';
import type { CanaryReport, TunnelFacts, TunnelReport } from '../words/evidence';
import { vpnAt } from '../words/gateways';
import { attemptsPerRound, tunnelBytesPeriodMs } from '../words/policy';
import { own } from '../words/shape';
import { ageMs, hourMs, type Instant, minuteMs, spanText } from '../words/time';
import type { Facts } from './kind';

/** `watch` looks once a minute; what it saw three times ago is no evidence any more. */
const reportFreshMs = 3 * minuteMs;
/** IP bytes of one unanswered TCP attempt out, and of one answered back in (systems page of S1, measured). */
const bytesOut = 60;
const bytesBack = 155;
export const periodText = 'five minutes';

export const gatewayOf = ({ deployment, connection }: Facts, path: PathName): VpnConnectionGateway =>
  vpnAt(deployment, connection.paths[path]!.gateway);

/** Null: `watch` has not spoken lately, so nothing is known. */
export function reportOf({ evidence, now }: Facts, { name }: VpnConnectionGateway): TunnelReport | null {
  const report = evidence.tunnels[name] ?? null;
  return report !== null && ageMs(report.reportedAt, now) <= reportFreshMs ? report : null;
}

export const tunnelsOf = (report: TunnelReport | null): (readonly [TunnelAddress, TunnelFacts])[] =>
  Object.entries(report?.tunnels ?? {});

export function areAllDown(report: TunnelReport | null): boolean {
  const tunnels = tunnelsOf(report);
  return tunnels.length > 0 && tunnels.every(([, { status }]) => status === 'down');
}

export function allDownText({ name }: VpnConnectionGateway, report: TunnelReport, now: number): string {
  const since = Math.max(...tunnelsOf(report).map(([, tunnel]) => tunnel.since));
  return `AWS says both tunnels of ${name} are DOWN, for ${spanText(ageMs(since, now))}`;
}

export interface OneWay {
  readonly tunnel: TunnelAddress;
  readonly out: number;
}

/** Since when every canary of the path has missed its rounds; null: one has not, or none was ever heard. */
export function failingSince({ connection, evidence, memory, now }: Facts, path: PathName): Instant | null {
  const heard = heardOf({ connection, evidence }, path);
  const isDown = heard.length > 0 && heard.every(({ verdict, missedSince }) => verdict === 'down' && missedSince > 0);
  if (!isDown) return null;
  // A canary counts anew each minute: how long it has been so is remembered.
  return Math.min(own(memory.downSince, path) ?? now, Math.max(...heard.map(({ missedSince }) => missedSince)));
}

const heardOf = ({ connection, evidence }: Pick<Facts, 'connection' | 'evidence'>, path: PathName): CanaryReport[] =>
  connection.canaries.filter(watchesPath(path)).flatMap(({ id }) => evidence.reports[id] ?? []);

/**
 * The tunnel that AWS sends through and nothing comes back by. Named only from whole five minutes in which every canary
 * of the path missed all of its rounds: bytes alone are not liveness, a dead tunnel counts AWS's own status checks.
 */
export function oneWayTunnel(facts: Facts, path: PathName): OneWay | null {
  const report = reportOf(facts, gatewayOf(facts, path));
  const missedSince = failingSince(facts, path);
  if (report === null || missedSince === null) return null;
  const rounds = (tunnelBytesPeriodMs / facts.connection.policy.roundIntervalMs) * heardOf(facts, path).length;
  const found = tunnelsOf(report).find(
    ([, { status, lastBytes }]) =>
      status === 'up' &&
      lastBytes !== null &&
      missedSince <= lastBytes.from &&
      lastBytes.out >= (rounds * attemptsPerRound * bytesOut) / 2 &&
      lastBytes.in < (rounds * bytesBack) / 10,
  );
  return found === undefined ? null : { tunnel: found[0], out: found[1].lastBytes!.out };
}

/** Which one AWS sends through: the only one that is UP, or the one that carried last; null: nobody has seen. */
export function tunnelInUse(report: TunnelReport | null): TunnelAddress | null {
  const up = tunnelsOf(report).filter(([, { status }]) => status === 'up');
  if (up.length === 1) return up[0]![0];
  const carried = up.filter(([, { lastCarried }]) => lastCarried !== null);
  const [last] = carried.sort(([, a], [, b]) => b.lastCarried! - a.lastCarried!);
  return last?.[0] ?? null;
}

/** AWS shows that maintenance was applied some minutes after it was: what we have replaced since is not asked again. */
const appliedShownMs = 12 * hourMs;

/** Tunnels with maintenance announced and not applied by us, the one in use last. */
export function pendingMaintenance(facts: Facts, path: PathName): TunnelAddress[] {
  const { memory, now } = facts;
  const report = reportOf(facts, gatewayOf(facts, path));
  const inUse = tunnelInUse(report);
  const pending = tunnelsOf(report).flatMap(([address, { maintenanceBy }]) => {
    const wasReplaced = (own(memory.replacedAt, address) ?? []).some((at) => now - at < appliedShownMs);
    return maintenanceBy === null || wasReplaced ? [] : [address];
  });
  return [...pending.filter((one) => one !== inUse), ...pending.filter((one) => one === inUse)];
}
