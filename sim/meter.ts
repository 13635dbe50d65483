/**
 * How long users were dark: exact, not sampled. Between two changes of the world nothing changes for users, so the
 * state after each change holds until the next one.
 *
 * A moment is dark when the users of at least one route set get no answer; several dark sets count once.
 */
import type { Instant } from '../core/words/time';
import type { PhysicalWorld } from './world';

export class DarkMeter {
  private darkMs = 0;
  private since: Instant;
  private dark: boolean;

  constructor(private readonly world: PhysicalWorld) {
    this.since = world.clock.now();
    this.dark = this.isDark();
    world.onChange(() => this.look());
  }

  total(): number {
    this.look();
    return this.darkMs;
  }

  private look(): void {
    const now = this.world.clock.now();
    if (this.dark) this.darkMs += now - this.since;
    this.since = now;
    this.dark = this.isDark();
  }

  private isDark(): boolean {
    return Object.values(this.world.deployment.connections).some(({ name, routeSets }) =>
      Object.keys(routeSets).some((set) => !this.world.usersServed(name, set)),
    );
  }
}
