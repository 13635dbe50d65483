/** A token bucket as AWS throttles with: `capacity` calls at once, then `refillPerSecond`. */
import type { Instant } from '../../core/words/time';

export class TokenBucket {
  private tokens: number;
  private filledAt: Instant = 0;

  constructor(
    private readonly capacity: number,
    private readonly refillPerSecond: number,
  ) {
    this.tokens = capacity;
  }

  take(now: Instant): boolean {
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAt) / 1_000) * this.refillPerSecond);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
