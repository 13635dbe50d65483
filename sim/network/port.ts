/** Our world as the local cloud asks for it: EC2's machines are gateways, and commands on them reach VPN daemons. */

import { instanceAt, instancesOf, isKnownByNameOnly } from '../../core/words/gateways';
import type { Launchable, WorldPort } from '../../local-cloud/world-port';
import type { PhysicalWorld } from '../world';
import { FarEnds } from './far-ends';
import { gatewayPrograms } from './gateway-programs';
import type { Machine } from './instances';

/** As AWS says; where an author names another, AWS is taken to be there. */
const networkManagerAtHome = 'us-west-2';

export function portOf(world: PhysicalWorld): WorldPort {
  const { clock, names, vpc, instances, routes } = world;
  const machine = (id: string): Machine => {
    const found = instances.machines.get(id);
    if (found === undefined) throw new Error(`There is no machine ${id} in this world`);
    return found;
  };
  const farEnds = new FarEnds(world);
  return {
    clock,
    names,
    vpc,
    routes,
    lag: () => world.lag,
    siteToSite: {
      connections: () => [...world.vpns.shown(), ...farEnds.shown()],
      replaceTunnel: (id, outsideAddress) => replaceTunnel(world, id, outsideAddress),
      onMetric: (listener) => world.vpns.meter.onMetric(listener),
      onTold: (listener) =>
        world.vpns.networkManager.onEvent((event) =>
          listener(event, world.deployment.installation?.networkManagerRegion ?? networkManagerAtHome),
        ),
    },
    transit: world.transit,
    packets: {
      zoneIsUp: (zone) => world.zoneIsUp(zone),
      isCutOff: (subnetId) => world.isCutOff(subnetId),
      connect: (subnetId, zone, to) => world.connect(subnetId, zone, to),
      changed: (what) => world.networkChanged(what),
    },
    machines: {
      all: instances.machines,
      start: (id) => instances.start(machine(id)),
      stop: (id, plugPulled) => instances.stop(machine(id), plugPulled),
      hastenStop: (id, plugPulled) => instances.hastenStop(machine(id), plugPulled),
      reboot: (id) => instances.reboot(machine(id)),
      terminate: (id) => instances.terminate(machine(id), () => vpc.release(id)),
      hasCapacity: (zone) => world.hasCapacity(zone),
      agentReachable: (id) => instances.agentReachable(machine(id)),
      agentSeemsOnline: (id) => instances.agentSeemsOnline(machine(id)),
      programsOn: (id, sleep) => gatewayPrograms(world, machine(id), sleep),
      onState: (listener) => world.onInstanceState(listener),
      launchables: (launchTemplateId) => launchables(world, launchTemplateId),
      launch: ({ id, as, availabilityZone, clientToken }) => {
        const gateways = as.map(({ name }) => instanceAt(world.deployment, name));
        const [first] = gateways;
        return instances.launch({
          id,
          roles: gateways.map(({ name }) => name),
          availabilityZone,
          launchTemplate: first?.launchTemplate ?? null,
          agentInstalled: first?.control === 'ssm' && world.agentsCome,
          firstBoot: world.firstBoot,
          ...(clientToken !== undefined && { clientToken }),
        });
      },
    },
  };
}

/** The gateways whose launch template this is: what is launched from it can stand for them. */
function launchables({ deployment }: PhysicalWorld, launchTemplateId: string): Launchable[] {
  return Object.values(instancesOf(deployment)).flatMap((gateway) => {
    const { name, subnetId, vpcId, availabilityZone, privateAddress, launchTemplate } = gateway;
    if (launchTemplate?.id !== launchTemplateId) return [];
    const { version, role } = launchTemplate;
    const isPublic = isKnownByNameOnly(gateway);
    return [{ name, version, role, subnetId, vpcId, availabilityZone, privateAddress, isPublic }];
  });
}

function replaceTunnel({ vpns }: PhysicalWorld, id: string, outsideAddress: string): boolean {
  const vpn = vpns.all.find((each) => each.id === id)!;
  const tunnel = vpn.tunnels.find((each) => each.outsideAddress === outsideAddress)!;
  return vpns.replace(vpn, tunnel, 'a call');
}
