/**
 * The door to every service of the local cloud. A call is recorded, takes the time AWS takes, is authorised by the
 * role's policies, may be throttled, and only then reaches the fake.
 *
 * Half the latency passes before the call lands and half after, so a caller that gives up may still have written.
 * Law: inputs and outputs are copied on the way; nobody outside shares memory with a service.
 */
import type { Instant } from '../../core/words/time';
import type { VirtualClock } from '../clock';
import type { Authority } from '../iam/authority';
import { ec2BucketOf, ec2Buckets, hopOf, type Latencies } from '../latency';
import { AwsError, type FakeService, type Principal } from '../service';
import type { JsonObject } from '../template/json';
import { type Faults, fail } from './faults';
import { copy } from './plain-copy';
import { inputProblems } from './shapes';
import { TokenBucket } from './token-bucket';

export type { Principal };

/** One call, for `npm run calls`, for tests, for counting writes. */
export interface CallRecord {
  readonly at: Instant;
  readonly role: string;
  readonly by: string;
  /** The function invocation that made the call; empty: somebody else did. */
  readonly invocation: string;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  /** Empty: it succeeded. */
  error: string;
}

export interface FrontOptions {
  readonly clock: VirtualClock;
  readonly authority: Authority;
  readonly latencies: Pick<Latencies, 'draw'>;
  readonly faults: Faults;
  /** What a service knows in another region; undefined: as much as here. */
  readonly serviceIn?: (region: string, service: string) => FakeService | undefined;
  /** Every call that took effect, also where the caller never learns of it. */
  readonly onLanded?: (call: CallRecord) => void;
  /** Every answered call, with its output. */
  readonly onAnswer?: (call: CallRecord, output: unknown) => void;
}

const throttleNames: Readonly<Record<string, string>> = {
  ec2: 'RequestLimitExceeded',
  lambda: 'TooManyRequestsException',
  route53: 'Throttling',
  sns: 'ThrottledException',
};

export class Front {
  readonly calls: CallRecord[] = [];
  private readonly services = new Map<string, FakeService>();
  /** EC2 throttles per action (and, where it asks widely, apart), account and region. */
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly options: FrontOptions) {}

  register(...services: readonly FakeService[]): void {
    for (const service of services) this.services.set(service.name, service);
  }

  service(name: string): FakeService | undefined {
    return this.services.get(name);
  }

  async call(principal: Principal, service: string, operation: string, input: unknown): Promise<unknown> {
    const { clock, latencies, serviceIn } = this.options;
    const there = principal.region === undefined ? undefined : serviceIn?.(principal.region, service);
    const fake = there ?? this.services.get(service);
    if (fake === undefined) throw new Error(`The local cloud has no service '${service}'`);
    const { role, by, invocation = '' } = principal;
    const record: CallRecord = {
      at: clock.now(),
      role,
      by,
      invocation,
      service,
      operation,
      input: copy(input ?? {}),
      error: '',
    };
    this.calls.push(record);
    const [problem] = inputProblems(service, operation, record.input);
    // Not an answer of AWS but a mistake of ours, so no code under test may catch it by name.
    if (problem !== undefined) throw new Error(`${by}: invalid call ${service}.${operation}: ${problem}`);
    const isAfar = there !== undefined || principal.from !== undefined;
    const drawnMs = latencies.draw(hopOf(service, operation)) + (isAfar ? latencies.draw('betweenRegions') : 0);
    const latencyMs = this.options.faults.slownessOf(service, operation, record.input) ?? drawnMs;
    const label = `${service}.${operation}`;
    await clock.sleep(latencyMs / 2, label);
    try {
      const output = copy(await this.land(fake, principal, record));
      this.options.onAnswer?.(record, output);
      await clock.sleep(latencyMs / 2, label);
      return output;
    } catch (error) {
      record.error = error instanceof Error ? error.name : 'unknown';
      if (error instanceof AwsError) await clock.sleep(latencyMs / 2, label);
      throw error;
    }
  }

  private async land(fake: FakeService, principal: Principal, record: CallRecord): Promise<unknown> {
    const { authority, clock, faults } = this.options;
    const { operation } = record;
    const input = record.input as JsonObject;
    const throttled =
      faults.isThrottled(fake.name, operation, clock.now(), input) || !this.takeToken(fake.name, operation, input);
    if (throttled)
      throw new AwsError(
        throttleNames[fake.name] ?? 'ThrottlingException',
        'Request limit exceeded.',
        fake.name === 'ec2' ? 503 : 400,
      );
    authority.check(principal, fake.name, operation, input, faults.isDenied(operation, input));
    const failure = faults.takeFailure(fake.name, operation, input);
    const call = async (): Promise<unknown> => {
      const output = await fake.call(operation, copy(input), principal);
      this.options.onLanded?.(record);
      return output;
    };
    return failure === undefined ? call() : fail(failure, call);
  }

  /** EC2 only: the other services' limits are far from what one deployment calls. */
  private takeToken(service: string, operation: string, input: JsonObject): boolean {
    if (service !== 'ec2') return true;
    const kind = ec2BucketOf(operation, input);
    const { capacity, refillPerSecond } = ec2Buckets[kind];
    const key = `${operation} ${kind}`;
    const bucket = this.buckets.get(key) ?? new TokenBucket(capacity, refillPerSecond);
    this.buckets.set(key, bucket);
    return bucket.take(this.options.clock.now());
  }
}
