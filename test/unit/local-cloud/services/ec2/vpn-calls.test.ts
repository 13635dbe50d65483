/** Site-to-Site VPN through EC2's fake: what is told of tunnels, with their keys, and how one is replaced. */
import type { DescribeVpnConnectionsCommandOutput } from '@aws-sdk/client-ec2';
import { minuteMs } from '../../../../../core/words/time';
import { canaryKey } from '../../../../../sim/network/managed-vpn';
import { type Stage, siteDeployment, stage } from '../../../sim/world-fixture';

const VpnConnectionId = 'vpn-0aaaaaaaaaaaaaaa1';
const first = { VpnConnectionId, VpnTunnelOutsideIpAddress: '203.0.113.1' };
const managed = (): Stage => stage({ deployment: siteDeployment('managed') });

const describeAll = ({ call }: Stage, input = {}) =>
  call<DescribeVpnConnectionsCommandOutput>('DescribeVpnConnections', input);

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );

it('hands the keys of both tunnels to whoever asks, twice each', async () => {
  const { VpnConnections } = await describeAll(managed());
  const [connection] = VpnConnections!;
  expect(connection).toMatchObject({ VpnConnectionId, State: 'available', VpnGatewayId: 'vgw-00000000000000001' });
  const keys = connection!.Options!.TunnelOptions!.map(({ PreSharedKey }) => PreSharedKey!);
  expect(keys).toHaveLength(2);
  for (const key of keys) {
    expect(key).toContain(canaryKey);
    expect(connection!.CustomerGatewayConfiguration).toContain(key);
  }
});

it('promises no order of telemetry', async () => {
  const it = managed();
  const orders = [];
  for (let i = 0; i < 2; i++) {
    const { VpnConnections } = await describeAll(it);
    orders.push(VpnConnections![0]!.VgwTelemetry!.map(({ OutsideIpAddress }) => OutsideIpAddress));
  }
  expect(orders).toEqual([
    ['203.0.113.1', '203.0.113.2'],
    ['203.0.113.2', '203.0.113.1'],
  ]);
});

it('answers a filter with what there is, and an id that is not there with an error', async () => {
  const it = managed();
  const filter = { Filters: [{ Name: 'vpn-connection-id', Values: ['vpn-0', VpnConnectionId] }] };
  expect((await describeAll(it, filter)).VpnConnections).toHaveLength(1);
  expect(await failure(describeAll(it, { VpnConnectionIds: ['vpn-0'] }))).toMatch(/^InvalidVpnConnectionID.NotFound/);
});

it('keeps a deleted connection listed, with nothing but its state', async () => {
  const it = managed();
  it.world.vpns.delete('vpn-a');
  const { VpnConnections } = await describeAll(it);
  expect(VpnConnections![0]).toMatchObject({ State: 'deleted' });
  expect(VpnConnections![0]!.VgwTelemetry).toBeUndefined();
  expect(await failure(it.call('ReplaceVpnTunnel', first))).toMatch(/^IncorrectState/);
});

it('replaces a tunnel: pending until its endpoint is there, and refused a second time meanwhile', async () => {
  const it = managed();
  expect(await it.call('ReplaceVpnTunnel', first)).toEqual({ Return: true });
  const status = async (): Promise<unknown> => {
    const answer = await it.call<{ ActiveVpnTunnelStatus: { ProvisioningStatus: string } }>(
      'GetActiveVpnTunnelStatus',
      first,
    );
    return answer.ActiveVpnTunnelStatus.ProvisioningStatus;
  };
  expect(await status()).toBe('pending');
  expect(await failure(it.call('ReplaceVpnTunnel', first))).toMatch(/^IncorrectState/);
  await it.run(60 * minuteMs);
  expect(await status()).toBe('available');
});

it('announces maintenance and keeps when it was last applied', async () => {
  const it = managed();
  const by = it.clock.now() + 10 * minuteMs;
  const details = async (): Promise<unknown> =>
    (await it.call<{ MaintenanceDetails: object }>('GetVpnTunnelReplacementStatus', first)).MaintenanceDetails;
  expect(await details()).toEqual({ PendingMaintenance: 'None' });
  it.world.vpns.announceMaintenance('vpn-a', '1', by);
  expect(await details()).toEqual({ PendingMaintenance: 'Available', MaintenanceAutoAppliedAfter: new Date(by) });
  await it.run(60 * minuteMs);
  expect(await details()).toMatchObject({ PendingMaintenance: 'None', LastMaintenanceApplied: expect.any(Date) });
});

it('knows no tunnel of another address', async () => {
  const wrong = { ...first, VpnTunnelOutsideIpAddress: '203.0.113.9' };
  expect(await failure(managed().call('GetActiveVpnTunnelStatus', wrong))).toMatch(
    /^InvalidParameterValue.*203.0.113.9/,
  );
});
