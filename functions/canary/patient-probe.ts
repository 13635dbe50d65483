/**
 * Rounds that are not answered in time are given up, for users of a dead path must not wait. Beside them one attempt is
 * given seconds: what answers that long after is slow, and nobody is to be called for a silent peer.
 */
import type { LateAnswer } from '../../core/facts/rounds';
import type { ProbeTarget } from '../../core/words/domain';
import type { Policy } from '../../core/words/policy';
import { secondMs } from '../../core/words/time';
import type { World } from '../world';
import { probe } from './probe-round';

/** A satellite takes 0.7 s, a congested line two; TCP's second repetition comes after three. */
const patienceMs = 2_900;
/** From one to the next; less until the first late answer is borne out. */
export const patientIntervalMs = 5 * secondMs;

/** Null: no answer for seconds, or one that came in time after all. */
export async function probePatiently(
  world: Pick<World, 'connect' | 'now'>,
  target: ProbeTarget,
  { attemptTimeoutMs }: Policy,
): Promise<LateAnswer | null> {
  const at = world.now();
  const answer = await probe(world, target, Math.max(patienceMs, attemptTimeoutMs));
  return answer !== null && answer.tookMs > attemptTimeoutMs ? { rttMs: answer.rttMs, at } : null;
}
