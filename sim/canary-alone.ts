/**
 * The deployed canary alone against a path that is silent by turns: whole days of it in the time that a whole cloud takes
 * for minutes. Whoever moves traffic does it for a `down`, so no more would move than is counted here.
 *
 * What all witnesses of a path suffer at once is drawn by the caller, as spans of time; independent loss packet by packet.
 */
import { pathToFileURL } from 'node:url';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { dayMs, type Instant, minuteMs, secondMs } from '../core/words/time';
import type { InvocationContext, World } from '../functions/world';
import { VirtualClock } from '../local-cloud/clock';
import { simulationStart } from '../local-cloud/latency';
import { type Random, randomStream } from '../local-cloud/random';
import { deploymentOf, laidOver, siteTree } from './scenario-site';

/** From the first packet that is lost to the first that is not. */
export interface Outage {
  readonly from: Instant;
  readonly to: Instant;
}

interface Path {
  readonly preset: string;
  readonly seed: number;
  readonly runs: number;
  /** Within each run, at moments since its start. */
  readonly outagesIn: (random: Random) => readonly Outage[];
  /** Of packets, each way. */
  readonly lossRatio?: number;
}

interface Seen {
  readonly outages: number;
  /** How many of them were called `down`; and without any, how often that was said. */
  readonly downs: number;
}

/** A new run is heard by the table after eight seconds, and has a successor after a minute. */
const probedFromMs = 12 * secondMs;
const probedToMs = minuteMs + 10 * secondMs;
const apartMs = 5 * secondMs;
/** A run probes for 75 s. */
export const runsADay = dayMs / (75 * secondMs);
const gatewayPort = 22;
const canary = 'paris/path-a';
const rttMs = 40;

type CreateHandler = (
  world: World,
  deployment: Deployment,
) => (event: unknown, context: InvocationContext) => Promise<unknown>;

export async function playCanary({ preset, seed, runs, outagesIn, lossRatio = 0 }: Path): Promise<Seen> {
  const clock = new VirtualClock(simulationStart);
  const random = randomStream(seed, `canary alone/${preset}`);
  const downs: Instant[] = [];
  let outages: readonly Outage[] = [];
  const isOut = (at: Instant): boolean => outages.some(({ from, to }) => from <= at && at < to);
  const isLost = (): boolean =>
    isOut(clock.now()) ||
    isOut(clock.now() + rttMs) ||
    (lossRatio > 0 && (random.chance(lossRatio) || random.chance(lossRatio)));
  const handler = (await canaryBundle())(
    worldOf(clock, isLost, (verdict) => {
      if (verdict === 'down') downs.push(clock.now());
    }),
    deploymentOf(laidOver(siteTree('pair', '.'), { connections: { paris: { policy: { preset } } } })),
  );
  const seen = { outages: 0, downs: 0 };
  for (let run = 0; run < runs; run++) {
    const startedAt = clock.now();
    outages = outagesIn(random).map(({ from, to }) => ({ from: startedAt + from, to: startedAt + to }));
    downs.length = 0;
    await finished(clock, handler({}, contextAt(clock)));
    seen.outages += outages.length;
    seen.downs += lossRatio > 0 ? downs.length : outages.filter((outage) => isSaid(outage, downs)).length;
  }
  return seen;
}

/** Within the second in which the last attempts are given up. */
const isSaid = ({ from, to }: Outage, downs: readonly Instant[]): boolean =>
  downs.some((at) => from <= at && at <= to + secondMs);

async function canaryBundle(): Promise<CreateHandler> {
  const bundle = packagePath('dist/functions/canary/index.mjs');
  const { createHandler } = (await import(pathToFileURL(bundle).href)) as { createHandler: CreateHandler };
  return createHandler;
}

/** Nothing but a path, a gateway that answers, and a table that takes reports. */
function worldOf(clock: VirtualClock, isLost: () => boolean, reported: (verdict: unknown) => void): World {
  const dynamodb = {
    send: async ({ input }: { input: { Item?: { verdict?: { S?: string } } } }) => {
      await clock.sleep(10);
      if (input.Item?.verdict !== undefined) reported(input.Item.verdict.S);
      return {};
    },
  };
  const world: Omit<World, 'aws' | 'awsIn'> = {
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    log: () => {},
    env: { REPORTS_TABLE: 'reports', CANARIES: canary, METRIC_NAMESPACE: 'alone' },
    connect: async ({ port }, timeoutMs) => {
      const isAnswered = port === gatewayPort || !isLost();
      await clock.sleep(isAnswered ? rttMs : timeoutMs);
      return { answered: isAnswered, refused: false, rttMs: isAnswered ? rttMs : timeoutMs };
    },
  };
  // The canary has the one client, and asks it two things.
  return { ...world, aws: { dynamodb } } as unknown as World;
}

function contextAt(clock: VirtualClock): InvocationContext {
  const endsAt = clock.now() + 90 * secondMs;
  return { awsRequestId: String(clock.now()), getRemainingTimeInMillis: () => endsAt - clock.now() };
}

async function finished(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  await clock.runUntil(clock.now() + 2 * minuteMs, () => isOver);
  await over;
}

/** Of exponential length, far enough apart that the canary is well between them. */
export const outagesOfMean =
  (meanMs: number) =>
  (random: Random): Outage[] => {
    const drawn: Outage[] = [];
    const exponential = (ms: number): number => Math.round(-Math.log(1 - random.next()) * ms);
    let at = probedFromMs + exponential(apartMs);
    while (at < probedToMs - apartMs) {
      const to = at + exponential(meanMs);
      drawn.push({ from: at, to });
      at = to + apartMs + exponential(apartMs);
    }
    return drawn;
  };

/** One in a run, of this length, at a moment of the beat that moves on by a prime number. */
export function outagesOfLength(ms: number): (random: Random) => Outage[] {
  let moment = 0;
  return () => {
    moment = (moment + 37) % (2 * secondMs);
    const from = 30 * secondMs + moment;
    return [{ from, to: from + ms }];
  };
}
