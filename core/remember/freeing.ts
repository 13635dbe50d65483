/**
 * What follows from a repair that began or ended: which automations and claims to ask about, and which gateway
 * to free.
 */

import { formerIdentities, identityOf, replacementBy } from '../gateways/identity';
import { kindOf } from '../gateways/kinds';
import { type ConnectionLease, isClaimed, isRepairedForAnother } from '../store/lease';
import { type Memory, openRung, type RungRun } from '../store/memory';
import type { AssessResult } from '../words/decision';
import type { Connection, Deployment } from '../words/domain';
import type { Evidence } from '../words/evidence';
import { own } from '../words/shape';
import type { Instant } from '../words/time';
import type { Seen } from './seen';

/** The automation to ask about, if a rung is under way and its start was journalled. */
export function automationToAsk(memory: Memory, automation: ConnectionLease['automation']): string | null {
  return automation !== null && automation.clientToken === openRung(memory)?.clientToken ? automation.id : null;
}

/** Whether the rung under way has claimed its gateway: known to, known not to, or neither. */
export function howBegun(
  memory: Memory,
  automation: ConnectionLease['automation'],
  evidence: Evidence,
): Pick<Seen, 'mayHaveBegun' | 'hasBegun' | 'hasNotBegun'> {
  const rung = openRung(memory);
  const lease = rung && evidence.gatewayLeases[rung.gateway];
  if (!rung || !lease) return { mayHaveBegun: true, hasBegun: false, hasNotBegun: false };
  const isOurs = lease.clientToken === rung.clientToken;
  const id = automationToAsk(memory, automation) ?? evidence.automation?.id ?? null;
  const hasClaimed = id !== null && lease.claimedBy === id;
  // Freed since, or somebody else's: only its automation can tell.
  const mayHaveBegun = id === null ? isClaimed(evidence, rung.gateway) : hasClaimed || !isOurs;
  return { mayHaveBegun, hasBegun: hasClaimed, hasNotBegun: isOurs && !mayHaveBegun };
}

/**
 * Claims whose automations to ask about: of gateways that are free by their lease, so that only the claim keeps us out.
 * None, when every rung ended as it should.
 */
export function claimsToAsk(
  { name }: Connection,
  leases: Evidence['gatewayLeases'],
  running: string | null,
  now: Instant,
): string[] {
  return Object.values(leases).flatMap((lease) => {
    if (lease === null || lease.claimedBy === null || isRepairedForAnother(lease, name, now)) return [];
    return lease.claimedBy === running ? [] : [lease.claimedBy];
  });
}

/** The rung that ended with this look, if its gateway is still ours to free. */
export function rungToFree(before: Memory, after: Memory, { gatewayLeases }: Evidence): RungRun | null {
  const ended = after.rungs.find(
    (r) => r.endedAt !== null && before.rungs.some((b) => b.clientToken === r.clientToken && b.endedAt === null),
  );
  if (ended === undefined) return null;
  const lease = gatewayLeases[ended.gateway];
  return !lease || lease.clientToken === ended.clientToken ? ended : null;
}

export function freed(
  rung: RungRun,
  deployment: Deployment,
  evidence: Evidence,
  until: Instant,
): AssessResult['rungEnded'] {
  const { automation, gatewayLeases } = evidence;
  const { gateway } = rung;
  const kind = own(deployment.gateways, gateway);
  const fresh =
    kind === undefined || rung.result !== 'success'
      ? null
      : kindOf(kind).identityAfter(rung.rung, automation?.outputs ?? {});
  const before =
    fresh === null
      ? []
      : [identityOf(deployment, gateway, evidence), ...formerIdentities(deployment, gateway, evidence)];
  return {
    gateway,
    clientToken: rung.clientToken,
    until,
    identity: fresh === null ? null : replacementBy(fresh, rung.declared, before),
    claim: gatewayLeases[gateway]?.claimedBy ?? 'none',
    isOver: automation !== null && automation.status !== 'running',
  };
}
