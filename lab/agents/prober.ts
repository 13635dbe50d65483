/**
 * Makes connection attempts from a canary's subnet, by the very code that runs in Lambda.
 */
import { attemptOnce } from '../../functions/canary/sockets';
import type { Attempt } from '../../functions/world';
import { converse } from './conversation';

converse(async (question) => {
  const { target, timeoutMs } = question as { target: Attempt; timeoutMs: number };
  return attemptOnce(target, timeoutMs);
});
