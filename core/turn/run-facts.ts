/**
 * What one execution's history says of an incident: which turns it took, what it wrote, whom it told, how it ended.
 */
import { emptyMemory, type Memory } from '../store/memory';
import { memoryFrom } from '../store/stored';
import { isRecord, isText } from '../words/shape';
import type { Instant } from '../words/time';
import type { IncidentCommand, IncidentNotice, IncidentWrite } from './incident-record';
import { type RunEvent, type RunHistory, recordIn, textOr } from './run-history';

type Fields = Readonly<Record<string, unknown>>;

/** One answer of Assess. */
export interface TurnFacts {
  readonly at: Instant;
  readonly execution: string;
  readonly decision: Fields;
  readonly situation: Fields;
  readonly memory: Memory;
  /** Of the incident it belongs to; empty: of none. */
  readonly incident: string;
}

export interface RunFacts {
  readonly execution: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly end: string;
  readonly transitions: number;
  /** Empty: the history does not say. */
  readonly connection: string;
  /** Empty: a command, or no source was named. */
  readonly source: string;
  readonly command: IncidentCommand | null;
  readonly turns: readonly TurnFacts[];
  readonly writes: readonly IncidentWrite[];
  readonly notices: readonly IncidentNotice[];
  readonly gaps: readonly string[];
}

/** The states that send a notice. */
export const tellingStates: readonly string[] = ['NotifyPeople', 'NotifyFailOpen', 'NotifyWithoutTable'];
const writingStates = ['DivertRoutes', 'FailBackRoutes', 'RescueRoutes'];
const recordingStates = ['RecordRequest', 'RecordTogether'];

/** One visit of a state that calls something. */
interface Visit {
  readonly state: string;
  readonly at: Instant;
  parameters: string | undefined;
  /** What the task answered; absent: nothing, or the history came without its data. */
  result: string | undefined;
  resultAt: Instant | null;
}

export function runFacts({ execution, events }: RunHistory): RunFacts {
  const visits = visitsOf(events);
  const started = events.find(({ input }) => input !== undefined);
  const input = recordIn(started?.input);
  const startedAt = events[0]?.at ?? 0;
  const { end, endedAt } = endOf(events);
  const isCommand = isText(input['trigger']);
  return {
    execution,
    startedAt,
    endedAt,
    end,
    transitions: visits.length,
    connection: textOr(input['connection'], ''),
    source: textOr(input['source'], ''),
    command: isCommand ? commandIn(input, { execution, events, visits, at: startedAt }) : null,
    turns: visits.filter(({ state }) => state === 'Assess').flatMap((visit) => turnIn(visit, execution)),
    writes: visits.filter(({ state }) => writingStates.includes(state)).flatMap((visit) => writesIn(visit, execution)),
    notices: visits.filter(({ state }) => tellingStates.includes(state)).map((visit) => noticeIn(visit, execution)),
    gaps: started !== undefined && started.input === null ? [`${execution} was read without its data`] : [],
  };
}

function visitsOf(events: readonly RunEvent[]): Visit[] {
  const visits: Visit[] = [];
  const visitOf = new Map<number, Visit>();
  for (const { id, previous, at, type, entered, parameters, result } of events) {
    if (entered !== undefined)
      visits.push({ state: entered, at, parameters: undefined, result: undefined, resultAt: null });
    const followed = entered === undefined && previous !== undefined ? visitOf.get(previous) : undefined;
    const visit = followed ?? visits.at(-1);
    if (visit === undefined) continue;
    if (id !== undefined) visitOf.set(id, visit);
    if (parameters !== undefined) visit.parameters = parameters;
    if (type !== 'TaskSucceeded') continue;
    visit.result = result;
    visit.resultAt = at;
  }
  return visits;
}

function endOf(events: readonly RunEvent[]): Pick<RunFacts, 'end' | 'endedAt'> {
  const last = events.findLast(({ type }) => /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type));
  if (last === undefined) return { end: '', endedAt: null };
  const state = events.findLast(({ entered }) => entered !== undefined)?.entered ?? '';
  const error = last.failure?.error ?? last.type.replace('Execution', '');
  return { end: last.type === 'ExecutionSucceeded' ? state : error, endedAt: last.at };
}

/** What a function answered, out of what Lambda says around it. */
const payloadIn = ({ result }: Visit): Fields => {
  const answer = recordIn(result);
  return isRecord(answer['Payload']) ? answer['Payload'] : answer;
};

function turnIn(visit: Visit, execution: string): TurnFacts[] {
  const { decision, situation, memory, memoryTold } = payloadIn(visit);
  if (!isRecord(decision) || visit.resultAt === null) return [];
  const kept = isText(memory) ? memoryFrom(memory) : emptyMemory;
  const told = isText(memoryTold) ? memoryFrom(memoryTold) : kept;
  const closed = decision['kind'] === 'finish' ? kept.lastIncident : null;
  return [
    {
      at: visit.resultAt,
      execution,
      decision,
      situation: isRecord(situation) ? situation : {},
      memory: kept,
      incident: (kept.incident ?? closed ?? told.incident)?.id ?? '',
    },
  ];
}

function writesIn(visit: Visit, execution: string): IncidentWrite[] {
  const { steps } = payloadIn(visit);
  if (!Array.isArray(steps)) return [];
  const target = (value: unknown): string | null => (isText(value) ? value : null);
  return (steps as unknown[]).filter(isRecord).map((step) => ({
    routeSet: textOr(step['routeSet'], ''),
    table: textOr(step['table'], ''),
    destination: textOr(step['destination'], ''),
    kind: textOr(step['kind'], ''),
    from: target(step['from']),
    to: target(step['to']),
    sentAt: visit.at,
    effectiveAt: step['result'] === 'done' ? visit.resultAt : null,
    result: textOr(step['result'], ''),
    detail: textOr(step['detail'], ''),
    execution,
  }));
}

function noticeIn(visit: Visit, execution: string): IncidentNotice {
  const { TopicArn, Subject, Message } = recordIn(visit.parameters);
  return {
    at: visit.resultAt ?? visit.at,
    to: textOr(TopicArn, ''),
    subject: textOr(Subject, ''),
    text: textOr(Message, ''),
    isSent: visit.resultAt !== null,
    execution,
  };
}

interface Asking {
  readonly execution: string;
  readonly events: readonly RunEvent[];
  readonly visits: readonly Visit[];
  readonly at: Instant;
}

function commandIn(input: Fields, { execution, events, visits, at }: Asking): IncidentCommand {
  const answer = recordIn(events.find((event) => event.answer !== undefined)?.answer);
  const isRefused = answer['outcome'] === 'refused';
  const isRecorded = visits.some(({ state, resultAt }) => recordingStates.includes(state) && resultAt !== null);
  const named = [input['path'], input['routeSet'], input['gateway']].find(isText);
  const until = input['until'];
  return {
    at,
    trigger: textOr(input['trigger'], ''),
    requestedBy: textOr(input['requestedBy'], ''),
    about: named ?? '',
    reason: textOr(input['reason'], ''),
    until: isText(until) ? until : typeof until === 'number' ? new Date(until).toISOString() : '',
    answer: isRefused ? 'refused' : isRecorded ? 'recorded' : 'unknown',
    because: isRefused ? [answer['because'], answer['mend']].filter(isText).join('; ') : '',
    execution,
  };
}
