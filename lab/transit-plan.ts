/**
 * The ground plan behind a transit gateway: what stands in place of a VPC's gateways where paths lead over VPN
 * connections of AWS's own.
 *
 *     users, canaries -- vpc -- tgw -+- vpn0 -+- end0 -- inet -- remote0 -+- site -- server
 *                                    |        +- end1 -- inet -- remote1 -+
 *                                    +- vpn1 -+- …
 *
 * `tgw` has a kernel table for each of its route tables, chosen by the attachment that a packet comes in by. `vpn0` is a
 * VPN attachment: it sends through one of its two ends, and keeps to it. An end is AWS's end of a tunnel, with a daemon of
 * its own and the tunnel's outside address; the partner has a daemon for each tunnel, too.
 * As in the simulated ground, hosts behind each of the gateway's tables have a VPC attachment of their own.
 */
import type { VpnConnectionGateway } from '../core/words/domain';
import type { HostPlan, RemotePlan } from './places';

/** A link between two namespaces, an address at each end. */
interface LinkPlan {
  readonly near: string;
  readonly far: string;
}

export interface VpcAttachment {
  readonly tableId: string;
  /** In the VPC and in the gateway. */
  readonly vpcDevice: string;
  readonly gatewayDevice: string;
  /** From the VPC to the gateway. */
  readonly link: LinkPlan;
  /** Kernel table of the VPC that leads there. */
  readonly number: number;
  readonly subnets: readonly string[];
}

export interface TunnelEnd {
  /** Namespace. */
  readonly name: string;
  /** Beside the tunnel's outside address. */
  readonly outside: string;
  readonly outsideAddress: string;
  /** From the attachment to the end. */
  readonly link: LinkPlan;
  readonly remote: RemotePlan;
}

export interface VpnAttachment {
  readonly gateway: VpnConnectionGateway;
  readonly attachmentId: string;
  /** Namespace, and its device in the gateway. */
  readonly name: string;
  /** From the gateway to the attachment. */
  readonly link: LinkPlan;
  readonly ends: readonly TunnelEnd[];
}

export interface TransitPlan {
  readonly vpcs: readonly VpcAttachment[];
  readonly vpns: readonly VpnAttachment[];
}

/** Kernel tables of VPCs from here on. */
const firstVpcTable = 200;

const link = (network: number, i: number): LinkPlan => ({ near: `10.${network}.${i}.1`, far: `10.${network}.${i}.2` });

export function transitPlan(
  gateways: readonly VpnConnectionGateway[],
  remotes: readonly RemotePlan[],
  hosts: readonly HostPlan[],
): TransitPlan {
  return {
    vpcs: [...new Set(hosts.map(({ tableId }) => tableId))].map((tableId, i) => ({
      tableId,
      vpcDevice: `tgw${i}`,
      gatewayDevice: `vpc${i}`,
      link: link(255, i),
      number: firstVpcTable + i,
      subnets: hosts.filter((host) => host.tableId === tableId).map(({ subnet }) => subnet),
    })),
    vpns: gateways.map((gateway, i) => vpnAttachment(gateway, i, remotes)),
  };
}

function vpnAttachment(gateway: VpnConnectionGateway, i: number, remotes: readonly RemotePlan[]): VpnAttachment {
  const { endsOn, name } = gateway;
  if (endsOn.kind !== 'transit-gateway')
    throw new Error(`The lab plays VPN connections on a transit gateway; ${name} ends on ${endsOn.id}`);
  const ends = remotes.flatMap((remote, n): TunnelEnd[] => {
    const tunnel = remote.tunnels.find((one) => one.gateway === name);
    if (tunnel === undefined) return [];
    const outside = `198.51.100.${10 + n}`;
    return [{ name: `end${n}`, outside, outsideAddress: tunnel.publicIp, link: link(253, n), remote }];
  });
  return { gateway, attachmentId: endsOn.attachmentId, name: `vpn${i}`, link: link(254, i), ends };
}
