/**
 * Makes connection attempts from a canary's subnet, by the very code that runs in Lambda.
 */
import { connectOnce } from '../../functions/real-world';
import { converse } from './conversation';

converse(async (question) => {
  const { address, port, timeoutMs } = question as { address: string; port: number; timeoutMs: number };
  return connectOnce({ address, port }, timeoutMs);
});
