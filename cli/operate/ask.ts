/**
 * One command to the state machine: checked before it is sent, started as an execution, and waited for until it is
 * recorded or refused. A refusal is seen at once, by who typed it.
 *
 *     StartExecution .... RecordRequest, WakeHolder ....... (the run goes on to act on it)
 *                    \... Refused: because, mend
 */
import { GetExecutionHistoryCommand, type HistoryEvent, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { attempt } from '../../adapters/attempt';
import { isNamed } from '../../adapters/errors';
import { executionName } from '../../adapters/stepfunctions/executions';
import { connectionOf } from '../../core/turn/answers';
import { parseRequest, requestText } from '../../core/turn/request';
import { isForGateway, partsOf } from '../../core/turn/together';
import { MalformedInput } from '../../core/words/malformed';
import { isRecord, parsed } from '../../core/words/shape';
import { type Instant, spanText } from '../../core/words/time';
import { Unanswered, WronglyAsked } from './exit-codes';
import type { Session } from './session';

/** The execution's input, as docs/OPERATIONS.md has it. */
export type CommandInput = Readonly<Record<string, unknown>> & { readonly trigger: string };

export interface Answer {
  readonly outcome: 'recorded' | 'refused' | 'failed';
  readonly because: string;
  /** Of a refusal: what to do. */
  readonly mend: string;
  readonly execution: string;
  readonly input: CommandInput;
}

/** What is recorded, said in words; one a connection. Throws WronglyAsked, with every field at fault. */
export function understood(session: Session, input: CommandInput, now: Instant): readonly string[] {
  const { deployment } = session;
  try {
    if (!isForGateway(input))
      return [requestText(parseRequest(input, connectionOf(deployment, input['connection']), now))];
    const parts = partsOf(deployment, input);
    if (!('length' in parts)) throw new WronglyAsked(parts.because);
    return parts.map(({ connection, request }) => requestText(parseRequest(request, connection, now)));
  } catch (error) {
    if (error instanceof MalformedInput || (error as Error).name === 'UnknownConnection')
      throw new WronglyAsked((error as Error).message);
    throw error;
  }
}

/** Throws WronglyAsked before anything is sent, Unanswered when the time is up. */
export async function ask(session: Session, input: CommandInput, timeoutMs: number): Promise<Answer> {
  const { world, whereabouts } = session;
  const texts = understood(session, input, world.now());
  const execution = await start(session, input);
  const endsAt = world.now() + timeoutMs;
  for (let waitMs = 250; ; waitMs = Math.min(2_000, waitMs * 1.5)) {
    const end = endIn(await historyOf(session, execution));
    if (end !== null) return { ...end, because: end.because || texts.join('; '), execution, input };
    if (world.now() + waitMs > endsAt)
      throw new Unanswered(
        `no answer within ${spanText(timeoutMs)}; it may be recorded yet: ${execution} in ${whereabouts.region}`,
      );
    await world.sleep(waitMs);
  }
}

async function start({ world, whereabouts }: Session, input: CommandInput): Promise<string> {
  const about = String(input['connection'] ?? input['gateway']);
  // With a name of its own, a call that the SDK repeats meets the execution it has started already.
  const name = executionName('asked', input.trigger, about, world.now());
  const command = new StartExecutionCommand({
    stateMachineArn: whereabouts.machine,
    name,
    input: JSON.stringify(input),
  });
  const tried = { operation: 'StartExecution', on: whereabouts.machine };
  const { executionArn = '' } = await attempt(world, tried, () => world.aws.sfn.send(command));
  return executionArn;
}

/** All of it. Empty: Step Functions does not show the execution yet. */
export async function historyOf({ world }: Session, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  const tried = { operation: 'GetExecutionHistory', on: executionArn };
  do {
    const get = new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, ...(nextToken && { nextToken }) });
    const page = await attempt(world, tried, async () => {
      try {
        return await world.aws.sfn.send(get);
      } catch (error) {
        if (isNamed(error, 'ExecutionDoesNotExist')) return { events: [], nextToken: undefined };
        throw error;
      }
    });
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** The states that record a command, each with the one it goes on to when it has. */
const recordings: Readonly<Record<string, string>> = { RecordRequest: 'WakeHolder', RecordTogether: 'WakeEach' };

/** Null: nothing is decided yet. */
function endIn(events: readonly HistoryEvent[]): Pick<Answer, 'outcome' | 'because' | 'mend'> | null {
  const entered = events.flatMap(({ stateEnteredEventDetails: details }) => details?.name ?? []);
  if (entered.some((name, i) => i > 0 && recordings[entered[i - 1]!] === name))
    return { outcome: 'recorded', because: '', mend: '' };
  for (const { type, executionSucceededEventDetails: succeeded, executionFailedEventDetails: failed } of events) {
    if (failed !== undefined)
      return { outcome: 'failed', because: `${failed.error ?? 'no error'}: ${failed.cause ?? ''}`, mend: '' };
    if (succeeded !== undefined) return succeededWith(parsed(succeeded.output ?? ''));
    if (type === 'ExecutionTimedOut' || type === 'ExecutionAborted')
      return { outcome: 'failed', because: type, mend: '' };
  }
  return null;
}

function succeededWith(output: unknown): Pick<Answer, 'outcome' | 'because' | 'mend'> {
  const { outcome, because, mend } = isRecord(output) ? output : {};
  if (outcome === 'refused') return { outcome, because: String(because ?? ''), mend: String(mend ?? '') };
  if (outcome === 'recorded') return { outcome, because: '', mend: '' };
  return { outcome: 'failed', because: `it ended without recording it: ${JSON.stringify(output)}`, mend: '' };
}
