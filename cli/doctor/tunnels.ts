/**
 * Site-to-Site VPN connections as `doctor` and `adopt` read them, with the credentials of whoever asks.
 *
 * Law: DescribeVpnConnections answers with the tunnels' pre-shared keys. The answer is cut down to what is listed here
 * before it has a name, and an error of that call never carries what came back (as in adapters/ec2/vpn-connections.ts).
 */
import {
  DescribeVpnConnectionsCommand,
  type DescribeVpnConnectionsCommandOutput,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { attempt, type Clock } from '../../adapters/attempt';
import { throwWithoutAnswer } from '../../adapters/ec2/without-answer';
import { harmless } from '../../core/words/malformed';

export interface SeenVpn {
  readonly id: string;
  readonly state: string;
  readonly customerGatewayId: string;
  readonly transitGatewayId: string | null;
  readonly vpnGatewayId: string | null;
  /** Networks of the partner that are routed statically. */
  readonly staticRoutes: readonly string[];
  readonly staticOnly: boolean;
  readonly tunnels: readonly SeenTunnel[];
  /** The keys lie in Secrets Manager: AWS does not hand them to whoever may describe the connection. */
  readonly keysAreKept: boolean;
  readonly name: string;
}

interface SeenTunnel {
  /** AWS's end. */
  readonly outsideAddress: string;
  /** As AWS spells it: `UP` or `DOWN`. Empty: it did not say. */
  readonly status: string;
  /** AWS starts IKE itself. */
  readonly startedByAws: boolean;
}

/** All of the region. */
export async function seenVpns(ec2: Pick<EC2Client, 'send'>, clock: Clock): Promise<readonly SeenVpn[]> {
  const tried = { operation: 'DescribeVpnConnections', on: 'all of the region' };
  const describe = new DescribeVpnConnectionsCommand({});
  return attempt(clock, tried, () => ec2.send(describe).then(withoutKeys, throwWithoutAnswer));
}

/** Everything we ever look at; whatever else came, keys and all, is let go of here. */
const withoutKeys = ({ VpnConnections = [] }: DescribeVpnConnectionsCommandOutput): SeenVpn[] =>
  VpnConnections.filter(({ State }) => State !== 'deleted').map((seen): SeenVpn => {
    const { VgwTelemetry = [], Options: { TunnelOptions = [], StaticRoutesOnly = false } = {} } = seen;
    const starts = new Map(TunnelOptions.map((one) => [one.OutsideIpAddress, one.StartupAction === 'start']));
    const statuses = new Map(VgwTelemetry.map((one) => [one.OutsideIpAddress, one.Status ?? '']));
    const addresses = [...new Set([...starts.keys(), ...statuses.keys()])].filter((one) => one !== undefined);
    return {
      id: seen.VpnConnectionId ?? '',
      state: seen.State ?? '',
      customerGatewayId: seen.CustomerGatewayId ?? '',
      transitGatewayId: seen.TransitGatewayId ?? null,
      vpnGatewayId: seen.VpnGatewayId ?? null,
      staticRoutes: (seen.Routes ?? []).flatMap(({ DestinationCidrBlock }) => DestinationCidrBlock ?? []),
      staticOnly: StaticRoutesOnly,
      tunnels: addresses.map((outsideAddress) => ({
        outsideAddress,
        status: statuses.get(outsideAddress) ?? '',
        startedByAws: starts.get(outsideAddress) ?? false,
      })),
      keysAreKept: (seen.PreSharedKeyArn ?? '') !== '',
      name: harmless(seen.Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '').slice(0, nameLengthMax),
    };
  });

const nameLengthMax = 60;
