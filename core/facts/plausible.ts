/**
 * Evidence and desired state that cannot be true yet. A clock a little ahead makes a report fresh; one far ahead would
 * keep it fresh long after its observer died, and an acknowledgement from next year would lift every budget till then.
 *
 * Implausible evidence reads as none: unknown, not down.
 */
import type { CanaryId } from '../words/domain';
import type { CanaryReport, Evidence, InstanceFacts, TunnelReport } from '../words/evidence';
import { limits } from '../words/policy';
import type { Instant } from '../words/time';

export function plausibleEvidence(evidence: Evidence, now: Instant): Evidence {
  const observations = Object.entries(evidence.observations);
  return {
    ...evidence,
    reports: plausibleReports(evidence.reports, now),
    aheadMs: aheadMs(evidence.reports, now),
    otherReports: plausibleReports(evidence.otherReports, now),
    instances: Object.fromEntries(
      Object.entries(evidence.instances).map(([name, facts]) => [name, plausibleInstance(facts, now)]),
    ),
    tunnels: Object.fromEntries(
      Object.entries(evidence.tunnels).map(([gateway, seen]) => [gateway, plausibleTunnels(seen, now)]),
    ),
    observations: Object.fromEntries(
      observations.map(([gateway, seen]) => [gateway, seen !== null && isAhead(seen.at, now) ? null : seen]),
    ),
    healthWords: Object.fromEntries(
      Object.entries(evidence.healthWords).map(([gateway, words]) => [
        gateway,
        words.filter(({ at }) => !isAhead(at, now)),
      ]),
    ),
  };
}

/** Instants of the desired state (store/lease.ts): when people acknowledged, and asked for a move. */
interface Asked {
  readonly acknowledgedAt: Instant;
  readonly failback: { readonly since: Instant } | null;
  readonly drill: { readonly since: Instant } | null;
  readonly diverts: Readonly<Record<string, { readonly since: Instant }>>;
}

export function plausibleDesired<T extends Asked>(desired: T, now: Instant): T {
  const { acknowledgedAt, failback, drill, diverts } = desired;
  return {
    ...desired,
    acknowledgedAt: isAhead(acknowledgedAt, now) ? 0 : acknowledgedAt,
    failback: failback !== null && isAhead(failback.since, now) ? null : failback,
    drill: drill !== null && isAhead(drill.since, now) ? null : drill,
    diverts: Object.fromEntries(Object.entries(diverts).filter(([, { since }]) => !isAhead(since, now))),
  };
}

/** Or a machine from tomorrow would boot, and be left alone, till then. */
const plausibleInstance = (facts: InstanceFacts | null, now: Instant): InstanceFacts | null =>
  facts?.launchedAt != null && isAhead(facts.launchedAt, now) ? { ...facts, launchedAt: null } : facts;

const plausibleTunnels = (report: TunnelReport | null, now: Instant): TunnelReport | null =>
  report !== null && isAhead(report.reportedAt, now) ? null : report;

/** By how much a clock is ahead is seen in a report that says when it was written: later than it was read. */
function aheadMs(reports: Evidence['reports'], now: Instant): Record<CanaryId, number> {
  const ahead = Object.values(reports).filter((r) => r !== null && isAhead(r.reportedAt, now));
  return Object.fromEntries(ahead.map((r) => [r!.canary, r!.reportedAt - now]));
}

const isAhead = (at: Instant, now: Instant): boolean => at > now + limits.aheadMaxMs;

function plausibleReports(reports: Evidence['reports'], now: Instant): Evidence['reports'] {
  const isPlausible = (r: CanaryReport): boolean =>
    [r.reportedAt, r.since, r.answeredAt, r.missedSince, r.lateAt ?? 0].every((at) => !isAhead(at, now));
  return Object.fromEntries(Object.entries(reports).map(([id, r]) => [id, r !== null && isPlausible(r) ? r : null]));
}
