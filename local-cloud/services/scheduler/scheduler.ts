/**
 * EventBridge Scheduler: the schedules of the template, each with one target that is invoked as the target's own role.
 *
 * At least once and within the minute. A target that refuses is tried again until the schedule's MaximumEventAge or
 * MaximumRetryAttempts, then what it was to be given goes to the dead-letter queue, as that role too. Targets are state
 * machines: another one is not modelled, and fails by name.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Front } from '../../front/front';
import type { Authority } from '../../iam/authority';
import type { Latencies } from '../../latency';
import type { Random } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import { type Recurrence, recurrenceOf } from './expression';

export interface SchedulerOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly front: Front;
  readonly authority: Authority;
  readonly latencies: Latencies;
  readonly random: Random;
  sendToQueue(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
}

interface Schedule {
  readonly resource: Resource;
  /** As CreateSchedule or the last UpdateSchedule said it. */
  readonly said: JsonObject;
  readonly recurrence: Recurrence;
}

const principal = 'scheduler.amazonaws.com';
const defaultRetry = { attempts: 185, ageSeconds: 86_400 };

export class Scheduler implements FakeService {
  readonly name = 'scheduler';
  private readonly schedules = new Map<string, Schedule>();
  private isStarted = false;

  constructor(private options: SchedulerOptions) {
    this.readSchedules();
  }

  /** A deployment writes those that it changes, and leaves the others as somebody has switched them. */
  redeploy(template: Template): void {
    this.options = { ...this.options, template };
    this.readSchedules();
  }

  /** Time counts from now on. */
  start(): void {
    this.isStarted = true;
    for (const name of this.schedules.keys()) this.begin(name);
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const asked = input as JsonObject;
    const name = String(asked['Name']);
    const found = this.schedules.get(name);
    if (found === undefined) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    if (operation === 'GetSchedule') return { ...found.said, Arn: found.resource.arn };
    if (operation !== 'UpdateSchedule') throw new NotModelled('scheduler', operation);
    this.schedules.set(name, { ...found, ...read(found.resource, asked) });
    this.begin(name);
    return { ScheduleArn: found.resource.arn };
  }

  private readSchedules(): void {
    const resources = this.options.template.ofType('AWS::Scheduler::Schedule');
    for (const name of this.schedules.keys())
      if (!resources.some((one) => one.name === name)) this.schedules.delete(name);
    for (const resource of resources) {
      const before = this.schedules.get(resource.name);
      if (JSON.stringify(before?.resource.properties) === JSON.stringify(resource.properties)) continue;
      this.schedules.set(resource.name, {
        resource,
        ...read(resource, { ...resource.properties, Name: resource.name }),
      });
      if (this.isStarted) this.begin(resource.name);
    }
  }

  /** As it stands in the map from now on; what was due of it before comes no more. */
  private begin(name: string): void {
    const schedule = this.schedules.get(name)!;
    if (schedule.said['State'] === 'DISABLED') return;
    const { clock } = this.options;
    if (schedule.recurrence.atOnce) this.invoke(schedule);
    this.await(schedule, clock.now());
  }

  private await(schedule: Schedule, after: Instant): void {
    const { clock } = this.options;
    const { name } = schedule.resource;
    const at = schedule.recurrence.next(after);
    if (at === null) return;
    clock.at(at, `schedule ${name}`, () => {
      if (this.schedules.get(name) !== schedule) return;
      this.invoke(schedule);
      this.await(schedule, at);
    });
  }

  private invoke(schedule: Schedule): void {
    const { clock, latencies } = this.options;
    const label = `schedule ${schedule.resource.name} to its target`;
    clock.after(latencies.draw('schedulerToTarget'), label, () => this.deliver(schedule, clock.now(), 0));
  }

  private async deliver(schedule: Schedule, since: Instant, tries: number): Promise<void> {
    const { clock } = this.options;
    const target = schedule.said['Target'] as JsonObject;
    try {
      await this.asRole(schedule, 'stepfunctions', 'StartExecution', {
        stateMachineArn: String(target['Arn']),
        name: this.options.random.uuid(),
        input: String(target['Input'] ?? '{}'),
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { attempts, ageSeconds } = defaultRetry;
      const policy = (target['RetryPolicy'] ?? {}) as JsonObject;
      const ageMs = Number(policy['MaximumEventAgeInSeconds'] ?? ageSeconds) * 1_000;
      const pauseMs = Math.min(600_000, 1_000 * 2 ** tries);
      const isOver =
        tries >= Number(policy['MaximumRetryAttempts'] ?? attempts) || clock.now() + pauseMs - since > ageMs;
      if (isOver || isFinal(error)) await this.giveUp(schedule, error);
      else clock.after(pauseMs, `retry of ${schedule.resource.name}`, () => this.deliver(schedule, since, tries + 1));
    }
  }

  private async giveUp(schedule: Schedule, error: AwsError): Promise<void> {
    const target = schedule.said['Target'] as JsonObject;
    const queue = (target['DeadLetterConfig'] as JsonObject | undefined)?.['Arn'];
    if (typeof queue !== 'string') return;
    const { authority, sendToQueue } = this.options;
    const by = { role: this.roleOf(schedule), by: schedule.resource.name };
    authority.check(by, 'sqs', 'SendMessage', { QueueUrl: queue.split(':').pop()! });
    sendToQueue(queue, String(target['Input'] ?? '{}'), {
      SCHEDULE_ARN: schedule.resource.arn,
      TARGET_ARN: String(target['Arn']),
      ERROR_CODE: error.name,
      ERROR_MESSAGE: error.message,
    });
  }

  private async asRole(schedule: Schedule, service: string, operation: string, input: JsonObject): Promise<unknown> {
    const by = { role: this.roleOf(schedule), by: schedule.resource.name };
    return this.options.front.call(by, service, operation, input);
  }

  /** Scheduler assumes it on behalf of the schedule's group. Throws AccessDeniedException where it may not. */
  private roleOf({ said }: Schedule): string {
    const { region, accountId } = this.options.template;
    const group = `arn:aws:scheduler:${region}:${accountId}:schedule-group/${String(said['GroupName'])}`;
    return this.options.authority.roleFor(String((said['Target'] as JsonObject)['RoleArn']), principal, group)
      .logicalId;
  }
}

/** What Scheduler does not try again. */
const isFinal = ({ name }: AwsError): boolean =>
  /AccessDenied|DoesNotExist|InvalidName|InvalidExecutionInput/.test(name);

const known = new Set([
  ...['Name', 'GroupName', 'Description', 'State', 'Target', 'FlexibleTimeWindow'],
  ...['ScheduleExpression', 'ScheduleExpressionTimezone'],
]);

/** Everything that is not said has its default again: an update leaves nothing as it was. */
function read({ logicalId }: Resource, said: JsonObject): Pick<Schedule, 'said' | 'recurrence'> {
  const refuse = (what: string): never => {
    throw new Error(`Schedule '${logicalId}': ${what} is not modelled`);
  };
  for (const field of Object.keys(said)) if (!known.has(field)) refuse(field);
  const target = said['Target'] as JsonObject | undefined;
  const window = said['FlexibleTimeWindow'] as JsonObject | undefined;
  if (target === undefined || window === undefined || said['ScheduleExpression'] === undefined)
    throw new AwsError('ValidationException', 'Target, FlexibleTimeWindow and ScheduleExpression are required.');
  if (window['Mode'] !== 'OFF') refuse('a flexible time window');
  if (String(target['Arn']).split(':')[2] !== 'states') refuse(`the target ${String(target['Arn'])}`);
  if (said['GroupName'] !== undefined && said['GroupName'] !== 'default') refuse('a group of its own');
  const timezone = String(said['ScheduleExpressionTimezone'] ?? 'UTC');
  return {
    said: { State: 'ENABLED', GroupName: 'default', ...said },
    recurrence: recurrenceOf(String(said['ScheduleExpression']), timezone),
  };
}
