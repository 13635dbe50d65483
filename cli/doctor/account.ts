/**
 * The account as `doctor`, `validate --live` and `adopt` look at it: each question is asked once, however many checks
 * have use for its answer. Whole lists, where AWS lets one filter by what the deployment names: a thing that is not there
 * must read as missing, never fail the look at all others.
 */
import {
  type Address,
  DescribeAddressesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type Filter,
  type Instance,
  type LaunchTemplateVersion,
  type NetworkInterface,
  type RouteTable,
  type SecurityGroup,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { attempt } from '../../adapters/attempt';
import { isNamed } from '../../adapters/errors';
import type { World } from '../../functions/world';
import { type SeenVpn, seenVpns } from './tunnels';

export interface Account {
  /** By id; what is not there is missing. */
  subnets(ids: readonly string[]): Promise<ReadonlyMap<string, Subnet>>;
  subnetsOf(vpcId: string): Promise<readonly Subnet[]>;
  securityGroups(ids: readonly string[]): Promise<ReadonlyMap<string, SecurityGroup>>;
  securityGroupsOf(vpcId: string): Promise<readonly SecurityGroup[]>;
  interfaces(ids: readonly string[]): Promise<ReadonlyMap<string, NetworkInterface>>;
  interfacesOf(vpcId: string): Promise<readonly NetworkInterface[]>;
  instancesOf(vpcId: string): Promise<readonly Instance[]>;
  routeTables(ids: readonly string[]): Promise<ReadonlyMap<string, RouteTable>>;
  routeTablesOf(vpcId: string): Promise<readonly RouteTable[]>;
  addresses(): Promise<readonly Address[]>;
  vpns(): Promise<readonly SeenVpn[]>;
  /** Null: there is no such template, or no such version of it. */
  launchTemplate(id: string, version: string): Promise<LaunchTemplateVersion | null>;
  /** Does what the instance runs at its first boot match? The text itself, which may hold keys, is let go of here. */
  userDataMatches(instanceId: string, pattern: RegExp): Promise<boolean>;
}

interface Paged {
  readonly NextToken?: string | undefined;
}

/** EC2's own limit of values in one filter. */
const valuesPerFilterMax = 200;

export function accountOf(world: World): Account {
  const { ec2 } = world.aws;
  const asked = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const found = asked.get(key) ?? ask();
    asked.set(key, found);
    return found as Promise<T>;
  };

  const send = <T>(operation: string, on: string, command: object): Promise<T> =>
    attempt(world, { operation, on }, () => ec2.send(command as never) as unknown as Promise<T>);

  async function all<T extends Paged, R>(
    operation: string,
    on: string,
    command: (NextToken: string | undefined) => object,
    pick: (answer: T) => readonly R[] | undefined,
  ): Promise<R[]> {
    const found: R[] = [];
    let token: string | undefined;
    do {
      const answer = await send<T>(operation, on, command(token));
      found.push(...(pick(answer) ?? []));
      token = answer.NextToken;
    } while (token !== undefined && token !== '');
    return found;
  }

  /** A list by one filter, or by ids in a filter, in the parts that EC2 takes. */
  function filtered<T extends Paged, R>(
    operation: string,
    command: (input: { Filters: Filter[]; NextToken?: string | undefined }) => object,
    pick: (answer: T) => readonly R[] | undefined,
  ): (name: string, values: readonly string[]) => Promise<readonly R[]> {
    return (name, values) =>
      once(`${operation} ${name} ${[...values].sort().join(' ')}`, async () => {
        const found: R[] = [];
        for (let i = 0; i < values.length; i += valuesPerFilterMax) {
          const Filters = [{ Name: name, Values: values.slice(i, i + valuesPerFilterMax) }];
          const on = values.slice(i, i + 3).join(', ');
          found.push(...(await all(operation, on, (NextToken) => command({ Filters, NextToken }), pick)));
        }
        return found;
      });
  }

  const subnets = filtered(
    'DescribeSubnets',
    (input) => new DescribeSubnetsCommand(input),
    ({ Subnets }: { Subnets?: Subnet[] } & Paged) => Subnets,
  );
  const groups = filtered(
    'DescribeSecurityGroups',
    (input) => new DescribeSecurityGroupsCommand(input),
    ({ SecurityGroups }: { SecurityGroups?: SecurityGroup[] } & Paged) => SecurityGroups,
  );
  const interfaces = filtered(
    'DescribeNetworkInterfaces',
    (input) => new DescribeNetworkInterfacesCommand(input),
    ({ NetworkInterfaces }: { NetworkInterfaces?: NetworkInterface[] } & Paged) => NetworkInterfaces,
  );
  const tables = filtered(
    'DescribeRouteTables',
    (input) => new DescribeRouteTablesCommand({ ...input, MaxResults: 100 }),
    ({ RouteTables }: { RouteTables?: RouteTable[] } & Paged) => RouteTables,
  );
  const instances = filtered(
    'DescribeInstances',
    (input) => new DescribeInstancesCommand(input),
    ({ Reservations }: { Reservations?: { Instances?: Instance[] }[] } & Paged) =>
      Reservations?.flatMap(({ Instances = [] }) => Instances),
  );
  const byId = <R>(found: readonly R[], idOf: (one: R) => string | undefined): ReadonlyMap<string, R> =>
    new Map(found.map((one) => [idOf(one) ?? '', one]));

  return {
    subnets: async (ids) => byId(await subnets('subnet-id', ids), ({ SubnetId }) => SubnetId),
    subnetsOf: (vpcId) => subnets('vpc-id', [vpcId]),
    securityGroups: async (ids) => byId(await groups('group-id', ids), ({ GroupId }) => GroupId),
    securityGroupsOf: (vpcId) => groups('vpc-id', [vpcId]),
    interfaces: async (ids) =>
      byId(await interfaces('network-interface-id', ids), ({ NetworkInterfaceId }) => NetworkInterfaceId),
    interfacesOf: (vpcId) => interfaces('vpc-id', [vpcId]),
    instancesOf: (vpcId) => instances('vpc-id', [vpcId]),
    routeTables: async (ids) => byId(await tables('route-table-id', ids), ({ RouteTableId }) => RouteTableId),
    routeTablesOf: (vpcId) => tables('vpc-id', [vpcId]),
    addresses: () =>
      once('addresses', async () => {
        const { Addresses = [] } = await send<{ Addresses?: Address[] }>(
          'DescribeAddresses',
          'all of the region',
          new DescribeAddressesCommand({}),
        );
        return Addresses;
      }),
    vpns: () => once('vpns', () => seenVpns(ec2, world)),
    launchTemplate: (id, version) =>
      once(`template ${id} ${version}`, async () => {
        const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] });
        const { LaunchTemplateVersions = [] } = await attempt(
          world,
          { operation: 'DescribeLaunchTemplateVersions', on: `${id} version ${version}` },
          () => ec2.send(command).catch(noneIfMissing),
        );
        return LaunchTemplateVersions[0] ?? null;
      }),
    userDataMatches: async (instanceId, pattern) => {
      const command = new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: 'userData' });
      const tried = { operation: 'DescribeInstanceAttribute', on: instanceId };
      return attempt(world, tried, async () =>
        pattern.test(Buffer.from((await ec2.send(command)).UserData?.Value ?? '', 'base64').toString('utf8')),
      );
    },
  };
}

function noneIfMissing(error: unknown): { LaunchTemplateVersions: [] } {
  if (isNamed(error, 'InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateId.VersionNotFound'))
    return { LaunchTemplateVersions: [] };
  throw error;
}
