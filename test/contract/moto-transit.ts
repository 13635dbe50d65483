/** The transit gateway's site on moto: connections with their attachments, tables, and the routes that stand in them. */
import {
  CreateCustomerGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateTransitGatewayCommand,
  CreateTransitGatewayRouteCommand,
  CreateTransitGatewayRouteTableCommand,
  CreateVpnConnectionCommand,
  DescribeTransitGatewayAttachmentsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { Deployment } from '../../core/words/domain';
import { vpnAt } from '../../core/words/gateways';
import { listedBlocks, transit } from './site';

export async function buildTransit(ec2: EC2Client): Promise<Deployment> {
  const ids = new Map<string, string>();
  const { TransitGateway } = await ec2.send(new CreateTransitGatewayCommand({}));
  const TransitGatewayId = TransitGateway!.TransitGatewayId!;
  for (const name of Object.keys(transit.gateways)) await buildConnection(ec2, name, TransitGatewayId, ids);
  const { routeSets, paths, canaries } = transit.connections['paris']!;
  const set = routeSets['spokes']!;
  for (const table of set.tables) {
    const { TransitGatewayRouteTable: made } = await ec2.send(
      new CreateTransitGatewayRouteTableCommand({ TransitGatewayId }),
    );
    ids.set(table, made!.TransitGatewayRouteTableId!);
    await route(ec2, ids, table, set.destinations[0]!, paths[set.home]!.gateway);
  }
  for (const { watches, targets, routeTableId } of canaries)
    if (watches.kind === 'path')
      await route(ec2, ids, routeTableId!, `${targets[0]!.address}/32`, paths[watches.path]!.gateway);
  let text = JSON.stringify(transit);
  for (const [was, is] of ids) text = text.replaceAll(`"${was}"`, `"${is}"`);
  return JSON.parse(text) as Deployment;
}

export async function buildPrefixList(ec2: EC2Client): Promise<string> {
  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({
      ...{ PrefixListName: 'partner', AddressFamily: 'IPv4', MaxEntries: 10 },
      Entries: listedBlocks.map((Cidr) => ({ Cidr })),
    }),
  );
  return PrefixList!.PrefixListId!;
}

const attachmentOf = (gateway: string): string => {
  const { endsOn } = vpnAt(transit, gateway);
  return endsOn.kind === 'transit-gateway' ? endsOn.attachmentId : '';
};

async function buildConnection(ec2: EC2Client, name: string, TransitGatewayId: string, ids: Map<string, string>) {
  const gateway = vpnAt(transit, name);
  const partner = { Type: 'ipsec.1', IpAddress: gateway.tunnels[0]!, BgpAsn: 65_000 } as const;
  const { CustomerGateway } = await ec2.send(new CreateCustomerGatewayCommand(partner));
  const CustomerGatewayId = CustomerGateway!.CustomerGatewayId!;
  const { VpnConnection } = await ec2.send(
    new CreateVpnConnectionCommand({ Type: 'ipsec.1', CustomerGatewayId, TransitGatewayId }),
  );
  const id = VpnConnection!.VpnConnectionId!;
  ids.set(gateway.vpnConnectionId, id);
  const { TransitGatewayAttachments: all } = await ec2.send(new DescribeTransitGatewayAttachmentsCommand({}));
  ids.set(attachmentOf(name), all!.find(({ ResourceId }) => ResourceId === id)!.TransitGatewayAttachmentId!);
}

async function route(ec2: EC2Client, ids: Map<string, string>, table: string, to: string, gateway: string) {
  await ec2.send(
    new CreateTransitGatewayRouteCommand({
      TransitGatewayRouteTableId: ids.get(table)!,
      DestinationCidrBlock: to,
      TransitGatewayAttachmentId: ids.get(attachmentOf(gateway))!,
    }),
  );
}
