/**
 * Which kind a gateway is of, and what each rung is. A new kind is one more file here, named in these two tables; the
 * compiler asks for both.
 */
import type { ConnectionName, Deployment, Gateway, Path, RouteTarget } from '../words/domain';
import { gatewaysOfPath, seenFrom } from '../words/ends';
import type { Evidence, Places } from '../words/evidence';
import type { Rung } from '../words/rungs';
import { attractOrders } from './attract';
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
export const rungSpecs: Readonly<Record<Rung, RungSpec>> = {
  ...instanceRungs,
  ...vpnRungs,
  ...speakerOrders,
  ...attractOrders,
};

export const kindOf = ({ kind }: Gateway): GatewayKind => kinds[kind];

/** Where each path of a connection leads, and where it led before. */
export function placesOf(deployment: Deployment, connection: ConnectionName, known: Known): Places {
  const whole = deployment.connections[connection]!;
  const places = placesOfPaths(deployment, Object.values(whole.paths), known);
  const ends = whole.ends?.map((end) => {
    const { paths } = seenFrom(whole, end);
    return [end, placesOfPaths(deployment, Object.values(paths), known)] as const;
  });
  return ends === undefined ? places : { ...places, ends: Object.fromEntries(ends) };
}

/** A path leads to its gateway at each end. */
function placesOfPaths(deployment: Deployment, paths: readonly Path[], known: Known): Places {
  const each = (f: (kind: GatewayKind, gateway: Gateway) => readonly RouteTarget[]): Places['targets'] =>
    Object.fromEntries(
      paths.map((path) => {
        const gateways = gatewaysOfPath(path).map((name) => deployment.gateways[name]!);
        return [path.name, gateways.flatMap((gateway) => f(kindOf(gateway), gateway))];
      }),
    );
  return {
    targets: each((kind, gateway) => kind.placesNow(deployment, gateway, known)),
    former: each((kind, gateway) => kind.placesBefore(deployment, gateway, known)),
  };
}

/** What was asked about a device that a gateway is no longer, as it turns out, is not about the gateway. */
export const aboutThePresent = (facts: Pick<Facts, 'deployment' | 'connection' | 'evidence'>): Evidence =>
  Object.values(kinds).reduce((evidence, kind) => kind.aboutThePresent({ ...facts, evidence }), facts.evidence);
