/**
 * One round of probes: one attempt, and two more only when the first has not answered in time, so that a healthy path
 * costs the peer one connection a round.
 *
 *     0 ms      150 ms 200 ms               450 ms
 *     first ----+------+--------------------| every attempt ends here: before the next round starts
 *               second, third --------------|- - - - - - -|  600 ms, where answers usually take that long
 *               control --------------------| does anything answer? If not even this, the canary is cut off: blind
 *                      looked at: unanswered still, or failed at once: the next round may begin beside it
 *
 * Three attempts are worth three only if each may be answered. A far peer, or HTTP with its two round trips, answers in
 * 300 ms or more; were the later two cut off before, a tenth of loss would be `down` every few minutes.
 */

import type { RoundResult } from '../../core/facts/rounds';
import type { Canary, ProbeTarget } from '../../core/words/domain';
import { attemptsPerRound, type Policy, suspectEveryMs } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import type { World } from '../world';

/** An answer may take so much longer than usual. */
const wobble = 1.5;
/** The least that a last attempt is waited for, as a share of what it may take. */
const leastWait = 1 / 3;

/** A round that has begun. */
export interface Round {
  readonly startedAt: Instant;
  isAnswered(): boolean;
  /** It ought to be answered by now, and was not. */
  isDoubted(): boolean;
  /** Ends when it is answered or ought to be. */
  readonly looked: Promise<void>;
  readonly result: Promise<RoundResult>;
  /**
   * The result once the last attempt has had time for a usual answer, for a round that others before it have missed too:
   * one that is slower than usual would have come to those. That anything answers is waited for all the same.
   */
  soon(): Promise<RoundResult>;
}

export function startRound(
  world: ProbingWorld,
  canary: Canary,
  policy: Policy,
  /** Null: nothing was answered yet. */
  usualMs: number | null,
): Round {
  const round = new Probing(world, canary, policy, (usualMs ?? 0) * wobble);
  const result = round.run();
  let isDoubted = false;
  const looked = Promise.race([result.then(() => undefined), round.doubted()]).then(() => {
    isDoubted = true;
  });
  return {
    startedAt: round.startedAt,
    isAnswered: () => round.isAnswered(),
    isDoubted: () => isDoubted && !round.isAnswered(),
    looked,
    result,
    soon: () => Promise.race([result, round.hasWaited().then((isMissed) => (isMissed ? round.result() : result))]),
  };
}

type ProbingWorld = Pick<World, 'connect' | 'now' | 'sleep'>;

interface Answer {
  readonly rttMs: number;
  readonly tookMs: number;
}

/** A class because a round is looked at while its attempts are under way. */
class Probing {
  readonly startedAt: Instant;
  private lastSentAt: Instant;
  /** Null: not answered, or not yet. */
  private readonly answers: (Answer | null)[] = [];
  private isControlled: boolean;
  private readonly first: Promise<void>;
  /** True: answered in time, so that nothing more is sent. */
  private readonly inTime: Promise<boolean>;

  constructor(
    private readonly world: ProbingWorld,
    private readonly canary: Canary,
    private readonly policy: Policy,
    private readonly slowMs: number,
  ) {
    this.startedAt = world.now();
    this.lastSentAt = this.startedAt;
    this.isControlled = canary.controlTarget === undefined;
    this.first = this.send(canary.targets[0]!, policy.attemptTimeoutMs);
    this.inTime = Promise.race([this.first, world.sleep(policy.secondAttemptAfterMs)]).then(() => this.isAnswered());
  }

  isAnswered(): boolean {
    return this.answers.some((answer) => answer !== null);
  }

  async run(): Promise<RoundResult> {
    const { canary, policy } = this;
    if (await this.inTime) return this.result();
    const { targets, controlTarget } = canary;
    const leftMs = this.leftMs();
    const laterMs = Math.min(policy.attemptTimeoutMs, Math.max(leftMs, this.slowMs));
    const others = Array.from({ length: attemptsPerRound - 1 }, (_, i) =>
      this.send(targets[(i + 1) % targets.length]!, laterMs),
    );
    const all = Promise.all([this.first, ...others]);
    await Promise.all([
      controlTarget && this.control(controlTarget, leftMs),
      this.first,
      Promise.race([all, this.world.sleep(leftMs)]),
    ]);
    // Once an attempt is answered the round is answered: later attempts are not waited for.
    if (!this.isAnswered()) await all;
    const result = this.result();
    return this.isControlled || result.answered ? result : { ...result, blind: true };
  }

  /** The result by now: whatever is not answered yet is lost. */
  result(): RoundResult {
    const { answers, startedAt, lastSentAt } = this;
    const [earliest, ...more] = answers;
    // Later attempts had less time than the first. If the first was answered late, their silence is no loss.
    const counted = [earliest!, ...(earliest === null ? more : more.filter((one) => one !== null))];
    return { ...resultOf(counted, startedAt), lastSentAt };
  }

  async doubted(): Promise<void> {
    const { world, policy } = this;
    if (await this.inTime) return;
    const dueMs = Math.max(suspectEveryMs(policy), this.slowMs);
    const isAtOnce = world.now() - this.startedAt < policy.secondAttemptAfterMs;
    if (!isAtOnce) await world.sleep(Math.max(0, dueMs - policy.secondAttemptAfterMs));
  }

  /** True: every attempt has had time for a usual answer, none has come, and it is the path's silence. */
  async hasWaited(): Promise<boolean> {
    await this.inTime;
    const { world, policy, slowMs } = this;
    const waitMs = Math.min(policy.attemptTimeoutMs, Math.max(this.leftMs() * leastWait, slowMs));
    await world.sleep(Math.max(0, this.lastSentAt + waitMs - world.now()));
    return !this.isAnswered() && this.isControlled;
  }

  private leftMs(): number {
    return this.policy.attemptTimeoutMs - this.policy.secondAttemptAfterMs;
  }

  private async send(target: ProbeTarget, timeoutMs: number): Promise<void> {
    this.lastSentAt = this.world.now();
    const place = this.answers.push(null) - 1;
    this.answers[place] = await probe(this.world, target, timeoutMs);
  }

  private async control(target: ProbeTarget, timeoutMs: number): Promise<void> {
    if ((await probe(this.world, target, timeoutMs)) !== null) this.isControlled = true;
  }
}

/** Null: lost. A refusal counts where the configuration says that only the peer refuses. */
export async function probe(
  world: Pick<World, 'connect' | 'now'>,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<Answer | null> {
  const startedAt = world.now();
  const { answered, refused, rttMs } = await world.connect(target, timeoutMs);
  return answered || (refused && target.refusedIsUp) ? { rttMs, tookMs: world.now() - startedAt } : null;
}

function resultOf(answers: readonly (Answer | null)[], startedAt: Instant): RoundResult {
  const answered = answers.filter((answer) => answer !== null);
  const [first, ...others] = answered;
  const best = first && others.reduce((one, other) => (other.rttMs < one.rttMs ? other : one), first);
  return {
    answered: best !== undefined,
    rttMs: best?.rttMs ?? null,
    ...(best !== undefined && { answeredInMs: best.tookMs }),
    attempts: answers.length,
    lost: answers.length - answered.length,
    startedAt,
  };
}
