/** What was decided, in order: each decision once, however often it was taken again, with what came of it. */
import type { IncidentDecision, IncidentRecord } from '../../core/turn/incident-record';
import { isRecord } from '../../core/words/shape';
import type { DecisionEntry, IncidentReport } from './incident-report';
import { callText, isMove, type RouteCall } from './moves';

export function decisionsOf(record: IncidentRecord, calls: readonly RouteCall[]): DecisionEntry[] {
  const entries: DecisionEntry[] = [];
  for (const decision of record.decisions) {
    const { at, kind, rule, because, evidence, raw } = decision;
    const entry = { at, until: at, kind, rule, because, evidence, raw, outcome: outcomeOf(decision, record, calls) };
    const last = entries.at(-1);
    if (last !== undefined && isSame(last, entry)) entries[entries.length - 1] = { ...last, until: at };
    else entries.push(entry);
  }
  return entries;
}

/** Only numbers and times differ. */
const skeleton = (text: string): string => text.replace(/\d+(\.\d+)?( (ms|s|min|h)\b)?/g, '#');

/** A wait that goes on. What is done is told each time. */
const isSame = (a: DecisionEntry, b: DecisionEntry): boolean =>
  a.kind === b.kind && !isMove(a.kind) && a.kind !== 'repair' && skeleton(a.because) === skeleton(b.because);

/** What acted on it has answered. */
function outcomeOf(
  { kind, at, execution, raw }: IncidentDecision,
  record: IncidentRecord,
  calls: readonly RouteCall[],
): string {
  if (isMove(kind)) {
    const next =
      record.decisions.find((one) => one.execution === execution && one.at > at)?.at ?? Number.POSITIVE_INFINITY;
    const call = calls.find(
      ({ sentAt, writes }) => writes[0]!.execution === execution && sentAt >= at && sentAt < next,
    );
    if (call !== undefined) return callText(call);
    return isObserving(raw) ? 'announced only: mode observe writes nothing' : 'no route was written';
  }
  if (kind === 'repair') {
    const rung = record.rungs.find(({ startedAt }) => startedAt >= at - slackMs && startedAt <= at + slackMs);
    return rung === undefined ? 'not begun' : [`${rung.rung}: ${rung.result}`, rung.said].filter(Boolean).join(': ');
  }
  return '';
}

/** A rung's start is written down with the decision, by another clock. */
const slackMs = 5_000;

const isObserving = (raw: unknown): boolean =>
  isRecord(raw) && isRecord(raw['situation']) && raw['situation']['mode'] === 'observe';

/** What was left alone, or left to a person, and why: each reason once. */
export function undoneOf(record: IncidentRecord, decisions: readonly DecisionEntry[]): IncidentReport['undone'] {
  const found = new Map<string, { what: string; why: string }>();
  const add = (what: string | null, why: string): void => {
    if (what !== null && !found.has(skeleton(why))) found.set(skeleton(why), { what, why });
  };
  for (const { trigger, answer, because } of record.commands)
    if (answer === 'refused') add(`${trigger} was refused`, because);
  for (const { kind, rule, because, raw } of decisions) add(undoneText(kind, rule, raw), because);
  return [...found.values()];
}

const standing: Readonly<Record<string, string>> = {
  brake: 'Nothing was moved: the brake',
  'stand-still': 'Nothing was begun',
  rest: 'Nothing was left to do',
  evidence: 'Nothing was done on this evidence',
  help: 'Left to a person',
};

function undoneText(kind: string, rule: string, raw: unknown): string | null {
  if (kind === 'escalate') return 'Left to a person';
  if (isObserving(raw) && (isMove(kind) || kind === 'repair')) return `Announced and not done: ${kind}`;
  if (kind !== 'hold' && kind !== 'park') return null;
  return standing[rule] ?? 'Waited first';
}
