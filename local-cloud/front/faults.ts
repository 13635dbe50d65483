/**
 * What a scenario does to the cloud itself, as opposed to the world behind it: throttles, dead tables, events that come
 * twice, late or never, runs that crash. Empty by default; Whoever plays fills it, each fake asks it at its own door.
 */
import type { Instant } from '../../core/words/time';
import { AwsError } from '../service';

/** `network`: what AWS Health and Network Manager say. */
export type EventSource = 'ec2' | 'alarm' | 'network' | 'stream' | 'schedule';

/** Which calls are meant, by what they ask for: those that name something in one VPC, say. */
export type Reach = (input: unknown) => boolean;

/** Services that are asked about a thing by its id; what others are handed may hold ids as text. */
const namesResources: readonly string[] = ['ec2', 'ssm'];

interface Reached {
  /** Absent: all calls of the operation. */
  readonly reach?: Reach | undefined;
}

/** Calls of an operation (`Describe*`: of all that begin so) take this long, from the request to its answer. */
interface Slowness extends Reached {
  readonly service: string;
  readonly operation: string;
  readonly ms: number;
}

interface Throttle extends Reached {
  readonly service: string;
  readonly operation: string;
  readonly until: Instant;
}

interface Denial extends Reached {
  readonly operation: string;
}

const isReached = ({ reach }: Reached, input: unknown): boolean => reach === undefined || reach(input);

/** How one call goes wrong, in AWS's own words. */
export interface Failure {
  /** AWS's error code. */
  readonly error: string;
  /** HTTP status; 0: nothing came back at all, as when a socket times out. */
  readonly status: number;
  /** The call took effect, only its answer was lost. */
  readonly landed: boolean;
}

interface CallFailure extends Failure, Reached {
  readonly service: string;
  readonly operation: string;
}

/** Makes the call only if it is to take effect, and fails all the same. */
export async function fail({ landed, error, status }: Failure, call: () => Promise<unknown>): Promise<never> {
  if (landed) await call();
  throw new AwsError(error, 'The scenario made this call fail', status);
}

/** `Describe*` covers every operation that begins so, `*` all of them. */
export const covers = (pattern: string, operation: string): boolean =>
  pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;

function queue(failures: Map<string, Failure[]>, at: string, failure: Failure, times: number): void {
  failures.set(at, [...(failures.get(at) ?? []), ...Array.from({ length: times }, () => failure)]);
}

export class Faults {
  /** Physical names of tables that do not answer. */
  readonly deadTables = new Set<string>();
  /** Regions, other than the stack's own, of which no service answers. */
  readonly silentRegions = new Set<string>();
  /** Functions' clocks are wrong by this much: every second function is ahead, the others are behind. */
  skewMs = 0;
  /** Or by so much for these functions, by name. */
  readonly skews = new Map<string, number>();
  private readonly failures: CallFailure[] = [];
  private readonly throttles: Throttle[] = [];
  private readonly slow: Slowness[] = [];
  private readonly denied: Denial[] = [];
  private readonly silent = new Map<string, Reach>();
  private readonly copies = new Map<EventSource, number>();
  private readonly delays = new Map<EventSource, number>();
  private readonly drops = new Map<EventSource, number>();
  private readonly crashes = new Map<string, number>();
  private readonly stateFailures = new Map<string, Failure[]>();
  private readonly stepFailures = new Map<string, Failure[]>();
  private readonly stalls = new Map<string, number>();
  private automationsQueueUntil: Instant = 0;

  throttle(service: string, operation: string, until: Instant, reach?: Reach): void {
    this.throttles.push({ service, operation, until, reach });
  }

  isThrottled(service: string, operation: string, now: Instant, input?: unknown): boolean {
    return this.throttles.some(
      (one) => one.service === service && covers(one.operation, operation) && now < one.until && isReached(one, input),
    );
  }

  /** From now on; 0 ends it. What was said last about a call holds. */
  slowDown(service: string, operation: string, ms: number, reach?: Reach): void {
    this.slow.unshift({ service, operation, ms, reach });
  }

  /** How long this call takes; undefined: as long as ever. */
  slownessOf(service: string, operation: string, input?: unknown): number | undefined {
    const found = this.slow.find(
      (one) => one.service === service && covers(one.operation, operation) && isReached(one, input),
    );
    return found === undefined || found.ms === 0 ? undefined : found.ms;
  }

  /** A policy above the account's own refuses this operation from now on, whatever the roles' own policies say. */
  deny(operation: string, reach?: Reach): void {
    this.denied.push({ operation, reach });
  }

  isDenied(operation: string, input?: unknown): boolean {
    return this.denied.some((one) => covers(one.operation, operation) && isReached(one, input));
  }

  /** What functions ask of this part of AWS (named so that it can be ended) is not answered; null: it is again. */
  silence(part: string, reach: Reach | null): void {
    if (reach === null) this.silent.delete(part);
    else this.silent.set(part, reach);
  }

  isSilent(service: string, input: unknown): boolean {
    return namesResources.includes(service) && [...this.silent.values()].some((reach) => reach(input));
  }

  /** The next calls of this operation fail, whoever makes them. */
  failNext(failure: CallFailure, times: number): void {
    for (let i = 0; i < times; i++) this.failures.push(failure);
  }

  /** The failure that meets this call, if any. Consumes the fault. */
  takeFailure(service: string, operation: string, input?: unknown): Failure | undefined {
    const index = this.failures.findIndex(
      (one) => one.service === service && one.operation === operation && isReached(one, input),
    );
    return index < 0 ? undefined : this.failures.splice(index, 1)[0];
  }

  /** The next calls that runs make from this state fail. */
  failState(state: string, failure: Failure, times: number): void {
    queue(this.stateFailures, state, failure, times);
  }

  takeStateFailure(state: string): Failure | undefined {
    return this.stateFailures.get(state)?.shift();
  }

  /** The next attempts of this step of an Automation document fail. */
  failStep(step: string, failure: Failure, times: number): void {
    queue(this.stepFailures, step, failure, times);
  }

  takeStepFailure(step: string): Failure | undefined {
    return this.stepFailures.get(step)?.shift();
  }

  /** The next run that is about to enter this state is held up before it. */
  stall(state: string, ms: number): void {
    this.stalls.set(state, ms);
  }

  takeStall(state: string): number {
    const ms = this.stalls.get(state) ?? 0;
    this.stalls.delete(state);
    return ms;
  }

  /** Systems Manager runs a hundred automations of an account at once; what is started until then begins then. */
  queueAutomations(until: Instant): void {
    this.automationsQueueUntil = until;
  }

  automationsQueueMs(now: Instant): number {
    return Math.max(0, this.automationsQueueUntil - now);
  }

  /** Failures that nobody met, throttles, slowness, denials, crashes and lost or late events still to come are forgotten. */
  clear(): void {
    this.failures.length = 0;
    this.throttles.length = 0;
    this.slow.length = 0;
    this.denied.length = 0;
    this.silent.clear();
    for (const left of [this.deadTables, this.copies, this.delays, this.drops, this.crashes]) left.clear();
    for (const left of [this.stateFailures, this.stepFailures, this.stalls]) left.clear();
    this.skewMs = 0;
    this.skews.clear();
    this.automationsQueueUntil = 0;
  }

  /** The next event of this source is delivered so many times at once. */
  duplicateNext(source: EventSource, copies: number): void {
    this.copies.set(source, copies);
  }

  /** The next event of this source arrives so much later, behind those that come after it. */
  delayNext(source: EventSource, byMs: number): void {
    this.delays.set(source, byMs);
  }

  /** By how much this event is late. Consumes the fault. */
  lateness(source: EventSource): number {
    const byMs = this.delays.get(source) ?? 0;
    this.delays.delete(source);
    return byMs;
  }

  dropNext(source: EventSource, times: number): void {
    this.drops.set(source, (this.drops.get(source) ?? 0) + times);
  }

  /** How often this event is delivered: 0, 1 or more. Consumes the fault. */
  deliveries(source: EventSource): number {
    const drops = this.drops.get(source) ?? 0;
    if (drops > 0) {
      this.drops.set(source, drops - 1);
      return 0;
    }
    const copies = this.copies.get(source) ?? 1;
    this.copies.delete(source);
    return copies;
  }

  /** The next run that enters this state is aborted so long after it did: what it has asked for goes on without it. */
  crashOn(state: string, afterMs = 0): void {
    this.crashes.set(state, afterMs);
  }

  /** After how long the run that enters this state is aborted; undefined: it is not. Consumes the fault. */
  takeCrash(state: string): number | undefined {
    const afterMs = this.crashes.get(state);
    this.crashes.delete(state);
    return afterMs;
  }
}
