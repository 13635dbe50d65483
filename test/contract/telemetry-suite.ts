/**
 * What `watch` asks about Site-to-Site connections, with its adapters as the subjects. moto lists connections and counts
 * bytes like any metric; it has no tunnels, so what AWS tells of each is held by the fakes alone (differences.ts).
 */
import { DescribeVpnConnectionsCommand } from '@aws-sdk/client-ec2';
import { tunnelBytes } from '../../adapters/cloudwatch/tunnel-bytes';
import { vpnConnections } from '../../adapters/ec2/vpn-connections';
import { viewsOf } from '../../core/words/gateways';
import { tunnelBytesPeriodMs } from '../../core/words/policy';
import { absent, type Cloud, outcomeOf } from './site';

async function stage(cloud: Cloud) {
  const site = await cloud.site('transit');
  const { 'vpn-a': a, 'vpn-b': b } = viewsOf(site.deployment);
  return { ...site, a: a!, b: b! };
}

/** As the VPN service publishes them. */
const pointOf = (VpnId: string, TunnelIpAddress: string, Timestamp: number, out: number, back: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp,
      CloudWatchMetrics: [
        {
          Namespace: 'AWS/VPN',
          Dimensions: [['VpnId', 'TunnelIpAddress']],
          Metrics: [{ Name: 'TunnelDataOut' }, { Name: 'TunnelDataIn' }],
        },
      ],
    },
    ...{ VpnId, TunnelIpAddress, TunnelDataOut: out, TunnelDataIn: back },
  });

export function telemetryContract(cloud: Cloud): void {
  it('lists a connection by its id, and none of several where one is not there: that is why a filter asks', async () => {
    const { aws, a } = await stage(cloud);
    const describe = (...ids: string[]) => aws.ec2.send(new DescribeVpnConnectionsCommand({ VpnConnectionIds: ids }));
    const { VpnConnections } = await describe(a.vpnConnectionId);
    expect(VpnConnections).toMatchObject([{ VpnConnectionId: a.vpnConnectionId, State: 'available' }]);
    const both = describe(a.vpnConnectionId, absent.vpnConnection);
    expect(await outcomeOf(both)).toBe('InvalidVpnConnectionID.NotFound');
  });

  it('sums the bytes of one period, each way and tunnel apart', async () => {
    const { aws, clock, publish, a, b } = await stage(cloud);
    const [one, other] = a.tunnels;
    const from = Math.floor(clock.now() / tunnelBytesPeriodMs) * tunnelBytesPeriodMs - tunnelBytesPeriodMs;
    await publish(pointOf(a.vpnConnectionId, one!, from, 100, 30));
    await publish(pointOf(a.vpnConnectionId, one!, from + 60_000, 8, 0));
    await publish(pointOf(a.vpnConnectionId, other!, from, 7, 5));
    await publish(pointOf(a.vpnConnectionId, one!, from + tunnelBytesPeriodMs, 5_000, 5_000));
    const bytes = await tunnelBytes(aws.cloudwatch, clock, [a, b], from);
    expect(bytes(a.vpnConnectionId, one!)).toEqual({ from, out: 108, in: 30 });
    expect(bytes(a.vpnConnectionId, other!)).toEqual({ from, out: 7, in: 5 });
    expect(bytes(b.vpnConnectionId, b.tunnels[0]!)).toBeNull();
  });
}

/** By a filter that moto does not have. */
export function unwitnessedTelemetryContract(cloud: Cloud): void {
  it('lists connections by a filter: one that is not there blinds no other', async () => {
    const { aws, clock, a, b } = await stage(cloud);
    const ids = [a.vpnConnectionId, absent.vpnConnection, b.vpnConnectionId];
    const seen = await vpnConnections(aws.ec2, clock).describe(ids);
    expect([...seen.keys()].sort()).toEqual([a.vpnConnectionId, b.vpnConnectionId].sort());
    expect([...seen.values()].map(({ state }) => state)).toEqual(['available', 'available']);
    expect(await vpnConnections(aws.ec2, clock).describe([absent.vpnConnection])).toEqual(new Map());
  });
}
