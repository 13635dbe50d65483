/**
 * What AWS tells of VPN connections, asked over the real SDK on a stubbed wire: the answer holds pre-shared keys, so what
 * counts as much as what is read is what is not.
 */
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { EC2Client } from '@aws-sdk/client-ec2';
import { vpnConnections } from '../../../../adapters/ec2/vpn-connections';

const now = Date.UTC(2026, 10, 20, 21, 0, 0);
const clock = { now: () => now, sleep: () => Promise.resolve() };
const key = 'CANARYKEY.pre_shared.1';

/** A client whose wire answers with this body, and what was sent. */
function wire(body: string, status = 200) {
  const sent: string[] = [];
  const ec2 = new EC2Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: {
      handle: (request: { body: string }) => {
        sent.push(request.body);
        return Promise.resolve({ response: { statusCode: status, headers: {}, body: Readable.from([body]) } });
      },
    },
  });
  return { port: vpnConnections(ec2, clock), sent };
}

const tunnel = (address: string, status: string, message = '') =>
  `<item><outsideIpAddress>${address}</outsideIpAddress><status>${status}</status><lastStatusChange>2026-11-20T20:00:00.000Z</lastStatusChange><statusMessage>${message}</statusMessage><acceptedRouteCount>0</acceptedRouteCount></item>`;

const option = (address: string, startup: string) =>
  `<item><outsideIpAddress>${address}</outsideIpAddress><preSharedKey>${key}</preSharedKey><startupAction>${startup}</startupAction></item>`;

const connection = (id: string, telemetry: string, options: string, state = 'available') =>
  `<item><vpnConnectionId>${id}</vpnConnectionId><state>${state}</state><customerGatewayConfiguration>&lt;key&gt;${key}&lt;/key&gt;</customerGatewayConfiguration><vgwTelemetry>${telemetry}</vgwTelemetry><options><tunnelOptionSet>${options}</tunnelOptionSet></options></item>`;

const answer = (...items: string[]) =>
  `<DescribeVpnConnectionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpnConnectionSet>${items.join('')}</vpnConnectionSet></DescribeVpnConnectionsResponse>`;

/** All of it, hidden members too. */
const everything = (value: unknown) => inspect(value, { depth: null, showHidden: true, maxStringLength: null });

it('reads telemetry by address, in whatever order it comes, and asks by filter', async () => {
  const both = tunnel('203.0.113.2', 'DOWN', 'IPSEC IS DOWN') + tunnel('203.0.113.1', 'UP');
  const options = option('203.0.113.1', 'start') + option('203.0.113.2', 'add');
  const { port, sent } = wire(answer(connection('vpn-0a', both, options)));
  const seen = await port.describe(['vpn-0a', 'vpn-0gone']);
  const since = Date.UTC(2026, 10, 20, 20, 0, 0);
  expect(Object.fromEntries(seen.get('vpn-0a')!.tunnels)).toEqual({
    '203.0.113.1': { status: 'UP', since, message: '', initiatedByAws: true },
    '203.0.113.2': { status: 'DOWN', since, message: 'IPSEC IS DOWN', initiatedByAws: false },
  });
  expect([...seen.keys()]).toEqual(['vpn-0a']);
  expect(sent[0]).toContain('Filter.1.Name=vpn-connection-id');
  expect(sent[0]).not.toContain('VpnConnectionId.1');
});

it('knows who starts IKE only where AWS says so', async () => {
  const { port } = wire(answer(connection('vpn-0a', tunnel('203.0.113.1', 'UP'), '')));
  const seen = await port.describe(['vpn-0a']);
  expect(seen.get('vpn-0a')!.tunnels.get('203.0.113.1')).toMatchObject({ initiatedByAws: null });
});

it('lets go of every key, hidden members included', async () => {
  const { port } = wire(answer(connection('vpn-0a', tunnel('203.0.113.1', 'UP'), option('203.0.113.1', 'add'))));
  const seen = await port.describe(['vpn-0a']);
  expect(everything(seen)).toContain('203.0.113.1');
  expect(everything(seen)).not.toContain(key);
});

it('throws no answer: one that cannot be read stays with the SDK’s error, keys and all', async () => {
  const odd = tunnel('203.0.113.1', 'UP').replace('2026-11-20T20:00:00.000Z', key);
  const { port } = wire(answer(connection('vpn-0a', odd, option('203.0.113.1', 'add'))));
  const error: unknown = await port.describe(['vpn-0a']).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'MalformedInput',
    message: expect.stringContaining('what AWS answered could not be read'),
  });
  expect(everything(error)).not.toContain('CANARYKEY');
});

it("keeps AWS's own words when it refuses", async () => {
  const refusal =
    '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message></Error></Errors><RequestID>r</RequestID></Response>';
  const { port } = wire(refusal, 403);
  await expect(port.describe(['vpn-0a'])).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'DescribeVpnConnections on vpn-0a: UnauthorizedOperation: You are not authorized.',
  });
});

it('reads how far a tunnel’s endpoint is provisioned; a word it does not know is unknown', async () => {
  const status = (word: string) =>
    `<GetActiveVpnTunnelStatusResponse><requestId>r</requestId><activeVpnTunnelStatus><provisioningStatus>${word}</provisioningStatus></activeVpnTunnelStatus></GetActiveVpnTunnelStatusResponse>`;
  for (const [word, read] of [
    ['pending', 'pending'],
    ['failed', 'failed'],
    ['resting', 'unknown'],
  ] as const)
    expect(await wire(status(word)).port.provisioning('vpn-0a', '203.0.113.1')).toBe(read);
});

it('reads pending maintenance by its date, while that lies ahead', async () => {
  const due = (date: string) =>
    `<GetVpnTunnelReplacementStatusResponse><requestId>r</requestId><maintenanceDetails><pendingMaintenance>Available</pendingMaintenance><maintenanceAutoAppliedAfter>${date}</maintenanceAutoAppliedAfter></maintenanceDetails></GetVpnTunnelReplacementStatusResponse>`;
  const { port } = wire(due('2026-11-23T21:00:00.000Z'));
  expect(await port.maintenanceBy('vpn-0a', '203.0.113.1')).toBe(now + 3 * 86_400_000);
  expect(await wire(due('2026-11-19T21:00:00.000Z')).port.maintenanceBy('vpn-0a', '203.0.113.1')).toBeNull();
});
