/**
 * What our own `replace` wrote down of a gateway, held against what is journalled. The two are written one after the
 * other: the document writes a parameter that only the repair role may write, then the run that polls it journals the
 * same in the gateway's item. Whoever dies between the two, or is refused, leaves them apart. Pure.
 *
 *     written, not journalled   the run is gone: adopted where nobody works on the gateway and its canaries look through
 *                               the interface it names; otherwise left, and people hear of it after an hour
 *     journalled, not written   the parameter was refused: without the lock table the gateway would be taken for what is
 *                               declared, so people hear of it
 */

import type {
  Connection,
  Declaration,
  Deployment,
  GatewayIdentity,
  InstanceGateway,
  Replacement,
} from '../words/domain';
import { gatewayOfCanary } from '../words/ends';
import type { Apart, Evidence, GatewayLease } from '../words/evidence';
import type { Instant } from '../words/time';
import { declaredIds, formerIdentities, identityOf, isSame, isSameDeclaration, replacementBy } from './identity';

export interface Compared {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly evidence: Pick<Evidence, 'gatewayLeases' | 'standIns' | 'pins' | 'endedClaims'>;
  readonly now: Instant;
}

/** `unknown`: something could not be read, or a repair is under way; what was found before stands. */
export type Comparison =
  | { readonly kind: 'agree' | 'unknown' }
  | { readonly kind: 'adopt'; readonly replacement: Replacement }
  | { readonly kind: 'unjournalled'; readonly identity: GatewayIdentity; readonly because: string }
  | { readonly kind: 'unwritten'; readonly identity: GatewayIdentity };

/** `written`: what the parameter says; null: there is none, or none that can be read. */
export function compareWritten(look: Compared, gateway: InstanceGateway, written: Replacement | null): Comparison {
  const lease = look.evidence.gatewayLeases[gateway.name];
  if (!lease || lease.unread !== null) return { kind: 'unknown' };
  const counts = (one: Replacement | null): Replacement | null =>
    one?.replaced !== undefined && isSameDeclaration(one.replaced, declaredIds(gateway)) ? one : null;
  const journalled = counts(lease.identity);
  const candidate = counts(written);
  if (candidate === null || (journalled !== null && isSame(candidate, journalled)))
    return journalled === null || candidate !== null
      ? { kind: 'agree' }
      : { kind: 'unwritten', identity: identityIn(journalled) };
  if (journalled !== null && whyNotPinned(look, gateway, journalled) === '')
    return { kind: 'unwritten', identity: identityIn(journalled) };
  if (lease.holder !== null && lease.until > look.now) return { kind: 'unknown' };
  const because = whyLeft(look, gateway, lease, candidate);
  return because === ''
    ? { kind: 'adopt', replacement: adopted(look, gateway, candidate) }
    : { kind: 'unjournalled', identity: identityIn(candidate), because };
}

/** What the gateway's item is to say of it; null: nothing. What was found before keeps its time. */
export function apartAfter(finding: Comparison, before: Apart | null, now: Instant): Apart | null {
  switch (finding.kind) {
    case 'unknown':
      return before;
    case 'agree':
    case 'adopt':
      return null;
    default: {
      const { kind, identity } = finding;
      const isOld = before !== null && before.what === kind && isSame(before, identity);
      return { what: kind, ...identity, since: isOld ? before.since : now };
    }
  }
}

/** Why it is left; empty: it may be adopted. */
export function whyLeft(
  look: Compared,
  gateway: InstanceGateway,
  lease: GatewayLease,
  candidate: GatewayIdentity,
): string {
  const { claimedBy } = lease;
  if (claimedBy !== null && !look.evidence.endedClaims.includes(claimedBy))
    return `automation ${claimedBy} may still work on ${gateway.name}`;
  return whyNotPinned(look, gateway, candidate);
}

/** Every path canary of this connection over the gateway looks through that interface; empty: yes. */
function whyNotPinned(
  { connection, evidence }: Compared,
  gateway: InstanceGateway,
  { routeInterfaceId }: GatewayIdentity,
) {
  const over = connection.canaries.filter((canary) => gatewayOfCanary(connection, canary) === gateway.name);
  for (const { id } of over) {
    const pins = evidence.pins[id] ?? null;
    if (pins === null || pins.length === 0) return `the pinning routes of canary ${id} could not be read`;
    const elsewhere = pins.find(({ target }) => target?.id !== routeInterfaceId);
    if (elsewhere !== undefined)
      return `the pinning routes of canary ${id} lead to ${elsewhere.target?.id ?? 'nothing'}, not there`;
  }
  return over.length === 0 ? `no canary of ${connection.name} looks through ${gateway.name}` : '';
}

function adopted({ deployment, evidence }: Compared, { name }: InstanceGateway, candidate: Replacement): Replacement {
  const before = [identityOf(deployment, name, evidence), ...formerIdentities(deployment, name, evidence)];
  return replacementBy(candidate, candidate.replaced, [...before, ...(candidate.former ?? [])]);
}

/**
 * What was declared before this deployment stands in the gateway's item and could not be renewed. One that names our ids
 * as former ones is of a later deployment than ours: then it is this run that is old.
 */
export function isUndeclared(gateway: InstanceGateway, declared: Declaration | undefined): boolean {
  if (declared === undefined || isSameDeclaration(declared, declaredIds(gateway))) return false;
  return !declared.former.some((one) => isSame(one, gateway));
}

const identityIn = ({ instanceId, routeInterfaceId }: GatewayIdentity): GatewayIdentity => ({
  instanceId,
  routeInterfaceId,
});
