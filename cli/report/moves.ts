/** An incident's route writes, call by call: a decision may write many routes, and one call writes them all. */
import type { IncidentRecord, IncidentWrite } from '../../core/turn/incident-record';
import type { Instant } from '../../core/words/time';
import type { Mark } from './incident-report';

export interface RouteCall {
  /** `divert`, `failback`, `undo`: the decision's. */
  readonly kind: Mark['kind'];
  readonly sentAt: Instant;
  /** When the last of its routes was seen to have moved; null: none was. */
  readonly effectiveAt: Instant | null;
  readonly writes: readonly IncidentWrite[];
}

/** EC2 took it. */
export const isTaken = ({ result }: IncidentWrite): boolean => result === 'done' || result === 'sent';

export function routeCalls({ writes, decisions }: IncidentRecord): RouteCall[] {
  const calls = new Map<string, IncidentWrite[]>();
  for (const write of writes) {
    const key = `${write.execution} ${write.sentAt}`;
    calls.set(key, [...(calls.get(key) ?? []), write]);
  }
  return [...calls.values()]
    .map((own): RouteCall => {
      const { sentAt, execution } = own[0]!;
      const before = decisions.filter((one) => one.execution === execution && one.at <= sentAt);
      const kind = before.findLast((one) => isMove(one.kind))?.kind;
      const seen = own.flatMap(({ effectiveAt }) => effectiveAt ?? []);
      const effectiveAt = seen.length === 0 ? null : Math.max(...seen);
      return { kind: kind !== undefined && isMove(kind) ? kind : 'divert', sentAt, effectiveAt, writes: own };
    })
    .sort((a, b) => a.sentAt - b.sentAt);
}

export const isMove = (kind: string): kind is Mark['kind'] =>
  kind === 'divert' || kind === 'failback' || kind === 'undo';

/** Some of its routes moved. */
export const hasMoved = ({ writes }: RouteCall): boolean => writes.some(isTaken);

/** Refusals that differ in nothing but the route are said once. */
export function callText({ writes }: RouteCall): string {
  const taken = writes.filter(isTaken).length;
  const sets = [...new Set(writes.map(({ routeSet }) => routeSet))].join(', ');
  const said = new Map<string, { text: string; count: number }>();
  for (const { result, detail, table } of writes.filter((write) => !isTaken(write))) {
    const text = [result, detail].filter(Boolean).join(': ');
    const key = text.replaceAll(table, '');
    said.set(key, { text: said.get(key)?.text ?? text, count: (said.get(key)?.count ?? 0) + 1 });
  }
  const details = [...said.values()].map(({ text, count }) => `${count} ${text}`);
  return [`${sets}: ${taken} of ${writes.length} ${writes.length === 1 ? 'route' : 'routes'} moved`, ...details].join(
    '; ',
  );
}
