/**
 * DescribeVpnConnections, GetActiveVpnTunnelStatus, GetVpnTunnelReplacementStatus, ReplaceVpnTunnel.
 *
 * Describe has no pages, keeps deleted connections for a while, and answers with each tunnel's pre-shared key, twice:
 * in the options and in the customer gateway's configuration. The order of its telemetry is nobody's promise: here it
 * changes with every call.
 */
import type {
  DescribeVpnConnectionsCommandInput,
  GetActiveVpnTunnelStatusCommandInput,
  GetVpnTunnelReplacementStatusCommandInput,
  ReplaceVpnTunnelCommandInput,
  VpnConnection,
} from '@aws-sdk/client-ec2';
import type { ShownConnection, ShownTunnel } from '../../site-to-site';
import type { WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, matching } from './listing';

/** `home`: where connections are that name no region. */
export function vpnCalls(world: WorldPort, home = ''): Calls {
  let asked = 0;
  const connectionsIn = (region = home): readonly ShownConnection[] =>
    world.siteToSite.connections().filter((each) => (each.region ?? home) === region);
  const tunnelOf = tunnelIn(connectionsIn);
  return {
    DescribeVpnConnections: ({ VpnConnectionIds: ids, Filters }: DescribeVpnConnectionsCommandInput, region) => {
      const all = connectionsIn(region);
      const lost = ids?.find((id) => !all.some((each) => each.id === id));
      if (lost !== undefined) throw errors.noVpnConnection(lost);
      const wanted = all.filter(({ id }) => ids === undefined || ids.includes(id));
      const turn = asked++;
      return {
        VpnConnections: matching(
          wanted.map((each) => describe(each, turn)),
          Filters,
          fields,
        ),
      };
    },
    GetActiveVpnTunnelStatus: (input: GetActiveVpnTunnelStatusCommandInput, region) => {
      const { tunnel } = tunnelOf(input, region);
      const { provisioning } = tunnel;
      return {
        ActiveVpnTunnelStatus: {
          ...(provisioning === 'available' && negotiated),
          ProvisioningStatus: provisioning,
          ...(provisioning !== 'available' && {
            ProvisioningStatusReason: 'The tunnel endpoint is being provisioned.',
          }),
        },
      };
    },
    GetVpnTunnelReplacementStatus: (input: GetVpnTunnelReplacementStatusCommandInput, region) => {
      const { connection, tunnel } = tunnelOf(input, region);
      const { maintenanceBy, maintainedAt } = tunnel;
      return {
        VpnConnectionId: connection.id,
        ...endOf(connection),
        CustomerGatewayId: connection.customerGatewayId,
        VpnTunnelOutsideIpAddress: tunnel.outsideAddress,
        MaintenanceDetails: {
          PendingMaintenance: maintenanceBy === null ? 'None' : 'Available',
          ...(maintenanceBy !== null && { MaintenanceAutoAppliedAfter: new Date(maintenanceBy) }),
          ...(maintainedAt !== null && { LastMaintenanceApplied: new Date(maintainedAt) }),
        },
      };
    },
    ReplaceVpnTunnel: (input: ReplaceVpnTunnelCommandInput, region) => {
      const { connection, tunnel } = tunnelOf(input, region);
      if (connection.state !== 'available') throw errors.vpnConnectionNotReady(connection.id);
      if (!world.siteToSite.replaceTunnel(connection.id, tunnel.outsideAddress))
        throw errors.vpnConnectionNotReady(connection.id);
      return { Return: true };
    },
  };
}

const negotiated = {
  ...{ IkeVersion: 'ikev2', Phase1EncryptionAlgorithm: 'AES256', Phase2EncryptionAlgorithm: 'AES256' },
  ...{
    Phase1IntegrityAlgorithm: 'SHA2-256',
    Phase2IntegrityAlgorithm: 'SHA2-256',
    Phase1DHGroup: 14,
    Phase2DHGroup: 14,
  },
};

const fields: Fields<VpnConnection> = {
  'vpn-connection-id': (each) => [each.VpnConnectionId],
  state: (each) => [each.State],
  'vpn-gateway-id': (each) => [each.VpnGatewayId],
  'transit-gateway-id': (each) => [each.TransitGatewayId],
  'tag:': () => [],
};

const tunnelIn =
  (connectionsIn: (region: string) => readonly ShownConnection[]) =>
  (input: { VpnConnectionId?: string; VpnTunnelOutsideIpAddress?: string }, region: string) => {
    const { VpnConnectionId: id = '', VpnTunnelOutsideIpAddress: address = '' } = input;
    const connection = connectionsIn(region).find((each) => each.id === id);
    if (connection === undefined) throw errors.noVpnConnection(id);
    const tunnel = connection.tunnels.find(({ outsideAddress }) => outsideAddress === address);
    if (tunnel === undefined)
      throw errors.invalidValue(`${address} is no outside IP address of a tunnel of VPN connection ${id}`);
    return { connection, tunnel };
  };

const endOf = ({ endsOn }: ShownConnection) =>
  endsOn.kind === 'transit-gateway' ? { TransitGatewayId: endsOn.id } : { VpnGatewayId: endsOn.id };

function describe(connection: ShownConnection, turn: number): VpnConnection {
  const { id, state, customerGatewayId, tunnels } = connection;
  const telemetry = tunnels.map(({ outsideAddress, status, changedAt, message }) => ({
    ...{ OutsideIpAddress: outsideAddress, Status: status, StatusMessage: message, AcceptedRouteCount: 0 },
    LastStatusChange: new Date(changedAt),
  }));
  return {
    VpnConnectionId: id,
    State: state,
    Type: 'ipsec.1',
    Category: 'VPN',
    CustomerGatewayId: customerGatewayId,
    ...endOf(connection),
    // A deleted connection has lost all but its name.
    ...(state !== 'deleted' && {
      CustomerGatewayConfiguration: configurationOf(id, tunnels),
      Options: { StaticRoutesOnly: true, TunnelOptions: tunnels.map(optionsOf) },
      VgwTelemetry: turn % 2 === 0 ? telemetry : telemetry.reverse(),
    }),
    Routes: [],
    Tags: [],
  };
}

const optionsOf = ({ outsideAddress, insideCidr, preSharedKey, startupAction }: ShownTunnel) => ({
  OutsideIpAddress: outsideAddress,
  TunnelInsideCidr: insideCidr,
  PreSharedKey: preSharedKey,
  DpdTimeoutAction: 'clear',
  StartupAction: startupAction,
  EnableTunnelLifecycleControl: false,
});

const configurationOf = (id: string, tunnels: readonly ShownTunnel[]): string =>
  [
    `<?xml version="1.0" encoding="UTF-8"?><vpn_connection id="${id}">`,
    ...tunnels.map(
      ({ outsideAddress, preSharedKey }) =>
        `<ipsec_tunnel><vpn_gateway><tunnel_outside_address><ip_address>${outsideAddress}</ip_address>` +
        `</tunnel_outside_address></vpn_gateway><ike><pre_shared_key>${preSharedKey}</pre_shared_key></ike></ipsec_tunnel>`,
    ),
    '</vpn_connection>',
  ].join('');
