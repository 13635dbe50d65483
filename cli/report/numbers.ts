/**
 * An incident in seconds, against what was promised, and in money.
 *
 * The promises: how long users may be dark (core/words/promises.ts), and the connection's own policy for how soon its
 * canaries call a path down and how long a repair may take.
 */
import type { IncidentRung } from '../../core/turn/incident-record';
import { type Policy, presets } from '../../core/words/policy';
import { darkPromisesMs } from '../../core/words/promises';
import { type Rung, rungs as rungNames } from '../../core/words/rungs';
import { own } from '../../core/words/shape';
import { type Instant, spanText } from '../../core/words/time';
import { type PriceName, prices } from '../cost/prices';
import type { CostLine, DarkTime, IncidentReport, Measure } from './incident-report';
import { hasMoved, isMove, type RouteCall } from './moves';
import type { ReportSource } from './source';
import type { ShownSpan } from './span';

/** In the order in which they happen; every one is counted from the first sign. */
export function measuresOf(source: ReportSource, calls: readonly RouteCall[], { firstSign }: ShownSpan): Measure[] {
  const { record, connection, world } = source;
  const { policy } = connection;
  const { decisions, dark, rungs } = record;
  const since = (at: Instant | null | undefined): number | null =>
    at === null || at === undefined ? null : Math.max(0, at - firstSign);
  const decided = decisions.find(({ kind }) => isMove(kind));
  const moved = calls.find(hasMoved);
  const home = calls.findLast((call) => call.kind === 'failback' && hasMoved(call));
  const first = dark[0];
  const ended = rungs.flatMap(({ endedAt }) => endedAt ?? []);
  return [
    {
      what: 'Detected',
      ms: since(decisions[0]?.at),
      step: 'detect',
      budgetMs: null,
      note: `${world === undefined ? 'first sign' : 'fault'} to first look; canaries alone need ${spanText(detectionMs(policy))}`,
    },
    {
      what: 'Decided',
      ms: since(decided?.at),
      step: 'decide',
      budgetMs: null,
      note: decided === undefined ? 'no move was decided' : `to ${decided.kind}`,
    },
    {
      what: 'Acted',
      ms: since(moved?.effectiveAt ?? moved?.sentAt),
      step: 'act',
      budgetMs: null,
      note: moved === undefined ? 'no route was moved' : 'routes seen to have moved',
    },
    {
      what: 'Users served again',
      ms: since(first?.until),
      step: 'recover',
      budgetMs: promiseFor(policy),
      note:
        first === undefined
          ? 'no canary saw them dark'
          : first.until === null
            ? 'still dark'
            : 'promised for 95 of 100 faults that only canaries see',
    },
    {
      what: 'Repaired',
      ms: ended.length === 0 ? null : since(Math.max(...ended)),
      budgetMs: rungs.length === 0 ? null : rungs.reduce((sum, { rung }) => sum + deadlineMs(rung, policy), 0),
      note: rungs.map(rungText).join(', ') || 'no repair was begun',
    },
    {
      what: 'Back home',
      ms: since(home?.effectiveAt ?? home?.sentAt),
      budgetMs: null,
      note: home === undefined ? 'no failback' : `slowly on purpose: ${spanText(policy.soakMs)} of proof first`,
    },
  ];
}

const rungText = ({ rung, result }: IncidentRung): string => `${rung}: ${result}`;

/** The rest of a round, the silence that must be, and the time the last attempt in it may take. */
const detectionMs = ({ downAfterMs, roundIntervalMs, attemptTimeoutMs }: Policy): number =>
  roundIntervalMs + downAfterMs + attemptTimeoutMs;

const isRung = (name: string): name is Rung => (rungNames as readonly string[]).includes(name);

const deadlineMs = (name: string, { rungDeadlineMs }: Policy): number => (isRung(name) ? rungDeadlineMs[name] : 0);

/** Null: nothing is promised of a policy of one's own. */
function promiseFor(policy: Policy): number | null {
  const has = (preset: Policy): boolean =>
    preset.roundIntervalMs === policy.roundIntervalMs &&
    preset.downAfterRounds === policy.downAfterRounds &&
    preset.downAfterMs === policy.downAfterMs &&
    preset.reportIntervalMs === policy.reportIntervalMs;
  if (has(presets.fast)) return darkPromisesMs.fast.p95;
  return has(presets.balanced) ? darkPromisesMs.balanced.p95 : null;
}

/** By service canary: what it saw, and in a simulation what was. */
export function darkTimesOf({ record, connection, world, madeAt }: ReportSource): DarkTime[] {
  const sum = (spans: readonly { from: Instant; until: Instant | null }[]): number =>
    spans.reduce((total, { from, until }) => total + (until ?? madeAt) - from, 0);
  return Object.keys(connection.routeSets).map((set) => {
    const canary = connection.canaries.find(({ watches }) => watches.kind === 'service' && watches.routeSet === set);
    const seen = record.dark.filter(({ routeSet }) => routeSet === set);
    const exact = world?.dark.filter(({ routeSet }) => routeSet === set);
    const by = canary === undefined ? 'no service canary' : `by canary ${canary.id}`;
    return {
      set,
      ms: canary === undefined ? null : sum(seen),
      isOver: seen.every(({ until }) => until !== null),
      by: exact === undefined ? by : `${by}; to the moment ${spanText(sum(exact))}`,
    };
  });
}

/** Steps of each runbook, all branches counted: what a repair costs at most. */
export const rungSteps: Readonly<Record<Rung, number>> = {
  'clear-source-dest-check': 4,
  'restart-tunnel': 2,
  reboot: 4,
  'stop-start': 10,
  replace: 44,
  'replace-tunnel': 8,
  drain: 2,
  undrain: 2,
  attract: 2,
};

export function costOf({ record }: ReportSource): IncidentReport['cost'] {
  const { executions, notices, rungs } = record;
  const sent = notices.filter(({ isSent }) => isSent).length;
  const steps = rungs.reduce((sum, { rung }) => sum + (own(rungSteps, rung) ?? 0), 0);
  const lines = [
    line(
      'state transitions',
      executions.reduce((sum, { transitions }) => sum + transitions, 0),
      'stateTransition',
    ),
    line('notices', sent, 'notice'),
    line('notices, by mail to one address', sent, 'mail'),
    line('steps of repairs, at most', steps, 'automationStep'),
  ].filter(({ usd }) => usd > 0);
  const remark =
    'List prices without the free tier, for what these runs used. Canaries, functions, alarms and tables cost about the same on a quiet day (switchback cost says how much); an instance that a repair launched is not in it.';
  return { lines, remark };
}

const line = (what: string, quantity: number, price: PriceName): CostLine => ({
  what,
  quantity: `${quantity} ${prices[price].unit}${quantity === 1 ? '' : 's'}`,
  usd: quantity * prices[price].usd,
});
