/**
 * CloudWatch: metrics from EMF log lines and from AWS services, GetMetricData, and the alarms of the template.
 */
import { types } from 'node:util';
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Latencies } from '../../latency';
import type { Random } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Template } from '../../template/template';
import type { EventParts } from '../events/bus-event';
import { type AlarmAction, Alarms } from './alarms';
import { embeddedMetrics } from './emf';
import { type MetricId, Metrics } from './metrics';

export interface CloudWatchOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly latencies: Latencies;
  readonly random: Random;
  /** What lies in each queue, by name: SQS publishes it every minute. */
  queueLengths(): Readonly<Record<string, number>>;
  /** The streams that are read, by the dimensions of DynamoDB's metrics. */
  streamsRead(): readonly Readonly<Record<string, string>>[];
  /** See `AlarmsOptions.settled`. */
  readonly settled?: boolean;
  emit(event: EventParts): void;
  /** See `AlarmsOptions.act`. */
  act(targetArn: string, action: AlarmAction): void;
}

interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly { Name: string; Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

const queriesMax = 500;
/** A service's own metrics arrive about a minute late. */
const serviceMetricDelayMs = 60_000;
const measureEveryMs = 60_000;

export class CloudWatch implements FakeService {
  readonly name = 'cloudwatch';
  readonly metrics = new Metrics();
  readonly alarms: Alarms;

  constructor(private readonly options: CloudWatchOptions) {
    const { template, clock, random, settled, emit, act } = options;
    this.alarms = new Alarms({ template, clock, metrics: this.metrics, random, settled, emit, act });
  }

  redeploy(template: Template): void {
    this.alarms.redeploy(template);
  }

  start(): void {
    this.alarms.start();
    this.measure();
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    if (operation === 'GetMetricData') return this.getMetricData(input as JsonObject);
    if (operation === 'DescribeAlarms') return { MetricAlarms: this.describeAlarms(input as JsonObject) };
    throw new NotModelled('cloudwatch', operation);
  }

  private describeAlarms({ AlarmNames, AlarmNamePrefix, ...more }: JsonObject): unknown[] {
    const { MaxRecords: _, ...rest } = more;
    const others = Object.values(rest).filter((value) => value !== undefined);
    const states = this.alarms.described();
    const names = Array.isArray(AlarmNames)
      ? AlarmNames
      : [...states.keys()].filter((name) => typeof AlarmNamePrefix === 'string' && name.startsWith(AlarmNamePrefix));
    const isOneWay = Array.isArray(AlarmNames) !== (typeof AlarmNamePrefix === 'string');
    if (!isOneWay || others.length > 0)
      throw new NotModelled('cloudwatch', 'DescribeAlarms other than by names or by a prefix');
    return names.flatMap((name) => {
      const state = states.get(String(name));
      if (state === undefined) return [];
      const at = new Date(state.at);
      const StateReason = state.reason;
      return [
        {
          AlarmName: name,
          StateValue: state.value,
          StateReason,
          StateUpdatedTimestamp: at,
          StateTransitionedTimestamp: at,
        },
      ];
    });
  }

  /** What somebody publishes with PutMetricData. */
  put(id: MetricId, value: number): void {
    const { clock, latencies } = this.options;
    this.metrics.put(id, clock.now(), value, clock.now() + latencies.draw('logToMetric'));
  }

  /** A line a function wrote to stdout: its embedded metrics become visible after the logs' own delay. */
  ingestLog(line: string): void {
    const { clock, latencies } = this.options;
    const metrics = embeddedMetrics(line);
    if (metrics.length === 0) return;
    const visibleAt = clock.now() + latencies.draw('logToMetric');
    for (const { id, at, values } of metrics) for (const value of values) this.metrics.put(id, at, value, visibleAt);
  }

  /** What an AWS service publishes about itself. */
  count(id: MetricId, value: number): void {
    const now = this.options.clock.now();
    this.metrics.put(id, now, value, now + serviceMetricDelayMs);
  }

  /** What services publish each minute, whether anything happens or not. */
  private measure(): void {
    for (const [name, length] of Object.entries(this.options.queueLengths())) {
      this.count(
        { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: name } },
        length,
      );
    }
    for (const stream of this.options.streamsRead()) {
      const dimensions = { ...stream, Operation: 'GetRecords' };
      this.count({ namespace: 'AWS/DynamoDB', name: 'ReturnedRecordsCount', dimensions }, 0);
    }
    this.options.clock.after(measureEveryMs, 'service metrics', () => this.measure());
  }

  private getMetricData(input: JsonObject): unknown {
    const queries = (input['MetricDataQueries'] ?? []) as unknown as MetricDataQuery[];
    const from = instantOf(input['StartTime']);
    const to = instantOf(input['EndTime']);
    if (queries.length === 0 || queries.length > queriesMax)
      throw invalid('MetricDataQueries', 'must have 1 to 500 entries');
    if (!(from < to)) throw invalid('StartTime', 'must be less than EndTime');
    const newestFirst = input['ScanBy'] !== 'TimestampAscending';
    const results = queries
      .filter((query) => query.ReturnData !== false)
      .map((query) => this.series(query, from, to, newestFirst));
    return { MetricDataResults: results, Messages: [] };
  }

  private series(query: MetricDataQuery, from: Instant, to: Instant, newestFirst: boolean): unknown {
    const { MetricStat } = query;
    if (MetricStat === undefined) throw new NotModelled('cloudwatch', `the expression '${query.Expression}'`);
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(query.Id))
      throw invalid('MetricDataQueries', `id '${query.Id}' must start with a lower-case letter`);
    const { Metric, Period, Stat } = MetricStat;
    const dimensions = Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
    const id = { namespace: Metric.Namespace, name: Metric.MetricName, dimensions };
    const periodMs = Period * 1_000;
    const points: { at: Instant; value: number }[] = [];
    for (let at = from - (from % periodMs); at < to; at += periodMs) {
      const value = this.metrics.statistic(id, Stat, at, at + periodMs, this.options.clock.now());
      if (value !== undefined) points.push({ at, value });
    }
    if (newestFirst) points.reverse();
    return {
      Id: query.Id,
      Label: Metric.MetricName,
      Timestamps: points.map((point) => new Date(point.at)),
      Values: points.map((point) => point.value),
      StatusCode: 'Complete',
    };
  }
}

const instantOf = (value: unknown): Instant => (types.isDate(value) ? value.getTime() : Date.parse(String(value)));

const invalid = (member: string, why: string): AwsError =>
  new AwsError('ValidationError', `The parameter ${member} ${why}.`);
