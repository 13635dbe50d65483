/**
 * One line of control: the run itself, a branch of a Parallel or an iteration of a Map. It knows the event it stands
 * at, its variables, and everything to undo when it is stopped: timers, tokens, branches of its own.
 *
 * Invariant: nothing happens in a stopped branch. Every effect follows a `record`, and a stopped branch refuses to
 * record; a sleep of a stopped branch never ends.
 */

import type { VirtualClock } from '../clock';
import type { State } from './definition';
import { Stopped } from './failure';
import type { Bindings } from './functions';
import type { EventDetails, HistoryEventType } from './history';
import type { JsonObject } from './json';

/** Writes one event of the execution and answers with its id. */
export type Recorder = (type: HistoryEventType, previous: number, details: EventDetails) => number;

export class Branch {
  /** The event the next one follows from. */
  last = 0;
  /** The state it is in, while it is in one. */
  current: State | undefined;
  private isLive = true;
  private readonly undo = new Set<() => void>();

  private constructor(
    private readonly write: Recorder,
    private readonly clock: VirtualClock,
    /** Inherits from the enclosing branch's: read through, never written through. */
    readonly variables: Bindings,
    /** `Map.Item` of the context object, inside an iteration. */
    readonly item: JsonObject | undefined,
  ) {}

  static root(write: Recorder, clock: VirtualClock, functions: Bindings): Branch {
    return new Branch(write, clock, Object.create(functions) as Bindings, undefined);
  }

  /** A branch inside this one, starting at `last`; stopped when this one is. */
  fork(last: number, item: JsonObject | undefined = this.item): Branch {
    const child = new Branch(this.write, this.clock, Object.create(this.variables) as Bindings, item);
    child.last = last;
    const stop = (): void => child.stop();
    this.undo.add(stop);
    child.undo.add(() => this.undo.delete(stop));
    return child;
  }

  get live(): boolean {
    return this.isLive;
  }

  /** Throws Stopped when the branch was stopped, be it by a listener of this very event. */
  record(type: HistoryEventType, details: EventDetails = {}, previous = this.last): number {
    if (!this.isLive) throw new Stopped();
    this.last = this.write(type, previous, details);
    if (!this.isLive) throw new Stopped();
    return this.last;
  }

  /** Does not even yield for 0 ms. */
  async pause(ms: number, label: string): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.after(ms, label, resolve));
  }

  /** A timer that dies with the branch. Answers with its cancellation, harmless once it has fired. */
  after(ms: number, label: string, run: () => void): () => void {
    const timer = this.clock.after(ms, label, () => {
      this.undo.delete(cancel);
      run();
    });
    const cancel = (): void => {
      if (this.undo.delete(cancel)) this.clock.cancel(timer);
    };
    this.undo.add(cancel);
    return cancel;
  }

  /** Registers `run` for when the branch stops; answers with the way to take it back. */
  onStop(run: () => void): () => void {
    this.undo.add(run);
    return () => this.undo.delete(run);
  }

  now(): number {
    return this.clock.now();
  }

  stop(): void {
    if (!this.isLive) return;
    this.isLive = false;
    for (const run of [...this.undo]) run();
    this.undo.clear();
  }
}
