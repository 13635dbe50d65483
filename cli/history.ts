/**
 * A timeline from an execution's history, as `aws stepfunctions get-execution-history` prints it. The decision's own
 * sentence is in the output of Assess; states that act follow it.
 */
import type { TimelineEntry } from '../sim/timeline';

interface HistoryEvent {
  readonly timestamp: string | number;
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string };
  readonly stateExitedEventDetails?: { readonly name: string; readonly output?: string };
  readonly executionStartedEventDetails?: { readonly input?: string };
  readonly executionSucceededEventDetails?: { readonly output?: string };
  readonly executionFailedEventDetails?: { readonly error?: string; readonly cause?: string };
}

const acting = ['DivertRoutes', 'FailBackRoutes', 'RepairGateway', 'AwaitNews'];

/** Throws with the file's name when it is no such history. */
export function timelineFromHistory(text: string, file: string): TimelineEntry[] {
  const events = eventsFrom(text, file);
  const entries: TimelineEntry[] = [];
  let because = '';
  for (const event of events) {
    const atMs = new Date(typeof event.timestamp === 'number' ? event.timestamp * 1_000 : event.timestamp).getTime();
    const add = (state: string, sentence: string): number => entries.push({ atMs, state, because: sentence });
    const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    if (event.executionStartedEventDetails !== undefined)
      add('Signal', startText(event.executionStartedEventDetails.input));
    if (exited?.name === 'Assess') because = decisionIn(exited.output) ?? because;
    if (entered !== undefined && acting.includes(entered.name)) add(entered.name, because);
    if (entered?.name === 'NotifyPeople') add('Told', because);
    const refusal = refusalIn(event.executionSucceededEventDetails?.output);
    if (refusal !== undefined) add('Refused', refusal);
    if (event.type === 'SucceedStateEntered' && entered!.name !== 'Refused') add(entered!.name, because);
    if (event.executionFailedEventDetails !== undefined) {
      const { error = 'no error', cause = '' } = event.executionFailedEventDetails;
      add('Failed', `${error}: ${cause}`);
    }
  }
  return entries;
}

function eventsFrom(text: string, file: string): readonly HistoryEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  const events = (parsed as { events?: unknown } | null)?.events;
  if (!Array.isArray(events)) {
    throw new Error(
      `${file} has no "events"; expected the output of: aws stepfunctions get-execution-history --execution-arn … --output json`,
    );
  }
  return events as HistoryEvent[];
}

function startText(input: string | undefined): string {
  const { connection, source, trigger, requestedBy } = jsonOf(input);
  return trigger === undefined ? `${source}, for ${connection}` : `${requestedBy} asks: ${trigger} of ${connection}`;
}

function decisionIn(output: string | undefined): string | undefined {
  const decision = jsonOf(output)['decision'] as { because?: string } | undefined;
  return decision?.because;
}

/** Why a command was refused, and what its author can do. */
function refusalIn(output: string | undefined): string | undefined {
  const { outcome, because, mend } = jsonOf(output);
  return outcome === 'refused' ? `${because}; ${mend}` : undefined;
}

/** What cannot be read says nothing; the history may be truncated. */
function jsonOf(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>;
  } catch {
    return {}; // A truncated field: the sentence does without it.
  }
}
