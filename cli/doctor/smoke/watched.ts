/**
 * Two minutes of watching, over two of the minutes in which each canary hands over to its next run: no report may grow
 * old meanwhile. And how long what a canary logs takes to be a metric, seen by AWS's clock.
 */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { attempt } from '../../../adapters/attempt';
import { dimensionsOf, metricNames } from '../../../adapters/cloudwatch/metric-names';
import { reportsTable } from '../../../adapters/dynamodb/reports-table';
import type { Canary } from '../../../core/words/domain';
import { spanText } from '../../../core/words/time';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';
import type { SmokeGround, SmokeStep } from './step';

const watchMs = 125_000;
const lookEveryMs = 1_000;
const reportAgeMsMax = 3_000;
/** As the canaries publish: of high resolution. */
const periodSeconds = 1;
const metricsBackMs = 120_000;

export const watched: SmokeStep = {
  name: 'canaries',
  title: 'canaries report without a gap over two minutes, and their metrics arrive',
  async run(ground) {
    const canaries = Object.values(ground.deployment.connections).flatMap((one) => one.canaries);
    // The laptop's clock is nobody's: all ages are counted on AWS's.
    const skewMs = (await ground.elsewhere.clockOfAws()) - ground.session.world.now();
    const [oldest, logToMetric] = await Promise.all([
      watchReports(ground, canaries, skewMs),
      watchMetrics(ground, canaries, skewMs),
    ]);
    const gaps = canaries.flatMap(({ id }): readonly Diagnosis[] => {
      const ageMs = oldest.get(id) ?? Infinity;
      if (ageMs <= reportAgeMsMax) return [];
      const found = ageMs === Infinity ? 'it never reported' : `its report grew ${spanText(ageMs)} old`;
      const why = 'what is stale proves nothing: a rescue waits meanwhile';
      return [fail({ about: id, found, why, mend: 'switchback doctor --only canaries,endpoints,lambda-concurrency' })];
    });
    const unseen =
      logToMetric.length > 0
        ? []
        : [
            warn({
              about: 'metrics',
              found: `no ${metricNames.measured} of any canary arrived in ${spanText(watchMs)}`,
              why: 'the alarms are blind, and so is a rescue while DynamoDB is out',
              mend: 'switchback doctor --only alarms',
            }),
          ];
    const oldestMs = Math.max(...oldest.values());
    const text = `${counted(canaries.length, 'canary', 'canaries')}, no report older than ${spanText(oldestMs)}`;
    return { findings: orWell([...gaps, ...unseen], text), samples: { logToMetric } };
  },
};

async function watchReports(
  { session }: SmokeGround,
  canaries: readonly Canary[],
  skewMs: number,
): Promise<ReadonlyMap<string, number>> {
  const { world, whereabouts } = session;
  const table = reportsTable(world.aws.dynamodb, whereabouts.reportsTable, world);
  const oldest = new Map<string, number>();
  const endsAt = world.now() + watchMs;
  while (world.now() < endsAt) {
    const reports = await table.read(canaries.map(({ id }) => id));
    const now = world.now() + skewMs;
    for (const [id, report] of Object.entries(reports))
      oldest.set(id, Math.max(oldest.get(id) ?? 0, report === null ? Infinity : now - report.reportedAt));
    await world.sleep(lookEveryMs);
  }
  return oldest;
}

/** One sample for each datapoint that appears while we look. */
async function watchMetrics({ session }: SmokeGround, canaries: readonly Canary[], skewMs: number): Promise<number[]> {
  const { world, whereabouts } = session;
  const Dimensions = Object.entries(dimensionsOf(canaries[0]!)).map(([Name, Value]) => ({
    Name,
    Value: String(Value),
  }));
  const Metric = { Namespace: whereabouts.metricNamespace, MetricName: metricNames.measured, Dimensions };
  const samples: number[] = [];
  let newest: number | null = null;
  const endsAt = world.now() + watchMs;
  while (world.now() < endsAt) {
    const now = world.now() + skewMs;
    const command = new GetMetricDataCommand({
      StartTime: new Date(now - metricsBackMs),
      EndTime: new Date(now),
      MetricDataQueries: [{ Id: 'measured', MetricStat: { Metric, Period: periodSeconds, Stat: 'Maximum' } }],
    });
    const { MetricDataResults = [] } = await attempt(
      world,
      { operation: 'GetMetricData', on: metricNames.measured },
      () => world.aws.cloudwatch.send(command),
    );
    const seen = Math.max(0, ...(MetricDataResults[0]?.Timestamps ?? []).map((one) => new Date(one).getTime()));
    // What was there at the first look appeared nobody knows when.
    if (newest !== null && seen > newest) samples.push(world.now() + skewMs - seen);
    if (seen > 0) newest = Math.max(seen, newest ?? 0);
    await world.sleep(lookEveryMs);
  }
  return samples;
}
