/**
 * A timeline from an execution's history, as `aws stepfunctions get-execution-history` prints it. The decision's own
 * sentence is in the output of Assess; states that act follow it. What people were told is what was sent to them: a
 * decision says why something is done, and a notice may be about something else.
 *
 * The file is somebody's: it may be cut off, edited, another command's answer, or fetched without its data. What is
 * damaged is named by event and field; what is merely not there is left out of the sentences.
 */
import { shown } from '../core/words/malformed';
import { isRecord, isText, parsed } from '../core/words/shape';
import type { TimelineEntry } from '../sim/timeline';

interface HistoryEvent {
  readonly at: number;
  readonly type: string;
  readonly entered: string | undefined;
  readonly exited: { readonly name: string; readonly output: unknown } | undefined;
  /** Null: the execution starts here, and the history was asked for without its data. */
  readonly input: unknown;
  readonly failure: { readonly error: string; readonly cause: string } | undefined;
  /** What a task was given; absent: this is no task, or the history came without its data. */
  readonly parameters: string | undefined;
}

/** The states that send a notice. */
const telling = ['NotifyPeople', 'NotifyFailOpen', 'NotifyWithoutTable'];

const acting = ['DivertRoutes', 'FailBackRoutes', 'RepairGateway', 'AwaitNews'];
const command = 'aws stepfunctions get-execution-history --execution-arn … --output json';

/** Throws with the file's name, the event and the field, when it is no such history. */
export function timelineFromHistory(text: string, file: string): TimelineEntry[] {
  const answer = answerFrom(text, file);
  const events = answer.events.map((event, i) => eventFrom(event, `${file}: event ${i + 1}`));
  if (events.length === 0) throw new Error(`${file} holds no event: expected the output of: ${command}`);
  const entries: TimelineEntry[] = [];
  let because = '';
  /** While a notice is being sent: its text, and whether it is out. */
  let notice: { text: string; isSent: boolean } | null = null;
  for (const { at, type, entered, exited, input, failure, parameters } of events) {
    const add = (state: string, sentence: string): number => entries.push({ atMs: at, state, because: sentence });
    if (input !== undefined) add('Signal', startText(input));
    if (exited?.name === 'Assess') because = decisionIn(exited.output) ?? because;
    if (entered !== undefined && acting.includes(entered)) add(entered, because);
    if (entered !== undefined && telling.includes(entered)) notice = { text: '', isSent: false };
    if (notice !== null && parameters !== undefined) notice.text = noticeText(parameters);
    if (notice !== null && type === 'TaskSucceeded') {
      add('Told', notice.text);
      notice.isSent = true;
    }
    if (notice !== null && exited !== undefined) {
      if (!notice.isSent) add('Untold', notice.text);
      notice = null;
    }
    if (type === 'SucceedStateEntered' && entered !== undefined) add(entered, because);
    if (failure !== undefined) add('Failed', `${failure.error}: ${failure.cause}`);
  }
  const last = events.at(-1)!.at;
  if (events.some(({ input }) => input === null)) entries.push({ atMs: last, state: 'WithoutData', because: dataText });
  if (answer.isCut) entries.push({ atMs: last, state: 'Cut', because: cutText });
  return entries;
}

const dataText =
  'the reasons are not in this history: it was asked for with --no-include-execution-data; ask for it without that';
const cutText = 'the history goes on, but this file does not: ask for all of it, without --max-items';

function answerFrom(text: string, file: string): { readonly events: readonly unknown[]; readonly isCut: boolean } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(answer) || !Array.isArray(answer['events'])) {
    throw new Error(`${file} has no "events"; expected the output of: ${command}`);
  }
  const isCut = [answer['nextToken'], answer['NextToken']].some((token) => token !== undefined && token !== null);
  return { events: answer['events'] as unknown[], isCut };
}

function eventFrom(value: unknown, where: string): HistoryEvent {
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
  const scheduled = details('taskScheduledEventDetails')?.['parameters'];
  const type = textOf('', value, 'type');
  const isStart = type === 'ExecutionStarted';
  return {
    at: instantOf(value['timestamp'], where),
    type,
    entered: entered && textOf('stateEnteredEventDetails.', entered, 'name'),
    exited: exited && { name: textOf('stateExitedEventDetails.', exited, 'name'), output: exited['output'] },
    input: started?.['input'] ?? (isStart ? null : undefined),
    failure: failed && { error: textOr(failed['error'], 'no error'), cause: textOr(failed['cause'], '') },
    parameters: isText(scheduled) ? scheduled : undefined,
  };
}

const textOr = (value: unknown, otherwise: string): string => (isText(value) ? value : otherwise);

/** The command line prints seconds or ISO 8601, as the reader has set it. */
function instantOf(timestamp: unknown, where: string): number {
  const at = typeof timestamp === 'number' ? timestamp * 1_000 : isText(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isFinite(new Date(at).getTime())) return at;
  throw new Error(`${where}: timestamp: ${shown(timestamp)} must be a time, such as 2026-01-05T01:00:00Z`);
}

/** Only what the input says; a field that is not a text says nothing. */
function startText(input: unknown): string {
  const { connection, gateway, source, trigger, requestedBy, path, until, reason } = recordIn(input);
  const about = isText(connection) ? connection : isText(gateway) ? `gateway ${gateway}` : 'no connection';
  if (isText(trigger)) {
    const where = isText(path) ? `, path ${path}` : '';
    const when = isText(until) ? `, until ${until}` : '';
    const why = isText(reason) ? `: ${reason}` : '';
    return `${textOr(requestedBy, 'somebody')} asks: ${trigger} of ${about}${where}${when}${why}`;
  }
  return isText(source) ? `${source}, for ${about}` : isText(connection) ? `for ${about}` : '';
}

/** What a reader of the mail met first, and its last word: what is asked of him. */
function noticeText(parameters: string): string {
  const { Message: message } = recordIn(parameters);
  if (!isText(message)) return '';
  const parts = message.split('\n\n').map((part) => part.replaceAll('\n', '; '));
  const text = parts.length === 1 ? parts[0]! : `${parts[0]}. ${parts.at(-1)}`;
  return text.replace(/\.$/, '');
}

function decisionIn(output: unknown): string | undefined {
  const decision = recordIn(output)['decision'];
  const because = isRecord(decision) ? decision['because'] : undefined;
  return isText(because) ? because : undefined;
}

/** What cannot be read says nothing: Step Functions cuts long fields, in the middle of their JSON. */
function recordIn(text: unknown): Readonly<Record<string, unknown>> {
  const value = isText(text) ? parsed(text) : undefined;
  return isRecord(value) ? value : {};
}
