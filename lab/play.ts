/**
 * One run of one lab scenario, from building the lab to nothing left of it, and what it came to.
 */

import { join } from 'node:path';
import { type Instant, secondMs } from '../core/words/time';
import { randomStream } from '../local-cloud/random';
import { loadScenario, type Scenario, scenarioNames } from '../sim/scenario';
import { singleSteps } from '../sim/scenario-steps';
import { simulate } from '../sim/simulate';
import type { TimelineEntry } from '../sim/timeline';
import { Lab } from './lab';
import { type Felt, feltBetween, type Recording } from './measure';
import { planFor } from './plan';
import { RealStage, type RouteMove } from './stage';
import type { TunnelReading } from './tunnel-readings';
import type { WaySeen } from './ways';

const folder = join(__dirname, 'scenarios');

export const labScenarios = (): string[] => scenarioNames(folder);
export const labScenario = (name: string) => loadScenario(name, { folder });

/**
 * The same scenario, begun at a moment drawn for this run within the canaries' longest beat: one struck at the same phase of
 * it in every run would say little.
 */
export function atSomeMoment(scenario: Scenario, run: number): Scenario {
  const { policy } = Object.values(scenario.deployment.connections)[0]!;
  const laterMs = Math.round(policy.reportIntervalMs * randomStream(run, 'lab/moment').next());
  const steps = scenario.steps.map((step) => ({ ...step, at: step.at + laterMs }));
  return { ...scenario, steps, durationMaxMs: scenario.durationMaxMs + laterMs };
}

/** What AWS's ends of the home connection's tunnels said from the fault on, until the last of its routes had left it. */
interface ToldOfHome {
  readonly readings: number;
  readonly up: number;
}

export interface LabRun extends Felt {
  readonly outcome: string;
  readonly moves: readonly RouteMove[];
  /** What users felt from a second before their routes came home; null: they did not. */
  readonly failback: Felt | null;
  /** Null: home is no VPN connection of AWS's own, or nothing was read in that time. */
  readonly toldOfHome: ToldOfHome | null;
  /** Of all tunnels of such connections, all of the run; times as in the recording. */
  readonly readings: readonly TunnelReading[];
  /** Where both ends are ours: by which path packets left and answers came back, as often as that changed. */
  readonly ways: readonly WaySeen[];
  /** When the scenario began. */
  readonly startedAt: number;
  /** Users were served in the end. */
  readonly isWell: boolean;
  readonly asExpected: boolean;
  /** What was not as expected. */
  readonly surprises: readonly string[];
  readonly recording: Recording;
}

export interface PlayOptions {
  readonly seed: number;
  readonly withHops: boolean;
  readonly attracts?: boolean;
  /** Ends when users are served again after this time of the scenario. @default - when the scenario does */
  readonly wellAfterMs?: number;
  readonly onEvent?: (entry: TimelineEntry) => void;
}

export async function play(
  scenario: Scenario,
  { seed, withHops, attracts, wellAfterMs, onEvent }: PlayOptions,
): Promise<LabRun> {
  const firstMs = wellAfterMs ?? singleSteps(scenario.steps)[0]?.at ?? 0;
  const lab = await Lab.build(planFor(scenario.deployment));
  try {
    const stage = new RealStage(lab, { seed, withHops, attracts, wellAfterMs });
    const result = await simulate(scenario, {
      seed,
      stage,
      tables: 'memory',
      onEvent,
      onCloud: (cloud) => stage.attach(cloud),
    });
    const recording = stage.recording!;
    const surprises = result.expectations.filter(({ ok }) => !ok).map(({ what, saw }) => `${what}; saw ${saw}`);
    const cameHomeMs = whenHome(scenario, stage.moves);
    return {
      ...feltBetween(recording, stage.startedAt + firstMs),
      outcome: result.outcome,
      moves: stage.moves,
      toldOfHome: toldOfHome(scenario, stage, firstMs),
      readings: stage.readings,
      ways: stage.ways.filter(({ out, back }, i, all) => out !== all[i - 1]?.out || back !== all[i - 1]?.back),
      startedAt: stage.startedAt,
      failback: cameHomeMs === null ? null : feltBetween(recording, stage.startedAt + cameHomeMs - secondMs),
      isWell: stage.isWell,
      asExpected: surprises.length === 0,
      surprises,
      recording,
    };
  } finally {
    await lab.end();
  }
}

function toldOfHome({ deployment }: Scenario, { readings, moves, startedAt }: RealStage, faultMs: Instant) {
  const { paths, routeSets } = Object.values(deployment.connections)[0]!;
  const { home, tables } = Object.values(routeSets)[0]!;
  const gateway = paths[home]!.gateway;
  const left = tables.map((table) => moves.find((one) => one.table === table && one.gateway !== gateway)?.atMs);
  const leftMs = Math.max(...left.map((atMs) => atMs ?? Number.POSITIVE_INFINITY));
  const between = readings.filter(
    (one) => one.gateway === gateway && one.at >= startedAt + faultMs && one.at <= startedAt + leftMs,
  );
  return between.length === 0 ? null : { readings: between.length, up: between.filter(({ isUp }) => isUp).length };
}

/** When the first table's route, having left, came home for good; null: it did not. */
function whenHome({ deployment }: Scenario, moves: readonly RouteMove[]): Instant | null {
  const { paths, routeSets } = Object.values(deployment.connections)[0]!;
  const { home, tables } = Object.values(routeSets)[0]!;
  const homeGateway = paths[home]!.gateway;
  const own = moves.filter(({ table }) => table === tables[0]);
  const last = own.at(-1);
  const hasLeft = own.slice(0, -1).some(({ gateway }) => gateway !== homeGateway);
  return last !== undefined && hasLeft && last.gateway === homeGateway ? last.atMs : null;
}
