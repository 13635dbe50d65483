/**
 * Instants and spans. The core has no clock: callers pass `now`.
 *
 * An `Instant` is epoch milliseconds in UTC, a span is a number of milliseconds and its name ends in `Ms`.
 * Instants' names end in `At` or `Until`.
 */

/** Epoch milliseconds, UTC. */
export type Instant = number;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** How long ago `at` was, never negative: a clock that runs ahead makes evidence fresh, not future. */
export function ageMs(at: Instant, now: Instant): number {
  return Math.max(0, now - at);
}

/** A span as a person says it: `850 ms`, `4.2 s`, `3 min`, `2 h`. */
export function spanText(ms: number): string {
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (ms < 10 * secondMs) return `${Number((ms / secondMs).toFixed(1))} s`;
  if (ms < 2 * minuteMs) return `${Math.round(ms / secondMs)} s`;
  if (ms < 2 * hourMs) return `${Math.round(ms / minuteMs)} min`;
  return `${Number((ms / hourMs).toFixed(1))} h`;
}

/** `2026-11-20T21:30:00Z`: an instant as text, seconds precision. */
export function instantText(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
