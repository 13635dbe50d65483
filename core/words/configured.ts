/** Which configuration of a connection somebody speaks of: what it is made of and how it is treated, in a few digits. */

import { digestOf } from './digest';
import type { ConnectionName, Deployment } from './domain';
import { gatewaysOf } from './ends';

const digits = 12;

export function configuredAs({ connections, gateways, runbooks }: Deployment, name: ConnectionName): string {
  const connection = connections[name]!;
  const used = gatewaysOf(connection).sort();
  return digestOf(JSON.stringify([connection, used.map((gateway) => gateways[gateway]), runbooks])).slice(0, digits);
}
