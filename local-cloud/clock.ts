/**
 * Virtual time. The clock stops at every due instant and breaks ties by (at, sequence), so a run is a pure function
 * of its seed; a simulated hour takes as long as its events take to compute.
 *
 * Real work (a DynamoDB engine on loopback) is registered with `busy`: time stands still until it is done.
 * Invariant: `now()` never decreases and equals the due instant of the event that runs.
 */
import type { Instant } from '../core/words/time';

export interface Timer {
  readonly at: Instant;
  readonly sequence: number;
  readonly label: string;
}

interface Entry extends Timer {
  readonly run: () => void | Promise<void>;
}

/** Some milliseconds. */
const ticksPerTurn = 100;

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export class VirtualClock {
  private readonly heap: Entry[] = [];
  private readonly cancelled = new Set<number>();
  private sequence = 0;
  private pending = 0;
  private ticks = 0;
  private failure: unknown;

  constructor(private instant: Instant) {}

  now(): Instant {
    return this.instant;
  }

  /** Runs `run` at `at`, or at once (this instant, after what is already due) when `at` is past. */
  at(at: Instant, label: string, run: () => void | Promise<void>): Timer {
    const entry = { at: Math.max(at, this.instant), sequence: this.sequence++, label, run };
    this.push(entry);
    return entry;
  }

  after(ms: number, label: string, run: () => void | Promise<void>): Timer {
    return this.at(this.instant + Math.max(0, Math.round(ms)), label, run);
  }

  cancel(timer: Timer): void {
    this.cancelled.add(timer.sequence);
  }

  sleep(ms: number, label = 'sleep'): Promise<void> {
    return new Promise((resolve) => this.after(ms, label, resolve));
  }

  /** Holds time still until `work` (real I/O) is settled. */
  async busy<T>(work: Promise<T>): Promise<T> {
    this.pending++;
    try {
      return await work;
    } finally {
      this.pending--;
    }
  }

  /** Runs every event due up to and including `limit`, or until `done` says so; then stands at that instant. */
  async runUntil(limit: Instant, done: () => boolean = () => false): Promise<void> {
    await this.settle();
    while (!done()) {
      const next = this.pop(limit);
      if (next === undefined) {
        this.instant = Math.max(this.instant, limit);
        return;
      }
      this.instant = next.at;
      void this.play(next);
      await this.settle();
    }
  }

  private async play({ run }: Entry): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.failure ??= error;
    }
  }

  /**
   * Lets everything that can run without time passing run. Node ticks once no promise is left to go on with, for a tenth
   * of what a turn of its loop costs: that is taken where real work must end, and now and then for whoever interrupts us.
   */
  private async settle(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    if (++this.ticks % ticksPerTurn === 0) await turnOfTheLoop();
    while (this.pending > 0) await turnOfTheLoop();
    if (this.failure !== undefined) throw this.failure;
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  private pop(limit: Instant): Entry | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || top.at > limit) return undefined;
      this.removeTop();
      if (!this.cancelled.delete(top.sequence)) return top;
    }
  }

  private removeTop(): void {
    const heap = this.heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}
