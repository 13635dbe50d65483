/**
 * The rungs for a gateway that is an EC2 instance with a VPN daemon on it, mildest first.
 *
 * `clear-source-dest-check` is for the one fault EC2 itself names; `restart-tunnel` for any down path whose instance can
 * be talked to, also beside others' traffic, then on its one tunnel alone; the others only with evidence against the
 * machine, or a partner's broken firewall would have us reboot, restart and replace a perfect gateway.
 *
 * Example: path a is down, its instance runs, its status checks pass, its agent answers. Only `restart-tunnel` fits; when
 * it has been tried and a is still down, no rung is left and people are asked to call the partner.
 */

import { uuidOf } from '../words/digest';
import type { Connection, Deployment, Gateway, InstanceGateway, PathName } from '../words/domain';
import { isOver } from '../words/ends';
import { instanceAt, isKnownByNameOnly } from '../words/gateways';
import type { Rung } from '../words/rungs';
import { tunnelNames } from '../words/tunnel-text';
import { identityOf } from './identity';
import type { Facts, RungPath, RungSpec, RungStart } from './kind';
import { recordParameters } from './name-record';

const gatewayOf = ({ deployment, connection }: Facts, path: PathName): InstanceGateway =>
  instanceAt(deployment, connection.paths[path]!.gateway);

const machineRung = {
  besideTraffic: false,
  mendsNamedFault: false,
  stopsMachine: false,
  replaces: false,
  isOrder: false,
} as const;

export const instanceRungs = {
  'clear-source-dest-check': {
    ...machineRung,
    mendsNamedFault: true,
    fits: (_facts, { ownFault }) => ownFault === 'forwarding',
    parameters: (facts, path, start) => ({
      ...common(facts, path, start),
      InterfaceId: [identityAt(facts, path).routeInterfaceId],
    }),
    why: (_facts, path) => `${path.ownSideBecause}: it is switched off again; ${downText(path)}`,
  },
  'restart-tunnel': {
    ...machineRung,
    besideTraffic: true,
    fits: mayRestartTunnel,
    parameters: (facts, path, start) => ({
      ...common(facts, path, start),
      Tunnel: [facts.connection.paths[path]!.tunnels.join(',')],
      Shared: [isShared(facts.deployment, gatewayOf(facts, path)) ? 'true' : 'false'],
      Passing: [start.beside ? 'true' : 'false'],
    }),
    why: (facts, path, { beside }) => {
      const { name } = gatewayOf(facts, path.path);
      const alone = beside ? `, and nothing else, since others pass over ${name}` : '';
      const { tunnels } = facts.connection.paths[path.path]!;
      const names = tunnelNames({ tunnels });
      const which = tunnels.length > 1 ? `whichever of ${names} is dead there` : names;
      return `${downText(path)}: restart-tunnel of ${which} on ${name}${alone}; ${path.ownSideBecause}`;
    },
  },
  reboot: {
    ...machineRung,
    fits: (_facts, { instanceState, ownFault }) => instanceState === 'running' && ownFault === 'machine',
    parameters: common,
    why: whyMachine('reboot'),
  },
  'stop-start': {
    ...machineRung,
    stopsMachine: true,
    fits: (facts, { path, instanceState, ownFault }) =>
      ownFault === 'machine' &&
      instanceState !== 'terminated' &&
      instanceState !== 'shutting-down' &&
      // Started again it has another address, and only `replace` tells the name.
      !isKnownByNameOnly(gatewayOf(facts, path)),
    parameters: common,
    why: whyMachine('stop-start'),
  },
  replace: {
    ...machineRung,
    stopsMachine: true,
    replaces: true,
    fits: (facts, { path, ownFault }) =>
      ownFault === 'machine' &&
      gatewayOf(facts, path).launchTemplate !== undefined &&
      facts.connection.policy.replaces24hMax > 0,
    parameters: replaceParameters,
    why: whyMachine('replace'),
  },
} as const satisfies Partial<Record<Rung, RungSpec>>;

const downText = ({ path, because }: RungPath): string => `path ${path} is down (${because})`;

function whyMachine(rung: Rung): RungSpec['why'] {
  return (facts, path) =>
    `${downText(path)} and ${gatewayOf(facts, path.path).name} carries nobody: ${rung}, because ${path.ownSideBecause}`;
}

/** A machine whose status checks fail has no agent to restart a daemon with; what EC2 drops, no daemon brings back. */
function mayRestartTunnel(facts: Facts, { path, agentLost, instanceState, ownFault }: RungPath): boolean {
  const gateway = gatewayOf(facts, path);
  const { tunnels } = facts.connection.paths[path]!;
  const instance = facts.evidence.instances[gateway.name];
  const checksFail = instance?.instanceStatus === 'impaired' || instance?.systemStatus === 'impaired';
  const isReached = instanceState === 'running' && gateway.control !== 'none' && !agentLost && !checksFail;
  return tunnels.length > 0 && isReached && ownFault !== 'forwarding';
}

const identityAt = (facts: Facts, path: PathName) =>
  identityOf(facts.deployment, gatewayOf(facts, path).name, facts.evidence);

function common(facts: Facts, path: PathName, { clientToken }: RungStart): Record<string, readonly string[]> {
  return {
    InstanceId: [identityAt(facts, path).instanceId],
    Gateway: [gatewayOf(facts, path).name],
    Repair: [clientToken],
  };
}

function replaceParameters(facts: Facts, path: PathName, start: RungStart): Record<string, readonly string[]> {
  const gateway = gatewayOf(facts, path);
  return {
    ...common(facts, path, start),
    OldInterfaceId: [identityAt(facts, path).routeInterfaceId],
    DeclaredInstanceId: [gateway.instanceId],
    DeclaredInterfaceId: [gateway.routeInterfaceId],
    LaunchTemplateId: [gateway.launchTemplate!.id],
    LaunchTemplateVersion: [gateway.launchTemplate!.version],
    AllocationId: [gateway.address?.allocationId ?? 'none'],
    SecondaryAddress: [gateway.secondaryAddress ?? 'none'],
    ...recordParameters(gateway),
    Canary: [start.canary],
    ClientToken: [uuidOf(`launch/${start.clientToken}`)],
  };
}

/** Two tunnels of one connection share a gateway as two connections do. */
function isShared({ connections }: Deployment, { name }: Gateway): boolean {
  const paths = Object.values(connections).flatMap((connection: Connection) => Object.values(connection.paths));
  return paths.filter((path) => isOver(path, name)).length > 1;
}
