/**
 * How long AWS takes: one table, milliseconds, a source per number.
 *
 * Every hop is log-normal, fitted to its median and 99th percentile, and drawn from its own seeded stream, so that a
 * draw added to one hop moves no other. Sources: `hN` and `rN` are rows of the hop model in docs/FIDELITY.md, each with
 * its basis; `est.` is our own estimate where AWS publishes nothing.
 */
import { hourMs, type Instant } from '../core/words/time';
import { type Random, randomStream } from './random';

interface Hop {
  readonly p50: number;
  readonly p99: number;
  readonly source: string;
}

const hop = (p50: number, p99: number, source: string): Hop => ({ p50, p99, source });

export const hops = {
  ec2Read: hop(120, 1_000, 'h8: Describe*'),
  betweenRegions: hop(100, 150, 'est.: a round trip between continents, there and back'),
  ec2Write: hop(300, 2_000, 'h9: ReplaceRoute API, each'),
  dynamodb: hop(6, 40, 'h7: conditional update'),
  statesApi: hop(20, 150, 'est., as h2: a control-plane call in region'),
  startExecution: hop(80, 500, 'h4: StartExecution and first state entered'),
  transition: hop(20, 100, 'h5: Choice, Pass, Assign'),
  taskOverhead: hop(50, 300, 'h6: task overhead of aws-sdk, without the API'),
  ssmApi: hop(120, 1_000, 'est., as h8'),
  cloudwatchApi: hop(100, 600, 'est., as h8'),
  globalApi: hop(400, 2_000, 'est.: Route 53 has its control plane in one region, us-east-1, behind what ec2Write is'),
  snsApi: hop(30, 150, 'est., as h2'),
  lambdaWarm: hop(30, 300, 'h11: warm invoke'),
  lambdaCold: hop(250, 600, 'h11: cold adds'),
  eventsApi: hop(20, 150, 'h2: PutEvents'),
  eventToTarget: hop(50, 130, 'h3: EventBridge to target'),
  scheduleToTarget: hop(1_500, 6_000, 'EventBridge user guide: a schedule may be several seconds late; est.'),
  schedulerToTarget: hop(15_000, 58_000, 'Scheduler user guide: within the minute; where in it, est.'),
  ec2Event: hop(1_500, 30_000, "h1'''': state event, stop or terminate"),
  streamToLambda: hop(150, 900, 'est.: the poller reads a shard about four times a second'),
  logToMetric: hop(6_500, 10_000, 'est.: EMF by stdout becomes a metric in 5 to 10 s'),
  executionShown: hop(200, 3_000, 'DescribeExecution "is eventually consistent" (API reference); how late, est.'),
  shardDiscovery: hop(2_000, 10_000, 'public threads, see shardRollover; est.'),
  asyncQueue: hop(20, 150, 'est., as h2: the internal queue of asynchronous invocations'),
} as const satisfies Record<string, Hop>;

/** Best effort: this share of EC2's state events never arrives (h1''''). */
export const ec2EventLossRatio = 1e-4;

export type HopName = keyof typeof hops;

interface Bucket {
  readonly capacity: number;
  readonly refillPerSecond: number;
  readonly source: string;
}

const bucket = (capacity: number, refillPerSecond: number, source: string): Bucket => ({
  capacity,
  refillPerSecond,
  source,
});

/** EC2 throttles each API of an account and region by a bucket of its own; AWS publishes sizes by kind of call. */
export const ec2Buckets = {
  reading: bucket(100, 20, 'EC2 developer guide, request throttling: non-mutating actions'),
  wide: bucket(50, 10, 'EC2 developer guide, request throttling: unfiltered and unpaginated non-mutating actions'),
  changing: bucket(50, 5, 'EC2 developer guide, request throttling: mutating actions'),
  starting: bucket(5, 2, 'EC2 developer guide, request throttling: RunInstances and StartInstances'),
  tagging: bucket(100, 10, 'EC2 developer guide, request throttling: CreateTags'),
  interfaces: bucket(100, 5, 'EC2 developer guide, request throttling: ModifyNetworkInterfaceAttribute'),
} as const satisfies Record<string, Bucket>;

/** Those of ours that the guide lists as cheaper to refuse: asked by ids alone they count as unfiltered, to be safe. */
const widelyRead: readonly string[] = ['DescribeInstances', 'DescribeInstanceStatus', 'DescribeNetworkInterfaces'];
const ownBuckets: Readonly<Record<string, keyof typeof ec2Buckets>> = {
  RunInstances: 'starting',
  StartInstances: 'starting',
  CreateTags: 'tagging',
  ModifyNetworkInterfaceAttribute: 'interfaces',
};

/** EC2's own words for calls that change nothing. */
const isQuestion = (operation: string): boolean => /^(Describe|Get|Search)[A-Z]/.test(operation);

export function ec2BucketOf(operation: string, input: Readonly<Record<string, unknown>>): keyof typeof ec2Buckets {
  if (!isQuestion(operation)) return ownBuckets[operation] ?? 'changing';
  const isNarrow = ['Filters', 'MaxResults', 'NextToken'].some((name) => input[name] !== undefined);
  return widelyRead.includes(operation) && !isNarrow ? 'wide' : 'reading';
}

/**
 * `calm`: the table above and nothing else. What scenarios draw unless they say otherwise, so that two transcripts of one
 * seed differ by what happened and not by the weather. `rough`: tails and rollovers besides, as the swarm and the
 * published targets draw them. `instant`: a millisecond each, for measuring everything but AWS.
 */
export type Regime = 'calm' | 'rough' | 'instant';

interface Tail extends Hop {
  /** Of all draws. */
  readonly share: number;
}

/** What a log-normal fitted to a 99th percentile leaves out: rough only. */
export const tails: Partial<Record<HopName, Tail>> = {
  logToMetric: { share: 0.02, ...hop(20_000, 60_000, 'PutMetricData to alarm: 60 s at the 99th percentile, est.') },
  eventToTarget: { share: 0.001, ...hop(1_200, 2_500, 'h3: 2.5 s at the 99.9th percentile') },
};

/**
 * A stream's shard is closed after about four hours; the poller must find the next one, which "can take a couple of
 * seconds" (answers of DynamoDB's own engineers in public threads). Rough only; the distribution is an estimate.
 */
export const shardRollover = { everyMs: 4 * hourMs } as const;

/** EMF is never visible sooner; without its tail it is not later than 10 s either. */
const bounds: Partial<Record<HopName, readonly [number, number]>> = { logToMetric: [5_000, 10_000] };
const hopMsMax = 60_000;

export interface LatencyOptions {
  readonly regime?: Regime;
  /** In place of the table's own, by name. */
  readonly hops?: Partial<Record<HopName, { readonly p50: number; readonly p99: number }>>;
}

/** Draws hop latencies, whole milliseconds, at least 1. */
export class Latencies {
  readonly regime: Regime;
  /**
   * In a slow hour all hops are slow together: each draw is this many times as long. AWS publishes no number; the hop
   * model asks for such hours at 0.1 % of a month, three hours long at the median.
   */
  slowness = 1;
  private readonly streams = new Map<string, Random>();

  constructor(
    private readonly seed: number,
    private readonly options: LatencyOptions = {},
  ) {
    this.regime = options.regime ?? 'calm';
  }

  draw(name: HopName): number {
    if (this.regime === 'instant') return 1;
    const tail = this.regime === 'rough' ? tails[name] : undefined;
    if (tail !== undefined && this.stream(`${name}/tail`).chance(tail.share)) return this.slowed(name, tail);
    const [low, high] = (this.options.hops?.[name] === undefined && bounds[name]) || [1, hopMsMax];
    return Math.round(Math.max(low, Math.min(high, this.fitted(name, this.spreadOf(name)))) * this.slowness);
  }

  /** How far each shard is from its first rollover at the beginning. */
  nextRolloverMs(shard: string): number {
    if (this.regime !== 'rough') return Number.POSITIVE_INFINITY;
    return Math.ceil(this.stream(`shard/${shard}`).next() * shardRollover.everyMs);
  }

  private slowed(name: HopName, { p50, p99 }: Tail): number {
    return Math.round(this.stream(`${name}/tail`).lognormal(p50, p99) * this.slowness);
  }

  private spreadOf(name: HopName): { readonly p50: number; readonly p99: number } {
    return this.options.hops?.[name] ?? hops[name];
  }

  private fitted(name: HopName, { p50, p99 }: { readonly p50: number; readonly p99: number }): number {
    return Math.max(1, Math.round(this.stream(name).lognormal(p50, p99)));
  }

  private stream(purpose: string): Random {
    const stream = this.streams.get(purpose) ?? randomStream(this.seed, `latency/${purpose}`);
    this.streams.set(purpose, stream);
    return stream;
  }
}

const serviceHops: Record<string, HopName> = {
  dynamodb: 'dynamodb',
  stepfunctions: 'statesApi',
  ssm: 'ssmApi',
  cloudwatch: 'cloudwatchApi',
  sns: 'snsApi',
  sts: 'statesApi',
  scheduler: 'eventsApi',
  events: 'eventsApi',
  s3: 'snsApi',
  sqs: 'snsApi',
  lambda: 'lambdaWarm',
  route53: 'globalApi',
  iam: 'globalApi',
};

/** The hop a call of this operation costs, there and back. */
export function hopOf(service: string, operation: string): HopName {
  if (service === 'ec2') return isQuestion(operation) ? 'ec2Read' : 'ec2Write';
  const name = serviceHops[service];
  if (name === undefined) throw new Error(`No latency is known for service '${service}'`);
  return name;
}

/** How often and how long Describe shows the state before a write. */
export interface Lag {
  readonly chance: number;
  /** @default - 1 */
  readonly msMin?: number;
  readonly msMax: number;
}

/** How late Describe will show this write; 0: at once. */
export function lagMs({ chance, msMin = 1, msMax }: Lag, random: Random): number {
  return random.chance(chance) ? random.int(msMin, msMax) : 0;
}

/** Where simulated time starts: a fixed Monday, so that a seed alone decides a run. */
export const simulationStart: Instant = Date.UTC(2026, 0, 5);
