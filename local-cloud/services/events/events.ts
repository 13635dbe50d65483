/**
 * The default event bus: rules and schedules of the template, their targets, and EventBridge's manners.
 *
 * At least once, in no order: every delivery draws its own latency. A target that refuses is tried again with growing
 * pauses until the target's MaximumEventAge or MaximumRetryAttempts, then the event goes to its dead-letter queue.
 * A target whose permission is missing goes there at once, as AWS does. Only AWS-side facts are here: which rule
 * matches is the template's pattern, who may be invoked is the template's roles and resource policies.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { EventSource, Faults } from '../../front/faults';
import type { Latencies } from '../../latency';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import type { BusEvent, EventParts } from './bus-event';
import { checkEventPattern, matchesEventPattern } from './event-pattern';
import { EventTargets, type TargetOptions } from './event-targets';

export interface BusOptions extends TargetOptions {
  readonly clock: VirtualClock;
  readonly latencies: Latencies;
  readonly faults: Faults;
  /** Every event on the bus, for the record. */
  readonly onEvent?: (event: BusEvent, copies: number) => void;
}

interface Rule {
  readonly resource: Resource;
  readonly pattern: unknown;
  readonly targets: readonly JsonObject[];
}

const defaultRetry = { attempts: 185, ageMs: 24 * 3_600_000 };

const isOn = ({ properties }: Resource): boolean => properties['State'] !== 'DISABLED';

export class EventBus implements FakeService {
  readonly name = 'events';
  private rules: readonly Rule[] = [];
  private targets: EventTargets;
  /** Switched off, by the template or by a call; by logical id. A deployment that does not change a rule leaves it so. */
  private readonly off = new Set<string>();

  constructor(private options: BusOptions) {
    this.targets = new EventTargets(options);
    this.readRules();
  }

  /** Rules that stay keep their rhythm, new ones start now, and those that are gone have ticked for the last time. */
  redeploy(template: Template): void {
    const before = this.schedules();
    this.options = { ...this.options, template };
    this.targets = new EventTargets(this.options);
    this.readRules();
    const isNew = ({ resource }: Rule): boolean => !before.some((one) => one.resource.logicalId === resource.logicalId);
    for (const rule of this.schedules()) if (isNew(rule)) this.tick(rule.resource.logicalId);
  }

  private readRules(): void {
    const before = new Map(this.rules.map(({ resource }) => [resource.logicalId, isOn(resource)]));
    this.rules = this.options.template.ofType('AWS::Events::Rule').map((resource) => {
      const { logicalId } = resource;
      if (before.get(logicalId) !== isOn(resource)) this.off[isOn(resource) ? 'delete' : 'add'](logicalId);
      const pattern = resource.properties['EventPattern'];
      if (pattern !== undefined) checkEventPattern(pattern, resource.logicalId);
      return { resource, pattern, targets: (resource.properties['Targets'] ?? []) as JsonObject[] };
    });
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const name = String((input as JsonObject)['Name']);
    switch (operation) {
      case 'PutEvents':
        return this.putEvents((input as { Entries: readonly JsonObject[] }).Entries);
      case 'DescribeRule': {
        const rule = this.ruleNamed(name);
        return { Name: name, Arn: rule.arn, State: this.off.has(rule.logicalId) ? 'DISABLED' : 'ENABLED' };
      }
      case 'DisableRule':
        this.off.add(this.ruleNamed(name).logicalId);
        return {};
      case 'EnableRule':
        this.off.delete(this.ruleNamed(name).logicalId);
        return {};
      default:
        throw new NotModelled('events', operation);
    }
  }

  private ruleNamed(name: string): Resource {
    const rule = this.rules.find(({ resource }) => resource.name === name);
    if (rule !== undefined) return rule.resource;
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  }

  /** Somebody's own events. Each is taken or refused by itself, and the answer says which. */
  private putEvents(entries: readonly JsonObject[]): JsonObject {
    const answers = entries.map((entry): JsonObject => {
      const refusal = refusalOf(entry);
      if (refusal !== null) return refusal;
      const { Source, DetailType, Detail, Resources = [] } = entry;
      const event = this.enveloped({
        source: String(Source),
        'detail-type': String(DetailType),
        resources: Resources as string[],
        detail: JSON.parse(String(Detail)) as JsonObject,
      });
      this.put(event);
      return { EventId: event.id };
    });
    return { FailedEntryCount: answers.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: answers };
  }

  /** Starts the schedules: their first tick is now. */
  startSchedules(): void {
    for (const { resource } of this.schedules()) this.tick(resource.logicalId);
  }

  private schedules(): readonly Rule[] {
    return this.rules.filter(({ resource }) => resource.properties['ScheduleExpression'] !== undefined);
  }

  /** A service puts an event on the bus. */
  emit(parts: EventParts): void {
    this.put(this.enveloped(parts));
  }

  /** A whole event, as documented, onto the bus: it matches rules and is delivered to their targets. */
  put(event: BusEvent): void {
    const { faults } = this.options;
    const source = event.source.startsWith('aws.') ? sourceOf(event) : null;
    // What faults lose and repeat are AWS's own events, which wake somebody.
    const copies = source === null ? 1 : faults.deliveries(source);
    const lateMs = source !== null && copies > 0 ? faults.lateness(source) : 0;
    this.options.onEvent?.(event, copies);
    for (let copy = 0; copy < copies; copy++) {
      for (const rule of this.rules) {
        if (rule.pattern === undefined || this.off.has(rule.resource.logicalId)) continue;
        if (matchesEventPattern(rule.pattern, event)) this.fire(rule, event, lateMs);
      }
    }
  }

  private tick(logicalId: string): void {
    const { clock, faults, latencies } = this.options;
    const rule = this.schedules().find(({ resource }) => resource.logicalId === logicalId);
    if (rule === undefined) return;
    const everyMs = rateMs(String(rule.resource.properties['ScheduleExpression']), logicalId);
    const event = this.enveloped({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [rule.resource.arn],
      detail: {},
    });
    if (!this.off.has(logicalId) && faults.deliveries('schedule') > 0) {
      clock.after(latencies.draw('scheduleToTarget'), `schedule ${rule.resource.name}`, () => this.fire(rule, event));
    }
    clock.after(everyMs, `schedule ${rule.resource.name}`, () => this.tick(logicalId));
  }

  /** What EventBridge itself adds. */
  private enveloped(parts: EventParts): BusEvent {
    const { clock, random, template } = this.options;
    return {
      version: '0',
      id: random.uuid(),
      'detail-type': parts['detail-type'],
      source: parts.source,
      account: template.accountId,
      time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      region: template.region,
      resources: parts.resources,
      detail: parts.detail,
    };
  }

  private fire(rule: Rule, event: BusEvent, lateMs = 0): void {
    const { clock, latencies } = this.options;
    for (const target of rule.targets) {
      clock.after(lateMs + latencies.draw('eventToTarget'), `event to ${String(target['Id'])}`, () =>
        this.deliver(rule, target, event, clock.now(), 0),
      );
    }
  }

  private async deliver(rule: Rule, target: JsonObject, event: BusEvent, since: Instant, tries: number): Promise<void> {
    const { clock } = this.options;
    try {
      await this.targets.invoke(rule.resource, target, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const policy = (target['RetryPolicy'] ?? {}) as JsonObject;
      const attempts = Number(policy['MaximumRetryAttempts'] ?? defaultRetry.attempts);
      const ageMs = Number(policy['MaximumEventAgeInSeconds'] ?? defaultRetry.ageMs / 1_000) * 1_000;
      const pauseMs = Math.min(600_000, 1_000 * 2 ** tries);
      if (!isRetriable(error)) this.giveUp(rule, target, event, error.name);
      else if (tries >= attempts) this.giveUp(rule, target, event, 'MaximumRetryAttempts');
      else if (clock.now() + pauseMs - since > ageMs) this.giveUp(rule, target, event, 'MaximumEventAgeInSeconds');
      else
        clock.after(pauseMs, `retry of ${rule.resource.name}`, () =>
          this.deliver(rule, target, event, since, tries + 1),
        );
    }
  }

  private giveUp(rule: Rule, target: JsonObject, event: BusEvent, reason: string): void {
    const queueArn = (target['DeadLetterConfig'] as JsonObject | undefined)?.['Arn'];
    if (typeof queueArn !== 'string') return;
    this.targets.sendToQueue(rule.resource, queueArn, JSON.stringify(event), {
      RULE_ARN: rule.resource.arn,
      TARGET_ARN: String(target['Arn']),
      ERROR_CODE: reason,
    });
  }
}

/** As documented: what is missing or no JSON is refused with the entry, and only AWS speaks as `aws.`. */
function refusalOf({ Source, DetailType, Detail, EventBusName }: JsonObject): JsonObject | null {
  const refused = (ErrorCode: string, ErrorMessage: string): JsonObject => ({ ErrorCode, ErrorMessage });
  if (EventBusName !== undefined && EventBusName !== 'default')
    throw new Error(`PutEvents to the bus '${String(EventBusName)}' is not modelled: the default bus only`);
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (typeof value !== 'string' || value === '') return refused('InvalidArgument', `Parameter ${name} is not valid.`);
  if (String(Source).startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if (!isJsonObject(String(Detail))) return refused('MalformedDetail', 'Detail is malformed.');
  return null;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const sources: Readonly<Record<string, EventSource>> = {
  'aws.ec2': 'ec2',
  'aws.events': 'schedule',
  'aws.health': 'network',
  'aws.networkmanager': 'network',
};

/** Missing permission or target: AWS does not retry those. */
const isRetriable = (error: AwsError): boolean =>
  !/AccessDenied|DoesNotExist|ResourceNotFound|InvalidName|ExecutionAlreadyExists|InvalidExecutionInput/.test(
    error.name,
  );

function sourceOf(event: Pick<BusEvent, 'source'>): EventSource {
  return sources[event.source] ?? 'alarm';
}

function rateMs(expression: string, where: string): number {
  const match = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression);
  if (match === null) throw new Error(`Schedule '${expression}' of ${where} is not modelled: rate(N minutes) only`);
  return Number(match[1]) * (match[2] === 'hour' ? 3_600_000 : 60_000);
}
