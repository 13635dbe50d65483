/**
 * One event source mapping: from a table's stream, through the template's filter, to a function.
 *
 * Records are delivered at least once and in order: a failed batch comes again whole, and holds up everything behind it
 * until its retries or its age run out. Then it goes to the on-failure destination.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Faults } from '../../front/faults';
import type { Authority } from '../../iam/authority';
import { type Latencies, shardRollover } from '../../latency';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import { checkEventPattern, matchesEventPattern } from '../events/event-pattern';

export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: JsonObject;
}

export interface InvokeResult {
  readonly failed: boolean;
  /** The function's answer as JSON text, for ReportBatchItemFailures. */
  readonly payload: string;
}

export interface MappingOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly authority: Authority;
  readonly faults: Faults;
  readonly latencies: Latencies;
  invoke(functionArn: string, payload: string): Promise<InvokeResult>;
  sendToQueue(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
}

interface Queued {
  readonly record: StreamRecord;
  readonly at: Instant;
}

/** AWS's defaults: -1 means for ever, which the stream's own 24 h ends. */
const foreverMs = 24 * 3_600_000;
const firstPauseMs = 1_000;
const pauseMsMax = 60_000;
/** Each would change what is delivered, and in which order. */
const notModelled = ['BisectBatchOnFunctionError', 'ParallelizationFactor', 'TumblingWindowInSeconds'];
const streamActions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

export class EventSourceMapping {
  private readonly queue: Queued[] = [];
  private filters: unknown[] = [];
  private functionArn = '';
  private underway = false;
  private enabled: boolean;
  /** When the shard is closed next; undefined: not drawn yet. */
  private rollsAt: Instant | undefined;
  private foundAt: Instant = 0;

  constructor(
    private resource: Resource,
    private options: MappingOptions,
  ) {
    this.enabled = resource.properties['Enabled'] !== false;
    this.redeploy(resource, options.template);
  }

  /** Records that were not delivered yet stay in the stream when the mapping is updated. */
  redeploy(resource: Resource, template: Template): void {
    this.resource = resource;
    this.options = { ...this.options, template };
    const criteria = (resource.properties['FilterCriteria'] as JsonObject | undefined)?.['Filters'] as
      | JsonObject[]
      | undefined;
    this.filters = (criteria ?? []).map((filter) => JSON.parse(String(filter['Pattern'])) as unknown);
    for (const filter of this.filters) checkEventPattern(filter, resource.logicalId);
    this.functionArn = functionArnOf(String(resource.properties['FunctionName']), template);
    const unmodelled = notModelled.find((name) => resource.properties[name] !== undefined);
    if (unmodelled !== undefined)
      throw new Error(`Event source mapping '${resource.logicalId}' sets ${unmodelled}: not modelled`);
    this.requireRole();
  }

  get logicalId(): string {
    return this.resource.logicalId;
  }

  get uuid(): string {
    return this.resource.name;
  }

  /** Lambda reads the stream; what comes while it does not, lies there. */
  get isEnabled(): boolean {
    return this.enabled;
  }

  switch(on: boolean): void {
    this.enabled = on;
    if (on && this.queue.length > 0 && !this.underway) this.poll();
  }

  get waiting(): number {
    return this.queue.length;
  }

  reads(streamArn: string): boolean {
    return streamArn === this.resource.properties['EventSourceArn'];
  }

  takes(record: StreamRecord): boolean {
    if (!this.reads(record.eventSourceARN)) return false;
    return this.filters.length === 0 || this.filters.some((filter) => matchesEventPattern(filter, record));
  }

  enqueue(queued: Queued): void {
    this.queue.push(queued);
    if (this.enabled && !this.underway) this.poll();
  }

  private poll(): void {
    const { clock, latencies } = this.options;
    const windowMs = Number(this.resource.properties['MaximumBatchingWindowInSeconds'] ?? 0) * 1_000;
    this.underway = true;
    clock.after(
      windowMs + this.hiddenMs() + latencies.draw('streamToLambda'),
      `stream ${this.resource.logicalId}`,
      () => this.deliver(),
    );
  }

  /** For how long nobody sees the shard that is written to: its predecessor was closed a moment ago. */
  private hiddenMs(): number {
    const { clock, latencies } = this.options;
    const now = clock.now();
    this.rollsAt ??= now + latencies.nextRolloverMs(this.resource.logicalId);
    while (this.rollsAt <= now) {
      this.rollOver(this.rollsAt);
      this.rollsAt += shardRollover.everyMs;
    }
    return Math.max(0, this.foundAt - now);
  }

  /** The shard is closed; until its successor is found nothing is delivered. */
  rollOver(at: Instant): void {
    this.foundAt = at + this.options.latencies.draw('shardDiscovery');
  }

  private async deliver(): Promise<void> {
    const size = Number(this.resource.properties['BatchSize'] ?? 100);
    await this.untilDone(this.queue.slice(0, size));
    this.underway = false;
    if (this.enabled && this.queue.length > 0) this.poll();
  }

  /** One batch until the function takes it or it is given up; the shard waits meanwhile. */
  private async untilDone(batch: Queued[]): Promise<void> {
    const { clock, invoke } = this.options;
    const { attempts, ageMs } = this.limits();
    for (let tries = 0; ; tries++) {
      const result = await invoke(this.functionArn, JSON.stringify({ Records: batch.map((queued) => queued.record) }));
      const done = result.failed ? 0 : this.accepted(batch, result.payload);
      this.queue.splice(0, done);
      const left = batch.slice(done);
      if (left.length === 0) return;
      if (done > 0) return this.untilDone(left);
      if (tries >= attempts || clock.now() - left[0]!.at > ageMs) return this.giveUp(left, tries + 1);
      await clock.sleep(Math.min(pauseMsMax, firstPauseMs * 2 ** tries), `stream ${this.resource.logicalId}`);
    }
  }

  /** How many records at the head are done with: all, or those before the first reported failure. */
  private accepted(batch: readonly Queued[], payload: string): number {
    const types = (this.resource.properties['FunctionResponseTypes'] ?? []) as string[];
    if (!types.includes('ReportBatchItemFailures')) return batch.length;
    const answer = JSON.parse(payload || 'null') as {
      batchItemFailures?: { itemIdentifier: string }[];
    } | null;
    const failed = new Set((answer?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier));
    const first = batch.findIndex((queued) => failed.has(String(queued.record.dynamodb['SequenceNumber'])));
    return first === -1 ? batch.length : first;
  }

  private limits(): { attempts: number; ageMs: number } {
    const attempts = Number(this.resource.properties['MaximumRetryAttempts'] ?? -1);
    const ageSeconds = Number(this.resource.properties['MaximumRecordAgeInSeconds'] ?? -1);
    return {
      attempts: attempts < 0 ? Number.POSITIVE_INFINITY : attempts,
      ageMs: ageSeconds < 0 ? foreverMs : ageSeconds * 1_000,
    };
  }

  private giveUp(batch: readonly Queued[], attempts: number): void {
    this.queue.splice(0, batch.length);
    const destination = (this.resource.properties['DestinationConfig'] as JsonObject | undefined)?.['OnFailure'] as
      | JsonObject
      | undefined;
    if (destination === undefined) return;
    const body = {
      requestContext: {
        functionArn: this.functionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: attempts,
      },
      DDBStreamBatchInfo: {
        streamArn: batch[0]!.record.eventSourceARN,
        batchSize: batch.length,
        startSequenceNumber: String(batch[0]!.record.dynamodb['SequenceNumber']),
      },
    };
    const queueArn = String(destination['Destination']);
    if (!mayHandOver(this.functionArn, { action: 'sqs:SendMessage', destination: queueArn }, this.options)) return;
    this.options.sendToQueue(queueArn, JSON.stringify(body), {});
  }

  /** The poller reads with the function's own role. */
  private requireRole(): void {
    const { authority, template } = this.options;
    const role = roleOfFunction(this.functionArn, template);
    const stream = String(this.resource.properties['EventSourceArn']);
    for (const action of streamActions) {
      if (!authority.ask(role, { action, resource: stream, context: {} }).allowed) {
        throw new Error(
          `Event source mapping '${this.resource.logicalId}': role ${role} may not ${action} on ${stream}`,
        );
      }
    }
  }
}

/** The unqualified or qualified ARN of a function given by name or ARN. */
function functionArnOf(nameOrArn: string, template: Template): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return template.ofType('AWS::Lambda::Function').find((resource) => resource.name === nameOrArn)!.arn;
}

/** The logical id of the role of the function behind this ARN, qualified or not. */
function roleOfFunction(arn: string, template: Template): string {
  const bare = arn.split(':').slice(0, 7).join(':');
  const resource = template.byArn(bare);
  if (resource === undefined) throw new Error(`The template has no function ${arn}`);
  const role = template.byArn(String(resource.properties['Role']));
  if (role === undefined) throw new Error(`Function '${resource.logicalId}' has a role outside the template`);
  return role.logicalId;
}

/** Lambda hands on with the function's own role; what that may not send is lost. */
export function mayHandOver(
  functionArn: string,
  { action, destination }: { readonly action: string; readonly destination: string },
  { authority, faults, template }: Pick<MappingOptions, 'authority' | 'faults' | 'template'>,
): boolean {
  if (faults.isDenied(action.split(':')[1]!)) return false;
  const request = { action, resource: destination, context: {} };
  return authority.ask(roleOfFunction(functionArn, template), request).allowed;
}
