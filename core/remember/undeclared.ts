/** Gateways of a connection whose declared ids are not those that the sweep wrote into their items. */
import { isUndeclared } from '../gateways/adoption';
import type { Connection, Deployment, GatewayName } from '../words/domain';
import type { Evidence } from '../words/evidence';
import { instancesOf } from '../words/gateways';

export function undeclaredOf(
  deployment: Deployment,
  { paths }: Connection,
  { gatewayLeases }: Pick<Evidence, 'gatewayLeases'>,
): GatewayName[] {
  const used = new Set(Object.values(paths).map(({ gateway }) => gateway));
  const declared = Object.values(instancesOf(deployment)).filter(({ name }) => used.has(name));
  return declared.filter((one) => isUndeclared(one, gatewayLeases[one.name]?.declared)).map(({ name }) => name);
}
