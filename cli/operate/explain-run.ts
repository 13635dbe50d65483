/**
 * `switchback explain` and `history` against an account: an incident, what one execution did, and which executions there
 * were. Read from Step Functions, which keeps them for ninety days; incidents also from the archive.
 */
import { isIncidentId } from '../../core/words/incident-id';
import { harmless } from '../../core/words/malformed';
import { dayMs, type Instant, instantText, spanText } from '../../core/words/time';
import { timelineFromHistory } from '../history';
import { incidentSentences } from '../incident-sentences';
import { datedSentences } from '../sentences';
import { wrapped } from '../terminal';
import { archivedKeys } from './archived';
import { historyOf } from './ask';
import { executionsSince } from './executions';
import { exitCodes, WronglyAsked } from './exit-codes';
import { incidentOf, knownIncidents } from './incidents';
import { type Outcome, spanFrom, type Work } from './operate';
import type { Session, SessionOptions } from './session';
import { tableLines } from './table';

/** `00:02:01Z `, under which a sentence goes on. */
const timeWidth = 10;

export interface HistoryOptions extends SessionOptions {
  readonly since: string;
  readonly incidents?: true;
}

/** An incident by its id, one execution by its ARN or its name; without either, the newest incident. */
export const explainRun =
  (what: string | undefined): Work =>
  async (session) => {
    const record = what === undefined || isIncidentId(what) ? await incidentOf(session, what) : null;
    if (record !== null) {
      const lines = incidentSentences(record).map((line) => wrapped(harmless(line), timeWidth).trimStart());
      return { code: exitCodes.well, lines, json: record };
    }
    const arn = what === undefined ? await newest(session) : arnOf(session, what);
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
    if (options.incidents) return incidentHistory(session, from);
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

/** Each connection's open or last one, and every one that the archive holds, whose key says no more than its day. */
async function incidentHistory(session: Session, from: Instant): Promise<Outcome> {
  const known = (await knownIncidents(session)).filter(({ openedAt }) => openedAt >= from);
  const ids = new Set(known.map(({ id }) => id));
  const day = instantText(from).slice(0, 10);
  const kept = (await archivedKeys(session)).filter((one) => one.day >= day && !ids.has(one.id));
  const found = [
    ...known.map(({ id, connection, openedAt, closedAt }) => ({
      opened: instantText(openedAt),
      connection,
      incident: id,
      lasted: closedAt === null ? 'still open' : spanText(closedAt - openedAt),
    })),
    ...kept.map(({ id, connection, day: opened }) => ({ opened, connection, incident: id, lasted: 'see explain' })),
  ].sort((a, b) => b.opened.localeCompare(a.opened));
  const rows = [['opened', 'connection', 'incident', 'lasted'], ...found.map((one) => Object.values(one))];
  const older = 'older ones are known only where an archive is configured';
  const hint = session.whereabouts.archive === undefined ? [`the last of each connection; ${older}`] : [];
  const none = [`no incident since ${instantText(from)}`];
  const lines = [
    ...(found.length === 0 ? none : tableLines(rows)).map(harmless),
    ...hint.map((line) => wrapped(line, 0)),
  ];
  return { code: exitCodes.well, lines, json: found };
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

export function arnOf({ whereabouts }: Session, execution: string): string {
  if (execution.startsWith('arn:')) return execution;
  return `${whereabouts.machine.replace(':stateMachine:', ':execution:')}:${execution}`;
}
