/** A minute of `watch`, on hand-made answers of AWS: what it asks, writes, publishes, and what it leaves unsaid. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeVpnConnectionsCommand,
  GetActiveVpnTunnelStatusCommand,
  GetVpnTunnelReplacementStatusCommand,
} from '@aws-sdk/client-ec2';
import type { Attributes } from '../../../../adapters/dynamodb/attributes';
import { reportItem } from '../../../../adapters/dynamodb/report-item';
import { tunnelReportFrom } from '../../../../adapters/dynamodb/tunnel-item';
import type { Deployment, VpnConnectionGateway } from '../../../../core/words/domain';
import { instanceAt } from '../../../../core/words/gateways';
import { createHandler } from '../../../../functions/watch/index';
import { connection, deployment } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { report } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const [one, two] = ['203.0.113.1', '203.0.113.2'] as const;
const id = 'vpn-0aaaaaaaaaaaaaaa1';
const minuteMs = 60_000;

const vpn: VpnConnectionGateway = {
  kind: 'vpn',
  name: 'vpn-a',
  vpnConnectionId: id,
  endsOn: { kind: 'vpn-gateway', id: 'vgw-1' },
  tunnels: [one, two],
  initiatedBy: 'peer',
  peerInitiates: false,
  maintenance: 'window',
};

/** Connection `paris`, whose path a runs over a Site-to-Site connection. */
function managed(): Deployment {
  const paris = connection({
    paths: { a: { name: 'a', gateway: 'vpn-a', tunnels: [] }, b: { name: 'b', gateway: 'gw-b', tunnels: [] } },
  });
  const { gateways, ...rest } = deployment(paris);
  return { ...rest, gateways: { 'gw-b': gateways['gw-b']!, 'vpn-a': vpn } };
}

const telemetry = (OutsideIpAddress: string, Status: 'UP' | 'DOWN', over = {}) => ({
  OutsideIpAddress,
  Status,
  StatusMessage: Status === 'DOWN' ? 'IPSEC IS DOWN' : '',
  LastStatusChange: new Date(startAt - 3_600_000),
  ...over,
});

const described = (VgwTelemetry: ReturnType<typeof telemetry>[], over = {}) => ({
  VpnConnections: [
    {
      VpnConnectionId: id,
      State: 'available' as const,
      VgwTelemetry,
      Options: {
        TunnelOptions: [one, two].map((OutsideIpAddress) => ({ OutsideIpAddress, PreSharedKey: 'CANARYKEY' })),
      },
      CustomerGatewayConfiguration: 'CANARYKEY',
      ...over,
    },
  ],
});

const bothUp = described([telemetry(two, 'UP'), telemetry(one, 'UP')]);
const oneDown = described([telemetry(two, 'DOWN'), telemetry(one, 'UP')]);

/** A table that remembers, and an AWS that says all is well. */
function site(deployed = managed()) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const items = new Map<string, Attributes>([
    ['paris/path-a', reportItem(report('paris/path-a', 'healthy', { since: 0 }))],
  ]);
  mocks.dynamodb
    .on(BatchGetItemCommand)
    .callsFake(({ RequestItems }: { RequestItems: Record<string, { Keys: Attributes[] }> }) => ({
      Responses: {
        reports: RequestItems['reports']!.Keys.flatMap((key) => {
          const item = items.get(key['canary']!.S!);
          return item === undefined ? [] : [item];
        }),
      },
    }));
  mocks.dynamodb.on(PutItemCommand).callsFake(({ Item }: { Item: Attributes }) => {
    items.set(Item['canary']!.S!, Item);
    return {};
  });
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(bothUp);
  mocks.ec2
    .on(GetActiveVpnTunnelStatusCommand)
    .resolves({ ActiveVpnTunnelStatus: { ProvisioningStatus: 'available' } });
  mocks.ec2.on(GetVpnTunnelReplacementStatusCommand).resolves({ MaintenanceDetails: {} });
  mocks.cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
  const watch = createHandler(world, deployed);
  return {
    mocks,
    world,
    items,
    minute: async (times = 1) => {
      for (let i = 1; i < times; i++) {
        await world.finish(watch());
        await world.finish(world.sleep(minuteMs));
      }
      return world.finish(watch());
    },
    after: (ms: number) => world.clock.runUntil(world.now() + ms),
    report: (gateway = 'vpn-a') => tunnelReportFrom(items.get(`tunnels#${gateway}`)!),
    /** Published in the last run. */
    metrics: (gateway = 'vpn-a') => world.lines.findLast((line) => '_aws' in line && line['Gateway'] === gateway)!,
    asked: (command: typeof GetActiveVpnTunnelStatusCommand | typeof GetVpnTunnelReplacementStatusCommand) =>
      mocks.ec2.commandCalls(command as typeof GetActiveVpnTunnelStatusCommand).length,
  };
}

it('writes one report a gateway and says how many tunnels are up, that it could be asked, and how long it took', async () => {
  const { minute, report: reported, metrics } = site();
  expect(await minute()).toEqual({ reported: ['vpn-a'], unmeasured: [], speakers: { read: [], unread: [] } });
  expect(reported()).toMatchObject({
    gateway: 'vpn-a',
    state: 'available',
    changed: false,
    tunnels: {
      [one]: {
        status: 'up',
        since: startAt - 3_600_000,
        provisioning: 'available',
        lastBytes: null,
        lastCarried: null,
      },
      [two]: { status: 'up' },
    },
  });
  expect(metrics()).toMatchObject({
    Deployment: 'switchback',
    Gateway: 'vpn-a',
    By: 'aws',
    TunnelsUp: 2,
    TunnelCheckOk: 1,
    TunnelCheckMs: expect.any(Number),
  });
});

it('wakes by the first report in which a tunnel is down, and by none that says the same again', async () => {
  const { mocks, minute, after, report: reported } = site();
  await minute();
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(oneDown);
  await after(minuteMs);
  await minute();
  expect(reported()).toMatchObject({ changed: true, tunnels: { [two]: { status: 'down', message: 'IPSEC IS DOWN' } } });
  await after(minuteMs);
  await minute();
  expect(reported().changed).toBe(false);
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(bothUp);
  await after(minuteMs);
  await minute();
  expect(reported().changed).toBe(true);
});

it('wakes at once where it finds a tunnel down and knows nothing from before', async () => {
  const { mocks, minute, report: reported } = site();
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(oneDown);
  await minute();
  expect(reported().changed).toBe(true);
});

it('asks each minute for the endpoint of a tunnel that is not well, and every ten for the others', async () => {
  const { mocks, minute, asked, after } = site();
  await minute(10);
  expect([asked(GetActiveVpnTunnelStatusCommand), asked(GetVpnTunnelReplacementStatusCommand)]).toEqual([2, 2]);
  await after(minuteMs);
  await minute();
  expect([asked(GetActiveVpnTunnelStatusCommand), asked(GetVpnTunnelReplacementStatusCommand)]).toEqual([4, 4]);
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(oneDown);
  await after(minuteMs);
  await minute(3);
  expect([asked(GetActiveVpnTunnelStatusCommand), asked(GetVpnTunnelReplacementStatusCommand)]).toEqual([7, 4]);
});

it('keeps what it knew of maintenance where AWS does not answer, and calls an endpoint unknown', async () => {
  const { mocks, minute, after, report: reported, metrics } = site();
  const due = startAt + 3 * 86_400_000;
  mocks.ec2
    .on(GetVpnTunnelReplacementStatusCommand)
    .resolves({ MaintenanceDetails: { MaintenanceAutoAppliedAfter: new Date(due) } });
  await minute();
  expect(reported().tunnels[one]!.maintenanceBy).toBe(due);
  mocks.ec2.on(GetVpnTunnelReplacementStatusCommand).rejects(awsError('UnauthorizedOperation', 'no', 403));
  mocks.ec2.on(GetActiveVpnTunnelStatusCommand).rejects(awsError('UnauthorizedOperation', 'no', 403));
  await after(10 * minuteMs);
  await minute();
  expect(reported().tunnels[one]).toMatchObject({ maintenanceBy: due, provisioning: 'unknown', status: 'up' });
  expect(metrics()).toMatchObject({ TunnelsUp: 2, TunnelCheckOk: 1 });
});

const bytes = (out1: number, in1: number, out2: number, in2: number) => ({
  MetricDataResults: Object.entries({ out0: out1, in0: in1, out1: out2, in1: in2 }).map(([Id, value]) => ({
    Id,
    Timestamps: [new Date(startAt)],
    Values: [value],
  })),
});

it('asks once for the bytes of each whole five minutes, once CloudWatch shows them', async () => {
  const { mocks, minute, report: reported } = site();
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(bytes(130_000, 93_000, 300, 0));
  await minute(10);
  const calls = mocks.cloudwatch.commandCalls(GetMetricDataCommand).map((call) => call.args[0].input);
  expect(calls.map(({ StartTime }) => (StartTime as Date).getTime() - startAt)).toEqual(
    [-10, -5, 0].map((m) => m * minuteMs),
  );
  expect(calls[0]!.EndTime).toEqual(new Date(startAt - 5 * minuteMs));
  expect(calls[0]!.MetricDataQueries![0]!.MetricStat).toMatchObject({
    Metric: {
      Namespace: 'AWS/VPN',
      MetricName: 'TunnelDataOut',
      Dimensions: [
        { Name: 'VpnId', Value: id },
        { Name: 'TunnelIpAddress', Value: one },
      ],
    },
    Period: 300,
    Stat: 'Sum',
  });
  expect(reported().tunnels).toMatchObject({
    [one]: { lastBytes: { from: startAt, out: 130_000, in: 93_000 }, lastCarried: startAt },
    [two]: { lastBytes: { from: startAt, out: 300, in: 0 }, lastCarried: null },
  });
});

it('asks again in a minute where CloudWatch does not answer', async () => {
  const { mocks, minute } = site();
  mocks.cloudwatch.on(GetMetricDataCommand).rejects(awsError('InternalFailure', '', 500));
  await minute(2);
  expect(mocks.cloudwatch.commandCalls(GetMetricDataCommand)).toHaveLength(2);
});

it('credits no tunnel with a period in which the canary was not answered throughout', async () => {
  const { mocks, minute, items, report: reported } = site();
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(bytes(300, 0, 130_000, 93_000));
  items.set('paris/path-a', reportItem(report('paris/path-a', 'healthy', { since: startAt - 7 * minuteMs })));
  await minute();
  expect(reported().tunnels[two]).toMatchObject({ lastBytes: { out: 130_000 }, lastCarried: null });
});

it('forgets no tunnel that carried once, however long another does', async () => {
  const { mocks, minute, after, report: reported } = site();
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(bytes(130_000, 93_000, 300, 0));
  await minute();
  const carried = reported().tunnels[one]!.lastCarried;
  expect(carried).toBe(startAt - 10 * minuteMs);
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(bytes(300, 0, 130_000, 93_000));
  await after(30 * minuteMs);
  await minute();
  expect(reported().tunnels).toMatchObject({
    [one]: { lastCarried: carried },
    [two]: { lastCarried: startAt + 20 * minuteMs },
  });
});

describe('a measurement that failed', () => {
  const failed = async (spoil: (at: ReturnType<typeof site>) => void) => {
    const at = site();
    await at.minute();
    const before = at.report();
    spoil(at);
    await at.after(minuteMs);
    const answer = await at.minute();
    return { ...at, before, answer };
  };

  it('is published as one and never as tunnels that are down; the last report grows old', async () => {
    const {
      before,
      report: reported,
      metrics,
      answer,
    } = await failed(({ mocks }) =>
      mocks.ec2.on(DescribeVpnConnectionsCommand).rejects(awsError('UnauthorizedOperation', 'no', 403)),
    );
    expect(answer).toMatchObject({ reported: [], unmeasured: ['vpn-a'] });
    const { writtenAt, unmeasured, ...known } = reported();
    expect({ ...known, writtenAt: before.writtenAt }).toEqual(before);
    expect(unmeasured).toEqual({ since: writtenAt, because: expect.stringContaining('UnauthorizedOperation') });
    expect(metrics()).toMatchObject({ TunnelCheckOk: 0 });
    expect(metrics()).not.toHaveProperty('TunnelsUp');
  });

  it.each([
    [
      'lists no such connection',
      { VpnConnections: [] },
      /AWS lists no VPN connection vpn-0aaaaaaaaaaaaaaa1 in eu-central-1/,
    ],
    [
      'tells of other tunnels than those declared',
      described([telemetry('198.51.100.7', 'DOWN'), telemetry(one, 'DOWN')]),
      /nothing of tunnel 203\.0\.113\.2 .* it tells of 198\.51\.100\.7, 203\.0\.113\.1/,
    ],
    [
      'uses a word we do not know',
      described([telemetry(one, 'UP'), telemetry(two, 'RESTING' as 'UP')]),
      /203\.0\.113\.2/,
    ],
    ['is in a state we do not know', described([], { State: 'resting' }), /"resting", a state we do not know/],
  ])('is one where AWS %s', async (_, answer, because) => {
    const {
      metrics,
      world,
      report: reported,
      before,
    } = await failed(({ mocks }) => mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(answer as typeof bothUp));
    expect(metrics()).toMatchObject({ TunnelCheckOk: 0 });
    expect(metrics()).not.toHaveProperty('TunnelsUp');
    expect(reported()).toMatchObject({
      ...{ reportedAt: before.reportedAt, tunnels: before.tunnels, changed: false },
      unmeasured: { because: expect.stringMatching(because) },
    });
    expect(world.lines.find(({ what }) => what === 'watch: not measured')).toMatchObject({
      because: expect.stringMatching(because),
      gateway: 'vpn-a',
    });
  });

  it('is over with the first report that says something, and keeps since when it lasted until then', async () => {
    const {
      mocks,
      minute,
      after,
      report: reported,
    } = await failed((at) => at.mocks.ec2.on(DescribeVpnConnectionsCommand).rejects(awsError('TimeoutError')));
    const since = reported().unmeasured!.since;
    await after(minuteMs);
    await minute();
    expect(reported().unmeasured!.since).toBe(since);
    mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(bothUp);
    await after(minuteMs);
    await minute();
    expect(reported()).not.toHaveProperty('unmeasured');
    expect(reported()).toMatchObject({ changed: false, watchedSince: startAt });
  });

  it('is written down too where nothing was ever known: as old as can be, so that it is no evidence', async () => {
    const { mocks, minute, report: reported } = site();
    mocks.ec2.on(DescribeVpnConnectionsCommand).rejects(awsError('TimeoutError'));
    await minute();
    expect(reported()).toMatchObject({ reportedAt: 0, tunnels: {}, changed: false, unmeasured: { since: startAt } });
  });

  it('is one where what was seen cannot be reported, and what was known is not overwritten', async () => {
    for (const command of [BatchGetItemCommand, PutItemCommand]) {
      const { mocks, minute, after, metrics, report: reported } = site();
      await minute();
      const before = reported();
      mocks.dynamodb.on(command as typeof PutItemCommand).rejects(awsError('TimeoutError'));
      await after(minuteMs);
      await expect(minute()).rejects.toMatchObject({
        ...{ name: 'AwsUnavailable', message: 'watch of vpn-a: nothing could be reported' },
      });
      expect(metrics()).toMatchObject({ TunnelsUp: 2, TunnelCheckOk: 0 });
      expect(reported()).toEqual(before);
    }
  });
});

it('knows a connection that it has seen deleted as deleted, when AWS lists it no longer', async () => {
  const { mocks, minute, after, report: reported, metrics } = site();
  await minute();
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves(described([], { State: 'deleting' }));
  await after(minuteMs);
  await minute();
  expect(reported()).toMatchObject({ state: 'deleting', changed: true });
  expect(metrics()).toMatchObject({ TunnelsUp: 0, TunnelCheckOk: 1 });
  mocks.ec2.on(DescribeVpnConnectionsCommand).resolves({ VpnConnections: [] });
  await after(minuteMs);
  await minute();
  expect(reported()).toMatchObject({ state: 'deleted', changed: true });
});

it('puts nothing under a newer report', async () => {
  const { mocks, minute } = site();
  await minute();
  expect(mocks.dynamodb.commandCalls(PutItemCommand)[0]!.args[0].input).toMatchObject({
    ConditionExpression: 'attribute_not_exists(writtenAt) OR writtenAt < :writtenAt',
  });
});

it('says nothing and stores nothing of a key', async () => {
  const { minute, items, world } = site();
  await minute(3);
  expect(JSON.stringify([...items, world.lines])).not.toContain('CANARYKEY');
});

describe('the far end of an instance’s tunnels, in another region', () => {
  const far = { vpnConnectionId: 'vpn-0far', region: 'us-east-1', tunnels: ['198.51.100.1', '198.51.100.2'] };
  const both = () => {
    const deployed = managed();
    const own = instanceAt(deployed, 'gw-b');
    return { ...deployed, gateways: { ...deployed.gateways, 'gw-b': { ...own, seenBy: far } } };
  };

  const withFar = () => {
    const at = site(both());
    const elsewhere = awsMocks();
    at.world.elsewhere = { 'us-east-1': elsewhere.clients };
    elsewhere.ec2.on(DescribeVpnConnectionsCommand).resolves({
      VpnConnections: [
        {
          VpnConnectionId: 'vpn-0far',
          State: 'available',
          VgwTelemetry: far.tunnels.map((address, i) => telemetry(address, i === 0 ? 'UP' : 'DOWN')),
        },
      ],
    });
    elsewhere.ec2.on(GetActiveVpnTunnelStatusCommand).resolves({});
    elsewhere.ec2.on(GetVpnTunnelReplacementStatusCommand).resolves({});
    elsewhere.cloudwatch.on(GetMetricDataCommand).resolves({});
    return { ...at, elsewhere };
  };

  it('is asked there, and reported under the instance’s name', async () => {
    const { minute, report: reported, metrics, elsewhere, mocks } = withFar();
    expect(await minute()).toMatchObject({ reported: expect.arrayContaining(['vpn-a', 'gw-b']), unmeasured: [] });
    expect(reported('gw-b').tunnels).toMatchObject({
      '198.51.100.1': { status: 'up' },
      '198.51.100.2': { status: 'down' },
    });
    expect(metrics('gw-b')).toMatchObject({ TunnelsUp: 1, By: 'aws' });
    const asked = elsewhere.ec2.commandCalls(DescribeVpnConnectionsCommand)[0]!.args[0].input;
    expect(asked.Filters).toEqual([{ Name: 'vpn-connection-id', Values: ['vpn-0far'] }]);
    expect(mocks.ec2.commandCalls(DescribeVpnConnectionsCommand)).toHaveLength(1);
  });

  it('is unknown while that region is silent, and keeps nobody waiting here', async () => {
    const { minute, elsewhere, report: reported, metrics } = withFar();
    elsewhere.ec2.on(DescribeVpnConnectionsCommand).rejects(awsError('TimeoutError'));
    expect(await minute()).toMatchObject({ reported: ['vpn-a'], unmeasured: ['gw-b'] });
    expect(reported('gw-b')).toMatchObject({ reportedAt: 0, unmeasured: { since: startAt } });
    expect(reported('vpn-a').state).toBe('available');
    expect([metrics('gw-b')['TunnelCheckOk'], metrics('vpn-a')['TunnelCheckOk']]).toEqual([0, 1]);
  });
});
