/**
 * Lets a virtual clock run as fast as the clock on the wall, and no faster: what is due happens within a millisecond or two.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../core/words/time';
import type { VirtualClock } from '../local-cloud/clock';

/** Epoch milliseconds, with fractions, as all processes of this machine tell them. */
export const now = (): number => performance.timeOrigin + performance.now();

export async function inRealTime(clock: VirtualClock, limit: Instant, done: () => boolean): Promise<void> {
  const offset = clock.now() - performance.now();
  while (!done() && clock.now() < limit) {
    await clock.runUntil(Math.min(limit, Math.floor(offset + performance.now())), done);
    await sleep(1);
  }
}

/** Asks until it is so. Throws `what` after `withinMs`. */
export async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what} within ${withinMs / 1_000} s`);
    await sleep(20);
  }
}
