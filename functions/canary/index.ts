/**
 * The canary function: one minute of probing, started each minute. It measures, reports and never decides.
 *
 *     round  round  round  round ...        every `roundIntervalMs`, on a fixed beat; closer while nothing is answered
 *       \____________ report (on change and every 2 s) --> reports table --> stream --> sense
 *        \___________ metric line (on change and every 10 s) --> stdout --> CloudWatch
 *     beside the rounds: our own gateway every second, and packets of full size every 10 s
 *
 * Writing a report never delays a round: one write is under way at most, the newest state goes next. A report that
 * cannot be written is silence, which the reader takes for abstention; the loop goes on. A `down` from a canary that the
 * table has not answered since is not written: it pings the table and counts anew (docs/decisions/010).
 *
 *     this minute   |---- rounds and reports ----------------------|......|
 *     the next      schedule, some seconds late -->  |.warm-up.|---- rounds and reports ----
 *
 * Runs overlap, told apart by `runId`, so nobody is ever blind between two minutes. They take turns in two sandboxes,
 * whose counts are a minute old: the last word reported is carried on, so that lasting bad news is one signal, and the
 * rounds, which stand in until this run has enough of its own to speak of loss.
 *
 * Canaries that stand in the same subnet share the function, each with a loop of its own (docs/decisions/008). When one
 * begins to fail, the others of its connection report at their next answer: theirs may be the path to go to.
 */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { MalformedInput } from '../../adapters/errors';
import { badNewsOf, type Rounds, roundsToCarry, startRounds } from '../../core/facts/rounds';
import type { Canary, Connection, Deployment } from '../../core/words/domain';
import { reachOf } from '../../core/words/end-names';
import { endOf, gatewayOfCanary } from '../../core/words/ends';
import type { CanaryReport } from '../../core/words/evidence';
import { instanceNamed } from '../../core/words/gateways';
import { type Instant, minuteMs, secondMs } from '../../core/words/time';
import { onRealWorld } from '../real-world';
import type { InvocationContext, World } from '../world';
import { Neighbours } from './neighbours';
import { ProbeLoop, type Watched } from './probe-loop';

/** Longer than the minute by what a schedule may be late (p99 6 s) and what the next run needs to warm up. */
const loopMs = minuteMs + 15 * secondMs;
/** Kept for the last round and the last report. */
const closingMs = 5 * secondMs;
/** An older last word is no ground to call the next one unchanged. */
const carriedMsMax = 2 * minuteMs;

export interface CanaryAnswer {
  readonly canary: string;
  readonly rounds: number;
  readonly verdict: CanaryReport['verdict'];
}

/** Kept by the sandbox from one invocation to the next. */
interface Carried {
  readonly rounds: Rounds;
  readonly at: Instant;
}

type Handler = (event: unknown, context: InvocationContext) => Promise<readonly CanaryAnswer[]>;

/** With the canaries that report to the same table: an end elsewhere has one of its own, and no way to another's. */
function reportingBeside(deployment: Deployment, connection: Connection, canary: Canary): Connection {
  const tableOf = (one: Canary): string | undefined => reachOf(deployment, endOf(deployment, one))?.name;
  return { ...connection, canaries: connection.canaries.filter((one) => tableOf(one) === tableOf(canary)) };
}

export function createHandler(world: World, deployment: Deployment): Handler {
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const ids = (world.env['CANARIES'] ?? '').split(',');
  const all = ids.map((id) => watchedBy(id, deployment));
  const carried = new Map<string, Carried>();
  const neighbours = new Map(
    all.map(({ connection, canary }) => [
      connection.name,
      new Neighbours(world, table, reportingBeside(deployment, connection, canary), ids),
    ]),
  );
  const probe = async (watched: Watched, context: InvocationContext): Promise<CanaryAnswer> => {
    const { canary } = watched;
    const now = world.now();
    const last = carried.get(canary.id);
    const badNews = last !== undefined && now - last.at < carriedMsMax ? badNewsOf(last.rounds) : {};
    const before = roundsToCarry(last?.rounds ?? startRounds(now), watched.connection.policy, now);
    const others = neighbours.get(watched.connection.name)!;
    const parts = { world, table, neighbours: others, ...watched, runId: context.awsRequestId };
    const loop = new ProbeLoop(parts, { ...startRounds(now, before), ...badNews });
    await loop.run(now + Math.min(loopMs, context.getRemainingTimeInMillis() - closingMs));
    carried.set(canary.id, { rounds: loop.rounds, at: world.now() });
    return { canary: canary.id, rounds: loop.rounds.round, verdict: loop.rounds.verdict };
  };
  return async (_event, context) => {
    // All of them to their end: what breaks one loop must not cut another's minute short.
    const ends = await Promise.allSettled(all.map((watched) => probe(watched, context)));
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
  };
}

function watchedBy(id: string, deployment: Deployment): Watched {
  for (const connection of Object.values(deployment.connections)) {
    const canary = connection.canaries.find((c) => c.id === id);
    if (canary === undefined) continue;
    const gateway = instanceNamed(deployment, gatewayOfCanary(connection, canary) ?? '') ?? null;
    return { canary, connection, gateway };
  }
  throw new MalformedInput(`CANARIES: ${JSON.stringify(id)} is no canary of this deployment`);
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
}));
