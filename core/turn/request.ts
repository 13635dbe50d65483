/**
 * A human's command to the state machine: parsed, reviewed, and turned into desired state. Commands come by
 * StartExecution only; no event carries one.
 *
 * A bad field is a `MalformedInput` that names every field at fault, its value and the mend. Nothing has happened then.
 */
import { divertField } from '../store/stored';
import type { OperatorRequest, RecordDecision, Trigger } from '../words/decision';
import type {
  Connection,
  DivertWord,
  Drain,
  DrillWord,
  FailbackWord,
  Pause,
  RehearsalWord,
  RouteSetName,
} from '../words/domain';
import { choiceOf, isMeant } from '../words/ends';
import { fieldText, isHarmless, malformed, shown } from '../words/malformed';
import { limits } from '../words/policy';
import { isRecord, own } from '../words/shape';
import { type Instant, instantText, spanText } from '../words/time';

type Raw = Readonly<Record<string, unknown>>;

const triggers: readonly Trigger[] = [
  'maintenance',
  'maintenance_end',
  'failback',
  'divert',
  'drill',
  'rehearsal',
  'pause',
  'resume',
  'acknowledge',
];
const fieldsOf: Record<Trigger, readonly string[]> = {
  maintenance: ['path', 'until', 'reason', 'requestedBy', 'drain', 'force'],
  maintenance_end: ['path', 'requestedBy'],
  failback: ['routeSet', 'requestedBy'],
  divert: ['routeSet', 'to', 'until', 'reason', 'requestedBy'],
  drill: ['routeSet', 'requestedBy'],
  pause: ['until', 'reason', 'requestedBy'],
  rehearsal: ['requestedBy'],
  resume: ['requestedBy'],
  acknowledge: ['requestedBy'],
};
const textLengthMax = 256;
export const mendMalformed = 'mend these fields and start it again; nothing was recorded and nothing has moved';
/** With its zone: Date.parse alone would also read "in May 2026", by the reader's own zone. */
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Collects what is wrong, so that one answer names everything. */
class Fields {
  readonly problems: string[] = [];

  constructor(private readonly raw: Raw) {}

  wrong(field: string, mend: string): void {
    const value = this.at(field);
    const seen = value === undefined ? 'missing;' : shown(value);
    this.problems.push(`${fieldText(field)}: ${seen} ${mend}`);
  }

  /** Only what the author wrote: no field is read off a prototype. */
  at(field: string): unknown {
    return own(this.raw, field);
  }

  text(field: string, what: string): string {
    const value = this.at(field);
    const isText = typeof value === 'string' && value.trim() !== '' && value.length <= textLengthMax;
    if (isText && isHarmless(value)) return value;
    const mend = isText ? 'without control or invisible characters' : `1 to ${textLengthMax} characters`;
    this.wrong(field, `must be ${what}, ${mend}`);
    return '';
  }

  oneOf<T extends string>(field: string, values: readonly T[], fallback?: T): T {
    const value = this.at(field) ?? fallback;
    if (values.includes(value as T)) return value as T;
    this.wrong(field, `must be one of ${values.join(', ')}`);
    return values[0]!;
  }

  flag(field: string): boolean {
    const value = this.at(field) ?? false;
    if (typeof value === 'boolean') return value;
    this.wrong(field, 'must be true or false');
    return false;
  }

  until(field: string, now: Instant): Instant {
    const value = this.at(field);
    const at =
      typeof value === 'number' ? value : typeof value === 'string' && iso.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isFinite(at)) this.wrong(field, `must be a time such as ${instantText(now + 3_600_000)}`);
    else if (at <= now) this.wrong(field, `is not in the future; it is ${instantText(now)} now`);
    else if (at - now > limits.drainMsMax)
      this.wrong(field, `is too far away; at most ${spanText(limits.drainMsMax)} from now`);
    return at;
  }
}

/** True when the execution's input is a command at all, rather than a signal. */
export function isCommand(raw: unknown): raw is Raw {
  return isRecord(raw) && Object.hasOwn(raw, 'trigger');
}

/** Throws `MalformedInput`. */
export function parseRequest(raw: Raw, connection: Connection, now: Instant): OperatorRequest {
  const fields = new Fields(raw);
  const trigger = fields.oneOf('trigger', triggers);
  if (fields.problems.length > 0) throw malformed('', fields.problems);
  for (const field of Object.keys(raw)) {
    if (field === 'connection' || field === 'trigger' || fieldsOf[trigger].includes(field)) continue;
    fields.wrong(field, `is no field of ${trigger}; known: ${fieldsOf[trigger].join(', ')}`);
  }
  const base = { connection: connection.name, requestedBy: fields.text('requestedBy', 'who asks') };
  const path = (): string => fields.oneOf('path', Object.keys(connection.paths));
  const choice = (): string => choiceIn(fields, connection);
  const request = ((): OperatorRequest => {
    switch (trigger) {
      case 'maintenance':
        return {
          ...base,
          trigger,
          path: path(),
          until: fields.until('until', now),
          reason: fields.text('reason', 'why'),
          drain: fields.oneOf('drain', ['soft', 'hard'] as const, 'hard'),
          force: fields.flag('force'),
        };
      case 'maintenance_end':
        return { ...base, trigger, path: path() };
      case 'drill':
      case 'failback':
        if (fields.at('routeSet') === undefined) return { ...base, trigger };
        return { ...base, trigger, routeSet: choice() };
      case 'divert': {
        const sets = Object.keys(connection.routeSets);
        return {
          ...base,
          trigger,
          routeSets: fields.at('routeSet') === undefined ? sets : meantBy(choice(), sets),
          to: fields.oneOf('to', Object.keys(connection.paths)),
          until: fields.until('until', now),
          reason: fields.text('reason', 'why'),
        };
      }
      case 'pause':
        return { ...base, trigger, until: fields.until('until', now), reason: fields.text('reason', 'why') };
      case 'rehearsal':
      case 'resume':
      case 'acknowledge':
        return { ...base, trigger };
    }
  })();
  if (fields.problems.length > 0) throw malformed('', fields.problems);
  return request;
}

/** Both ends of a choice move together, so nobody names one of them. */
function choiceIn(fields: Fields, { routeSets }: Connection): RouteSetName {
  const asked = own(routeSets, String(fields.at('routeSet')));
  if (asked?.end !== undefined)
    fields.wrong('routeSet', `is one end of ${choiceOf(asked)}, and both move together: write ${choiceOf(asked)}`);
  if (asked?.end !== undefined) return asked.name;
  return fields.oneOf('routeSet', [...new Set(Object.values(routeSets).map(choiceOf))]);
}

const meantBy = (choice: RouteSetName, sets: readonly RouteSetName[]): readonly RouteSetName[] =>
  sets.filter((set) => isMeant(choice, set));

const whoever = 'attribute_exists(pk)';

/**
 * The DynamoDB update that makes the request desired state. `signals` grows with it, so the holder looks, and `commands`,
 * so that who reviewed before it reviews again. Only a reviewed drain can lose that way: a pause must stop everything,
 * and what gives a path back or lifts something strands nobody.
 */
export function updateFor(request: OperatorRequest, commands: number, now: Instant): RecordDecision['update'] {
  const names = { '#signals': 'signals', '#commands': 'commands' };
  const one = { ':one': { N: '1' } } as const;
  const added = 'ADD #signals :one, #commands :one';
  switch (request.trigger) {
    case 'maintenance': {
      const { drain: kind, until, reason, requestedBy } = request;
      const drain: Drain = { kind, since: now, until, reason, requestedBy };
      const reviewed = { ':reviewed': { N: String(commands) } } as const;
      return {
        expression: `SET #drains.#path = :drain ${added}`,
        condition: request.force ? whoever : `${whoever} AND ${reviewedCondition(commands)}`,
        names: { ...names, '#drains': 'drains', '#path': request.path },
        values: { ...one, ':drain': { S: JSON.stringify(drain) }, ...(!request.force && reviewed) },
      };
    }
    case 'maintenance_end':
      return {
        expression: `REMOVE #drains.#path ${added}`,
        condition: whoever,
        names: { ...names, '#drains': 'drains', '#path': request.path },
        values: one,
      };
    case 'failback': {
      const { routeSet = null, requestedBy } = request;
      const word: FailbackWord = { since: now, routeSet, requestedBy };
      return {
        expression: `SET #failback = :word ${added}`,
        condition: whoever,
        names: { ...names, '#failback': 'failback' },
        values: { ...one, ':word': { S: JSON.stringify(word) } },
      };
    }
    case 'divert': {
      const { to, until, reason, requestedBy, routeSets } = request;
      const word: DivertWord = { since: now, until, to, reason, requestedBy };
      const fields = routeSets.map((set, i) => [`#d${i}`, divertField(set)] as const);
      return {
        expression: `SET ${fields.map(([name]) => `${name} = :word`).join(', ')} ${added}`,
        condition: whoever,
        names: { ...names, ...Object.fromEntries(fields) },
        values: { ...one, ':word': { S: JSON.stringify(word) } },
      };
    }
    case 'pause': {
      const pause: Pause = {
        since: now,
        until: request.until,
        reason: request.reason,
        requestedBy: request.requestedBy,
      };
      return {
        expression: `SET #paused = :pause ${added}`,
        condition: whoever,
        names: { ...names, '#paused': 'paused' },
        values: { ...one, ':pause': { S: JSON.stringify(pause) } },
      };
    }
    case 'drill': {
      const word: DrillWord = { since: now, routeSet: request.routeSet ?? null, requestedBy: request.requestedBy };
      return {
        expression: `SET #drill = :word ${added}`,
        condition: whoever,
        names: { ...names, '#drill': 'drill' },
        values: { ...one, ':word': { S: JSON.stringify(word) } },
      };
    }
    case 'rehearsal': {
      const word: RehearsalWord = { since: now, requestedBy: request.requestedBy };
      return {
        expression: `SET #rehearsal = :word ${added}`,
        condition: whoever,
        names: { ...names, '#rehearsal': 'rehearsal' },
        values: { ...one, ':word': { S: JSON.stringify(word) } },
      };
    }
    case 'resume':
      return {
        expression: `REMOVE #paused ${added}`,
        condition: whoever,
        names: { ...names, '#paused': 'paused' },
        values: one,
      };
    case 'acknowledge':
      return {
        expression: `SET #ack = :at ${added}`,
        condition: whoever,
        names: { ...names, '#ack': 'acknowledgedAt' },
        values: { ...one, ':at': { N: String(now) } },
      };
  }
}

/** An item from before commands were counted has no count. */
const reviewedCondition = (commands: number): string =>
  commands === 0 ? '(attribute_not_exists(#commands) OR #commands = :reviewed)' : '#commands = :reviewed';

/** For messages: what the request asks, in words. */
export function requestText(request: OperatorRequest): string {
  switch (request.trigger) {
    case 'maintenance':
      return `${request.requestedBy} drains path ${request.path} (${request.drain}) until ${instantText(request.until)}: ${request.reason}`;
    case 'maintenance_end':
      return `${request.requestedBy} ends the maintenance of path ${request.path}`;
    case 'failback':
      return `${request.requestedBy} gives the word: ${request.routeSet ?? 'every route set that is away'} may go home`;
    case 'divert':
      return `${request.requestedBy} diverts ${request.routeSets.join(', ')} to path ${request.to} until ${instantText(request.until)}: ${request.reason}`;
    case 'pause':
      return `${request.requestedBy} pauses ${request.connection} until ${instantText(request.until)}: ${request.reason}`;
    case 'drill':
      return `${request.requestedBy} asks for a drill of ${request.routeSet ?? request.connection}`;
    case 'rehearsal':
      return `${request.requestedBy} asks for a rehearsal of ${request.connection}`;
    case 'resume':
      return `${request.requestedBy} lifts the pause of ${request.connection}`;
    case 'acknowledge':
      return `${request.requestedBy} acknowledges what was escalated`;
  }
}
