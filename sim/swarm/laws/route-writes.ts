/**
 * Laws about every single write of a route, judged at the instant it lands.
 */

import { laws } from '../../../core/decide/invariants';
import type { ApplyRequest, StepResult } from '../../../core/words/decision';
import type { Connection, RouteSet } from '../../../core/words/domain';
import { secondMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import type { ItemChange } from '../../../local-cloud/services/dynamodb/dynamodb';
import { isRouteWrite, writtenBy } from '../../route-call';
import { type Attribute, lease as leaseOf, number, text } from '../items';
import { canariesOf, inTrouble, isHandIn, type Law, moveAskedFor, pathHeld, type Scene } from '../law';
import { MoveCount } from './move-count';

interface Place {
  readonly connection: Connection;
  readonly set: RouteSet;
  readonly table: string;
  readonly destination: string;
}

/** A write is decided on routes read a moment before; what a hand did since cannot be seen (EC2 has no condition). */
const handRaceMs = 10 * secondMs;
const digestDigits = 12;
/** Reports are read this long before the decision has its time, at most. */
const turnMs = 10 * secondMs;
/** Two clocks of the storm, each wrong by a second. */
const clocksMs = 2 * secondMs;

/** Moves made without the lock table are told in other words, and counted apart. */
export const failedOpen = 'fail open';

export class RouteWriteLaws implements Law {
  /** Apply's invocations, by request id. */
  private readonly requests = new Map<string, ApplyRequest>();
  /** Of the move each of them is part of. */
  private readonly ids = new Map<string, number>();
  /** Moves handed to apply, and those that wrote at least one route, each once; by connection and kind. */
  readonly tried = new Map<string, Set<number>>();
  readonly written = new Map<string, Set<number>>();
  /** Of each route set, by connection: those handed to apply with the lease. */
  readonly triedOf = new Map<string, Map<string, Set<number>>>();
  /** Journals that a dead run left open, and whose routes were then written without the lease: until when, by connection. */
  readonly overwritten = new Map<string, Set<number>>();

  readonly moves: MoveCount;

  constructor(private readonly scene: Scene) {
    this.moves = new MoveCount(scene);
  }

  onInvocation(functionName: string, requestId: string, payload: string): void {
    const request = moveAskedFor(functionName, payload);
    if (request === null) return;
    this.requests.set(requestId, request);
    this.ids.set(requestId, this.moves.idOf(request));
    // Without the lock table two runs cannot know of each other: each tries, and tells, for itself.
    note(this.tried, request, request.lease === null ? request.decision.decidedAt : this.ids.get(requestId)!);
    if (request.lease === null) return;
    const sets = this.triedOf.get(request.connection) ?? new Map<string, Set<number>>();
    this.triedOf.set(request.connection, sets);
    for (const { routeSet } of request.decision.moves)
      add(sets, routeSet, this.moves.latestOf(request.connection, routeSet));
  }

  /** What the journal says was done must be so, unless a hand was faster. */
  onItem({ keys, newImage }: ItemChange): void {
    const { pk, sk } = keys as Readonly<Record<string, Attribute>>;
    if (newImage === undefined || !sk?.S?.endsWith('#after')) return;
    const { steps } = JSON.parse(text(newImage, 'body') ?? '{}') as { steps: readonly StepResult[] };
    for (const { table, destination, to, result } of steps) {
      const written = this.scene.cloud.world.routes.written(table, destination)?.id ?? null;
      if (result === 'done' && written !== to && !this.isHands(table, destination))
        this.scene.broken(
          laws.journalled,
          `${pk?.S}: ${destination} in ${table} is said to go to ${to}, goes to ${written}`,
        );
    }
  }

  onLanded(call: CallRecord): void {
    if (!isRouteWrite(call.operation)) return;
    const { table, destination } = writtenBy(call.input);
    if (call.by.includes('RepinFunction')) {
      this.byRunbook(table, destination);
      return;
    }
    const place = this.placeOf(table, destination);
    if (place === null) this.scene.broken(laws.allowList, `${destination} in ${table} is none of ours`);
    else this.onWrite(place, call);
  }

  /** A replacement points the canaries' own routes at the new interface, and nothing else; no document writes itself. */
  private byRunbook(table: string, destination: string): void {
    const isCanarys = Object.values(this.scene.deployment.connections).some(({ canaries }) =>
      canaries.some((canary) => canary.routeTableId === table),
    );
    if (!isCanarys) this.scene.broken(laws.allowList, `a replacement wrote ${destination} in ${table}`);
  }

  private onWrite(place: Place, call: CallRecord): void {
    const { scene } = this;
    const { connection, set, table, destination } = place;
    const request = this.requests.get(call.invocation);
    const what = `${connection.name}/${set.name}: ${destination} in ${table}`;
    if (connection.mode === 'observe') scene.broken(laws.observe, what);
    if (request === undefined) {
      scene.broken(laws.journalled, `${what} was written by ${call.by}, not by apply`);
      return;
    }
    if (request.connection !== connection.name)
      scene.broken(laws.allowList, `${what} was written for ${request.connection}`);
    this.foreign(place, request, what);
    this.held(request, what);
    this.journalled(request, what);
    this.proven(request, place, what);
    this.fresh(request, place, what);
    this.moves.wrote(request);
    note(this.written, request, this.ids.get(call.invocation)!);
    if (request.lease === null) this.overwrote(connection.name);
  }

  private overwrote(connection: string): void {
    const writeUntil = number(this.scene.items.at(...leaseOf(connection)), 'writeUntil');
    if (writeUntil > 0) add(this.overwritten, connection, writeUntil);
  }

  private foreign({ connection, set, table, destination }: Place, { decision }: ApplyRequest, what: string): void {
    const { world } = this.scene.cloud;
    const before = world.routes.replacedBy(table, destination);
    if (pathHeld(this.scene, connection.name, set, before) !== null) return;
    if (this.isHands(table, destination, decision.lastSeenAt)) return;
    this.scene.broken(laws.foreignRoutes, `${what} pointed at ${before?.id ?? 'nothing'}`);
  }

  /**
   * Somebody has changed this route a moment ago, or since then EC2 has shown what was before; where it shows no routes
   * and the rescue goes by those last seen, at any time since then: nobody could know (docs/decisions/012).
   */
  private isHands(table: string, destination: string, lastSeenAt = Number.POSITIVE_INFINITY): boolean {
    const now = this.scene.now();
    const shownAt = Math.min(now - handRaceMs - this.lagMs(), lastSeenAt);
    return isHandIn(this.scene, { tables: [table], destination }, shownAt, now);
  }

  /** By so much EC2's answers may be old at this moment. */
  private lagMs(): number {
    const { storm, now, startedAt } = this.scene;
    const lags = storm.steps.flatMap((step) =>
      step.do === 'describe_lag' && startedAt + step.at <= now() ? [step.ms] : [],
    );
    return lags.at(-1) ?? 0;
  }

  private held(request: ApplyRequest, what: string): void {
    const { scene } = this;
    if (request.lease === null) {
      if (!inTrouble(scene))
        scene.broken(laws.failOpen, `${what} was written without a lease while the lock table answers`);
      return;
    }
    const item = scene.items.at(...leaseOf(request.connection));
    const { holder, token } = request.lease;
    if (text(item, 'holder') !== holder || number(item, 'token') !== token)
      scene.broken(
        laws.leaseLost,
        `${what} was written with token ${token} of ${holder.split(':').at(-1)}, the item says ${number(item, 'token')} of ${text(item, 'holder')?.split(':').at(-1)}`,
      );
  }

  private journalled({ connection, decision, lease: writer }: ApplyRequest, what: string): void {
    if (writer === null) return;
    const digest = decision.planDigest.slice(0, digestDigits);
    const decided = new Date(decision.decidedAt).toISOString();
    const story = this.scene.items.at(`connection#${connection}`, `story#${decided}#${digest}#before`);
    if (story === undefined) this.scene.broken(laws.journalled, `${what} has no story of before`);
  }

  /** Judged by what really was: a path that worked all the while is left only for one that worked a moment ago. */
  private proven({ decision }: ApplyRequest, { connection, set, table, destination }: Place, what: string): void {
    const { truth, cloud } = this.scene;
    const { policy } = connection;
    const move = decision.moves.find(({ routeSet }) => routeSet === set.name);
    const now = pathHeld(this.scene, connection.name, set, cloud.world.routes.held(table, destination));
    if (move === undefined || now !== move.to) {
      this.scene.broken(laws.journalled, `${what} went to ${now}, decided was ${move?.to}`);
      return;
    }
    // Rounds, report, stale allowance and AWS's own slowness between the last proof and the write.
    const lookBackMs = 30 * secondMs + policy.freshMaxMs + (policy.downAfterRounds + 2) * policy.roundIntervalMs;
    const left = move.from.filter(
      (path) => path !== move.to && truth.workedThroughout(connection.name, path, lookBackMs),
    );
    if (left.length > 0 && !truth.passedWithin(connection.name, move.to, lookBackMs))
      this.scene.broken(laws.proven, `${what} left ${left.join('+')}, which worked, for ${move.to}, which did not`);
  }

  /** Judged by the canary's own item: what a move goes onto was reported well a moment before it was decided. */
  private fresh({ decision }: ApplyRequest, { connection, set }: Place, what: string): void {
    const move = decision.moves.find(({ routeSet }) => routeSet === set.name);
    if (move === undefined || decision.lastResort || decision.kind === 'undo' || this.isOnMetrics()) return;
    const { policy } = connection;
    // Reports that could not be read are stood in for by metrics, which may be older.
    const maxMs = inTrouble(this.scene) ? Math.max(policy.freshMaxMs, policy.metricsFreshMaxMs) : policy.freshMaxMs;
    for (const { id } of canariesOf(connection, move.to)) {
      const report = this.scene.items.at(id);
      const ageMs = decision.decidedAt - number(report, 'reportedAt');
      const isWell = text(report, 'verdict') === 'healthy' || ageMs < turnMs;
      if (!isWell || ageMs > maxMs + clocksMs)
        this.scene.broken(
          laws.proven,
          `${what} went to ${move.to}, which ${id} reported ${text(report, 'verdict')} ${ageMs} ms before`,
        );
    }
  }

  /** Canaries cannot write their items, or could not a moment ago: nothing can be judged by them. */
  private isOnMetrics(): boolean {
    const { storm, now, startedAt } = this.scene;
    return storm.steps.some(
      (step) =>
        startedAt + step.at <= now() &&
        (step.do === 'table_down' || (step.do === 'fail' && step.operation === 'PutItem')),
    );
  }

  private placeOf(table: string, destination: string): Place | null {
    for (const connection of Object.values(this.scene.deployment.connections)) {
      for (const set of Object.values(connection.routeSets)) {
        if (set.tables.includes(table) && set.destinations.includes(destination))
          return { connection, set, table, destination };
      }
    }
    return null;
  }
}

function note(moves: Map<string, Set<number>>, { connection, lease }: ApplyRequest, id: number): void {
  const key = `${connection} ${lease === null ? failedOpen : 'with the lease'}`;
  add(moves, key, id);
}

function add(sets: Map<string, Set<number>>, key: string, value: number): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(value));
}
