/**
 * One deployment as each of its stacks sees it: what stands where the stack does, and nothing of another end's. A grant or
 * an alarm made of this can name nobody else's table or canary.
 */
import type { Connection, Deployment, Gateway } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { endsElsewhere } from '../../core/words/end-names';
import { endOf, isElsewhere, seenFrom } from '../../core/words/ends';

/** Without an end elsewhere: the deployment itself. */
export function standingHere(deployment: Deployment): Deployment {
  if (endsElsewhere(deployment).length === 0) return deployment;
  const nearOf = (connection: Connection): Connection => {
    const far = connection.ends?.[1];
    const isApart = far !== undefined && isElsewhere(deployment, deployment.ends?.[far]);
    return isApart ? seenFrom(connection, connection.ends![0]) : connection;
  };
  return {
    ...deployment,
    gateways: only(deployment, (gateway) => !isElsewhere(deployment, endOf(deployment, gateway))),
    connections: mapped(deployment, nearOf),
  };
}

/** Of the connections that have this end, their side of it. */
export function standingAt(deployment: Deployment, { name }: End): Deployment {
  const there = Object.values(deployment.connections).filter(({ ends }) => ends?.includes(name) === true);
  return {
    ...deployment,
    gateways: only(deployment, (gateway) => endOf(deployment, gateway)?.name === name),
    connections: mapped({ connections: Object.fromEntries(there.map((one) => [one.name, one])) }, (connection) =>
      seenFrom(connection, name),
    ),
  };
}

const only = ({ gateways }: Deployment, stands: (gateway: Gateway) => boolean): Deployment['gateways'] =>
  Object.fromEntries(Object.entries(gateways).filter(([, gateway]) => stands(gateway)));

const mapped = (
  { connections }: Pick<Deployment, 'connections'>,
  change: (connection: Connection) => Connection,
): Deployment['connections'] =>
  Object.fromEntries(Object.entries(connections).map(([name, connection]) => [name, change(connection)]));
