/**
 * What the design promises and a virtual clock can measure: each target plays its scenario over seeds and compares.
 *
 * A fault comes at a drawn moment, since canaries, schedules and reports tick: at a fixed one it would always meet them in
 * the same phase. Times hold for the modelled hops (local-cloud/latency.ts), not for AWS; docs/TARGETS.md says which are whose.
 */
import { dayMs, hourMs } from '../core/words/time';
import type { Execution } from '../local-cloud/asl/runner';
import { simulationStart } from '../local-cloud/latency';
import { lossAlone, outages } from './outage-targets';
import type { Played } from './playback';
import { drawnMomentMs, rescue, rescueAtBothEnds } from './rescue-targets';
import { parseScenario, type Scenario } from './scenario';
import { type Extent, type Measured, overSeeds, type Target } from './target';
import type { TimelineEntry } from './timeline';

/** Seeds beyond these tell nothing new about what hardly varies. */
const few = ({ seeds }: Extent): readonly number[] => seeds.slice(0, 20);

const transitions: Target = {
  name: 'transitions of the state machine',
  measure: async (extent) => {
    const seen = await overSeeds(
      few(extent),
      () => 'duplicate-events',
      ({ cloud, result }) => ({ result, handed: cloud.stepfunctions.executions.map(statesOf).filter(isHandedOver) }),
    );
    const handed = seen.flatMap((one) => one.handed);
    const most = (values: readonly number[]): number => Math.max(...values);
    return [
      {
        what: 'from the start to routes moved, most',
        limit: 6,
        measured: most(seen.map(({ result }) => result.transitions.toDivert ?? Number.POSITIVE_INFINITY)),
        unit: 'transitions',
      },
      {
        what: 'of an event that finds a holder, most',
        limit: 4,
        measured: most(handed.map((states) => states.length)),
        unit: 'transitions',
      },
      {
        what: 'writes to EC2 by those',
        limit: 0,
        measured: handed.filter((states) => states.includes('DivertRoutes')).length,
        unit: 'writes',
      },
    ];
  },
};

const statesOf = ({ history }: Execution): string[] => history.flatMap((e) => e.stateEnteredEventDetails?.name ?? []);
const isHandedOver = (states: readonly string[]): boolean => !states.includes('Assess');

/** Drained by a person; the run is aborted in its sleep, and whatever could wake another gets lost. */
const crashInSilence = (seed: number): Scenario =>
  parseScenario(
    `title: the holder crashes and nothing else is heard
site: pair
config: { connections: { paris: { mode: divert } } }
durationMax: 20m
steps:
  - { at: 110s, do: drop, source: canary, times: 999 }
  - { at: 110s, do: drop, source: alarm, times: 999 }
  - { at: 110s, do: crash_execution, when: AwaitNews }
  - { at: ${drawnMomentMs(seed)}ms, do: command, input: { connection: paris, trigger: maintenance, path: a, until: +40m, reason: new kernel, requestedBy: ana } }`,
    'crash-in-silence',
  );

const crashedHolder: Target = {
  name: 'the run that holds the lease is aborted',
  measure: async (extent) => {
    const next = await overSeeds(few(extent), () => 'crashed-holder', takenUpAfter(signalAfterCrash));
    const none = await overSeeds(few(extent), crashInSilence, takenUpAfter(crashedAt));
    const worst = (what: string, limit: number, ms: readonly number[]): Measured => ({
      what,
      limit,
      measured: Math.max(...ms) / 1_000,
      unit: 's',
    });
    return [worst('next signal acts, worst', 3, next), worst('no signal: the sweep acts, worst', 90, none)];
  },
};

const crashedAt = ({ cloud }: Played): number =>
  cloud.stepfunctions.executions.find(({ status }) => status === 'ABORTED')!.stoppedAt!;

function signalAfterCrash(played: Played): number {
  const crashMs = crashedAt(played) - simulationStart;
  const isSignal = ({ atMs, state }: TimelineEntry): boolean => state === 'Signal' && atMs > crashMs;
  return played.result.timeline.find(isSignal)!.atMs + simulationStart;
}

/** From this moment until another run looks at the world. */
function takenUpAfter(momentOf: (played: Played) => number) {
  return (played: Played): number => {
    const from = momentOf(played);
    const looks = played.cloud.stepfunctions.executions
      .flatMap(({ history }) => history)
      .filter((event) => event.stateEnteredEventDetails?.name === 'Assess')
      .map(({ timestamp }) => timestamp.getTime());
    return Math.min(...looks.filter((at) => at > from)) - from;
  };
}

/** Path a is drained with so many route tables on it. */
export const drainOf = (tables: number): Scenario =>
  parseScenario(
    `title: path a is drained, with ${tables} route tables on it
site: pair
config:
  connections:
    paris:
      mode: divert
      routeSets: { office: { tables: [${Array.from({ length: tables }, (_, i) => `rtb-${String(i + 1).padStart(17, '0')}`)}] } }
durationMax: 10m
steps:
  - { at: 2m, do: command, input: { connection: paris, trigger: maintenance, path: a, until: +40m, reason: new kernel, requestedBy: ana } }
expect: { routes: { office: [a, b] } }`,
    `${tables}-tables`,
  );

/** From the decision until `apply` has read all routes back, ms. */
export function movedMs({ cloud }: Played): number {
  const history = cloud.stepfunctions.executions.flatMap((execution) => execution.history);
  const entered = history.find((event) => event.stateEnteredEventDetails?.name === 'DivertRoutes')!;
  const exited = history.findLast((event) => event.stateExitedEventDetails?.name === 'DivertRoutes')!;
  return exited.timestamp.getTime() - entered.timestamp.getTime();
}

const manyTables: Target = {
  name: "drained failover of 50 route tables under EC2's bucket",
  measure: async (extent) => {
    const ms = await overSeeds(few(extent), () => drainOf(50), movedMs);
    return [{ what: 'all moved, worst', limit: 10, measured: Math.max(...ms) / 1_000, unit: 's' }];
  },
};

/** An hour of it, on both paths. */
const hourOfLoss = parseScenario(
  `title: both paths lose 5 % at random
site: pair
durationMax: 61m
steps:
  - { at: 1s, do: loss, path: a, ratio: 0.05 }
  - { at: 1s, do: loss, path: b, ratio: 0.05 }
  - { at: 1h, do: loss, path: b, ratio: 0.05 }`,
  'hour-of-loss',
);

const falseMoves: Target = {
  name: '5 % random loss',
  measure: async ({ lossHours }) => {
    const hours = Array.from({ length: lossHours }, (_, hour) => hour);
    const moves = await overSeeds(
      hours,
      () => hourOfLoss,
      ({ result }) => result.routes.during.length + result.repair.rungs.length,
    );
    const span = lossHours < 24 ? `${lossHours} h` : `${((lossHours * hourMs) / dayMs).toFixed(1)} days`;
    return [
      { what: `moves and repairs in ${span}`, limit: 0, measured: moves.reduce((a, b) => a + b, 0), unit: 'moves' },
    ];
  },
};

export const targets: readonly Target[] = [
  rescue({ preset: 'balanced', toWrite: { p50: 1.8, p95: 2.5 }, dark: { p50: 3.1, p95: 7, p99: 12 } }),
  rescue({ preset: 'fast', toWrite: { p50: 1.2, p95: 1.9 }, dark: { p50: 2.5, p95: 6.5, p99: 10.8 } }),
  rescue({ preset: 'balanced', slowTimes: 3, dark: { p50: 10, p95: 25, p99: 40 } }),
  rescueAtBothEnds,
  transitions,
  crashedHolder,
  manyTables,
  falseMoves,
  lossAlone,
  outages('balanced'),
  outages('fast'),
  outages('calm'),
];
