/**
 * Which attempts are one move: retries of it, the batches of its plan, and whatever EC2 shows too late, until its routes
 * have been there and are moved on by somebody.
 */
import type { ApplyRequest, SetMove } from '../../../core/words/decision';
import { gatewayAt } from '../../../core/words/ends';
import { secondMs } from '../../../core/words/time';
import { placeNow } from '../../network/tunnel-ends';
import { isHandIn, pathHeld, type Scene } from '../law';

interface Latest {
  /** `divert to b`; of routes that strayed from where their path leads now, with the interface it leads to. */
  readonly what: string;
  readonly id: number;
  /** The tables that EC2 listed when all their routes had been written to where it goes; before that, null. */
  arrivedIn: readonly string[] | null;
  arrivedAt: number;
}

/** Between the last write of a move and the look that shows it whole. */
const lookMs = 10 * secondMs;

export class MoveCount {
  /** By connection and route set. */
  private readonly latest = new Map<string, Latest>();
  /**
   * Moves that are perhaps only the rest of the one before, by connection: a hand took a route away before any look could
   * show that one whole, so it was told as made in part, with the rest to follow.
   */
  readonly perhapsRest = new Map<string, Set<number>>();

  constructor(private readonly scene: Scene) {}

  /** The same number for every attempt of one move; what finishes a part of it is it. */
  idOf({ connection, decision }: ApplyRequest): number {
    const going = decision.moves.map((move) => {
      const { routeSet, to } = move;
      const before = this.latest.get(`${connection}/${routeSet}`);
      const isSame = before?.what === this.whatOf(connection, decision, move);
      if (isSame && before.arrivedIn !== null && this.isTakenUnseen(connection, routeSet, before.arrivedAt)) {
        const rest = this.perhapsRest.get(connection) ?? new Set<number>();
        this.perhapsRest.set(connection, rest.add(decision.decidedAt));
      }
      const goesOn = isSame && (before.arrivedIn === null || this.isThere(connection, routeSet, to, before.arrivedIn));
      return goesOn ? before : null;
    });
    const [first] = going;
    if (first != null && going.every((one) => one !== null)) return first.id;
    decision.moves.forEach((move, i) => {
      const what = this.whatOf(connection, decision, move);
      const fresh = { what, id: decision.decidedAt, arrivedIn: null, arrivedAt: 0 };
      this.latest.set(`${connection}/${move.routeSet}`, going[i] ?? fresh);
    });
    return decision.decidedAt;
  }

  /** Routes that stayed with a path while its gateway was replaced are where they should be by name, and not by target. */
  private whatOf(connection: string, { kind }: ApplyRequest['decision'], { routeSet, from, to }: SetMove): string {
    const what = `${kind} to ${to}`;
    if (from.some((path) => path !== to)) return what;
    const { deployment, cloud } = this.scene;
    const whole = deployment.connections[connection]!;
    const gateway = gatewayAt(whole, to, whole.routeSets[routeSet]?.end)!;
    return `${what} on ${placeNow(cloud.world, gateway)?.id}`;
  }

  /** The move that a route set is in, or was in last. */
  latestOf(connection: string, routeSet: string): number {
    return this.latest.get(`${connection}/${routeSet}`)!.id;
  }

  /** A route of it was written. */
  wrote({ connection, decision }: ApplyRequest): void {
    for (const { routeSet, to } of decision.moves) {
      const latest = this.latest.get(`${connection}/${routeSet}`);
      const listed = this.listed(connection, routeSet);
      if (latest === undefined || !this.isThere(connection, routeSet, to, listed)) continue;
      latest.arrivedIn = listed;
      latest.arrivedAt = this.scene.now();
    }
  }

  /** Routes in a table that EC2 does not list cannot be moved: they follow when it is back. */
  private listed(connection: string, routeSet: string): readonly string[] {
    const { deployment, cloud } = this.scene;
    const { tables = [] } = deployment.connections[connection]?.routeSets[routeSet] ?? {};
    return tables.filter((table) => cloud.world.routes.isListed(table));
  }

  private isTakenUnseen(connection: string, routeSet: string, arrivedAt: number): boolean {
    const { tables = [] } = this.scene.deployment.connections[connection]?.routeSets[routeSet] ?? {};
    return isHandIn(this.scene, { tables }, arrivedAt, this.shownBy(arrivedAt));
  }

  /** When a look has shown by all odds what was there at this instant: none does while EC2 is throttled. */
  private shownBy(arrivedAt: number): number {
    const { storm, startedAt } = this.scene;
    let shown = arrivedAt + lookMs;
    for (const step of storm.steps) {
      if (step.do !== 'throttle' || step.operation !== 'DescribeRouteTables' || startedAt + step.at > shown) continue;
      shown = Math.max(shown, startedAt + step.at + step.for + lookMs);
    }
    return shown;
  }

  private isThere(connection: string, routeSet: string, to: string, tables: readonly string[]): boolean {
    const { deployment, cloud } = this.scene;
    const { routes } = cloud.world;
    const set = deployment.connections[connection]?.routeSets[routeSet];
    if (set === undefined) return true;
    return tables.every((table) =>
      set.destinations.every((one) => pathHeld(this.scene, connection, set, routes.held(table, one)) === to),
    );
  }
}
