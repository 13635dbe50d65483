/**
 * How long AWS takes: one table, milliseconds, a source per number.
 *
 * Every hop is log-normal, fitted to its median and 99th percentile, and drawn from its own seeded stream, so that a
 * draw added to one hop moves no other. Sources: `hN` and `rN` are rows of the hop model in docs/FIDELITY.md, each with
 * its basis; `est.` is our own estimate where AWS publishes nothing.
 */
import type { Instant } from '../core/words/time';
import { type Random, randomStream } from './random';

interface Hop {
  readonly p50: number;
  readonly p99: number;
  readonly source: string;
}

const hop = (p50: number, p99: number, source: string): Hop => ({ p50, p99, source });

export const hops = {
  ec2Read: hop(120, 1_000, 'h8: Describe*'),
  ec2Write: hop(300, 2_000, 'h9: ReplaceRoute API, each'),
  dynamodb: hop(6, 40, 'h7: conditional update'),
  statesApi: hop(20, 150, 'est., as h2: a control-plane call in region'),
  startExecution: hop(80, 500, 'h4: StartExecution and first state entered'),
  transition: hop(20, 100, 'h5: Choice, Pass, Assign'),
  taskOverhead: hop(50, 300, 'h6: task overhead of aws-sdk, without the API'),
  ssmApi: hop(120, 1_000, 'est., as h8'),
  cloudwatchApi: hop(100, 600, 'est., as h8'),
  snsApi: hop(30, 150, 'est., as h2'),
  lambdaWarm: hop(30, 300, 'h11: warm invoke'),
  lambdaCold: hop(250, 600, 'h11: cold adds'),
  eventsApi: hop(20, 150, 'h2: PutEvents'),
  eventToTarget: hop(50, 130, 'h3: EventBridge to target'),
  scheduleToTarget: hop(1_500, 6_000, 'EventBridge user guide: a schedule may be several seconds late; est.'),
  ec2Event: hop(1_500, 30_000, "h1'''': state event, stop or terminate"),
  streamToLambda: hop(150, 900, 'est.: the poller reads a shard about four times a second'),
  logToMetric: hop(6_500, 10_000, 'est.: EMF by stdout becomes a metric in 5 to 10 s'),
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

/** EC2 throttles each API of an account and region by a bucket of its own; AWS publishes sizes by kind of call. */
export const ec2Buckets = {
  changing: { capacity: 50, refillPerSecond: 5, source: 'widely reported default of mutating actions; est.' },
  reading: {
    capacity: 100,
    refillPerSecond: 20,
    source: 'EC2 developer guide, request throttling: its non-mutating example',
  },
} as const satisfies Record<string, Bucket>;

/** EMF is visible after 5 to 10 s, so its draws are held to that. */
const bounds: Partial<Record<HopName, readonly [number, number]>> = { logToMetric: [5_000, 10_000] };

/** Draws hop latencies, whole milliseconds, at least 1. */
export class Latencies {
  private readonly streams = new Map<HopName, Random>();

  /** `instant`: every hop takes a millisecond, for measuring everything but AWS. */
  constructor(
    private readonly seed: number,
    private readonly instant = false,
  ) {}

  draw(name: HopName): number {
    if (this.instant) return 1;
    const stream = this.streams.get(name) ?? randomStream(this.seed, `latency/${name}`);
    this.streams.set(name, stream);
    const { p50, p99 } = hops[name];
    const [low, high] = bounds[name] ?? [1, 60_000];
    return Math.max(low, Math.min(high, Math.round(stream.lognormal(p50, p99))));
  }
}

const serviceHops: Record<string, HopName> = {
  dynamodb: 'dynamodb',
  stepfunctions: 'statesApi',
  ssm: 'ssmApi',
  cloudwatch: 'cloudwatchApi',
  sns: 'snsApi',
  events: 'eventsApi',
  sqs: 'snsApi',
  lambda: 'lambdaWarm',
};

/** The hop a call of this operation costs, there and back. */
export function hopOf(service: string, operation: string): HopName {
  if (service === 'ec2') return operation.startsWith('Describe') ? 'ec2Read' : 'ec2Write';
  const name = serviceHops[service];
  if (name === undefined) throw new Error(`No latency is known for service '${service}'`);
  return name;
}

/** Where simulated time starts: a fixed Monday, so that a seed alone decides a run. */
export const simulationStart: Instant = Date.UTC(2026, 0, 5);
