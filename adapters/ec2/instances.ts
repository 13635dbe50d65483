/**
 * What EC2 and Systems Manager say about gateways. Reads only; `instance-facts.ts` turns the answers into facts.
 *
 *     DescribeInstances ------+--> DescribeInstanceStatus, DescribeInstanceInformation   (only ids EC2 knows:
 *     DescribeNetworkInterfaces                                                            one unknown id fails a call)
 *
 * A gateway EC2 does not list has no facts: a mistyped id must read as unknown, never as terminated.
 */
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type EC2Client,
  type Instance,
  type InstanceStatus,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type InstanceInformation, type SSMClient } from '@aws-sdk/client-ssm';
import type { GatewayName } from '../../core/words/domain';
import type { InstanceFacts } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { isFault } from '../errors';
import { instanceFacts, type KnownGateway } from './instance-facts';

export interface Instances {
  /** Null: EC2 does not list it, or could not be asked about it. Throws when DescribeInstances itself fails. */
  read(gateways: readonly KnownGateway[]): Promise<Readonly<Record<GatewayName, InstanceFacts | null>>>;
}

/** DescribeInstanceInformation's largest page. */
const agentsPerPageMax = 50;

interface Clients {
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly ssm: Pick<SSMClient, 'send'>;
}

/** `unread` hears of side questions that failed: their fields read as unknown, the main answer still counts. */
export function instances({ ec2, ssm }: Clients, clock: Clock, unread: (fault: Error) => void): Instances {
  const orUnknown = <T>(ask: () => Promise<T>): Promise<T | null> =>
    ask().catch((error: unknown) => {
      if (!isFault(error)) throw error;
      unread(error);
      return null;
    });

  const instancesOf = async (ids: readonly string[]): Promise<Instance[]> => {
    // Filters, not InstanceIds: an id that EC2 has forgotten must not fail the call for the others.
    const describe = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] });
    const tried = { operation: 'DescribeInstances', on: ids.join(', ') };
    const { Reservations } = await attempt(clock, tried, () => ec2.send(describe));
    return (Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
  };

  const interfacesOf = async (ids: readonly string[]): Promise<NetworkInterface[]> => {
    const describe = new DescribeNetworkInterfacesCommand({
      Filters: [{ Name: 'network-interface-id', Values: [...ids] }],
    });
    const tried = { operation: 'DescribeNetworkInterfaces', on: ids.join(', ') };
    return (await attempt(clock, tried, () => ec2.send(describe))).NetworkInterfaces ?? [];
  };

  const statusesOf = async (ids: readonly string[]): Promise<InstanceStatus[]> => {
    const describe = new DescribeInstanceStatusCommand({ InstanceIds: [...ids], IncludeAllInstances: true });
    const tried = { operation: 'DescribeInstanceStatus', on: ids.join(', ') };
    return (await attempt(clock, tried, () => ec2.send(describe))).InstanceStatuses ?? [];
  };

  const agentsOf = async (ids: readonly string[]): Promise<InstanceInformation[]> => {
    const agents: InstanceInformation[] = [];
    for (let i = 0; i < ids.length; i += agentsPerPageMax) {
      const page = ids.slice(i, i + agentsPerPageMax);
      const describe = new DescribeInstanceInformationCommand({
        Filters: [{ Key: 'InstanceIds', Values: page }],
        MaxResults: agentsPerPageMax,
      });
      const tried = { operation: 'DescribeInstanceInformation', on: page.join(', ') };
      agents.push(...((await attempt(clock, tried, () => ssm.send(describe))).InstanceInformationList ?? []));
    }
    return agents;
  };

  return {
    async read(gateways) {
      if (gateways.length === 0) return {};
      const [found, interfaces] = await Promise.all([
        instancesOf(gateways.map((g) => g.identity.instanceId)),
        orUnknown(() => interfacesOf(gateways.map((g) => g.identity.routeInterfaceId))),
      ]);
      const ids = found.flatMap((instance) => instance.InstanceId ?? []);
      const withAgent = gateways.filter((g) => g.gateway.control === 'ssm').map((g) => g.identity.instanceId);
      const [statuses, agents] = await Promise.all([
        ids.length === 0 ? null : orUnknown(() => statusesOf(ids)),
        withAgent.length === 0 ? null : orUnknown(() => agentsOf(withAgent)),
      ]);
      return Object.fromEntries(
        gateways.map((known) => {
          const { instanceId, routeInterfaceId } = known.identity;
          const instance = found.find((i) => i.InstanceId === instanceId);
          if (instance === undefined || interfaces === null) return [known.gateway.name, null];
          const facts = instanceFacts(known, {
            instance,
            routeInterface: interfaces.find((i) => i.NetworkInterfaceId === routeInterfaceId),
            status: statuses?.find((s) => s.InstanceId === instanceId),
            agent: agents?.find((a) => a.InstanceId === instanceId),
          });
          return [known.gateway.name, facts];
        }),
      );
    },
  };
}
