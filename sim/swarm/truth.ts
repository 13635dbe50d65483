/**
 * What was really so, and since when: for each path whether it works, limps or is dark, and for each route set the one path
 * it leads to, as histories the laws can look back on. Canaries only estimate this; a law that asked them would believe what it is to check.
 */
import type { Instant } from '../../core/words/time';
import type { PhysicalWorld } from '../world';

type State = ReturnType<PhysicalWorld['pathState']>;
type Used = ReturnType<PhysicalWorld['pathOf']>;

interface Turn<T> {
  readonly at: Instant;
  readonly state: T;
}

export class Truth {
  private readonly paths = new Map<string, Turn<State>[]>();
  private readonly sets = new Map<string, Turn<Used>[]>();
  private readonly served = new Map<string, Turn<boolean>[]>();
  private readonly startedAt: Instant;

  constructor(private readonly world: PhysicalWorld) {
    this.startedAt = world.clock.now();
    this.look();
    world.onChange(() => this.look());
  }

  /** It worked at every instant of the last `ms`. */
  workedThroughout(connection: string, path: string, ms: number): boolean {
    return this.isSettled(this.paths.get(`${connection}/${path}`)!, 'works', ms);
  }

  /** Every route of the set led to this path at every instant of the last `ms`. */
  ledThroughout(connection: string, routeSet: string, path: string, ms: number): boolean {
    return this.isSettled(this.sets.get(`${connection}/${routeSet}`)!, path, ms);
  }

  /** Its users got their answers at every instant of the last `ms`. */
  servedThroughout(connection: string, routeSet: string, ms: number): boolean {
    return this.isSettled(this.served.get(`${connection}/${routeSet}`)!, true, ms);
  }

  /** For how long its users have had no answer; 0: they have. */
  darkForMs(connection: string, routeSet: string): number {
    const last = this.served.get(`${connection}/${routeSet}`)!.at(-1)!;
    return last.state ? 0 : this.world.clock.now() - last.at;
  }

  /** It worked for the last `ms`, up to what happened in this very instant. */
  workedUntilNow(connection: string, path: string, ms: number): boolean {
    const now = this.world.clock.now();
    const before = this.paths.get(`${connection}/${path}`)!.findLast(({ at }) => at < now);
    return before?.state === 'works' && before.at <= Math.max(now - ms, this.startedAt);
  }

  /** Packets passed, well or badly, at some instant of the last `ms`. */
  passedWithin(connection: string, path: string, ms: number): boolean {
    const from = this.world.clock.now() - ms;
    const turns = this.paths.get(`${connection}/${path}`)!;
    return turns.some((turn, i) => turn.state !== 'dark' && (turns[i + 1]?.at ?? Number.POSITIVE_INFINITY) >= from);
  }

  private isSettled<T>(turns: readonly Turn<T>[], state: T, ms: number): boolean {
    const last = turns.at(-1)!;
    return last.state === state && last.at <= Math.max(this.world.clock.now() - ms, this.startedAt);
  }

  private look(): void {
    const { deployment, clock } = this.world;
    const now = clock.now();
    for (const { name, paths, routeSets } of Object.values(deployment.connections)) {
      for (const path of Object.keys(paths)) note(this.paths, `${name}/${path}`, this.world.pathState(name, path), now);
      for (const set of Object.keys(routeSets)) {
        note(this.sets, `${name}/${set}`, this.world.pathOf(name, set), now);
        note(this.served, `${name}/${set}`, this.world.usersServed(name, set), now);
      }
    }
  }
}

function note<T>(history: Map<string, Turn<T>[]>, key: string, state: T, at: Instant): void {
  const turns = history.get(key) ?? [];
  if (turns.length === 0) history.set(key, turns);
  if (turns.at(-1)?.state !== state) turns.push({ at, state });
}
