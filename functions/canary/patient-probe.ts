/**
 * Rounds that are not answered in time are given up, for users of a dead path must not wait. Beside them one attempt is
 * given seconds: what answers that long after is slow, and nobody is to be called for a silent peer.
 */
import type { ProbeTarget } from '../../core/words/domain';
import type { Policy } from '../../core/words/policy';
import { type Instant, secondMs } from '../../core/words/time';
import type { World } from '../world';

/** A satellite takes 0.7 s, a congested line two; TCP's second repetition comes after three. */
const patienceMs = 2_900;
/** From one to the next; less until the first late answer is borne out. */
export const patientIntervalMs = 5 * secondMs;

export interface LateAnswer {
  readonly rttMs: number;
  readonly at: Instant;
}

/** Null: no answer for seconds, or one that came in time after all. */
export async function probePatiently(
  world: Pick<World, 'connect' | 'now'>,
  target: ProbeTarget,
  { attemptTimeoutMs }: Policy,
): Promise<LateAnswer | null> {
  const at = world.now();
  const { answered, refused, rttMs } = await world.connect(target, Math.max(patienceMs, attemptTimeoutMs));
  const isAnswer = answered || (refused && target.refusedIsUp);
  return isAnswer && world.now() - at > attemptTimeoutMs ? { rttMs, at } : null;
}
