/**
 * Where moto and AWS's documentation disagree. The fakes follow the documentation; moto must differ just so, or do as
 * documented: then the suite says loudly that the row may go. Each is told in docs/FIDELITY.md under the same words.
 */

import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  CreateRouteCommand,
  CreateTagsCommand,
  CreateTransitGatewayRouteCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeVpnConnectionsCommand,
  GetActiveVpnTunnelStatusCommand,
  GetManagedPrefixListEntriesCommand,
  GetVpnTunnelReplacementStatusCommand,
  RebootInstancesCommand,
  ReplaceRouteCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  SearchTransitGatewayRoutesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import type { InstanceGateway } from '../../core/words/domain';
import { instanceAt, instancesOf, vpnAt } from '../../core/words/gateways';
import { absent, type Cloud, type ContractEvent, outcomeOf, type Part, type Site } from './site';

export interface Difference {
  readonly what: string;
  readonly show: (site: Site, cloud: Cloud) => Promise<unknown>;
  readonly documented: unknown;
  readonly moto: unknown;
}

const secondaryAddress = '10.0.1.20';
const gatewayOf = ({ deployment }: Site): InstanceGateway => instanceAt(deployment, 'gw-a');
const routeOf = ({ deployment }: Site) => {
  const { tables, destinations } = deployment.connections['paris']!.routeSets['office']!;
  return { RouteTableId: tables[0]!, DestinationCidrBlock: destinations[0]! };
};

const launchOf = (site: Site, over: Partial<RunInstancesCommandInput> = {}) => {
  const { id: LaunchTemplateId, version: Version } = gatewayOf(site).launchTemplate!;
  const LaunchTemplate = { LaunchTemplateId, Version };
  return new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ClientToken: 'once', LaunchTemplate, ...over });
};

async function stopped(site: Site): Promise<void> {
  await site.aws.ec2.send(new StopInstancesCommand({ InstanceIds: [gatewayOf(site).instanceId] }));
  await site.settle();
}

async function describedRoute(site: Site) {
  const { RouteTableId, DestinationCidrBlock } = routeOf(site);
  const { RouteTables } = await site.aws.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }));
  return RouteTables![0]!.Routes!.find((route) => route.DestinationCidrBlock === DestinationCidrBlock)!;
}

const matchesDetail = async (cloud: Cloud, detail: object, seen: ContractEvent['detail']): Promise<boolean> => {
  const pattern = { source: ['difference'], detail };
  const event = { source: 'difference', 'detail-type': 'Case', resources: [], detail: seen };
  return (await cloud.matchEvents({ pattern }, { event })).size === 1;
};

const onRoutes: readonly Difference[] = [
  {
    what: 'a route to a stopped instance is `blackhole`',
    show: async (site) => {
      await stopped(site);
      return (await describedRoute(site)).State;
    },
    documented: 'blackhole',
    moto: 'active',
  },
  {
    what: 'a route to an interface names the instance it is on',
    show: async (site) => (await describedRoute(site)).InstanceId === gatewayOf(site).instanceId,
    documented: true,
    moto: false,
  },
  {
    what: 'a second route for one destination, to an interface, is `RouteAlreadyExists`',
    show: (site) => {
      const NetworkInterfaceId = gatewayOf(site).routeInterfaceId;
      return outcomeOf(site.aws.ec2.send(new CreateRouteCommand({ ...routeOf(site), NetworkInterfaceId })));
    },
    documented: 'RouteAlreadyExists',
    moto: 'accepted',
  },
  {
    what: 'a destination that is no CIDR block is `InvalidParameterValue`',
    show: (site) => {
      const aimed = { NetworkInterfaceId: gatewayOf(site).routeInterfaceId, DestinationCidrBlock: '172.17.0.0/99' };
      return outcomeOf(site.aws.ec2.send(new CreateRouteCommand({ ...routeOf(site), ...aimed })));
    },
    documented: 'InvalidParameterValue',
    moto: 'accepted',
  },
  {
    what: 'a dry run of ReplaceRoute ends in `DryRunOperation` and changes nothing',
    show: (site) => {
      const NetworkInterfaceId = gatewayOf(site).routeInterfaceId;
      const dry = new ReplaceRouteCommand({ ...routeOf(site), NetworkInterfaceId, DryRun: true });
      return outcomeOf(site.aws.ec2.send(dry));
    },
    documented: 'DryRunOperation',
    moto: 'accepted',
  },
];

const onInstances: readonly Difference[] = [
  {
    what: 'RunInstances with the same client token launches once',
    show: async (site) => {
      const launch = async () => (await site.aws.ec2.send(launchOf(site))).Instances![0]!.InstanceId;
      const [first, again] = [await launch(), await launch()];
      return first === again;
    },
    documented: true,
    moto: false,
  },
  {
    what: 'a new instance starts as `pending` and needs its time',
    show: async (site) => {
      const { Instances } = await site.aws.ec2.send(launchOf(site));
      const describe = new DescribeInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] });
      return (await site.aws.ec2.send(describe)).Reservations![0]!.Instances![0]!.State!.Name;
    },
    documented: 'pending',
    moto: 'running',
  },
  {
    what: 'an interface in use cannot be launched with: `InvalidNetworkInterface.InUse`',
    show: (site) => {
      const NetworkInterfaces = [{ DeviceIndex: 0, NetworkInterfaceId: gatewayOf(site).routeInterfaceId }];
      return outcomeOf(site.aws.ec2.send(launchOf(site, { NetworkInterfaces })));
    },
    documented: 'InvalidNetworkInterface.InUse',
    moto: 'accepted',
  },
  {
    what: 'an instance is found by the client token of its launch',
    show: async (site) => {
      await site.aws.ec2.send(launchOf(site));
      await site.settle();
      const Filters = [{ Name: 'client-token', Values: ['once'] }];
      return outcomeOf(site.aws.ec2.send(new DescribeInstancesCommand({ Filters })));
    },
    documented: 'accepted',
    moto: 'Error', // An HTML page with status 500.
  },
  {
    what: 'an unknown launch template is `InvalidLaunchTemplateId.NotFound`',
    show: (site) => {
      const LaunchTemplate = { LaunchTemplateId: absent.launchTemplate, Version: '1' };
      return outcomeOf(site.aws.ec2.send(launchOf(site, { LaunchTemplate })));
    },
    documented: 'InvalidLaunchTemplateId.NotFound',
    moto: 'Error', // An HTML page with status 500.
  },
  {
    what: 'the template’s interface decides the subnet',
    show: async (site) => (await launchedInterface(site)).SubnetId === gatewayOf(site).subnetId,
    documented: true,
    moto: false,
  },
  {
    what: 'a launch tags the interface when asked to',
    show: async (site) => (await launchedInterface(site)).TagSet,
    documented: [{ Key: 'switchback:gateway', Value: 'gw-a' }],
    moto: [],
  },
  {
    what: 'a stopped instance cannot be rebooted: `IncorrectInstanceState`',
    show: async (site) => {
      await stopped(site);
      const InstanceIds = [gatewayOf(site).instanceId];
      return outcomeOf(site.aws.ec2.send(new RebootInstancesCommand({ InstanceIds })));
    },
    documented: 'IncorrectInstanceState',
    moto: 'accepted', // And the instance runs.
  },
  {
    what: 'stopping a stopped instance changes nothing and says so',
    show: async (site) => {
      await stopped(site);
      const again = new StopInstancesCommand({ InstanceIds: [gatewayOf(site).instanceId] });
      return (await site.aws.ec2.send(again)).StoppingInstances![0]!.CurrentState!.Name;
    },
    documented: 'stopped',
    moto: 'stopping',
  },
  {
    what: 'an instance’s own source/destination check is that of its interface',
    show: async (site) => {
      const describe = new DescribeInstancesCommand({ InstanceIds: [gatewayOf(site).instanceId] });
      return (await site.aws.ec2.send(describe)).Reservations![0]!.Instances![0]!.SourceDestCheck;
    },
    documented: false,
    moto: true,
  },
  {
    what: 'an unknown instance cannot be tagged: `InvalidInstanceID.NotFound`',
    show: (site) => {
      const tag = new CreateTagsCommand({ Resources: [absent.instance], Tags: [{ Key: 'k', Value: 'v' }] });
      return outcomeOf(site.aws.ec2.send(tag));
    },
    documented: 'InvalidInstanceID.NotFound',
    moto: 'accepted',
  },
];

async function launchedInterface(site: Site) {
  const Tags = [{ Key: 'switchback:gateway', Value: 'gw-a' }];
  const TagSpecifications = [{ ResourceType: 'network-interface' as const, Tags }];
  const { Instances } = await site.aws.ec2.send(launchOf(site, { TagSpecifications }));
  const NetworkInterfaceIds = [Instances![0]!.NetworkInterfaces![0]!.NetworkInterfaceId!];
  const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds });
  return (await site.aws.ec2.send(describe)).NetworkInterfaces![0]!;
}

const onAddresses: readonly Difference[] = [
  {
    what: 'an address that has moved is no longer on the interface it left',
    show: async (site) => {
      const { 'gw-a': a, 'gw-b': b } = instancesOf(site.deployment);
      const move = { AllocationId: a!.address!.allocationId, NetworkInterfaceId: b!.routeInterfaceId };
      await site.aws.ec2.send(new AssociateAddressCommand({ ...move, AllowReassociation: true }));
      const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [a!.routeInterfaceId] });
      const [left] = (await site.aws.ec2.send(describe)).NetworkInterfaces!;
      return left!.Association?.PublicIp === a!.address!.publicIp;
    },
    documented: false,
    moto: true,
  },
  {
    what: 'an interface is found by a secondary private address (filter addresses.private-ip-address)',
    show: async (site) => {
      const NetworkInterfaceId = gatewayOf(site).routeInterfaceId;
      const given = { NetworkInterfaceId, PrivateIpAddresses: [secondaryAddress] };
      await site.aws.ec2.send(new AssignPrivateIpAddressesCommand(given));
      const Filters = [{ Name: 'addresses.private-ip-address', Values: [secondaryAddress] }];
      return (await site.aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces!.length;
    },
    documented: 1,
    moto: 0,
  },
  {
    what: 'a secondary private address that has moved is no longer on the interface it left',
    show: async (site) => {
      const { routeInterfaceId: left } = gatewayOf(site);
      const launched = await site.aws.ec2.send(launchOf(site));
      const beside = launched.Instances![0]!.NetworkInterfaces![0]!.NetworkInterfaceId!;
      const given = { PrivateIpAddresses: [secondaryAddress], AllowReassignment: true };
      for (const NetworkInterfaceId of [left, beside])
        await site.aws.ec2.send(new AssignPrivateIpAddressesCommand({ ...given, NetworkInterfaceId }));
      const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [left] });
      const { PrivateIpAddresses } = (await site.aws.ec2.send(describe)).NetworkInterfaces![0]!;
      return PrivateIpAddresses!.every(({ PrivateIpAddress }) => PrivateIpAddress !== secondaryAddress);
    },
    documented: true,
    moto: false,
  },
];

const onTheRest: readonly Difference[] = [
  {
    what: 'Systems Manager lists the agents (DescribeInstanceInformation)',
    show: (site) => outcomeOf(site.aws.ssm.send(new DescribeInstanceInformationCommand({}))),
    documented: 'accepted',
    moto: 'SyntaxError', // An HTML page with status 500.
  },
  {
    what: 'an unknown automation is `AutomationExecutionNotFoundException`',
    show: (site) => {
      const AutomationExecutionId = '00000000-0000-4000-8000-000000000000';
      return outcomeOf(site.aws.ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId })));
    },
    documented: 'AutomationExecutionNotFoundException',
    moto: 'SyntaxError',
  },
  {
    what: 'a Command document that is not there is `InvalidDocument`',
    show: (site) => {
      const on = { DocumentName: 'switchback-nowhere', InstanceIds: [gatewayOf(site).instanceId] };
      return outcomeOf(site.aws.ssm.send(new SendCommandCommand(on)));
    },
    documented: 'InvalidDocument',
    moto: 'accepted',
  },
  {
    what: 'a metric is found in its own namespace only',
    show: async (site) => {
      const at = site.clock.now();
      await site.publish(emfLine('Elsewhere', at));
      const Metric = {
        Namespace: 'Switchback',
        MetricName: 'Reachable',
        Dimensions: [{ Name: 'Canary', Value: 'ns' }],
      };
      const { MetricDataResults } = await site.aws.cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(at - 1_000),
          EndTime: new Date(at + 1_000),
          MetricDataQueries: [{ Id: 'one', MetricStat: { Metric, Period: 1, Stat: 'Minimum' } }],
        }),
      );
      return MetricDataResults![0]!.Values;
    },
    documented: [],
    moto: [1],
  },
  {
    what: 'a pattern looks into an array of objects, and must be satisfied within one element',
    show: async (_, cloud) => {
      const items = [
        { kind: 'a', size: 1 },
        { kind: 'b', size: 2 },
      ];
      return [
        await matchesDetail(cloud, { items: { kind: ['b'], size: [2] } }, { items }),
        await matchesDetail(cloud, { items: { kind: ['a'], size: [2] } }, { items }),
      ];
    },
    documented: [true, false],
    moto: [false, false],
  },
  {
    what: 'a boolean is not a number in patterns',
    show: (_, cloud) => matchesDetail(cloud, { truth: [{ numeric: ['=', 1] }] }, { truth: true }),
    documented: false,
    moto: true,
  },
  {
    what: 'a pattern with an unknown operator is refused',
    show: async (_, cloud) =>
      (await outcomeOf(matchesDetail(cloud, { a: [{ regex: 'x' }] }, { a: 'y' }))) !== 'accepted',
    documented: true,
    moto: false,
  },
];

const onTransit: readonly Difference[] = [
  {
    what: "a transit gateway's route names the attachment it leads to",
    show: async (site) => {
      const [route] = await searched(site);
      return (route!.TransitGatewayAttachments ?? []).length;
    },
    documented: 1,
    moto: 0,
  },
  {
    what: "a second route for one destination of a transit gateway's table is `RouteAlreadyExists`",
    show: (site) => outcomeOf(site.aws.ec2.send(new CreateTransitGatewayRouteCommand(transitRouteOf(site)))),
    documented: 'RouteAlreadyExists',
    moto: 'accepted',
  },
  {
    what: 'a route to an attachment that is not there is `InvalidTransitGatewayAttachmentID.NotFound`',
    show: (site) => {
      const aimed = { DestinationCidrBlock: '198.51.100.0/24', TransitGatewayAttachmentId: absent.attachment };
      const command = new CreateTransitGatewayRouteCommand({ ...transitRouteOf(site), ...aimed });
      return outcomeOf(site.aws.ec2.send(command));
    },
    documented: 'InvalidTransitGatewayAttachmentID.NotFound',
    moto: 'accepted',
  },
  {
    what: "a search in a transit gateway's table that is not there is `InvalidRouteTableID.NotFound`",
    show: (site) => outcomeOf(searched(site, absent.transitTable)),
    documented: 'InvalidRouteTableID.NotFound',
    moto: 'accepted',
  },
  {
    what: 'a prefix list that is not there is `InvalidPrefixListID.NotFound`',
    show: (site) =>
      outcomeOf(site.aws.ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: absent.prefixList }))),
    documented: 'InvalidPrefixListID.NotFound',
    moto: 'accepted',
  },
];

const onTunnels: readonly Difference[] = [
  {
    what: 'VPN connections are found by the filter vpn-connection-id',
    show: (site) => {
      const Filters = [{ Name: 'vpn-connection-id', Values: [tunnelOf(site).VpnConnectionId] }];
      return outcomeOf(site.aws.ec2.send(new DescribeVpnConnectionsCommand({ Filters })));
    },
    documented: 'accepted',
    moto: 'Error', // An HTML page with status 500.
  },
  {
    what: 'a VPN connection tells of its two tunnels (VgwTelemetry), by their outside addresses',
    show: async (site) => {
      const { VpnConnectionId } = tunnelOf(site);
      const VpnConnectionIds = [VpnConnectionId];
      const { VpnConnections } = await site.aws.ec2.send(new DescribeVpnConnectionsCommand({ VpnConnectionIds }));
      return (VpnConnections![0]!.VgwTelemetry ?? []).length;
    },
    documented: 2,
    moto: 0,
  },
  {
    what: 'the maintenance of a tunnel can be asked for (GetVpnTunnelReplacementStatus)',
    show: (site) => outcomeOf(site.aws.ec2.send(new GetVpnTunnelReplacementStatusCommand(tunnelOf(site)))),
    documented: 'accepted',
    moto: 'Error', // An HTML page with status 500.
  },
  {
    what: "whether a tunnel's endpoint is provisioned can be asked for (GetActiveVpnTunnelStatus)",
    show: (site) => outcomeOf(site.aws.ec2.send(new GetActiveVpnTunnelStatusCommand(tunnelOf(site)))),
    documented: 'accepted',
    moto: 'Error', // An HTML page with status 500.
  },
];

function tunnelOf({ deployment }: Site) {
  const { vpnConnectionId, tunnels } = vpnAt(deployment, 'vpn-a');
  return { VpnConnectionId: vpnConnectionId, VpnTunnelOutsideIpAddress: tunnels[0]! };
}

const transitSetOf = ({ deployment }: Site) => deployment.connections['paris']!.routeSets['spokes']!;

function transitRouteOf({ deployment }: Site) {
  const { tables, destinations } = transitSetOf({ deployment } as Site);
  const { endsOn } = vpnAt(deployment, 'vpn-a');
  return {
    TransitGatewayRouteTableId: tables[0]!,
    DestinationCidrBlock: destinations[0]!,
    TransitGatewayAttachmentId: endsOn.kind === 'transit-gateway' ? endsOn.attachmentId : '',
  };
}

async function searched(site: Site, table = transitSetOf(site).tables[0]!) {
  const exact = [{ Name: 'route-search.exact-match', Values: [...transitSetOf(site).destinations] }];
  const command = new SearchTransitGatewayRoutesCommand({ TransitGatewayRouteTableId: table, Filters: exact });
  return (await site.aws.ec2.send(command)).Routes!;
}

const emfLine = (Namespace: string, Timestamp: number): string =>
  JSON.stringify({
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace, Dimensions: [['Canary']], Metrics: [{ Name: 'Reachable' }] }] },
    Canary: 'ns',
    Reachable: 1,
  });

const uses =
  (...parts: readonly Part[]) =>
  (difference: Difference): Difference & { readonly parts: readonly Part[] } => ({ ...difference, parts });

export const differences = [
  ...onRoutes.map(uses('gateways', 'routes')),
  ...onTransit.map(uses('transit')),
  ...onTunnels.map(uses('transit')),
  ...onInstances.map(uses('gateways')),
  ...onAddresses.map(uses('gateways')),
  ...onTheRest.map(uses()),
];
