/** The metrics that stand in for canaries' reports while the reports table is silent. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { metrics } from '../../../../adapters/cloudwatch/metrics';
import { connection } from '../../../given';
import { startAt, VirtualWorld } from '../../functions/virtual-world';
import { awsMocks } from '../aws-mocks';

const make = () => {
  const mocks = awsMocks();
  return { mocks, world: new VirtualWorld(mocks) };
};

const [canary] = connection().canaries;
const watched = [{ canary: canary!, policy: connection().policy }];
const points = (ageMs: number, values: Record<string, number>) => ({
  MetricDataResults: Object.entries(values).map(([Id, value]) => ({
    Id,
    Timestamps: [new Date(startAt - ageMs - 5_000), new Date(startAt - ageMs)],
    Values: [1 - value, value],
  })),
});

it('makes a report of the newest point', async () => {
  const { mocks, world } = make();
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(4_000, { reachable0: 1, loss0: 0, rtt0: 30 }));
  expect(await metrics(mocks.clients.cloudwatch, 'Switchback', world).read(watched)).toMatchObject({
    'paris/path-a': {
      verdict: 'healthy',
      reportedAt: startAt - 4_000,
      rttMs: 30,
      changed: false,
      gatewayProbe: 'none',
    },
  });
  const { input } = mocks.cloudwatch.commandCalls(GetMetricDataCommand)[0]!.args[0];
  expect(input.MetricDataQueries![0]!.MetricStat).toMatchObject({
    Metric: {
      Namespace: 'Switchback',
      MetricName: 'Reachable',
      Dimensions: [
        { Name: 'Connection', Value: 'paris' },
        { Name: 'Canary', Value: 'paris/path-a' },
      ],
    },
    Stat: 'Minimum',
  });
});

it.each([
  ['down', { reachable0: 0, loss0: 1 }],
  ['degraded', { reachable0: 1, loss0: 0.1, rtt0: 30 }],
  ['degraded', { reachable0: 1, loss0: 0, rtt0: 300 }],
])('reads them as %s', async (verdict, values) => {
  const { mocks, world } = make();
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(1_000, values as Record<string, number>));
  expect(await metrics(mocks.clients.cloudwatch, 'S', world).read(watched)).toMatchObject({
    'paris/path-a': { verdict },
  });
});

it('knows nothing from points older than 30 s, or from none', async () => {
  const { mocks, world } = make();
  const port = metrics(mocks.clients.cloudwatch, 'S', world);
  mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(31_000, { reachable0: 1 }));
  expect(await port.read(watched)).toEqual({ 'paris/path-a': null });
  mocks.cloudwatch.on(GetMetricDataCommand).resolves({});
  expect(await port.read(watched)).toEqual({ 'paris/path-a': null });
});
