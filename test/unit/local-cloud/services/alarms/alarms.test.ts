/** Alarms of a template end to end: EMF lines in, state-change events out, in the shape AWS documents. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Latencies, simulationStart } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import { parseAlarmRule } from '../../../../../local-cloud/services/alarms/alarm-rule';
import { CloudWatch } from '../../../../../local-cloud/services/alarms/cloudwatch';
import type { EventParts } from '../../../../../local-cloud/services/events/bus-event';
import { templateOf } from '../../template-of';

const metric = { Namespace: 'Switchback', MetricName: 'Reachable', Dimensions: [{ Name: 'Canary', Value: 'a' }] };
const resources = {
  Fast: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'fast',
      AlarmDescription: 'no answer',
      ...metric,
      Statistic: 'Minimum',
      Period: 10,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
    },
  },
  Maintenance: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'maintenance',
      Namespace: 'x',
      MetricName: 'y',
      Statistic: 'Sum',
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
    },
  },
  Both: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmName: 'both',
      AlarmRule: 'ALARM("fast") AND NOT OK("fast")',
      ActionsSuppressor: 'maintenance',
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 180,
    },
  },
};

function cloudwatchOf(template: object) {
  const clock = new VirtualClock(simulationStart);
  const events: { at: number; parts: EventParts }[] = [];
  const mails: string[] = [];
  const cloudwatch = new CloudWatch({
    template: templateOf(template),
    clock,
    latencies: new Latencies(1),
    random: randomStream(1, 'cloudwatch'),
    queueLengths: () => ({}),
    streamsRead: () => [],
    emit: (parts) => events.push({ at: clock.now() - simulationStart, parts }),
    act: (topic, { alarm, subject, message }) => mails.push(`${alarm.name} to ${topic}: ${subject}: ${message}`),
  });
  cloudwatch.start();
  return { clock, cloudwatch, events, mails };
}

const emf = (at: number, Reachable: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: 'Switchback', Dimensions: [['Canary']], Metrics: [{ Name: 'Reachable', StorageResolution: 1 }] },
      ],
    },
    Canary: 'a',
    Reachable,
  });

/** One line each ten seconds: reachable until 60 s, then not. */
function run(template: object, forMs: number) {
  const made = cloudwatchOf(template);
  for (let ms = 0; ms < forMs; ms += 10_000) {
    made.clock.at(simulationStart + ms, 'emf', () =>
      made.cloudwatch.ingestLog(emf(made.clock.now(), ms < 60_000 ? 1 : 0)),
    );
  }
  return made.clock.runUntil(simulationStart + forMs).then(() => made);
}

const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value).map(([key, item]) => [key, key === 'dimensions' ? 'dimensions' : shape(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
};
const fixture = (name: string): { detail: unknown } =>
  JSON.parse(readFileSync(join(__dirname, '../../../../../sim/fixtures', name), 'utf8'));

it('alarms within the time CloudWatch takes after two bad periods, and announces transitions only', async () => {
  const { events } = await run({ Fast: resources.Fast }, 180_000);
  const values = events.map(({ parts }) => (parts.detail['state'] as { value: string }).value);
  expect(values).toEqual(['OK', 'ALARM']);
  const alarmAt = events[1]!.at;
  // Two periods, up to ten seconds to be visible, up to ten to be evaluated.
  expect(alarmAt).toBeGreaterThan(75_000);
  expect(alarmAt).toBeLessThanOrEqual(100_000);
});

it('publishes to the topics of an alarm that goes off, once, and to nobody otherwise', async () => {
  const spoken = { AlarmActions: ['arn:topic'], AlarmDescription: 'Nobody answers.' };
  const withAction = { ...resources.Fast, Properties: { ...resources.Fast.Properties, ...spoken } };
  const { mails } = await run({ Fast: withAction }, 180_000);
  expect(mails).toEqual([
    expect.stringMatching(/^fast to arn:topic: ALARM: "fast": Nobody answers\.\n\nfast is in ALARM/),
  ]);
  const muted = { ...withAction, Properties: { ...withAction.Properties, ActionsEnabled: false } };
  expect((await run({ Fast: muted }, 180_000)).mails).toEqual([]);
  expect((await run({ Fast: resources.Fast }, 180_000)).mails).toEqual([]);
});

describe('periods of a minute, three of them', () => {
  /** One value a minute, `-` none; what the alarm became, with the minute it did. */
  async function transitions(values: string, properties: object): Promise<string[]> {
    const alarm = { ...resources.Fast, Properties: { ...resources.Fast.Properties, ...properties } };
    const { clock, cloudwatch, events } = cloudwatchOf({ Fast: alarm });
    values.split(' ').forEach((value, minute) => {
      const at = simulationStart + minute * 60_000;
      if (value !== '-') clock.at(at, 'emf', () => cloudwatch.ingestLog(emf(at, value === 'X' ? 0 : 1)));
    });
    await clock.runUntil(simulationStart + 20 * 60_000);
    return events.map(
      ({ at, parts }) => `${(parts.detail['state'] as { value: string }).value} ${Math.floor(at / 60_000)}`,
    );
  }
  const ofThree = { Period: 60, EvaluationPeriods: 3 };
  const steady = '0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0';

  it('alarms on two of three breaching points, not on one, and recovers when fewer than two are left', async () => {
    const twoOfThree = { ...ofThree, DatapointsToAlarm: 2 };
    const one = await transitions(steady.replace('0 0 0 0 0 0', '0 0 0 0 X 0'), twoOfThree);
    expect(one).toEqual(['OK 1']);
    const two = await transitions(steady.replace('0 0 0 0 0 0 0', '0 0 0 0 X 0 X'), twoOfThree);
    expect(two).toEqual(['OK 1', 'ALARM 7', 'OK 8']);
  });

  it('needs all three without DatapointsToAlarm', async () => {
    const two = await transitions(steady.replace('0 0 0 0 0 0 0', '0 0 0 0 X 0 X'), ofThree);
    expect(two).toEqual(['OK 1']);
  });

  // Five points are looked at for three, and real ones go before filled ones: silence counts only when all are gone.
  it.each([
    ['missing', ['OK 1', 'INSUFFICIENT_DATA 11']],
    ['breaching', ['ALARM 0', 'OK 1', 'ALARM 11']],
    ['notBreaching', ['OK 0']],
    ['ignore', ['OK 1']],
  ])('%s: takes silence after good points as documented, and late', async (TreatMissingData, wanted) => {
    expect(await transitions('0 0 0 0 0 0', { ...ofThree, TreatMissingData })).toEqual(wanted);
  });

  it.each([
    ['missing', 'INSUFFICIENT_DATA'],
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['ignore', 'ALARM'],
  ])('%s: takes silence after breaching points as documented', async (TreatMissingData, wanted) => {
    const seen = await transitions('0 0 0 0 X X X', { ...ofThree, TreatMissingData });
    expect(seen.at(-1)).toMatch(`${wanted} `);
  });
});

it('emits metric alarm events of the documented shape', async () => {
  const { events } = await run({ Fast: resources.Fast }, 120_000);
  expect(shape(events[1]!.parts.detail)).toEqual(shape(fixture('alarm-metric.json').detail));
  expect((events[1]!.parts.detail['state'] as { reason: string }).reason).toMatch(
    /^Threshold Crossed: 2 out of the last 2 datapoints \[0\.0 \(05\/01\/26 00:01:\d0\), 0\.0 \(05\/01\/26 00:01:\d0\)\] were less than the threshold \(1\.0\) \(minimum 2 datapoints for OK -> ALARM transition\)\.$/,
  );
});

it('emits the event of a suppressed composite alarm, and says that it is suppressed', async () => {
  const { events } = await run(resources, 120_000);
  const composite = events
    .map(({ parts }) => parts.detail)
    .filter((detail) => detail['alarmName'] === 'both')
    .at(-1)!;
  expect(composite['state']).toMatchObject({ value: 'ALARM', actionsSuppressedBy: 'Alarm' });
  const documented = shape(fixture('alarm-composite-suppressed.json').detail) as Record<string, object>;
  expect(shape(composite)).toMatchObject({ configuration: documented['configuration'], state: documented['state'] });
});

describe('GetMetricData', () => {
  it('shows what is visible by now, newest first', async () => {
    const { clock, cloudwatch } = await run({ Fast: resources.Fast }, 60_000);
    const answer = await cloudwatch.call('GetMetricData', {
      StartTime: new Date(simulationStart),
      EndTime: new Date(clock.now()),
      MetricDataQueries: [{ Id: 'm1', MetricStat: { Metric: metric, Period: 10, Stat: 'Minimum' } }],
    });
    const [series] = (answer as { MetricDataResults: { Timestamps: Date[]; Values: number[] }[] }).MetricDataResults;
    expect(series!.Values.every((value) => value === 1)).toBe(true);
    expect(series!.Timestamps.length).toBeGreaterThanOrEqual(5);
    expect(series!.Timestamps[0]!.getTime()).toBeGreaterThan(series!.Timestamps[1]!.getTime());
  });
});

it('refuses a malformed EMF line instead of losing it', () => {
  const { cloudwatch } = cloudwatchOf({});
  expect(() => cloudwatch.ingestLog(emf(0, 1).replace('"Canary":"a"', '"Canary":""'))).toThrow(
    "dimension 'Canary' has no text value",
  );
  expect(() => cloudwatch.ingestLog('{"level":"info"}')).not.toThrow();
});

it('names what it does not understand in an alarm rule', () => {
  expect(() => parseAlarmRule('ALARM(a) XOR OK(b)')).toThrow("is not understood at 'XOR'");
});
