/**
 * What the functions ask of routes: what the listed tables say, and one write at a time.
 *
 * EC2 takes no token and no expected value, so a write proves nothing: the caller reads the route before and after.
 * That is why `write` does not throw for what AWS says: its answer is a hint, the read-back is the truth.
 */
import type { PlanStep } from '../../core/routes/plane';
import type { Canary, RouteSet } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import type { Evidence, RouteFacts, Shadow } from '../../core/words/evidence';
import { AccessDenied, AwsUnavailable, faultFrom, isNamed, MalformedInput, Throttled, type Tried } from '../errors';

export interface WriteAnswer {
  /** `silent`: no answer, so it may have happened. `refused`: EC2 says no. `denied`: IAM says no. */
  readonly result: 'accepted' | 'throttled' | 'conflict' | 'silent' | 'refused' | 'denied';
  /** EC2's own words; empty when accepted. */
  readonly detail: string;
}

export interface Routes {
  /** One list per set, in the order of its tables and destinations. A table that EC2 does not list has no facts. */
  read(sets: readonly RouteSet[]): Promise<RouteFacts[][]>;
  /**
   * The same, where the canaries `pinned` are pinned to, and what shadows the sets, by one look at all tables: they
   * cannot be known apart. `known`: all canaries whose host routes may stand in the tables; absent: nobody asks for
   * shadows.
   */
  readPinned(sets: readonly RouteSet[], pinned: readonly Canary[], known?: readonly Canary[]): Promise<Pinned>;
  /** One try: the fence is read again before another. */
  write(step: PlanStep): Promise<WriteAnswer>;
  /** Would that write be allowed? `accepted`: yes. Nothing is written. Only a VPC's tables have two ends to ask for. */
  dryRun(step: PlanStep): Promise<WriteAnswer>;
}

export interface Pinned {
  readonly sets: RouteFacts[][];
  readonly pins: Evidence['pins'];
  /** One list per set. */
  readonly shadows: Shadow[][];
  /** Ends that gave no answer: their sets have no facts here. Absent: all did. */
  readonly unreadEnds?: readonly EndName[];
}

/** EC2's codes for a write, where they say more than that it is refused. */
interface Codes {
  isBusy(error: unknown): boolean;
  /** The route is not as the step expects it. */
  isConflict(error: unknown): boolean;
}

export function answerTo(error: unknown, tried: Tried, { isBusy, isConflict }: Codes): WriteAnswer {
  const fault = faultFrom(error, tried);
  const kind = [Throttled, AccessDenied, AwsUnavailable, MalformedInput].find((known) => fault instanceof known);
  if (kind === undefined) throw fault; // A mistake of ours, not an answer.
  const detail = (fault as Error).message;
  if (kind === Throttled || isBusy(error)) return { result: 'throttled', detail };
  if (kind === AccessDenied) return { result: 'denied', detail };
  if (isConflict(error) || isNamed(error, 'RouteAlreadyExists')) return { result: 'conflict', detail };
  return { result: kind === MalformedInput ? 'refused' : 'silent', detail };
}
