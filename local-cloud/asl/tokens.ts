/**
 * Task tokens: who waits for which, and AWS's answers to those who send. Tokens come from the run's seeded random, so
 * they look unguessable and replay identically.
 *
 * A token ends with its task's attempt, however that ends. Sending to an ended token is `TaskTimedOut`, the answer a
 * stale waker must be ready for; never issued ones are `InvalidToken` (wrong shape) or `TaskDoesNotExist`.
 */

import type { Random } from '../random';
import { Payload } from './json';

export type TokenErrorName = 'InvalidToken' | 'TaskDoesNotExist' | 'TaskTimedOut' | 'InvalidOutput';

export class TokenError extends Error {
  constructor(
    override readonly name: TokenErrorName,
    message: string,
  ) {
    super(message);
  }
}

/** The waiting side of one attempt. */
export interface TokenWaiter {
  succeed(output: Payload): void;
  fail(error: string | undefined, cause: string | undefined): void;
  heartbeat(): void;
}

/** AWS's tokens are long base64 texts starting like this. */
const tokenStart = 'AQCEAAAAKgAAAAM';
const tokenLength = 128;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Does it read as a token at all? */
export const isTokenShaped = (text: string): boolean => text.startsWith(tokenStart) && text.length === tokenLength;

export class TaskTokens {
  private readonly waiting = new Map<string, TokenWaiter>();
  private readonly ended = new Set<string>();

  issue(random: Random): string {
    let token = tokenStart;
    while (token.length < tokenLength) token += alphabet[random.int(0, alphabet.length - 1)];
    return token;
  }

  listen(token: string, waiter: TokenWaiter): void {
    this.waiting.set(token, waiter);
  }

  end(token: string): void {
    this.waiting.delete(token);
    this.ended.add(token);
  }

  /** `output` is JSON text, as the API takes it. */
  sendTaskSuccess(token: string, output: string): void {
    const waiter = this.waiterOf(token);
    waiter.succeed(parseOutput(output));
  }

  sendTaskFailure(token: string, error?: string, cause?: string): void {
    this.waiterOf(token).fail(error, cause);
  }

  sendTaskHeartbeat(token: string): void {
    this.waiterOf(token).heartbeat();
  }

  private waiterOf(token: string): TokenWaiter {
    const waiter = this.waiting.get(token);
    if (waiter !== undefined) return waiter;
    if (this.ended.has(token)) {
      throw new TokenError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    if (isTokenShaped(token)) {
      throw new TokenError('TaskDoesNotExist', "Task does not exist: 'Provided task does not exist'");
    }
    throw new TokenError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
}

function parseOutput(output: string): Payload {
  try {
    return Payload.ofText(output);
  } catch {
    throw new TokenError('InvalidOutput', "Invalid Output: 'Invalid output: not JSON'");
  }
}
