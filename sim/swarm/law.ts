/**
 * What a law of the swarm is: a witness that watches one incident from outside and says when something happened that
 * never may. Laws see the cloud's calls, the tables' items, the runs' histories and the world's truth; none of them
 * asks the product what it thinks of itself.
 */
import { watchesPath } from '../../core/words/canaries';
import type { ApplyRequest } from '../../core/words/decision';
import type { Canary, Connection, Deployment, PathName, RouteSet, RouteTarget } from '../../core/words/domain';
import type { Instant } from '../../core/words/time';
import type { Execution, HistoryEvent } from '../../local-cloud/asl/runner';
import type { CallRecord } from '../../local-cloud/front/front';
import type { ItemChange } from '../../local-cloud/services/dynamodb/dynamodb';
import type { Notice } from '../../local-cloud/services/sns/sns';
import type { SimulatedCloud } from '../simulated-cloud';
import type { Items } from './items';
import type { Storm } from './storm-shape';
import type { Truth } from './truth';

/** What every law may look at. */
export interface Scene {
  readonly deployment: Deployment;
  readonly cloud: SimulatedCloud;
  readonly truth: Truth;
  readonly items: Items;
  readonly storm: Storm;
  readonly startedAt: Instant;
  now(): Instant;
  /** This law had something to judge: counted in the coverage. */
  judged(law: string): void;
  /** A law is broken. Only the first breach of a run is reported: what follows it proves little. */
  broken(law: string, how: string): void;
}

export interface Law {
  /** A call took effect; whoever made it may never learn of it. */
  onLanded?(call: CallRecord): void;
  /** A call has landed and was answered. */
  onCall?(call: CallRecord, output: unknown): void;
  /** An item has changed; `Items` shows it already. */
  onItem?(change: ItemChange): void;
  /** An item of some connection has changed, or another configuration is deployed: most changes are of neither. */
  onConnections?(): void;
  onState?(event: HistoryEvent, execution: Execution): void;
  onNotice?(notice: Notice): void;
  /** A line that a function wrote, its metrics too. */
  onLog?(functionName: string, line: string): void;
  onInvocation?(functionName: string, requestId: string, payload: string): void;
  onFunctionFailure?(functionName: string, payload: string): void;
  /** Every five simulated seconds. */
  onTick?(): void;
  /** The incident is over, or its time is. */
  atEnd?(): void;
}

/** Those that watch this path: one, or one at each end. */
export const canariesOf = ({ canaries }: Connection, path: PathName): readonly Canary[] =>
  canaries.filter(watchesPath(path));

/** Which connection a notice is about; undefined: it is about Switchback itself. */
export const connectionOf = ({ subject }: Notice): string | undefined => /^\[\S+ ([^\]]+)\] /.exec(subject)?.[1];

/** The state a run is in, or was in last. */
export const stateOf = ({ history }: Execution): string =>
  history.findLast(({ type }) => type.endsWith('StateEntered'))?.stateEnteredEventDetails?.name ?? '';

/** The state an event is of, where branches run beside each other: it follows from that state's entry. */
export function stateAt(event: HistoryEvent, { history }: Execution): string {
  let at: HistoryEvent | undefined = event;
  while (at !== undefined && !at.type.endsWith('StateEntered')) at = history[at.previousEventId - 1];
  return at?.stateEnteredEventDetails?.name ?? '';
}

/** The move that `apply` is asked for; null: another function, its warm-up, or another of the questions it answers. */
export function moveAskedFor(functionName: string, payload: string): ApplyRequest | null {
  if (!functionName.includes('FunctionsApply')) return null;
  const request = JSON.parse(payload) as ApplyRequest | { readonly decision?: undefined };
  return request.decision === undefined ? null : request;
}

/** Did somebody change a route of these tables by hand in that span, its ends included? Absent destination: any. */
export const isHandIn = (
  { storm, startedAt }: Scene,
  { tables, destination }: { readonly tables: readonly string[]; readonly destination?: string },
  from: Instant,
  until: Instant,
): boolean =>
  storm.steps.some(
    (step) =>
      step.do === 'route_by_hand' &&
      tables.includes(step.table) &&
      (destination === undefined || step.destination === destination) &&
      startedAt + step.at >= from &&
      startedAt + step.at <= until,
  );

/** Did the cloud misbehave now, or a moment ago? Promises about speed wait until the dust has settled. */
export function inTrouble({ storm, now, startedAt }: Scene): boolean {
  const ms = now() - startedAt;
  return storm.troubles.some(({ fromMs, untilMs }) => ms >= fromMs && ms <= untilMs);
}

/** Some service takes longer than ever at this moment, or did a moment ago: everything that waits for it is later. */
export function slowedMs({ storm, now, startedAt }: Scene): number {
  const ms = now() - startedAt;
  const slow = storm.steps.filter((step) => step.do === 'slow' && step.ms > 0 && step.at <= ms);
  const hours = storm.steps.filter((step) => step.do === 'slow_hour' && step.times > 1 && step.at <= ms);
  const late = storm.steps.filter((step) => step.do === 'describe_lag' && step.at <= ms);
  const throttled = storm.steps.filter((step) => step.do === 'throttle' && step.at <= ms);
  return slow.length > 0 || hours.length > 0 || late.length > 0 || throttled.length > 0 ? slowestMs : 0;
}

/** What a slow hour may add to the way from a fault to the words about it: a dozen calls, four seconds each. */
const slowestMs = 60_000;

/** The path that a listed route belongs to as it stands now; null: to none of ours. One that AWS has withdrawn is home's. */
export function pathHeld(
  { cloud }: Pick<Scene, 'cloud'>,
  connection: string,
  { propagated, home }: Pick<RouteSet, 'propagated' | 'home'>,
  target: RouteTarget | null,
): PathName | null {
  return target === null && propagated ? home : cloud.world.pathTo(connection, target);
}
