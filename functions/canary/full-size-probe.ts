/**
 * Do packets of full size pass? An MTU black hole lets every probe through and hangs every transfer, so every ten
 * seconds a canary sends 1,400 bytes and asks for as many.
 *
 *     large, large, large, large, large, large      until one is answered: both_ways, or out_only if little came back
 *     small, small                                  all six lost: does the target answer at all? Then it is the size
 *
 * Six, because 5 % random loss, which is not yet `degraded`, takes six in a row once in 64 million; and because the first
 * may be the one by which the kernel learns, from "fragmentation needed", that it must send smaller ones.
 *
 * Only what echoes can tell: UDP and HTTP targets. A plain TCP port accepts a connection and sends nothing back.
 */
import type { Canary, ProbeTarget } from '../../core/words/domain';
import type { FullSize } from '../../core/words/evidence';
import type { Policy } from '../../core/words/policy';
import { secondMs } from '../../core/words/time';
import type { World } from '../world';

export const fullSizeIntervalMs = 10 * secondMs;
/** With UDP's and IP's headers 1,428: more than tunnels of 1,400 pass in one piece, less than Ethernet's 1,500. */
const fullSizeBytes = 1_400;
const largeTries = 6;
const smallTries = 2;
/** HTTP's two round trips, and TCP's first repetition. */
const tryMsMin = secondMs;

/** Null: no target of this canary can tell. */
export function targetOfFullSize({ targets }: Canary): ProbeTarget | null {
  return targets.find(({ protocol }) => protocol !== 'tcp') ?? null;
}

/** Null: the target does not answer at all, which is for the rounds to judge. */
export async function probeFullSize(
  world: Pick<World, 'connect'>,
  target: ProbeTarget,
  policy: Policy,
): Promise<FullSize | null> {
  const tryMs = Math.max(tryMsMin, policy.attemptTimeoutMs);
  for (let i = 0; i < largeTries; i++) {
    const { answered, refused, bytesBack = 0 } = await world.connect({ ...target, payloadBytes: fullSizeBytes }, tryMs);
    if (answered) return bytesBack >= fullSizeBytes ? 'both_ways' : 'out_only';
    if (refused) return 'unmeasured'; // A refusal is small.
  }
  for (let i = 0; i < smallTries; i++) {
    const { answered } = await world.connect(target, tryMs);
    if (answered) return 'lost';
  }
  return null;
}
