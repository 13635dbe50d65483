/**
 * Which attempts are one move: retries of it, the batches of its plan, and whatever EC2 shows too late, until its routes
 * have been there and are moved on by somebody.
 */
import type { ApplyRequest } from '../../../core/decision';
import type { Scene } from '../law';

interface Latest {
  readonly what: string;
  readonly id: number;
  /** All its routes have been written to where it goes. */
  hasArrived: boolean;
}

export class MoveCount {
  private readonly latest = new Map<string, Latest>();

  constructor(private readonly scene: Scene) {}

  /** The same number for every attempt of one move. */
  idOf(request: ApplyRequest): number {
    const { connection, decision } = request;
    const moves = decision.moves.map(({ routeSet, to }) => `${routeSet} to ${to}`).sort();
    const what = `${decision.kind} ${moves.join(', ')}`;
    const before = this.latest.get(connection);
    const isGoingOn = before?.what === what && (!before.hasArrived || this.isThere(request));
    if (isGoingOn) return before.id;
    this.latest.set(connection, { what, id: decision.decidedAt, hasArrived: false });
    return decision.decidedAt;
  }

  /** A route of it was written. */
  wrote(request: ApplyRequest): void {
    const latest = this.latest.get(request.connection);
    if (latest !== undefined && this.isThere(request)) latest.hasArrived = true;
  }

  private isThere({ connection, decision }: ApplyRequest): boolean {
    const { deployment, cloud } = this.scene;
    const { routes } = cloud.world;
    return decision.moves.every(({ routeSet, to }) => {
      const { tables = [], destinations = [] } = deployment.connections[connection]?.routeSets[routeSet] ?? {};
      return tables.every((table) =>
        destinations.every((one) => cloud.world.pathTo(connection, routes.written(table, one)) === to),
      );
    });
  }
}
