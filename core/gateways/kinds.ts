/**
 * Which kind a gateway is of, and what each rung is. A new kind is one more file here, named in these two tables; the
 * compiler asks for both.
 */
import type { ConnectionName, Deployment, Gateway, PathName } from '../words/domain';
import type { Evidence, Places } from '../words/evidence';
import type { Rung } from '../words/rungs';
import { instanceKind } from './instance';
import { instanceRungs } from './instance-rungs';
import type { Facts, GatewayKind, Known, RungSpec } from './kind';
import { speakerOrders } from './speaker-orders';
import { vpnKind } from './vpn-connection';
import { vpnRungs } from './vpn-rungs';

const kinds: Readonly<Record<Gateway['kind'], GatewayKind>> = {
  instance: instanceKind,
  vpn: vpnKind,
};

/** Rungs have one name in all kinds: memory knows what was done by that name, whatever the gateway is by now. */
export const rungSpecs: Readonly<Record<Rung, RungSpec>> = { ...instanceRungs, ...vpnRungs, ...speakerOrders };

export const kindOf = ({ kind }: Gateway): GatewayKind => kinds[kind];

export const kindAt = (
  { gateways, connections }: Deployment,
  connection: ConnectionName,
  path: PathName,
): GatewayKind => kindOf(gateways[connections[connection]!.paths[path]!.gateway]!);

/** Where each path of a connection leads, and where it led before. */
export function placesOf(deployment: Deployment, connection: ConnectionName, known: Known): Places {
  const paths = Object.values(deployment.connections[connection]!.paths).map(
    ({ name, gateway }) => [name, deployment.gateways[gateway]!] as const,
  );
  return {
    targets: Object.fromEntries(
      paths.map(([name, gateway]) => [name, kindOf(gateway).placesNow(deployment, gateway, known)]),
    ),
    former: Object.fromEntries(
      paths.map(([name, gateway]) => [name, kindOf(gateway).placesBefore(deployment, gateway, known)]),
    ),
  };
}

/** What was asked about a device that a gateway is no longer, as it turns out, is not about the gateway. */
export const aboutThePresent = (facts: Pick<Facts, 'deployment' | 'connection' | 'evidence'>): Evidence =>
  Object.values(kinds).reduce((evidence, kind) => kind.aboutThePresent({ ...facts, evidence }), facts.evidence);
