/** The executions of one machine within a span of time, with their whole histories. */
import {
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type RunEvent, type RunHistory, runEventFrom } from '../../core/turn/run-history';
import type { Instant } from '../../core/words/time';
import { attempt, type Clock } from '../attempt';

export interface StartedWithin {
  readonly from: Instant;
  readonly until: Instant;
}

/** A few at a time: Step Functions answers about twenty such questions a second. */
const readsAtOnce = 5;
/** A day of one that flaps; more would take longer than whoever asks waits. */
const runsMax = 1_000;

export interface Histories {
  readonly runs: readonly RunHistory[];
  /** There are more than are read: the oldest are missing. */
  readonly isCut: boolean;
}

/** Started within the span. */
export async function historiesIn(
  sfn: Pick<SFNClient, 'send'>,
  machine: string,
  span: StartedWithin,
  clock: Clock,
): Promise<Histories> {
  const { arns, isCut } = await startedIn(sfn, machine, span, clock);
  const runs: RunHistory[] = [];
  for (let i = 0; i < arns.length; i += readsAtOnce)
    runs.push(...(await Promise.all(arns.slice(i, i + readsAtOnce).map((arn) => historyOf(sfn, arn, clock)))));
  return { runs, isCut };
}

/** All that are remembered, newest first; the next page is asked for when somebody wants more. */
export async function* executionsListed(
  sfn: Pick<SFNClient, 'send'>,
  machine: string,
  clock: Clock,
): AsyncGenerator<ExecutionListItem> {
  let nextToken: string | undefined;
  do {
    const list = new ListExecutionsCommand({
      stateMachineArn: machine,
      maxResults: 1_000,
      ...(nextToken && { nextToken }),
    });
    const page = await attempt(clock, { operation: 'ListExecutions', on: machine }, () => sfn.send(list));
    yield* page.executions ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

async function startedIn(
  sfn: Pick<SFNClient, 'send'>,
  machine: string,
  { from, until }: StartedWithin,
  clock: Clock,
): Promise<{ readonly arns: readonly string[]; readonly isCut: boolean }> {
  const arns: string[] = [];
  for await (const { executionArn, startDate } of executionsListed(sfn, machine, clock)) {
    const at = startDate?.getTime() ?? 0;
    if (at < from) break;
    if (at <= until && executionArn !== undefined) arns.push(executionArn);
    if (arns.length >= runsMax) return { arns, isCut: true };
  }
  return { arns, isCut: false };
}

async function historyOf(sfn: Pick<SFNClient, 'send'>, execution: string, clock: Clock): Promise<RunHistory> {
  const events: RunEvent[] = [];
  let nextToken: string | undefined;
  do {
    const get = new GetExecutionHistoryCommand({
      executionArn: execution,
      maxResults: 1_000,
      ...(nextToken && { nextToken }),
    });
    const page = await attempt(clock, { operation: 'GetExecutionHistory', on: execution }, () => sfn.send(get));
    for (const event of page.events ?? []) events.push(runEventFrom(event, `${execution}: event ${events.length + 1}`));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { execution, events };
}
