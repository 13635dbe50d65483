/**
 * A timeline from an execution's history, as `aws stepfunctions get-execution-history` prints it. The decision's own
 * sentence is in the output of Assess; states that act follow it. What people were told is what was sent to them: a
 * decision says why something is done, and a notice may be about something else.
 *
 * What is merely not there is left out of the sentences; how a damaged file is read, core/turn/run-history.ts says.
 */
import { announcedIn } from '../core/turn/letter';
import { tellingStates } from '../core/turn/run-facts';
import { recordIn, runEventFrom, textOr } from '../core/turn/run-history';
import { isRecord, isText } from '../core/words/shape';
import { actOf, decidedIn, type TimelineEntry } from '../sim/timeline';

const command = 'aws stepfunctions get-execution-history --execution-arn … --output json';

/** Throws with the file's name, the event and the field, when it is no such history. */
export function timelineFromHistory(text: string, file: string): TimelineEntry[] {
  const answer = answerFrom(text, file);
  const events = answer.events.map((event, i) => runEventFrom(event, `${file}: event ${i + 1}`));
  if (events.length === 0) throw new Error(`${file} holds no event: expected the output of: ${command}`);
  const entries: TimelineEntry[] = [];
  let decided = { kind: '', because: '', isOrder: false, beside: '' };
  /** While a notice is being sent: its text, and whether it is out. */
  let notice: { text: string; isSent: boolean } | null = null;
  for (const { at, type, entered, exited, input, failure, parameters } of events) {
    const add = (state: string, sentence: string): number => entries.push({ atMs: at, state, because: sentence });
    if (input !== undefined) add('Signal', startText(input));
    if (exited?.name === 'Assess') decided = decidedIn(recordIn(exited.output)['decision']) ?? decided;
    const act = entered === undefined || tellingStates.includes(entered) ? null : actOf(entered, decided);
    if (act !== null) add(act.state, act.because);
    if (entered === 'AwaitNews') add(entered, decided.because);
    if (entered !== undefined && tellingStates.includes(entered)) notice = { text: '', isSent: false };
    if (notice !== null && parameters !== undefined) notice.text = noticeText(parameters);
    if (notice !== null && type === 'TaskSucceeded') {
      add('Told', notice.text);
      notice.isSent = true;
    }
    if (notice !== null && exited !== undefined) {
      if (!notice.isSent) add('Untold', notice.text);
      notice = null;
    }
    if (type === 'SucceedStateEntered' && entered !== undefined) add(entered, decided.because);
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

/** What it announces, and what is asked of its reader. */
function noticeText(parameters: string): string {
  const { Message: message } = recordIn(parameters);
  if (!isText(message)) return '';
  const open = message.split('\n\n').find((part) => part.startsWith('Open:\n'));
  const asked = open === undefined ? [] : [open.slice('Open:\n'.length).replaceAll('\n', '; ')];
  return [announcedIn(message).join('; '), ...asked].join('. ').replace(/\.$/, '');
}
