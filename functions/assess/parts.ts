/**
 * Questions that are asked side by side, each in its own time. A part that failed, or is not in yet, reads as null:
 * "could not be read". Each is kept with its reason for the log; only when every essential part failed is there nothing
 * to think about, and the first fault is thrown.
 *
 * A fault that is not AWS's (one of our own mistakes) is thrown: it must not look like a quiet night. Nobody need wait
 * for a part: one that fails after it was given up must not bring down the next invocation of a warm sandbox.
 */
import { AccessDenied, AwsUnavailable, isFault } from '../../adapters/errors';
import { limits } from '../../core/words/policy';
import { type Instant, spanText } from '../../core/words/time';
import type { World } from '../world';

export interface Part<T> {
  /** Null: it failed, or is not in yet. */
  readonly value: T | null;
  readonly isIn: boolean;
  readonly fault: Error | null;
  /** Settles once it is in, whatever came of it; never throws. */
  readonly done: Promise<void>;
}

interface Asked<T> {
  value: T | null;
  isIn: boolean;
  fault: Error | null;
  done: Promise<void>;
}

export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Error };

/** An answer or one of AWS's faults, as data: work that nobody may come back for. Our own mistakes are thrown. */
export function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  const outcome = work.then(
    (value): Settled<T> => ({ ok: true, value }),
    (fault: unknown): Settled<T> => {
      if (!isFault(fault)) throw fault;
      return { ok: false, fault };
    },
  );
  outcome.catch(() => {}); // Whoever awaits it gets the mistake; given up, it must not end the sandbox.
  return outcome;
}

export class Parts {
  /** What parts could not read about this or that; the rest of their answer counts. */
  readonly notes: string[] = [];
  private readonly asked = new Map<string, Asked<unknown>>();
  private readonly missed: Error[] = [];
  private mistake: unknown = null;

  constructor(
    private readonly world: Pick<World, 'now' | 'sleep'>,
    private readonly startedAt: Instant,
    /** After this the part is given up, and counts as missing. */
    private readonly endsAt: Instant,
  ) {}

  ask<T>(name: string, question: () => Promise<T>): Part<T> {
    const part: Asked<T> = { value: null, isIn: false, fault: null, done: Promise.resolve() };
    this.asked.set(name, part);
    part.done = this.settle(part, question);
    return part;
  }

  /** True once all parts are in; false when the time is up first. */
  whenAll(until: Instant): Promise<boolean> {
    return this.before(Math.min(until, this.endsAt), Promise.all([...this.asked.values()].map(({ done }) => done)));
  }

  /** True when `work` ends in time. */
  async before(until: Instant, work: Promise<unknown>): Promise<boolean> {
    const leftMs = until - this.world.now();
    if (leftMs <= 0) return false;
    return Promise.race([work.then(() => true), this.world.sleep(leftMs).then(() => false)]);
  }

  /** What AWS refuses us, in its words: no outage, and over only when a person allows it. */
  get denied(): string[] {
    const faults = [...this.asked.values()].flatMap(({ fault }) => fault ?? []);
    return [...faults, ...this.missed].flatMap((fault) => (fault instanceof AccessDenied ? [fault.message] : []));
  }

  /** A question within a part that got no answer, though the part has one: something stands in, or the rest counts. */
  miss(what: string, fault: Error): void {
    this.notes.push(`${what}: ${fault.name}: ${fault.message}`);
    this.missed.push(fault);
  }

  /** What is missing, each with its reason. Throws our own mistakes. */
  get unread(): string[] {
    if (this.mistake !== null) throw this.mistake;
    const failed = [...this.asked].flatMap(([name, part]) => {
      // Nobody has waited for it.
      if (!part.isIn && this.world.now() - this.startedAt < limits.rescueWaitMs) return [];
      const why = this.whyUnread(part);
      return why === null ? [] : [`${name}: ${why.name}: ${why.message}`];
    });
    return [...failed, ...this.notes];
  }

  /** A part that is still under way has not failed before its time is up. */
  throwIfAllFailed(...essential: readonly string[]): void {
    const parts = essential.map((name) => this.asked.get(name)!);
    if (parts.some(({ isIn }) => !isIn) && this.world.now() < this.endsAt) return;
    const reasons = parts.map((part) => this.whyUnread(part));
    if (reasons.every((why) => why !== null)) throw reasons[0];
  }

  private whyUnread({ isIn, fault }: Asked<unknown>): Error | null {
    if (isIn) return fault;
    return new AwsUnavailable(`no answer within ${spanText(this.world.now() - this.startedAt)}`);
  }

  private async settle<T>(part: Asked<T>, question: () => Promise<T>): Promise<void> {
    try {
      part.value = await question();
    } catch (error) {
      if (isFault(error)) part.fault = error;
      else this.mistake ??= error;
    }
    part.isIn = true;
  }
}
