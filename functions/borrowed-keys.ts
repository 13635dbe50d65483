/**
 * The keys of a role, kept for as long as they last and renewed before anybody must wait for them:
 *
 *     age 0 ........ half-life ................. last minute .... end
 *     used as they are | used, renewed beside | renewed first, used if that fails | renewed first, or nobody gets any
 *
 * Law: STS that is silent takes nothing from us before the old keys end. How long keys live is counted on our own clock
 * from the moment they were asked for: an instant written by another clock could end them early or, worse, late.
 */
import { type Instant, minuteMs, secondMs } from '../core/words/time';

export interface Lender<Keys> {
  /** Waits for STS only where the keys held are in their last minute, or there are none. */
  keys(): Promise<Keys>;
  /** Has them renewed where they are past their half-life, and waits for it. */
  freshen(): Promise<void>;
}

interface Held<Keys> {
  readonly keys: Keys;
  readonly renewAt: Instant;
  readonly endsAt: Instant;
}

/** So long nobody asks again where STS has just refused or kept silent: fifty calls side by side are one question. */
const restMs = 2 * secondMs;

export function lenderOf<Keys>(
  clock: { now(): Instant },
  lifetimeMs: number,
  ask: () => Promise<Keys>,
): Lender<Keys & { readonly expiration: Date }> {
  type Dated = Keys & { readonly expiration: Date };
  let held: Held<Dated> | null = null;
  let asking: Promise<void> | null = null;
  let failed: { readonly at: Instant; readonly why: unknown } | null = null;

  const renew = (): Promise<void> => {
    if (asking !== null) return asking;
    const startedAt = clock.now();
    if (failed !== null && startedAt < failed.at + restMs) return Promise.reject(failed.why);
    const endsAt = startedAt + lifetimeMs;
    asking = ask()
      .then(
        (keys) => {
          held = { keys: { ...keys, expiration: new Date(endsAt) }, renewAt: startedAt + lifetimeMs / 2, endsAt };
          failed = null;
        },
        (why: unknown) => {
          failed = { at: clock.now(), why };
          throw why;
        },
      )
      .finally(() => {
        asking = null;
      });
    return asking;
  };

  const isFresh = (): boolean => held !== null && clock.now() < held.renewAt;
  return {
    async keys() {
      if (held !== null && clock.now() < held.endsAt - minuteMs) {
        if (!isFresh()) renew().catch(() => {}); // Whoever needs them later hears of it.
        return held.keys;
      }
      try {
        await renew();
      } catch (why) {
        if (held === null || clock.now() >= held.endsAt) throw why;
      }
      return held!.keys;
    },
    freshen: async () => {
      if (!isFresh()) await renew();
    },
  };
}
