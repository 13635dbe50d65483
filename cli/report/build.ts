/** One incident's report, from its record and what was measured meanwhile. Pure: the same source makes the same report. */
import type { IncidentCommand } from '../../core/turn/incident-record';
import { seriesOf } from './canaries';
import { decisionsOf, undoneOf } from './decisions';
import type { AskedEntry, IncidentReport } from './incident-report';
import { lanesOf } from './lanes';
import { callText, hasMoved, routeCalls } from './moves';
import { costOf, darkTimesOf, measuresOf } from './numbers';
import { routeDiff } from './routes';
import type { ReportSource } from './source';
import { spanOf } from './span';
import { verdictOf } from './verdict';

export function reportOf(source: ReportSource): IncidentReport {
  const { record, deployment, connection, world, madeAt, unread } = source;
  const calls = routeCalls(record);
  const span = spanOf(source);
  const decisions = decisionsOf(record, calls);
  const dark = darkTimesOf(source);
  return {
    id: record.id,
    deployment: record.deployment,
    connection: record.connection,
    account: record.account,
    region: record.region,
    played: world?.played ?? '',
    openedAt: record.openedAt,
    closedAt: record.closedAt,
    from: span.from,
    to: span.to,
    madeAt,
    verdict: verdictOf(source, calls, dark),
    dark,
    lanes: lanesOf(source, span),
    marks: calls
      .filter(hasMoved)
      .map((call) => ({ at: call.effectiveAt ?? call.sentAt, kind: call.kind, text: callText(call) })),
    canaries: seriesOf(source),
    routes: routeDiff(calls, deployment, connection),
    decisions,
    told: record.notices,
    asked: record.commands.map(askedFrom),
    happened: (world?.happened ?? []).filter(({ at }) => at >= span.from && at <= span.to),
    measures: measuresOf(source, calls, span),
    undone: undoneOf(record, decisions, { calls, mode: connection.mode }),
    cost: costOf(source),
    open: openOf(source),
    unread: [...unread, ...record.gaps],
    executions: record.executions.map(({ arn }) => arn),
  };
}

function askedFrom({ at, trigger, requestedBy, about, reason, until, answer, because }: IncidentCommand): AskedEntry {
  const parts = [
    trigger.replaceAll('_', ' '),
    about === '' ? '' : ` of ${about}`,
    until === '' ? '' : `, until ${until}`,
    reason === '' ? '' : `: ${reason}`,
  ];
  const outcome =
    answer === 'unknown' ? 'what came of it is not in this history' : [answer, because].filter(Boolean).join(': ');
  return { at, who: requestedBy || 'somebody', what: parts.join(''), outcome, isRefused: answer === 'refused' };
}

/** As the last look left it. */
function openOf({ record, connection }: ReportSource): string[] {
  const away = Object.entries(connection.routeSets).flatMap(([set, { home }]) => {
    const on = record.sets[set]?.at(-1)?.on;
    return on === undefined || on === home
      ? []
      : [`${set} goes over ${on || 'nobody knows what'}, not over its home ${home}`];
  });
  const paths = Object.keys(connection.paths).flatMap((path) => {
    const last = record.paths[path]?.at(-1);
    if (last === undefined || (last.verdict === 'healthy' && !last.drained)) return [];
    const why = last.because === '' ? '' : `: ${last.because}`;
    return [`path ${path} is ${last.drained ? 'drained, ' : ''}${last.verdict || 'unknown'}${why}`];
  });
  const dark = record.dark
    .filter(({ until }) => until === null)
    .map(({ routeSet }) => `users of ${routeSet} get no answers`);
  return [...dark, ...away, ...paths];
}
