/**
 * One canary's part of an invocation: rounds on a beat, closer while nothing is answered (suspicion.ts), and beside them its
 * gateway's probe, packets of full size, reports and metric lines. What a round shows is core's to judge (core/facts/rounds.ts).
 */
import type { ReportsTable } from '../../adapters/dynamodb/reports-table';
import { isFault } from '../../adapters/errors';
import {
  isDoubtful,
  isLastMiss,
  isLateKnown,
  markHeard,
  markReported,
  markUnheard,
  type RoundResult,
  type Rounds,
  recordFullSize,
  recordPatient,
  recordRound,
  reportFrom,
  silentSince,
  usualAnswerMs,
} from '../../core/facts/rounds';
import type { Canary, Connection, InstanceGateway, ProbeTarget } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import { roundsForLossMin } from '../../core/words/policy';
import { type Instant, secondMs } from '../../core/words/time';
import { logLine } from '../log';
import type { World } from '../world';
import { lineIntervalMs, metricLine, startTally, type Tally, tallyRounds, tallyWrite } from './canary-metrics';
import { fullSizeIntervalMs, probeFullSize, targetOfFullSize } from './full-size-probe';
import { isProbeDue, noProbe, probeGateway } from './gateway-probe';
import type { Neighbours } from './neighbours';
import { patientIntervalMs, probePatiently } from './patient-probe';
import { type Round, startRound } from './probe-round';
import { type Suspicion, suspicionOf } from './suspicion';

/** A new run leaves the word to its predecessor until its own loss ratio means something. Bad news does not wait. */
const warmUpMsMax = 8 * secondMs;
export interface Watched {
  readonly canary: Canary;
  readonly connection: Connection;
  /** Null on service canaries. */
  readonly gateway: InstanceGateway | null;
}

interface LoopParts extends Watched {
  readonly world: World;
  readonly table: ReportsTable;
  readonly neighbours: Neighbours;
  readonly runId: string;
}

/** A class because rounds, probe, report and metrics move on their own beats over shared counts. */
export class ProbeLoop {
  private readonly startedAt: Instant;
  /** Rounds that have begun and are not recorded. */
  private readonly open: Round[] = [];
  private recording: Promise<void> = Promise.resolve();
  private probe = noProbe;
  private probing = false;
  private readonly fullSizeTarget: ProbeTarget | null;
  private fullSizeAt: Instant = Number.NEGATIVE_INFINITY;
  private fullSizeProbing = false;
  private patientAt: Instant = Number.NEGATIVE_INFINITY;
  private patientProbing = false;
  /** Nothing came for seconds: what is down is not slow. */
  private hasWaited = false;
  /** This run has tried, or never will: what the run before knew is too old to be repeated. */
  private isFullSizeKnown: boolean;
  private tally: Tally;
  private writing: Promise<void> | null = null;
  private triedAt: Instant = Number.NEGATIVE_INFINITY;
  /** What the table held when a silence began that this run has seen no answer before; null: it saw one, or nothing was there. */
  private earlier: CanaryReport | null = null;
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
    const stopListening = this.parts.neighbours.onFailure(() => this.reportWhenDue());
    try {
      await this.beatOn(until);
      await this.recording;
    } finally {
      stopListening();
    }
    await this.writing;
    this.measure();
  }

  private async beatOn(until: Instant): Promise<void> {
    const { world, connection, neighbours } = this.parts;
    const { roundIntervalMs } = connection.policy;
    let beat = world.now();
    for (let next = beat; next < until; ) {
      if (next > world.now()) await world.sleep(next - world.now());
      const isBeside = next > beat && next < beat + roundIntervalMs;
      if (!isBeside) beat = next;
      this.probeGatewayWhenDue();
      this.probeFullSizeWhenDue();
      neighbours.askWhenDue();
      await this.lookAfter(isBeside);
      const suspicion = this.suspicion();
      if (suspicion !== null) neighbours.sayFailing(suspicion.since);
      const isOver = suspicion === null && this.open.at(-1)?.isAnswered() === true;
      if (!isOver && (suspicion === null || suspicion.nextAt === null)) await this.recording;
      // What has been recorded meanwhile may have ended the suspicion, or made it a verdict.
      next = this.suspicion()?.nextAt ?? beat + roundIntervalMs;
      // A beat that was missed (a frozen sandbox) is skipped, not made up for.
      while (next + roundIntervalMs <= world.now()) next += roundIntervalMs;
    }
  }

  /** Begins a round, and waits until something is to be seen of it. A far peer is given its usual time once, not each round. */
  private async lookAfter(isBeside: boolean): Promise<void> {
    const { world } = this.parts;
    const isSuspicious = this.suspicion() !== null;
    const { looked } = this.beginRound(isBeside);
    if (!isSuspicious) return looked;
    const nextAt = this.suspicion()?.nextAt ?? null;
    if (nextAt !== null) await Promise.race([looked, world.sleep(nextAt - world.now())]);
  }

  /** In the order in which they began, however they end. */
  private beginRound(beside: boolean): Round {
    const { world, canary, connection } = this.parts;
    const { policy } = connection;
    const round = startRound(world, canary, policy, usualAnswerMs(this.rounds));
    this.open.push(round);
    this.recording = this.recording.then(async () => {
      const lastSentAt = round.startedAt + policy.secondAttemptAfterMs;
      const result = await (isLastMiss(this.rounds, lastSentAt, policy) ? round.soon() : round.result);
      this.open.shift();
      this.record(beside ? { ...result, beside } : result);
    });
    // Thrown where the round is waited for.
    this.recording.catch(() => undefined);
    return round;
  }

  private record(result: RoundResult): void {
    const verdictBefore = this.rounds.verdict;
    this.rounds = recordRound(this.rounds, result, this.parts.connection.policy, this.parts.world.now());
    if (this.rounds.missedInARow === 1) this.parts.neighbours.sayFailing(this.rounds.missedSince);
    this.tally = tallyRounds(this.tally, this.rounds);
    this.probePatientlyWhenDue();
    this.reportWhenDue();
    this.measureWhenDue(verdictBefore !== this.rounds.verdict);
  }

  private suspicion(): Suspicion | null {
    return suspicionOf(this.rounds, this.open, this.parts.connection.policy);
  }

  private report(): CanaryReport {
    const { canary, connection, runId, world } = this.parts;
    const { policy } = connection;
    const { state: gatewayProbe, missedInARow: probeMissed } = this.probe;
    const report = reportFrom(this.rounds, { canary, policy, gatewayProbe, probeMissed, runId }, world.now());
    return this.earlier === null ? report : silentSince(report, this.earlier, policy);
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

  /** While rounds go unanswered; a first late answer is borne out at once. */
  private probePatientlyWhenDue(): void {
    const { world, canary, connection } = this.parts;
    const { missedInARow, blindInARow, late } = this.rounds;
    if (missedInARow === 0 || blindInARow > 0 || this.patientProbing) return;
    if (late?.inARow !== 1 && world.now() - this.patientAt < patientIntervalMs) return;
    this.patientAt = world.now();
    this.patientProbing = true;
    void probePatiently(world, canary.targets[0]!, connection.policy).then((answer) => {
      this.rounds = recordPatient(this.rounds, answer);
      this.hasWaited = answer === null;
      this.patientProbing = false;
    });
  }

  /**
   * A run that has no verdict yet reports nothing: it would overwrite the verdict that its predecessor reached. Nor does
   * one call down what it has never seen answered, before it has waited for a late answer: its predecessor still speaks.
   */
  private mayReport(): boolean {
    const { verdict, answeredAt } = this.rounds;
    if (verdict === 'down')
      return isDoubtful(this.rounds) || answeredAt > 0 || this.hasWaited || isLateKnown(this.rounds);
    const warmUpMs = Math.min(warmUpMsMax, roundsForLossMin * this.parts.connection.policy.roundIntervalMs);
    const isWarm = this.isFullSizeKnown && this.parts.world.now() - this.startedAt >= warmUpMs;
    return verdict !== 'unknown' && isWarm;
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
        this.earlier = (await table.ping(canary.id)) ?? this.earlier;
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
