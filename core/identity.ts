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
  ConnectionName,
  DeclaredIds,
  Deployment,
  Gateway,
  GatewayIdentity,
  GatewayName,
  Replacement,
  RouteTarget,
} from './domain';
import { limits } from './policy';
import type { GatewayLease, Places } from './signal';

type Leases = Readonly<Record<GatewayName, GatewayLease | null>>;

export function declaredIds({ instanceId, routeInterfaceId, address }: Gateway): DeclaredIds {
  return { instanceId, routeInterfaceId, allocationId: address?.allocationId ?? null };
}

const isSameDeclaration = (a: DeclaredIds, b: DeclaredIds): boolean =>
  isSame(a, b) && a.allocationId === b.allocationId;

const isSame = (a: GatewayIdentity, b: GatewayIdentity): boolean =>
  a.instanceId === b.instanceId && a.routeInterfaceId === b.routeInterfaceId;

/**
 * Does a journalled replacement count? One that does not say what it replaced, an older version's, does: most were
 * made for what is still declared, and healthy traffic is never moved on its word (rule 3, `strays`).
 */
function isInForce(gateway: Gateway, { replaced }: Replacement): boolean {
  return replaced === undefined || isSameDeclaration(replaced, declaredIds(gateway));
}

export function identityOf(gateway: Gateway, lease: GatewayLease | null | undefined): GatewayIdentity {
  const journalled = lease?.identity ?? null;
  const { instanceId, routeInterfaceId } = journalled !== null && isInForce(gateway, journalled) ? journalled : gateway;
  return { instanceId, routeInterfaceId };
}

/** Who the gateway was before, as far as anybody wrote it down, newest first. */
export function formerIdentities(gateway: Gateway, lease: GatewayLease | null | undefined): GatewayIdentity[] {
  const now = identityOf(gateway, lease);
  const journalled = lease?.identity ?? null;
  const known = [
    ...(journalled === null ? [] : [journalled, ...(journalled.former ?? [])]),
    ...(journalled?.replaced === undefined ? [] : [journalled.replaced]),
    gateway,
  ];
  return distinct(known).filter((before) => before.routeInterfaceId !== now.routeInterfaceId);
}

/** By interface: that is what routes know. */
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
  gateway: Gateway | undefined,
  lease: GatewayLease | null | undefined,
): Replacement {
  const before = gateway === undefined ? [] : [identityOf(gateway, lease), ...formerIdentities(gateway, lease)];
  const former = distinct(before).filter(({ routeInterfaceId }) => routeInterfaceId !== fresh.routeInterfaceId);
  return {
    instanceId: fresh.instanceId,
    routeInterfaceId: fresh.routeInterfaceId,
    ...(began !== undefined && { replaced: began }),
    former: former.slice(0, limits.formerIdentitiesMax),
  };
}

const placeOf = ({ routeInterfaceId }: GatewayIdentity): RouteTarget => ({
  kind: 'network-interface',
  id: routeInterfaceId,
});

/** Where each path of a connection leads, and where it led before. */
export function placesOf(deployment: Deployment, connection: ConnectionName, leases: Leases): Places {
  const paths = Object.values(deployment.connections[connection]!.paths);
  const gatewayOf = (name: GatewayName): Gateway => deployment.gateways[name]!;
  return {
    targets: Object.fromEntries(
      paths.map(({ name, gateway }) => [name, placeOf(identityOf(gatewayOf(gateway), leases[gateway]))]),
    ),
    former: Object.fromEntries(
      paths.map(({ name, gateway }) => [name, formerIdentities(gatewayOf(gateway), leases[gateway]).map(placeOf)]),
    ),
  };
}
