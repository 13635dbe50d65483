/**
 * What was really so, and since when: for each path whether it works, limps or is dark, as a history the laws can look back
 * on. Canaries only estimate this; a law that asked them would believe what it is to check.
 */
import type { Instant } from '../../core/time';
import type { PhysicalWorld } from '../world';

type State = ReturnType<PhysicalWorld['pathState']>;

interface Turn {
  readonly at: Instant;
  readonly state: State;
}

export class Truth {
  private readonly history = new Map<string, Turn[]>();
  private readonly startedAt: Instant;

  constructor(private readonly world: PhysicalWorld) {
    this.startedAt = world.clock.now();
    this.look();
    world.onChange(() => this.look());
  }

  /** It worked at every instant of the last `ms`. */
  workedThroughout(connection: string, path: string, ms: number): boolean {
    const last = this.turns(connection, path).at(-1)!;
    const from = this.world.clock.now() - ms;
    return last.state === 'works' && last.at <= Math.max(from, this.startedAt);
  }

  /** It worked for the last `ms`, up to what happened in this very instant. */
  workedUntilNow(connection: string, path: string, ms: number): boolean {
    const now = this.world.clock.now();
    const before = this.turns(connection, path).findLast(({ at }) => at < now);
    return before?.state === 'works' && before.at <= Math.max(now - ms, this.startedAt);
  }

  /** Packets passed, well or badly, at some instant of the last `ms`. */
  passedWithin(connection: string, path: string, ms: number): boolean {
    const from = this.world.clock.now() - ms;
    const turns = this.turns(connection, path);
    return turns.some((turn, i) => turn.state !== 'dark' && (turns[i + 1]?.at ?? Number.POSITIVE_INFINITY) >= from);
  }

  private turns(connection: string, path: string): Turn[] {
    return this.history.get(`${connection}/${path}`)!;
  }

  private look(): void {
    const { deployment, clock } = this.world;
    for (const { name, paths } of Object.values(deployment.connections)) {
      for (const path of Object.keys(paths))
        this.note(`${name}/${path}`, this.world.pathState(name, path), clock.now());
    }
  }

  private note(key: string, state: State, at: Instant): void {
    const turns = this.history.get(key) ?? [];
    if (turns.length === 0) this.history.set(key, turns);
    if (turns.at(-1)?.state !== state) turns.push({ at, state });
  }
}
