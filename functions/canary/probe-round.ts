/**
 * One round of probes: one attempt, and two more only when the first has not answered in time, so that a healthy path
 * costs the peer one connection a round.
 *
 *     0 ms      150 ms                      450 ms
 *     first ----+---------------------------| every attempt ends here: before the next round starts
 *               second, third --------------|
 *               control -------------------| does anything answer? If not even this, the canary is cut off: blind
 */

import type { RoundResult } from '../../core/facts/rounds';
import type { Canary, ProbeTarget } from '../../core/words/domain';
import type { Policy } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import type { World } from '../world';

/** More would not change a verdict, only annoy the peer. */
const furtherAttempts = 2;

export async function probeRound(
  world: Pick<World, 'connect' | 'now' | 'sleep'>,
  canary: Canary,
  policy: Policy,
): Promise<RoundResult> {
  const { attemptTimeoutMs, secondAttemptAfterMs } = policy;
  const startedAt = world.now();
  const first = probe(world, canary.targets[0]!, attemptTimeoutMs);
  const inTime = await Promise.race([first, world.sleep(secondAttemptAfterMs).then(() => null)]);
  if (inTime !== null) return resultOf([inTime], startedAt);
  const leftMs = attemptTimeoutMs - secondAttemptAfterMs;
  const others = Array.from({ length: furtherAttempts }, (_, i) => canary.targets[(i + 1) % canary.targets.length]!);
  const { controlTarget } = canary;
  const [control, rttMs, ...more] = await Promise.all([
    controlTarget && probe(world, controlTarget, leftMs),
    first,
    ...others.map((target) => probe(world, target, leftMs)),
  ]);
  // The later ones had less time. If the first was only slow, their silence is no loss.
  const result = resultOf([rttMs!, ...(rttMs === null ? more : more.filter((rtt) => rtt !== null))], startedAt);
  return control === null && !result.answered ? { ...result, blind: true } : result;
}

/** Round-trip time; null: lost. A refusal counts where the configuration says that only the peer refuses. */
async function probe(world: Pick<World, 'connect'>, target: ProbeTarget, timeoutMs: number): Promise<number | null> {
  const { answered, refused, rttMs } = await world.connect(target, timeoutMs);
  return answered || (refused && target.refusedIsUp) ? rttMs : null;
}

function resultOf(rtts: readonly (number | null)[], startedAt: Instant): RoundResult {
  const answered = rtts.filter((rtt) => rtt !== null);
  return {
    answered: answered.length > 0,
    rttMs: answered.length > 0 ? Math.min(...answered) : null,
    attempts: rtts.length,
    lost: rtts.length - answered.length,
    startedAt,
  };
}
