/**
 * One round of probes: one attempt, and two more only when the first has not answered in time, so that a healthy path
 * costs the peer one connection a round.
 *
 *     0 ms      150 ms                      450 ms
 *     first ----+---------------------------| every attempt ends here: before the next round starts
 *               second, third --------------|- - - - - - -|  600 ms, where answers usually take that long
 *               control -------------------| does anything answer? If not even this, the canary is cut off: blind
 *
 * Three attempts are worth three only if each may be answered. A far peer, or HTTP with its two round trips, answers in
 * 300 ms or more; were the later two cut off before, a tenth of loss would be `down` every few minutes.
 */

import type { RoundResult } from '../../core/facts/rounds';
import type { Canary, ProbeTarget } from '../../core/words/domain';
import { attemptsPerRound, type Policy } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import type { World } from '../world';

/** An answer may take so much longer than usual. */
const wobble = 1.5;

export async function probeRound(
  world: Pick<World, 'connect' | 'now' | 'sleep'>,
  canary: Canary,
  policy: Policy,
  /** Null: nothing was answered yet. */
  usualMs: number | null,
): Promise<RoundResult> {
  const { attemptTimeoutMs, secondAttemptAfterMs } = policy;
  const startedAt = world.now();
  const first = probe(world, canary.targets[0]!, attemptTimeoutMs);
  const inTime = await Promise.race([first, world.sleep(secondAttemptAfterMs).then(() => null)]);
  if (inTime !== null) return resultOf([inTime], startedAt);
  const leftMs = attemptTimeoutMs - secondAttemptAfterMs;
  const laterMs = Math.min(attemptTimeoutMs, Math.max(leftMs, (usualMs ?? 0) * wobble));
  const others = Array.from(
    { length: attemptsPerRound - 1 },
    (_, i) => canary.targets[(i + 1) % canary.targets.length]!,
  );
  const { controlTarget } = canary;
  const attempts = [first, ...others.map((target) => probe(world, target, laterMs))];
  const answers: (Answer | null)[] = attempts.map(() => null);
  const all = Promise.all(
    attempts.map(async (attempt, i) => {
      answers[i] = await attempt;
    }),
  );
  const [control] = await Promise.all([
    controlTarget && probe(world, controlTarget, leftMs),
    first,
    Promise.race([all, world.sleep(leftMs)]),
  ]);
  // Once an attempt is answered the round is answered: later attempts are not waited for.
  if (answers.every((answer) => answer === null)) await all;
  const [earliest, ...more] = answers;
  // Later attempts had less time than the first. If the first was answered late, their silence is no loss.
  const result = resultOf([earliest!, ...(earliest === null ? more : more.filter((one) => one !== null))], startedAt);
  return control === null && !result.answered ? { ...result, blind: true } : result;
}

interface Answer {
  readonly rttMs: number;
  readonly tookMs: number;
}

/** Null: lost. A refusal counts where the configuration says that only the peer refuses. */
async function probe(
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
