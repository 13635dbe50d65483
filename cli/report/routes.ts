/**
 * The routes of an incident as a table: where each led before, after every move, and at the end. Only routes that
 * somebody tried to write are in it: it is made of what was written, and of what EC2 showed afterwards.
 */
import type { IncidentWrite } from '../../core/turn/incident-record';
import type { Connection, Deployment, Gateway } from '../../core/words/domain';
import type { RouteDiff, RouteRow } from './incident-report';
import { hasMoved, isTaken, type RouteCall } from './moves';

/** A page is only so wide; what is left out stands in the decisions. */
const columnsMax = 8;

export function routeDiff(calls: readonly RouteCall[], deployment: Deployment, connection: Connection): RouteDiff {
  const moving = calls.filter(hasMoved);
  const shown = moving.length < columnsMax ? moving : [...moving.slice(0, columnsMax - 2), moving.at(-1)!];
  const targets = targetNames(deployment, connection);
  const named = (target: string | null): string | null => (target === null ? null : (targets.get(target) ?? target));
  const all = calls.flatMap(({ writes }) => writes);
  const keys = [...new Set(all.map(keyOf))];
  const rows = keys.map((key): RouteRow => {
    const first = all.find((write) => keyOf(write) === key)!;
    const states = [first.from];
    for (const call of calls) {
      const write = call.writes.find((one) => keyOf(one) === key);
      const before = states.at(-1)!;
      const after = write === undefined ? before : isTaken(write) ? write.to : write.from;
      if (shown.includes(call)) states.push(after);
      else states[states.length - 1] = after;
    }
    return { table: first.table, destination: first.destination, targets: states.map(named) };
  });
  const columns = [
    { title: 'before', at: null },
    ...shown.map(({ kind, effectiveAt, sentAt }) => ({ title: `after ${kind}`, at: effectiveAt ?? sentAt })),
  ];
  return { columns, rows, remarks: [...new Set(calls.flatMap((call) => remarksOf(call, named)))] };
}

const keyOf = ({ table, destination }: IncidentWrite): string => `${table} ${destination}`;

/** What was tried and did not take, or is not seen yet. */
const remarksOf = ({ writes, kind }: RouteCall, named: (target: string | null) => string | null): string[] =>
  writes
    .filter(({ result }) => result !== 'done')
    .map(({ table, destination, to, result, detail }) => {
      const why = detail === '' ? '' : `: ${detail}`;
      return `${kind}: ${destination} in ${table} to ${named(to) ?? 'nothing'}: ${resultText(result)}${why}`;
    });

const resultText = (result: string): string => (result === 'sent' ? 'taken by EC2, not seen at once' : result);

/** `eni-0aaa… (path a)`: which path a target means. Two paths may end on one. */
function targetNames(deployment: Deployment, connection: Connection): Map<string, string> {
  const paths = new Map<string, string[]>();
  for (const { name, gateway } of Object.values(connection.paths)) {
    const one = deployment.gateways[gateway];
    for (const id of one === undefined ? [] : targetIds(one)) paths.set(id, [...(paths.get(id) ?? []), name]);
  }
  return new Map([...paths].map(([id, names]) => [id, `${id} (path ${names.join('+')})`]));
}

function targetIds(gateway: Gateway): string[] {
  if (gateway.kind === 'instance') return [gateway.routeInterfaceId];
  const { endsOn } = gateway;
  return endsOn.kind === 'transit-gateway' ? [endsOn.attachmentId, endsOn.id] : [endsOn.id];
}
