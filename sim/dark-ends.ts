/**
 * Executions that ended as Finished while users of their connection were dark. "All is well" is for users, or it is not
 * said.
 *
 * Darkness younger than what any look at the world could have seen is nobody's lie.
 */
import type { Instant } from '../core/words/time';
import type { Execution, HistoryEvent } from '../local-cloud/asl/runner';
import { simulationStart } from '../local-cloud/latency';
import type { PhysicalWorld } from './world';

/** Three missed rounds, a report, its way through the stream, and a look. */
const seenAfterMs = 5_000;

export class DarkEnds {
  /** One sentence each. */
  readonly found: string[] = [];
  private readonly darkSince = new Map<string, Instant>();

  constructor(private readonly world: PhysicalWorld) {
    world.onChange(() => this.look());
    this.look();
  }

  observe(event: HistoryEvent, { input, history }: Execution): void {
    if (event.type !== 'ExecutionSucceeded') return;
    const last = history.findLast((one) => one.stateEnteredEventDetails !== undefined);
    const connection = connectionIn(input);
    const since = connection === undefined ? undefined : this.darkSince.get(connection);
    const now = this.world.clock.now();
    if (last?.stateEnteredEventDetails?.name !== 'Finished' || since === undefined || now - since < seenAfterMs) return;
    this.found.push(`${connection} finished at ${seconds(now - simulationStart)}, dark for ${seconds(now - since)}`);
  }

  private look(): void {
    for (const name of Object.keys(this.world.deployment.connections)) {
      if (this.world.connectionServed(name)) this.darkSince.delete(name);
      else if (!this.darkSince.has(name)) this.darkSince.set(name, this.world.clock.now());
    }
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

function connectionIn(input: string): string | undefined {
  const connection = (JSON.parse(input) as { connection?: unknown } | null)?.connection; // Anybody may start with anything.
  return typeof connection === 'string' ? connection : undefined;
}
