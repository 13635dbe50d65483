/** What `adopt` reads of a VPC, with the rights of whoever asks. What may not be read is a question more, not an end. */
import type { Address, Instance, NetworkInterface, RouteTable, SecurityGroup, Subnet } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { attempt } from '../../../adapters/attempt';
import { isFault } from '../../../adapters/errors';
import type { World } from '../../../functions/world';
import { accountOf } from '../account';
import type { SeenVpn } from '../tunnels';

export interface SeenVpc {
  readonly vpcId: string;
  readonly tables: readonly RouteTable[];
  readonly interfaces: readonly NetworkInterface[];
  readonly instances: readonly Instance[];
  readonly subnets: readonly Subnet[];
  readonly addresses: readonly Address[];
  readonly groups: readonly SecurityGroup[];
  readonly vpns: readonly SeenVpn[];
  /** Instances whose agent is online; null: nobody could say. */
  readonly agents: ReadonlySet<string> | null;
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
}

/** Throws where tables, interfaces or subnets cannot be read: without them there is nothing to propose. */
export async function seenVpc(world: World, vpcId: string): Promise<SeenVpc> {
  const account = accountOf(world);
  const unread: string[] = [];
  const orNone = <T, N>(ask: Promise<T>, none: N): Promise<T | N> =>
    ask.catch((error: unknown) => {
      // The local cloud says `NotModelled` of what it does not play.
      if (!isFault(error) && (error as Error).name !== 'NotModelled') throw error;
      unread.push((error as Error).message);
      return none;
    });
  const [tables, interfaces, subnets, instances, addresses, groups, vpns, agents] = await Promise.all([
    account.routeTablesOf(vpcId),
    account.interfacesOf(vpcId),
    account.subnetsOf(vpcId),
    account.instancesOf(vpcId),
    orNone(account.addresses(), []),
    orNone(account.securityGroupsOf(vpcId), []),
    orNone(account.vpns(), []),
    orNone(onlineAgents(world), null),
  ]);
  return { vpcId, tables, interfaces, subnets, instances, addresses, groups, vpns, agents, unread };
}

async function onlineAgents(world: World): Promise<ReadonlySet<string>> {
  const online = new Set<string>();
  let NextToken: string | undefined;
  do {
    const describe = new DescribeInstanceInformationCommand({ MaxResults: 50, NextToken });
    const tried = { operation: 'DescribeInstanceInformation', on: 'all of the region' };
    const answer = await attempt(world, tried, () => world.aws.ssm.send(describe));
    for (const { InstanceId, PingStatus } of answer.InstanceInformationList ?? [])
      if (InstanceId !== undefined && PingStatus === 'Online') online.add(InstanceId);
    NextToken = answer.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return online;
}
