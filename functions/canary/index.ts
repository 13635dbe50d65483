/**
 * The canary function: one minute of probing, started each minute. It measures, reports and never decides.
 *
 *     round  round  round  round ...        every `roundIntervalMs`, on a fixed beat
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
import { type ReportsTable, reportsTable } from '../../adapters/dynamodb/reports-table';
import { isFault, MalformedInput } from '../../adapters/errors';
import {
  isDoubtful,
  markHeard,
  markReported,
  markUnheard,
  type Rounds,
  recordFullSize,
  recordRound,
  reportFrom,
  roundsToCarry,
  startRounds,
  usualAnswerMs,
} from '../../core/facts/rounds';
import type { Canary, Connection, Deployment, InstanceGateway, ProbeTarget } from '../../core/words/domain';
import { gatewayOfCanary } from '../../core/words/ends';
import type { CanaryReport } from '../../core/words/evidence';
import { instanceNamed } from '../../core/words/gateways';
import { roundsForLossMin } from '../../core/words/policy';
import { type Instant, minuteMs, secondMs } from '../../core/words/time';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { InvocationContext, World } from '../world';
import { lineIntervalMs, metricLine, startTally, type Tally, tallyRounds, tallyWrite } from './canary-metrics';
import { fullSizeIntervalMs, probeFullSize, targetOfFullSize } from './full-size-probe';
import { isProbeDue, noProbe, probeGateway } from './gateway-probe';
import { probeRound } from './probe-round';

/** Longer than the minute by what a schedule may be late (p99 6 s) and what the next run needs to warm up. */
const loopMs = minuteMs + 15 * secondMs;
/** A new run leaves the word to its predecessor until its own loss ratio means something. Bad news does not wait. */
const warmUpMsMax = 8 * secondMs;
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

export function createHandler(world: World, deployment: Deployment): Handler {
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const all = (world.env['CANARIES'] ?? '').split(',').map((id) => watchedBy(id, deployment));
  const carried = new Map<string, Carried>();
  const neighbours = new Map(all.map(({ connection }): [string, Neighbours] => [connection.name, { missedSince: 0 }]));
  const probe = async (watched: Watched, context: InvocationContext): Promise<CanaryAnswer> => {
    const { canary } = watched;
    const now = world.now();
    const last = carried.get(canary.id);
    const reported = last !== undefined && now - last.at < carriedMsMax ? last.rounds.reported : null;
    const before = roundsToCarry(last?.rounds ?? startRounds(now), watched.connection.policy, now);
    const others = neighbours.get(watched.connection.name)!;
    const parts = { world, table, neighbours: others, ...watched, runId: context.awsRequestId };
    const loop = new ProbeLoop(parts, { ...startRounds(now, before), reported });
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

interface Watched {
  readonly canary: Canary;
  readonly connection: Connection;
  /** Null on service canaries. */
  readonly gateway: InstanceGateway | null;
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

/** What a connection's canaries in one function tell each other; another connection's traffic never moves to them. */
interface Neighbours {
  /** When the latest failure of one of them began; 0: none has failed. */
  missedSince: Instant;
}

interface LoopParts extends Watched {
  readonly world: World;
  readonly table: ReportsTable;
  readonly neighbours: Neighbours;
  readonly runId: string;
}

/** One canary's part of an invocation. A class because rounds, probe, report and metrics move on their own beats over shared counts. */
class ProbeLoop {
  private readonly startedAt: Instant;
  private probe = noProbe;
  private probing = false;
  private readonly fullSizeTarget: ProbeTarget | null;
  private fullSizeAt: Instant = Number.NEGATIVE_INFINITY;
  private fullSizeProbing = false;
  /** This run has tried, or never will: what the run before knew is too old to be repeated. */
  private isFullSizeKnown: boolean;
  private tally: Tally;
  private writing: Promise<void> | null = null;
  private triedAt: Instant = Number.NEGATIVE_INFINITY;
  /** The last answer that a report has been tried for. */
  private provenTo: Instant = 0;

  constructor(
    private readonly parts: LoopParts,
    public rounds: Rounds,
  ) {
    const now = parts.world.now();
    this.startedAt = now;
    this.fullSizeTarget = targetOfFullSize(parts.canary);
    this.isFullSizeKnown = this.fullSizeTarget === null;
    this.tally = startTally(now);
  }

  async run(until: Instant): Promise<void> {
    const { world, canary, connection } = this.parts;
    const { policy } = connection;
    for (let next = world.now(); next < until; next += policy.roundIntervalMs) {
      // A beat that was missed (a frozen sandbox) is skipped, not made up for.
      while (next + policy.roundIntervalMs <= world.now()) next += policy.roundIntervalMs;
      if (next >= until) break;
      if (next > world.now()) await world.sleep(next - world.now());
      this.probeGatewayWhenDue();
      this.probeFullSizeWhenDue();
      const result = await probeRound(world, canary, policy, usualAnswerMs(this.rounds));
      const verdictBefore = this.rounds.verdict;
      this.rounds = recordRound(this.rounds, result, policy, world.now());
      if (this.rounds.missedInARow === 1) this.parts.neighbours.missedSince = this.rounds.missedSince;
      this.tally = tallyRounds(this.tally, this.rounds);
      this.reportWhenDue();
      this.measureWhenDue(verdictBefore !== this.rounds.verdict);
    }
    await this.writing;
    this.measure();
  }

  private report(): CanaryReport {
    const { canary, connection, runId, world } = this.parts;
    const { policy } = connection;
    const { state: gatewayProbe, missedInARow: probeMissed } = this.probe;
    return reportFrom(this.rounds, { canary, policy, gatewayProbe, probeMissed, runId }, world.now());
  }

  /** Beside the round: a dead gateway must not slow the beat. */
  private probeGatewayWhenDue(): void {
    const { world, gateway, connection } = this.parts;
    if (gateway === null || this.probing || !isProbeDue(this.probe, world.now())) return;
    this.probing = true;
    void probeGateway(world, gateway, connection.policy, this.probe).then((probe) => {
      this.probe = probe;
      this.probing = false;
    });
  }

  /** Beside the round too: what is lost takes seconds to be given up. */
  private probeFullSizeWhenDue(): void {
    const { world, connection } = this.parts;
    const target = this.fullSizeTarget;
    if (target === null || this.fullSizeProbing || world.now() - this.fullSizeAt < fullSizeIntervalMs) return;
    this.fullSizeAt = world.now();
    this.fullSizeProbing = true;
    void probeFullSize(world, target, connection.policy).then((seen) => {
      if (seen !== null) this.rounds = recordFullSize(this.rounds, seen, connection.policy, world.now());
      this.isFullSizeKnown = true;
      this.fullSizeProbing = false;
    });
  }

  /** A run that has no verdict yet reports nothing: it would overwrite the verdict that its predecessor reached. */
  private mayReport(): boolean {
    const { verdict } = this.rounds;
    const warmUpMs = Math.min(warmUpMsMax, roundsForLossMin * this.parts.connection.policy.roundIntervalMs);
    const isWarm = this.isFullSizeKnown && this.parts.world.now() - this.startedAt >= warmUpMs;
    return verdict === 'down' || (verdict !== 'unknown' && isWarm);
  }

  private reportWhenDue(): void {
    if (this.writing !== null || !this.mayReport()) return;
    const report = this.report();
    if (!report.changed && !this.isProofWanted() && !this.isReportDue()) return;
    this.triedAt = report.reportedAt;
    this.provenTo = report.answeredAt;
    this.writing = this.write(report).finally(() => {
      this.writing = null;
    });
  }

  /**
   * Reports are due by the nearest round: a round that ends a moment early must not delay the report by a whole one.
   */
  private isReportDue(): boolean {
    const { reportIntervalMs, roundIntervalMs } = this.parts.connection.policy;
    return this.parts.world.now() - this.triedAt >= reportIntervalMs - roundIntervalMs / 2;
  }

  /** A neighbour fails: whoever moves its traffic will ask for a proof from after that (docs/decisions/006). */
  private isProofWanted(): boolean {
    const { missedSince } = this.parts.neighbours;
    return this.provenTo < missedSince && missedSince <= this.rounds.answeredAt;
  }

  private async write(report: CanaryReport): Promise<void> {
    const { table, world, canary } = this.parts;
    try {
      if (isDoubtful(this.rounds)) {
        await table.ping(canary.id);
        this.rounds = markHeard(this.rounds, world.now());
      } else {
        await table.put(report);
        this.rounds = markReported(this.rounds, report, world.now());
      }
      this.tally = tallyWrite(this.tally, true);
    } catch (error) {
      // Only what AWS answers may be survived; our own mistakes end the run, and the silent-canary alarm sees it.
      if (!isFault(error)) throw error;
      this.rounds = markUnheard(this.rounds);
      this.tally = tallyWrite(this.tally, false);
      logLine(world, {
        level: 'warn',
        what: 'canary: report not written',
        because: error.message,
        canary: canary.id,
      });
    }
  }

  private measureWhenDue(changed: boolean): void {
    if (changed || this.parts.world.now() - this.tally.since >= lineIntervalMs) this.measure();
  }

  private measure(): void {
    const { world, canary } = this.parts;
    world.log(metricLine(canary, world.env['METRIC_NAMESPACE']!, this.tally, this.report()));
    this.tally = tallyRounds(startTally(world.now()), this.rounds);
  }
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
}));
