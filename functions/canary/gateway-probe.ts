/**
 * The second probe of a path canary: does our own gateway answer at all? It separates "our gateway" from "the peer" and
 * so decides which repair is allowed. Misses in a row count as in a round, so one lost packet says nothing.
 */
import type { InstanceGateway } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import type { Policy } from '../../core/words/policy';
import { type Instant, secondMs } from '../../core/words/time';
import type { World } from '../world';

export interface GatewayProbe {
  readonly state: CanaryReport['gatewayProbe'];
  readonly missedInARow: number;
  readonly at: Instant;
}

/** A gateway's life needs no finer look than this. */
const probeIntervalMs = secondMs;

export const noProbe: GatewayProbe = { state: 'none', missedInARow: 0, at: 0 };

export function isProbeDue(probe: GatewayProbe, now: Instant): boolean {
  return now - probe.at >= probeIntervalMs;
}

/** A refusal is an answer: the gateway's own stack sent it. */
export async function probeGateway(
  world: Pick<World, 'connect' | 'now'>,
  gateway: InstanceGateway,
  policy: Policy,
  before: GatewayProbe,
): Promise<GatewayProbe> {
  const at = world.now();
  const target = { address: gateway.privateAddress, port: gateway.probePort };
  const { answered, refused } = await world.connect(target, policy.attemptTimeoutMs);
  if (answered || refused) return { state: 'up', missedInARow: 0, at };
  const missedInARow = before.missedInARow + 1;
  return { state: missedInARow >= policy.downAfterRounds ? 'down' : before.state, missedInARow, at };
}
