/** What was decided, in order: each decision once, however often it was taken again, with what came of it. */
import type { IncidentDecision, IncidentRecord } from '../../core/turn/incident-record';
import type { Mode } from '../../core/words/domain';
import { isRecord } from '../../core/words/shape';
import type { DecisionEntry, IncidentReport } from './incident-report';
import { callText, hasMoved, isMove, type RouteCall } from './moves';

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
    const repairs = record.decisions.filter((one) => one.kind === 'repair').map((one) => one.at);
    const nearest = (instant: number): number | undefined =>
      repairs.toSorted((a, b) => Math.abs(a - instant) - Math.abs(b - instant))[0];
    const rung = record.rungs.find(({ startedAt }) => nearest(startedAt) === at && Math.abs(startedAt - at) < slackMs);
    return rung === undefined ? 'not begun' : [`${rung.rung}: ${rung.result}`, rung.said].filter(Boolean).join(': ');
  }
  return '';
}

/** A rung's start is written down with the decision, by another clock. */
const slackMs = 5_000;

const isObserving = (raw: unknown): boolean =>
  isRecord(raw) && isRecord(raw['situation']) && raw['situation']['mode'] === 'observe';

/** What was left alone, or left to a person, and why: each reason once. */
export function undoneOf(
  record: IncidentRecord,
  decisions: readonly DecisionEntry[],
  { calls, mode }: { readonly calls: readonly RouteCall[]; readonly mode: Mode },
): IncidentReport['undone'] {
  const found = new Map<string, { what: string; why: string }>();
  const add = (what: string | null, why: string): void => {
    if (what !== null && !found.has(skeleton(why))) found.set(skeleton(why), { what, why });
  };
  if (
    mode === 'divert' &&
    Object.values(record.paths)
      .flat()
      .some(({ verdict }) => verdict === 'down')
  )
    add('Nothing was repaired', 'mode divert moves routes and leaves gateways alone');
  for (const call of calls) if (!hasMoved(call)) add(`No route was moved: ${call.kind}`, callText(call));
  for (const { trigger, answer, because } of record.commands)
    if (answer === 'refused') add(`${trigger} was refused`, because);
  for (const { kind, rule, because, raw } of decisions) add(undoneText(kind, rule, raw), because);
  const whats = [...new Set([...found.values()].map(({ what }) => what))];
  return whats.map((what) => ({
    what,
    whys: [...found.values()].filter((one) => one.what === what).map(({ why }) => why),
  }));
}

const standing: Readonly<Record<string, string>> = {
  brake: 'No traffic was moved',
  'stand-still': 'Nothing was begun',
  evidence: 'Nothing was done on this evidence',
  help: 'Left to a person',
};

function undoneText(kind: string, rule: string, raw: unknown): string | null {
  if (kind === 'escalate') return rule === 'brake' ? standing[rule]! : 'Left to a person';
  if (isObserving(raw) && (isMove(kind) || kind === 'repair')) return `Announced and not done: ${kind}`;
  if (kind !== 'hold' && kind !== 'park') return null;
  return standing[rule] ?? (kind === 'park' ? 'Stopped looking for a while' : 'Waited first');
}
