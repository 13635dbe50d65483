/**
 * The incident that one execution belongs to, however long ago: its own history says which one that is and since when,
 * and the executions after it are read until one has closed it. An execution that belongs to none, such as a command
 * that was refused, is a story of its own.
 */
import type { IncidentRecord } from '../../core/turn/incident-record';
import { type IncidentPlace, incidentRecord } from '../../core/turn/incident-story';
import { runFacts } from '../../core/turn/run-facts';
import { type RunHistory, runEventFrom } from '../../core/turn/run-history';
import { dayMs, type Instant, minuteMs } from '../../core/words/time';
import { historyOf } from './ask';
import { executionsSince } from './executions';
import { WronglyAsked } from './exit-codes';
import { arnOf } from './explain-run';
import type { Session } from './session';

/** A command and the first signal come before the incident they open. */
const leadMs = 2 * minuteMs;
/** Of one incident; beyond it the story is told as far as it was read, and says that it is open. */
const historiesMax = 500;
const lookBackMs = 7 * dayMs;
/** Of those that only looked; beyond them a name is asked for. */
const newestMax = 100;

/** Throws WronglyAsked where there is no such execution, or it decided nothing. */
export async function runIncident(session: Session, execution: string): Promise<IncidentRecord> {
  const arn = arnOf(session, execution);
  const history = await readHistory(session, arn);
  if (history.events.length === 0) throw new WronglyAsked(`there is no execution ${arn}, or none within ninety days`);
  const { turns, connection, startedAt, endedAt } = runFacts(history);
  const [named = ''] = turns.flatMap(({ incident }) => (incident === '' ? [] : incident));
  const { name: deployment, account, region } = session.whereabouts;
  const place = {
    connection: connection || Object.keys(session.deployment.connections)[0]!,
    deployment,
    account,
    region,
  };
  if (named !== '') {
    const openedAt = turns.find(({ incident }) => incident === named)!.memory.incident?.openedAt ?? startedAt;
    return (await readOn(session, named, openedAt - leadMs, place)) ?? alone(history, place);
  }
  return { ...alone(history, place), id: arn.split(':').at(-1)!, openedAt: startedAt, closedAt: endedAt };
}

/** The newest execution that belongs to an incident or answered a command; most only look and find all well. */
export async function newestStory(session: Session): Promise<IncidentRecord> {
  const runs = await executionsSince(session, session.world.now() - lookBackMs);
  for (const { executionArn = '' } of runs.slice(0, newestMax)) {
    const { command, turns } = runFacts(await readHistory(session, executionArn));
    if (turns.length > 0 && (command !== null || turns.some(({ incident }) => incident !== '')))
      return runIncident(session, executionArn);
  }
  throw new WronglyAsked('there was no incident and no command within a week: name an execution (switchback history)');
}

function alone(history: RunHistory, place: IncidentPlace): IncidentRecord {
  const record = incidentRecord('', [history], place);
  if (record === null) throw new WronglyAsked(`${history.execution} decided nothing: it only woke another execution`);
  return record;
}

/** Oldest first, until it is closed. */
async function readOn(
  session: Session,
  id: string,
  from: Instant,
  place: IncidentPlace,
): Promise<IncidentRecord | null> {
  const runs = (await executionsSince(session, from)).toReversed().slice(0, historiesMax);
  const histories: RunHistory[] = [];
  for (const { executionArn = '' } of runs) {
    const history = await readHistory(session, executionArn);
    histories.push(history);
    const { turns } = runFacts(history);
    if (turns.some(({ incident, decision }) => incident === id && decision['kind'] === 'finish')) break;
  }
  return incidentRecord(id, histories, place);
}

async function readHistory(session: Session, execution: string): Promise<RunHistory> {
  const events = await historyOf(session, execution);
  return { execution, events: events.map((event, n) => runEventFrom(event, `${execution}: event ${n + 1}`)) };
}
