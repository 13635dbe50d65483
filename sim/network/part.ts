/**
 * A world as one region of one account has it: its own machines, interfaces, addresses and route tables, and nobody
 * else's. Packets know no such border.
 */
import type { Deployment } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import { endsElsewhere } from '../../core/words/end-names';
import { instancesOf } from '../../core/words/gateways';
import type { WorldPort } from '../../local-cloud/world-port';
import type { PhysicalWorld } from '../world';

type Whose = EndName | null;

/** `end`: one that stands elsewhere; null: all that stands where the deployment does. */
export function partOf(world: PhysicalWorld, port: WorldPort, end: Whose): WorldPort {
  const isOfVpc = (vpcId: string | null | undefined): boolean => vpcOwner(world.deployment, vpcId) === end;
  const isOurs = (instanceId: string): boolean => machineOwner(world, instanceId) === end;
  return {
    ...port,
    names: {
      get zones() {
        return filtered(port.names.zones, ({ id }) => zoneOwner(world.deployment, id) === end);
      },
      serve: (zoneId, name, record) => port.names.serve(zoneId, name, record),
    },
    vpc: {
      get subnets() {
        return filtered(port.vpc.subnets, ({ vpcId }) => isOfVpc(vpcId));
      },
      get interfaces() {
        return filtered(port.vpc.interfaces, ({ vpcId }) => isOfVpc(vpcId));
      },
      get addresses() {
        return filtered(port.vpc.addresses, ({ allocationId }) => addressOwner(world.deployment, allocationId) === end);
      },
      gone: port.vpc.gone,
      newId: (prefix) => port.vpc.newId(prefix),
      addInterface: (wanted) => port.vpc.addInterface(wanted),
      freeAddress: (neighbour) => port.vpc.freeAddress(neighbour),
      freePublicAddress: () => port.vpc.freePublicAddress(),
      interfaceOf: (instanceId) => (isOurs(instanceId) ? port.vpc.interfaceOf(instanceId) : undefined),
      interfaceAt: (address, vpcId) => (isOfVpc(vpcId) ? port.vpc.interfaceAt(address, vpcId) : undefined),
      addressOn: (interfaceId) => port.vpc.addressOn(interfaceId),
      associate: (address, interfaceId) => port.vpc.associate(address, interfaceId),
      disassociate: (address) => port.vpc.disassociate(address),
      assign: (address, interfaceId) => port.vpc.assign(address, interfaceId),
    },
    machines: {
      ...port.machines,
      get all() {
        return filtered(port.machines.all, ({ id }) => isOurs(id));
      },
      onState: (listener) =>
        port.machines.onState((machine) => {
          if (isOurs(machine.id)) listener(machine);
        }),
    },
    routes: {
      get tables() {
        return filtered(port.routes.tables, ({ vpcId }) => isOfVpc(vpcId));
      },
      isListed: (id) => isOfVpc(port.routes.tables.get(id)?.vpcId) && port.routes.isListed(id),
      written: (table, destination) => port.routes.written(table, destination),
      shown: (table) => port.routes.shown(table),
      write: (table, destination, target) => port.routes.write(table, destination, target),
    },
    ...(end !== null && {
      siteToSite: { ...port.siteToSite, connections: () => [], onMetric: () => {}, onTold: () => {} },
    }),
  };
}

function filtered<V>(all: ReadonlyMap<string, V>, isOurs: (value: V) => boolean): ReadonlyMap<string, V> {
  return new Map([...all].filter(([, value]) => isOurs(value)));
}

const isElsewhere = (deployment: Deployment, end: EndName | undefined): boolean =>
  endsElsewhere(deployment).some(({ name }) => name === end);

const whose = (deployment: Deployment, end: EndName | undefined): Whose =>
  end !== undefined && isElsewhere(deployment, end) ? end : null;

function vpcOwner(deployment: Deployment, vpcId: string | null | undefined): Whose {
  const gateway = Object.values(instancesOf(deployment)).find((one) => one.vpcId === vpcId);
  return whose(deployment, gateway?.end);
}

function addressOwner(deployment: Deployment, allocationId: string): Whose {
  const gateway = Object.values(instancesOf(deployment)).find((one) => one.address?.allocationId === allocationId);
  return whose(deployment, gateway?.end);
}

function zoneOwner(deployment: Deployment, zoneId: string): Whose {
  const gateway = Object.values(instancesOf(deployment)).find((one) => one.record?.zoneId === zoneId);
  return whose(deployment, gateway?.end);
}

function machineOwner({ deployment, instances }: PhysicalWorld, instanceId: string): Whose {
  const [role] = instances.machines.get(instanceId)?.roles ?? [];
  return whose(deployment, role === undefined ? undefined : instancesOf(deployment)[role]?.end);
}
