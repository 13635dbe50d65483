/**
 * `switchback explain` and `history` against an account: what one execution did and what people were told by it, and
 * which executions there were. Read from Step Functions, which keeps them for ninety days.
 */
import { type ExecutionListItem, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { attempt } from '../../adapters/attempt';
import { harmless } from '../../core/words/malformed';
import { dayMs, instantText, spanText } from '../../core/words/time';
import { timelineFromHistory } from '../history';
import { datedSentences } from '../sentences';
import { wrapped } from '../terminal';
import { historyOf } from './ask';
import { exitCodes, WronglyAsked } from './exit-codes';
import { spanFrom, type Work } from './operate';
import type { Session, SessionOptions } from './session';
import { tableLines } from './table';

/** `00:02:01Z `, under which a sentence goes on. */
const timeWidth = 10;

export interface HistoryOptions extends SessionOptions {
  readonly since: string;
}

/** One execution, or the newest: by its ARN or its name. */
export const explainRun =
  (execution: string | undefined): Work =>
  async (session) => {
    const arn = execution === undefined ? await newest(session) : arnOf(session, execution);
    const events = await historyOf(session, arn);
    if (events.length === 0) throw new WronglyAsked(`there is no execution ${arn}, or none within ninety days`);
    const timeline = timelineFromHistory(JSON.stringify({ events }), arn);
    return {
      code: exitCodes.well,
      lines: [arn, ...datedSentences(timeline)].map((line) => wrapped(harmless(line), timeWidth).trimStart()),
      json: {
        execution: arn,
        entries: timeline.map(({ atMs, state, because }) => ({ at: new Date(atMs).toISOString(), state, because })),
      },
    };
  };

/** Newest first. */
export const history =
  (options: HistoryOptions): Work =>
  async (session) => {
    const from = session.world.now() - spanFrom(options.since);
    const runs = (await executionsSince(session, from)).map((run) => {
      const { startDate, stopDate, name = '', status = '' } = run;
      const lastedMs = (stopDate?.getTime() ?? session.world.now()) - (startDate?.getTime() ?? 0);
      return {
        started: instantText(startDate?.getTime() ?? 0),
        lasted: spanText(lastedMs),
        status: status.toLowerCase(),
        name,
      };
    });
    const rows = [['started', 'lasted', 'status', 'execution'], ...runs.map((run) => Object.values(run))];
    const lines = runs.length === 0 ? [`no execution since ${instantText(from)}`] : tableLines(rows).map(harmless);
    return { code: exitCodes.well, lines, json: runs };
  };

async function executionsSince(session: Session, from: number): Promise<ExecutionListItem[]> {
  const { world, whereabouts } = session;
  const found: ExecutionListItem[] = [];
  let nextToken: string | undefined;
  do {
    const list = new ListExecutionsCommand({
      stateMachineArn: whereabouts.machine,
      maxResults: 1_000,
      ...(nextToken && { nextToken }),
    });
    const tried = { operation: 'ListExecutions', on: whereabouts.machine };
    const page = await attempt(world, tried, () => world.aws.sfn.send(list));
    const young = (page.executions ?? []).filter(({ startDate }) => (startDate?.getTime() ?? 0) >= from);
    found.push(...young);
    // Newest first: a page that ends before `from` is the last that matters.
    nextToken = young.length === (page.executions ?? []).length ? page.nextToken : undefined;
  } while (nextToken !== undefined);
  return found;
}

/** The newest that decided something: most executions only wake the one that holds the connection, and end at once. */
async function newest(session: Session): Promise<string> {
  const runs = await executionsSince(session, session.world.now() - lookBackMs);
  const told = runs.find(({ startDate, stopDate }) => isLong(startDate, stopDate)) ?? runs[0];
  if (told?.executionArn === undefined)
    throw new WronglyAsked('nothing has run for a week: name an execution, or see history --since 90d');
  return told.executionArn;
}

const wakingMsMax = 5_000;
const lookBackMs = 7 * dayMs;

const isLong = (startDate: Date | undefined, stopDate: Date | undefined): boolean =>
  stopDate === undefined || stopDate.getTime() - (startDate?.getTime() ?? 0) > wakingMsMax;

function arnOf({ whereabouts }: Session, execution: string): string {
  if (execution.startsWith('arn:')) return execution;
  return `${whereabouts.machine.replace(':stateMachine:', ':execution:')}:${execution}`;
}
