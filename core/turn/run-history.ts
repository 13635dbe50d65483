/**
 * One execution's history, read: as Step Functions answers GetExecutionHistory, or as its command line prints it.
 *
 * It is somebody's: it may be cut off, edited, another command's answer, or fetched without its data. What is damaged is
 * named by event and field; what is merely not there is absent.
 */
import { shown } from '../words/malformed';
import { isRecord, isText, parsed } from '../words/shape';
import type { Instant } from '../words/time';

export interface RunEvent {
  readonly at: Instant;
  readonly type: string;
  /** Its own number and that of the event it follows from, for two branches write into one history. Absent: it has none. */
  readonly id?: number | undefined;
  readonly previous?: number | undefined;
  /** The state that is entered. */
  readonly entered: string | undefined;
  readonly exited: { readonly name: string; readonly output: unknown } | undefined;
  /** Null: the execution starts here, and the history was asked for without its data. */
  readonly input: unknown;
  readonly failure: { readonly error: string; readonly cause: string } | undefined;
  /** What a task was given; absent: this is no task, or the history came without its data. */
  readonly parameters: string | undefined;
  /** What a task answered; absent as above. */
  readonly result: string | undefined;
  /** What the whole execution answers; absent as above. */
  readonly answer: string | undefined;
}

export interface RunHistory {
  /** The execution's ARN. */
  readonly execution: string;
  readonly events: readonly RunEvent[];
}

/** `where`: what an error names, such as `h.json: event 3`. */
export function runEventFrom(value: unknown, where: string): RunEvent {
  if (!isRecord(value)) throw new Error(`${where}: ${shown(value)} must be a group of fields`);
  const details = (field: string): Readonly<Record<string, unknown>> | undefined => {
    const found = value[field] ?? undefined;
    if (found === undefined || isRecord(found)) return found;
    throw new Error(`${where}: ${field}: ${shown(found)} must be a group of fields`);
  };
  const textOf = (field: string, group: Readonly<Record<string, unknown>>, name: string): string => {
    const found = group[name];
    if (isText(found) && found !== '') return found;
    throw new Error(`${where}: ${field}${name}: ${shown(found)} must be a text`);
  };
  const entered = details('stateEnteredEventDetails');
  const exited = details('stateExitedEventDetails');
  const started = details('executionStartedEventDetails');
  const failed = details('executionFailedEventDetails');
  const type = textOf('', value, 'type');
  return {
    at: instantOf(value['timestamp'], where),
    type,
    id: numberOrNone(value['id']),
    previous: numberOrNone(value['previousEventId']),
    entered: entered && textOf('stateEnteredEventDetails.', entered, 'name'),
    exited: exited && { name: textOf('stateExitedEventDetails.', exited, 'name'), output: exited['output'] },
    input: started?.['input'] ?? (type === 'ExecutionStarted' ? null : undefined),
    failure: failed && { error: textOr(failed['error'], 'no error'), cause: textOr(failed['cause'], '') },
    parameters: textOrNone(details('taskScheduledEventDetails')?.['parameters']),
    result: textOrNone(details('taskSucceededEventDetails')?.['output']),
    answer: textOrNone(details('executionSucceededEventDetails')?.['output']),
  };
}

/** What cannot be read says nothing: Step Functions cuts long fields, in the middle of their JSON. */
export function recordIn(text: unknown): Readonly<Record<string, unknown>> {
  const value = isText(text) ? parsed(text) : undefined;
  return isRecord(value) ? value : {};
}

export const textOr = (value: unknown, otherwise: string): string => (isText(value) ? value : otherwise);

const textOrNone = (value: unknown): string | undefined => (isText(value) ? value : undefined);

const numberOrNone = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** AWS's client gives a Date; its command line prints seconds or ISO 8601, as the reader has set it. */
function instantOf(timestamp: unknown, where: string): Instant {
  const at = isDate(timestamp)
    ? timestamp.getTime()
    : typeof timestamp === 'number'
      ? timestamp * 1_000
      : isText(timestamp)
        ? Date.parse(timestamp)
        : Number.NaN;
  if (Number.isFinite(new Date(at).getTime())) return at;
  throw new Error(`${where}: timestamp: ${shown(timestamp)} must be a time, such as 2026-01-05T01:00:00Z`);
}

/** Of whichever realm: `instanceof` knows only its own. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]';
