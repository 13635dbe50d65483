/**
 * The time a step has: its action runs inside, and when the time is up or the automation is stopped, nothing the
 * action left behind acts any more: its sleeps never end and its calls are never made.
 */
import type { Timer, VirtualClock } from '../../clock';

export class StepTimedOut extends Error {
  override readonly name = 'StepTimedOut';
}

export class StepCancelled extends Error {
  override readonly name = 'StepCancelled';
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

export class StepScope {
  private ended = false;
  private readonly timers: Timer[] = [];
  private refuse: (reason: Error) => void = () => {};

  constructor(
    private readonly clock: VirtualClock,
    private readonly label: string,
  ) {}

  async within<T>(ms: number, action: () => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.refuse = reject;
        this.timers.push(
          this.clock.after(ms, `${this.label} times out`, () => reject(new StepTimedOut('Step timed out'))),
        );
        action().then(resolve, reject);
      });
    } finally {
      this.ended = true;
      for (const each of this.timers) this.clock.cancel(each);
    }
  }

  cancel(): void {
    this.refuse(new StepCancelled('Step cancelled'));
  }

  sleep(ms: number): Promise<void> {
    if (this.ended) return never();
    return new Promise((resolve) => this.timers.push(this.clock.after(ms, this.label, resolve)));
  }

  async guard<T>(call: () => Promise<T>): Promise<T> {
    if (this.ended) return never();
    try {
      const answer = await call();
      return this.ended ? await never<T>() : answer;
    } catch (error) {
      if (this.ended) return never();
      throw error;
    }
  }
}
