/**
 * Who a gateway is now: the ids the configuration declares, or those our own replacement journalled. Pure.
 *
 *     declared  D1 ------------- replace: J (for D1) ------------- deployed anew: D2
 *     identity  D1 ............. J ............................... D2, and J has ended
 *     former    -                D1                                J, D1
 *
 * The configuration owns identity. A replacement stands in for the declared ids it replaced and counts while exactly
 * those are declared: an instance that was rebuilt by hand is not overruled by an older journal. What an identity ended
 * on stays known as a former place of its paths, so that routes still pointing there are not taken for somebody else's.
 */

import type {
  Declaration,
  DeclaredIds,
  Deployment,
  GatewayIdentity,
  GatewayName,
  InstanceGateway,
  Replacement,
} from '../words/domain';
import { gatewayOfCanary } from '../words/ends';
import type { Evidence } from '../words/evidence';
import { instanceAt } from '../words/gateways';
import { limits } from '../words/policy';
import type { Known } from './kind';

/** The gateway's item, whenever it can be read; what stands in for it is never newer. */
function journalledOf(name: GatewayName, { gatewayLeases, standIns }: Known): Replacement | null {
  const lease = gatewayLeases[name] ?? null;
  return lease === null ? (standIns[name] ?? null) : lease.identity;
}

export function declaredIds({ instanceId, routeInterfaceId, address }: InstanceGateway): DeclaredIds {
  return { instanceId, routeInterfaceId, allocationId: address?.allocationId ?? null };
}

export const isSameDeclaration = (a: DeclaredIds, b: DeclaredIds): boolean =>
  isSame(a, b) && a.allocationId === b.allocationId;

export const isSame = (a: GatewayIdentity, b: GatewayIdentity): boolean =>
  a.instanceId === b.instanceId && a.routeInterfaceId === b.routeInterfaceId;

/**
 * Does a journalled replacement count? One that does not say what it replaced, an older version's, does, until the
 * pinning routes of the gateway's canaries lead to the declared interface: our own replacement has moved them away, so
 * somebody who rebuilt the gateway has brought them back. Healthy traffic is not moved on its word (strays.ts).
 */
function isInForce(
  deployment: Deployment,
  gateway: InstanceGateway,
  { replaced }: Replacement,
  pins: Evidence['pins'],
): boolean {
  if (replaced !== undefined) return isSameDeclaration(replaced, declaredIds(gateway));
  const pinned = pinnedTo(deployment, gateway.name, pins);
  return pinned.length === 0 || pinned.some((id) => id !== gateway.routeInterfaceId);
}

/** The interfaces that canaries of paths over this gateway are pinned to, as far as they could be read. */
function pinnedTo({ connections }: Deployment, gateway: GatewayName, pins: Evidence['pins']): string[] {
  return Object.values(connections).flatMap((connection) =>
    connection.canaries.flatMap((canary) =>
      gatewayOfCanary(connection, canary) === gateway
        ? (pins[canary.id] ?? []).map(({ target }) => target?.id ?? '')
        : [],
    ),
  );
}

/** Who the gateway is now. */
export function identityOf(deployment: Deployment, name: GatewayName, known: Known): GatewayIdentity {
  const gateway = instanceAt(deployment, name);
  const journalled = journalledOf(name, known);
  const isReplaced = journalled !== null && isInForce(deployment, gateway, journalled, known.pins);
  const { instanceId, routeInterfaceId } = isReplaced ? journalled : gateway;
  return { instanceId, routeInterfaceId };
}

/** Who the gateway was before, as far as anybody wrote it down, newest first. */
export function formerIdentities(deployment: Deployment, name: GatewayName, known: Known): GatewayIdentity[] {
  const now = identityOf(deployment, name, known);
  const journalled = journalledOf(name, known);
  const declared = known.gatewayLeases[name]?.declared;
  const before = [
    ...(journalled === null ? [] : [journalled, ...(journalled.former ?? [])]),
    ...(journalled?.replaced === undefined ? [] : [journalled.replaced]),
    ...(declared === undefined ? [] : [declared, ...declared.former]),
    instanceAt(deployment, name),
  ];
  return distinct(before).filter(({ routeInterfaceId }) => routeInterfaceId !== now.routeInterfaceId);
}

/**
 * What the sweep writes down of a gateway after each deployment, so that routes on an interface which was declared until
 * then are known. Null: that is written already.
 */
export function declarationAfter(before: Declaration | undefined, gateway: InstanceGateway): Declaration | null {
  const declared = declaredIds(gateway);
  if (before !== undefined && isSameDeclaration(before, declared)) return null;
  const earlier = before === undefined ? [] : [before, ...before.former];
  const former = distinct(earlier).filter(({ routeInterfaceId }) => routeInterfaceId !== gateway.routeInterfaceId);
  return { ...declared, former: former.slice(0, limits.formerIdentitiesMax) };
}

/** Identities are told apart by their interface, because that is what a route points at. */
function distinct(identities: readonly GatewayIdentity[]): GatewayIdentity[] {
  const byInterface = new Map<string, GatewayIdentity>();
  for (const { instanceId, routeInterfaceId } of identities)
    if (!byInterface.has(routeInterfaceId)) byInterface.set(routeInterfaceId, { instanceId, routeInterfaceId });
  return [...byInterface.values()];
}

/**
 * What to journal when a replacement has succeeded: for the ids that were declared when it *began*. Where others are
 * declared by now, it has ended as it is written, and is known as a former identity only.
 */
export function replacementBy(
  fresh: GatewayIdentity,
  began: DeclaredIds | undefined,
  before: readonly GatewayIdentity[],
): Replacement {
  const former = distinct(before).filter(({ routeInterfaceId }) => routeInterfaceId !== fresh.routeInterfaceId);
  return {
    instanceId: fresh.instanceId,
    routeInterfaceId: fresh.routeInterfaceId,
    ...(began !== undefined && { replaced: began }),
    former: former.slice(0, limits.formerIdentitiesMax),
  };
}

const words =
  /^1 (i-[0-9a-f]+) (eni-[0-9a-f]+) (i-[0-9a-f]+|none) (eni-[0-9a-f]+|none) (eipalloc-[0-9a-f]+|none) (i-[0-9a-f]+) (eni-[0-9a-f]+)$/;

/**
 * A replacement as the repair document writes it, which can put words in a row and nothing else: schema, who serves now,
 * the declared ids it stands in for, and whom it relieved. Null: no such text.
 */
export function replacementFromText(text: string): Replacement | null {
  const found = words.exec(text);
  if (found === null) return null;
  const [, instanceId, routeInterfaceId, declaredId, declaredInterface, allocation, oldId, oldInterface] =
    found as unknown as string[];
  const isKept = declaredId !== 'none' && declaredInterface !== 'none';
  const replaced: DeclaredIds = {
    instanceId: declaredId!,
    routeInterfaceId: declaredInterface!,
    allocationId: allocation === 'none' ? null : allocation!,
  };
  return {
    instanceId: instanceId!,
    routeInterfaceId: routeInterfaceId!,
    ...(isKept && { replaced }),
    former: [{ instanceId: oldId!, routeInterfaceId: oldInterface! }],
  };
}

/** The same, written: what a person puts there where the document could not. */
export function replacementText({ instanceId, routeInterfaceId, replaced, former = [] }: Replacement): string {
  const old = former[0] ?? replaced;
  const declared = [replaced?.instanceId, replaced?.routeInterfaceId, replaced?.allocationId];
  const all = ['1', instanceId, routeInterfaceId, ...declared, old?.instanceId, old?.routeInterfaceId];
  return all.map((word) => word ?? 'none').join(' ');
}

/** Where what `replace` has made of a gateway is written, in Systems Manager. */
export const identityParameter = ({ name }: Pick<Deployment, 'name'>, gateway: GatewayName): string =>
  `/switchback/${name}/identity/${gateway}`;
