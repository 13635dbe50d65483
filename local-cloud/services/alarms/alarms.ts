/**
 * The alarms of the template, evaluated as CloudWatch evaluates them: every 10 s for periods below a minute, every
 * minute otherwise; only transitions are announced, as the whole documented event.
 *
 * Composite alarms follow their children at once. A suppressed composite still emits its event, with
 * `actionsSuppressedBy`: suppression holds back actions, not events. Wait and extension periods are not modelled.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Random } from '../../random';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import type { EventParts } from '../events/bus-event';
import { awsTime, compositeEvent, metricEvent, type StateRecord, transitionReason } from './alarm-events';
import { type AlarmRule, evaluateRule, parseAlarmRule } from './alarm-rule';
import { type AlarmTest, type AlarmValue, alarmState, evaluationRange, type MissingData } from './alarm-state';
import type { MetricId, Metrics } from './metrics';

export interface AlarmsOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly metrics: Metrics;
  /** Ids of the metric entries in events, and when within its interval each alarm is evaluated. */
  readonly random: Random;
  /**
   * The alarms have long been OK: each is first evaluated when its whole range lies within the run. Otherwise they are
   * as new as the stack, start as INSUFFICIENT_DATA, and those that treat silence as breaching go off at once.
   */
  readonly settled?: boolean;
  emit(event: EventParts): void;
  /** An alarm went off and publishes to this topic, or calls this function. Throws the refusal of either. */
  act(targetArn: string, action: AlarmAction): void;
}

export interface AlarmAction {
  readonly alarm: Resource;
  readonly subject: string;
  readonly message: string;
  readonly at: Instant;
  /** As its event has it, and as a function that it calls gets it. */
  readonly alarmData: JsonObject;
}

interface Alarm {
  readonly resource: Resource;
  readonly name: string;
  state: StateRecord;
}

interface MetricAlarm extends Alarm {
  readonly test: AlarmTest;
  readonly metric: MetricId;
  readonly statistic: string;
  readonly periodMs: number;
  readonly queryId: string;
}

interface CompositeAlarm extends Alarm {
  readonly rule: AlarmRule;
}

/** SNS takes no longer one. */
const subjectLengthMax = 99;
const fast = 10_000;
const slow = 60_000;
/** A service's own metrics take the longest. */
const visibleAfterMs = 60_000;

const actionsOf = { ALARM: 'AlarmActions', OK: 'OKActions', INSUFFICIENT_DATA: 'InsufficientDataActions' } as const;

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export class Alarms {
  private metricAlarms: MetricAlarm[] = [];
  private composites: CompositeAlarm[] = [];

  constructor(private options: AlarmsOptions) {
    this.read();
  }

  /** An alarm that stays keeps its state; a new one has none yet. */
  redeploy(template: Template): void {
    const before = new Map(this.all().map((alarm) => [alarm.name, alarm.state]));
    this.options = { ...this.options, template, settled: false };
    this.read();
    for (const alarm of this.all()) alarm.state = before.get(alarm.name) ?? alarm.state;
    for (const alarm of this.metricAlarms) if (!before.has(alarm.name)) this.begin(alarm);
  }

  private read(): void {
    const { template } = this.options;
    this.metricAlarms = template.ofType('AWS::CloudWatch::Alarm').map((resource) => this.metricAlarm(resource));
    this.composites = template.ofType('AWS::CloudWatch::CompositeAlarm').map((resource) => ({
      ...this.initial(resource),
      rule: parseAlarmRule(String(resource.properties['AlarmRule'])),
    }));
  }

  /** Each alarm is evaluated at its own moment within the interval, as CloudWatch spreads them. */
  start(): void {
    for (const alarm of this.metricAlarms) this.begin(alarm);
  }

  private begin(alarm: MetricAlarm): void {
    const everyMs = alarm.periodMs < slow ? fast : slow;
    // Where missing points mean that all is well, those of before the beginning say so too.
    const waits = this.options.settled === true && alarm.test.missing !== 'notBreaching';
    const restMs = waits ? evaluationRange(alarm.test.periods) * alarm.periodMs + visibleAfterMs : 0;
    this.schedule(alarm.name, restMs + this.options.random.int(1, everyMs), everyMs);
  }

  /** Every alarm's state by name, for DescribeAlarms and tests. */
  states(): Record<string, AlarmValue> {
    return Object.fromEntries(this.all().map((alarm) => [alarm.name, alarm.state.value]));
  }

  /** Each metric alarm's state, and since when, by name. */
  described(): ReadonlyMap<string, StateRecord> {
    return new Map(this.metricAlarms.map(({ name, state }) => [name, state]));
  }

  private all(): Alarm[] {
    return [...this.metricAlarms, ...this.composites];
  }

  private schedule(name: string, inMs: number, everyMs: number): void {
    this.options.clock.after(inMs, 'alarm evaluation', () => {
      const alarm = this.metricAlarms.find((one) => one.name === name);
      if (alarm === undefined) return;
      this.evaluate(alarm);
      this.schedule(name, everyMs, everyMs);
    });
  }

  private evaluate(alarm: MetricAlarm): void {
    const { clock, metrics } = this.options;
    const now = clock.now();
    // Sliding for periods of a minute and more, aligned to the period below: both end at the last full step.
    const end = now - (now % Math.min(alarm.periodMs, slow));
    const length = evaluationRange(alarm.test.periods);
    const starts = Array.from({ length }, (_, i) => end - (length - i) * alarm.periodMs);
    const points = starts.map((from) =>
      metrics.statistic(alarm.metric, alarm.statistic, from, from + alarm.periodMs, now),
    );
    const value = alarmState(alarm.test, points, alarm.state.value);
    if (value === alarm.state.value) return;
    const seen = points.flatMap((point, i) => (point === undefined ? [] : [{ at: starts[i]!, value: point }]));
    this.transit(
      alarm,
      transitionReason({ alarm: alarm.resource, value, seen, now, periodMs: alarm.periodMs, test: alarm.test }),
      (previous) =>
        metricEvent(
          alarm.resource,
          { id: alarm.queryId, ...alarm.metric, periodMs: alarm.periodMs, statistic: alarm.statistic },
          alarm.state,
          previous,
        ),
    );
  }

  private transit(alarm: Alarm, next: StateRecord, event: (previous: StateRecord) => EventParts): void {
    const previous = alarm.state;
    alarm.state = next;
    this.options.emit(event(previous));
    if (next.suppressedBy === undefined) this.publish(alarm, event(previous));
    this.followChildren(alarm, next.at);
  }

  /** The mail, in the order of CloudWatch's own: its longer prose and its table of settings are left out. */
  private publish({ resource, name, state }: Alarm, { detail: alarmData }: EventParts): void {
    const { AlarmDescription = '', ActionsEnabled = true } = resource.properties;
    if (ActionsEnabled === false) return;
    const subject = `${state.value}: "${name}"`.slice(0, subjectLengthMax);
    const message = `${String(AlarmDescription)}\n\n${name} is in ${state.value}: ${state.reason}`;
    for (const target of (resource.properties[actionsOf[state.value]] ?? []) as string[])
      this.options.act(target, { alarm: resource, subject, message, at: state.at, alarmData });
  }

  private followChildren(child: Alarm, now: Instant): void {
    const states = this.states();
    for (const composite of this.composites) {
      const value: AlarmValue = evaluateRule(composite.rule, (name) => states[nameOf(name)] ?? 'INSUFFICIENT_DATA')
        ? 'ALARM'
        : 'OK';
      if (composite === child || value === composite.state.value) continue;
      const suppressor = composite.resource.properties['ActionsSuppressor'];
      const suppressed = suppressor !== undefined && states[nameOf(String(suppressor))] === 'ALARM';
      const next: StateRecord = {
        value,
        at: now,
        reason: `${child.resource.arn} transitioned to ${child.state.value} at ${longDate(now)}`,
        reasonData: JSON.stringify({
          triggeringAlarms: [
            { arn: child.resource.arn, state: { value: child.state.value, timestamp: awsTime(child.state.at) } },
          ],
        }),
        ...(suppressed && { suppressedBy: 'Alarm' }),
      };
      this.transit(composite, next, (previous) => compositeEvent(composite.resource, next, previous));
    }
  }

  private initial(resource: Resource): Alarm {
    const at = this.options.clock.now();
    const state: StateRecord = this.options.settled
      ? { value: 'OK', at, reason: 'The alarm has been OK for long' }
      : { value: 'INSUFFICIENT_DATA', at, reason: 'Unchecked: Initial alarm creation' };
    return { resource, name: resource.name, state };
  }

  private metricAlarm(resource: Resource): MetricAlarm {
    const { properties } = resource;
    if (properties['Metrics'] !== undefined)
      throw new Error(`Alarm '${resource.logicalId}' uses metric math: not modelled`);
    const compare = comparisons[String(properties['ComparisonOperator'])];
    if (compare === undefined)
      throw new Error(
        `Alarm '${resource.logicalId}': ComparisonOperator '${String(properties['ComparisonOperator'])}' is not modelled`,
      );
    const dimensions = ((properties['Dimensions'] ?? []) as JsonObject[]).map(({ Name, Value }) => [
      String(Name),
      String(Value),
    ]);
    const periods = Number(properties['EvaluationPeriods']);
    return {
      ...this.initial(resource),
      test: {
        periods,
        toAlarm: Number(properties['DatapointsToAlarm'] ?? periods),
        missing: String(properties['TreatMissingData'] ?? 'missing') as MissingData,
        breaches: (value) => compare(value, Number(properties['Threshold'])),
      },
      metric: {
        namespace: String(properties['Namespace']),
        name: String(properties['MetricName']),
        dimensions: Object.fromEntries(dimensions) as Record<string, string>,
      },
      statistic: String(properties['Statistic'] ?? properties['ExtendedStatistic']),
      periodMs: Number(properties['Period']) * 1_000,
      queryId: this.options.random.uuid(),
    };
  }
}

/** Rules and suppressors name alarms by name or by ARN. */
const nameOf = (nameOrArn: string): string => nameOrArn.split(':alarm:').pop()!;

/** `Monday 05 January, 2026 00:00:10 UTC`. */
function longDate(at: Instant): string {
  const date = new Date(at);
  const part = (options: Intl.DateTimeFormatOptions): string =>
    date.toLocaleString('en-US', { ...options, timeZone: 'UTC' });
  const day = date.toISOString().slice(8, 10);
  return `${part({ weekday: 'long' })} ${day} ${part({ month: 'long' })}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}
