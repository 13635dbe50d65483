/**
 * How long AWS takes: one table, milliseconds, a source per number.
 *
 * Every hop is log-normal, fitted to its median and 99th percentile, and drawn from its own seeded stream, so that a
 * draw added to one hop moves no other. Sources: `G1 hN` is the hop model of docs/FIDELITY.md (the same names);
 * `est.` is our own estimate where AWS publishes nothing.
 */
import type { Instant } from '../core/time';
import { type Random, randomStream } from './random';

interface Hop {
  readonly p50: number;
  readonly p99: number;
  readonly source: string;
}

const hop = (p50: number, p99: number, source: string): Hop => ({ p50, p99, source });

export const hops = {
  ec2Read: hop(120, 1_000, 'G1 h8: Describe*'),
  ec2Write: hop(300, 2_000, 'G1 h9: ReplaceRoute API, each'),
  dynamodb: hop(6, 40, 'G1 h7: conditional update'),
  statesApi: hop(20, 150, 'est., as h2: a control-plane call in region'),
  startExecution: hop(80, 500, 'G1 h4: StartExecution and first state entered'),
  transition: hop(20, 100, 'G1 h5: Choice, Pass, Assign'),
  taskOverhead: hop(50, 300, 'G1 h6: task overhead of aws-sdk, without the API'),
  ssmApi: hop(120, 1_000, 'est., as h8'),
  ssmFirstStep: hop(1_500, 8_000, 'G1 r1: StartAutomation to step 1 running'),
  cloudwatchApi: hop(100, 600, 'est., as h8'),
  snsApi: hop(30, 150, 'est., as h2'),
  lambdaWarm: hop(30, 300, 'G1 h11: warm invoke'),
  lambdaCold: hop(250, 600, 'G1 h11: cold adds'),
  eventsApi: hop(20, 150, 'G1 h2: PutEvents'),
  eventToTarget: hop(50, 130, 'G1 h3: EventBridge to target'),
  scheduleToTarget: hop(1_500, 6_000, 'A4: schedules have several seconds of delay'),
  ec2Event: hop(1_500, 30_000, "G1 h1'''': state event, stop or terminate"),
  streamToLambda: hop(150, 900, 'est.: the poller reads a shard about four times a second'),
  logToMetric: hop(6_500, 10_000, 'F: EMF by stdout becomes a metric in 5 to 10 s'),
  asyncQueue: hop(20, 150, 'est., as h2: the internal queue of asynchronous invocations'),
} as const satisfies Record<string, Hop>;

/** Best effort: this share of EC2's state events never arrives (G1 h1''''). */
export const ec2EventLossRatio = 1e-4;

export type HopName = keyof typeof hops;

/** EMF is visible after 5 to 10 s, so its draws are held to that. */
const bounds: Partial<Record<HopName, readonly [number, number]>> = { logToMetric: [5_000, 10_000] };

/** Draws hop latencies, whole milliseconds, at least 1. */
export class Latencies {
  private readonly streams = new Map<HopName, Random>();

  constructor(private readonly seed: number) {}

  draw(name: HopName): number {
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
