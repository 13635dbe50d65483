/**
 * What people must hear of a gateway's tunnels as AWS sees them, though traffic passes: that nothing stands behind the
 * one that carries it, that nobody knows whether the other could, and that nobody can look. Questions.
 *
 *     a tunnel DOWN for ten minutes ........... redundancy     AWS mends its own ends within that, as a rule
 *     UP, and carried nothing for a quarter ... untried        the day it is needed is no day to find out
 *     no look for minutes ..................... unwatched      which says nothing of the tunnels
 *
 * An acknowledgement ends what it was given for: a spell of a tunnel that is DOWN, or another quarter.
 */
import type { GatewayName, TunnelAddress } from '../words/domain';
import type { TunnelFacts, TunnelReport } from '../words/evidence';
import { viewsOf } from '../words/gateways';
import { ageMs, dayMs, instantText, minuteMs, spanText } from '../words/time';
import type { ToldKey } from '../words/told-kinds';
import type { Facts, GatewayConcern, GatewayUse } from './kind';

/** Shorter is a rekey, or AWS replacing an endpoint of its own. */
const downToldMs = 10 * minuteMs;
/** `watch` looks once a minute. */
const unwatchedToldMs = 5 * minuteMs;

/** Concerns about tunnels of a gateway that AWS can tell of; empty for any other. */
export function tunnelConcerns(facts: Facts, gateway: GatewayName, use: GatewayUse): GatewayConcern[] {
  const view = viewsOf(facts.deployment)[gateway];
  const report = facts.evidence.tunnels[gateway] ?? null;
  // Never looked at, or written by another version: alarms on `watch` itself tell of that.
  if (view === undefined || report === null) return [];
  const unseen = unwatched(facts, report, use);
  if (unseen.length > 0) return [...unseen, ...heldOver(facts, gateway)];
  if (!use.works || report.state !== 'available') return heldOver(facts, gateway);
  return Object.entries(report.tunnels).flatMap(([address, tunnel]) =>
    tunnel.status === 'down'
      ? lonely(facts, { gateway, address, tunnel, report }, use)
      : untried(facts, { gateway, address, tunnel, report }, use),
  );
}

/** Trouble of a tunnel that was told is not over because `watch` cannot see the tunnel any more. */
const heldOver = ({ memory }: Facts, gateway: GatewayName): GatewayConcern[] =>
  Object.keys(memory.told)
    .filter((key) => key.startsWith(`redundancy/${gateway}/`) || key.startsWith(`untried/${gateway}/`))
    .map((key) => ({ key: key as ToldKey, text: `whether that still holds cannot be seen now` }));

interface Seen {
  readonly gateway: GatewayName;
  readonly address: TunnelAddress;
  readonly tunnel: TunnelFacts;
  readonly report: TunnelReport;
}

/** Both DOWN is no matter of redundancy: the path says that. */
function lonely({ memory, now }: Facts, { gateway, address, tunnel, report }: Seen, use: GatewayUse): GatewayConcern[] {
  const key = `redundancy/${gateway}/${address}` as const;
  const alive = Object.entries(report.tunnels).find(([, { status }]) => status === 'up');
  const dueAt = tunnel.since + downToldMs;
  // A tunnel that our own repair or a rehearsal has taken down is told as that, not as trouble of its own.
  const isOurs =
    memory.rungs.some((run) => run.gateway === gateway && run.endedAt === null) || memory.rehearsal?.tunnel === address;
  const isNews = dueAt <= now && use.acknowledgedAt < dueAt && !isOurs;
  if (alive === undefined) return key in memory.told ? [{ key, text: 'the other one is DOWN as well' }] : [];
  if (!isNews && !(key in memory.told)) return [];
  const words = tunnel.message === '' ? '' : ` (${tunnel.message})`;
  const work =
    tunnel.provisioning === 'pending'
      ? 'AWS is working on its endpoint'
      : 'look at it at both ends, or let AWS replace its endpoint';
  const text = `tunnel ${address} of ${gateway} is DOWN, for ${spanText(ageMs(tunnel.since, now))}${words}: all traffic is on ${alive[0]}, and nothing stands behind it; ${work}`;
  return [{ key, text }];
}

/** Of one that is UP and never sends, nobody knows whether answers would come back. */
function untried(facts: Facts, { gateway, address, tunnel, report }: Seen, use: GatewayUse): GatewayConcern[] {
  const { connection, memory, now } = facts;
  const key = `untried/${gateway}/${address}` as const;
  const since = tunnel.lastCarried ?? report.watchedSince ?? now;
  const { drillEveryMs } = connection.policy;
  const isOverdue = now - since > drillEveryMs;
  const isNews = isOverdue && now - use.acknowledgedAt > drillEveryMs;
  if (!isNews && !(isOverdue && key in memory.told)) return [];
  const known = tunnel.lastCarried === null ? 'it was first looked at, on ' : '';
  const text = `tunnel ${address} of ${gateway} is UP and has carried no answered traffic since ${known}${instantText(since)}, ${Math.floor((now - since) / dayMs)} days ago: nobody knows that answers come back by it; have the partner take the other one down for a minute, and look`;
  return [{ key, text }];
}

function unwatched({ memory, now }: Facts, report: TunnelReport, use: GatewayUse): GatewayConcern[] {
  const { gateway, reportedAt, unmeasured } = report;
  const key = `unwatched/${gateway}` as const;
  const since = unmeasured?.since ?? reportedAt;
  const dueAt = since + unwatchedToldMs;
  const isSilent = unmeasured !== undefined || dueAt <= now;
  const isNews = isSilent && dueAt <= now && use.acknowledgedAt < dueAt;
  if (!isNews && !(isSilent && key in memory.told)) return [];
  const why =
    unmeasured?.because ??
    'the function watch has reported nothing since; its log and the alarm self/watch-missing say more';
  const text = `AWS could not be asked about the tunnels of ${gateway} since ${instantText(since)}: ${why}; that says nothing of the tunnels themselves`;
  return [{ key, text }];
}
