/**
 * Who stands for a gateway, and what became of its machines: what a replacement leaves behind, in a few words. Read off
 * the physical world, never from what Switchback thinks of it.
 */
import type { Deployment, GatewayName, InstanceGateway } from '../core/words/domain';
import { gatewayOfCanary } from '../core/words/ends';
import { instanceAt } from '../core/words/gateways';
import type { Machine } from './network/instances';
import type { PhysicalWorld } from './world';

export interface StandsFor {
  /** Who has the Elastic IP: `declared`, `launched` or `nobody`. */
  readonly address: string;
  /** Whose address its name in DNS says; absent: it has none. */
  readonly name?: string;
  /** Who has its secondary address; absent: it has none. */
  readonly secondary?: string;
  /** Where all routes lead that pin canaries to paths over the gateway; `mixed`: not all to the same. */
  readonly canaries: string;
  /** State and labels of the declared instance: `stopped kept`. */
  readonly declared: string;
  /** The same of each one launched to replace it, in order; `none`. */
  readonly launched: string;
}

export function standingOf(world: PhysicalWorld, name: GatewayName): StandsFor {
  const gateway = instanceAt(world.deployment, name);
  const machines = [...world.instances.machines.values()].filter((machine) => machine.roles.includes(name));
  const whose = (interfaceId: string | null | undefined): string => {
    if (interfaceId === gateway.routeInterfaceId) return 'declared';
    const owner = world.vpc.interfaces.get(interfaceId ?? '')?.instanceId;
    return machines.some(({ id }) => id === owner) ? 'launched' : 'nobody';
  };
  const pins = pinningRoutes(world.deployment, name).map(([table, destination]) =>
    whose(world.routes.written(table, destination)?.id),
  );
  const launched = machines.filter(({ id }) => id !== gateway.instanceId);
  return {
    address: whose(world.vpc.addresses.get(gateway.address?.allocationId ?? '')?.interfaceId),
    ...(gateway.record !== undefined && { name: whose(named(world, gateway.record)) }),
    ...(gateway.secondaryAddress !== undefined && {
      secondary: whose(world.vpc.interfaceAt(gateway.secondaryAddress, gateway.vpcId)?.id),
    }),
    canaries: new Set(pins).size === 1 ? pins[0]! : 'mixed',
    declared: described(machines.find(({ id }) => id === gateway.instanceId)!),
    launched: launched.length === 0 ? 'none' : launched.map(described).join(', '),
  };
}

/** The interface that holds the address which the name says. */
function named({ names, vpc }: PhysicalWorld, { zoneId, name }: NonNullable<InstanceGateway['record']>) {
  const says = names.zones.get(zoneId)?.served.get(name)?.value;
  const elastic = [...vpc.addresses.values()].find(({ publicIp }) => publicIp === says);
  return elastic?.interfaceId ?? [...vpc.interfaces.values()].find((one) => one.publicAddress === says)?.id;
}

const described = ({ state, tags }: Machine): string =>
  [state, ...['quarantined', 'kept'].filter((label) => tags.has(`switchback:${label}`))].join(' ');

function pinningRoutes({ connections }: Deployment, gateway: GatewayName): (readonly [string, string])[] {
  return Object.values(connections).flatMap((connection) =>
    connection.canaries.flatMap((canary) => {
      const { pin, routeTableId, targets, end } = canary;
      if (routeTableId === undefined || gatewayOfCanary(connection, canary) !== gateway) return [];
      const destinations =
        pin === 'target'
          ? targets.map(({ address }) => `${address}/32`)
          : Object.values(connection.routeSets).flatMap((set) => (set.end === end ? set.destinations : []));
      return destinations.map((destination) => [routeTableId, destination] as const);
    }),
  );
}
