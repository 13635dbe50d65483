/**
 * Switchback in the benchmark: the deployed loop on real packets, in mode divert, against the same faults. What others
 * are spared is not spared here: the canary, the state machine, the lease, the functions all run.
 */
import { type Preset, presets } from '../../core/words/policy';
import { randomStream } from '../../local-cloud/random';
import { parseScenario, type Scenario } from '../../sim/scenario';
import { play } from '../play';
import type { Fault } from './arena';
import type { Blow, Trial, TrialOptions } from './contest';

export interface Contender {
  readonly name: string;
  readonly parameters: string;
  readonly preset: Preset;
  readonly source: string;
  readonly patienceMs: number;
}

const shared = { source: 'this repository', patienceMs: 40_000 };

export const contenders: readonly Contender[] = [
  {
    name: 'Switchback',
    parameters: 'a canary per path tries every 500 ms, 3 rounds missed (balanced)',
    preset: 'balanced',
    ...shared,
  },
  {
    name: 'Switchback fast',
    parameters: 'a canary per path tries every 200 ms, 3 rounds missed (fast)',
    preset: 'fast',
    ...shared,
  },
];

/** Canaries have spoken and the first runs are over by then, hops or not. */
const settledMs = { plain: 12_000, hops: 25_000 };
/** What was wrong before has been seen by then. */
const knownMs = 6_000;

const steps: Readonly<Record<Fault, (path: string) => string>> = {
  'host-hung': (path) => `do: hang_instance, gateway: gw-${path}`,
  'daemon-killed': (path) => `do: kill_daemon, gateway: gw-${path}`,
  'one-way': (path) => `do: one_way, path: ${path}, on: true`,
};

export async function contestSwitchback(
  contender: Contender,
  blows: readonly Blow[],
  { run, withHops, before, patienceMs = contender.patienceMs }: TrialOptions,
): Promise<Trial> {
  // Its longest beat is the standby's report: how old the proof is decides between the first look and the second.
  const { name, preset } = contender;
  const { reportIntervalMs } = presets[preset];
  const withinBeatMs = Math.round(reportIntervalMs * randomStream(run, `benchmark/${name}`).next());
  const struckMs = (withHops ? settledMs.hops : settledMs.plain) + withinBeatMs;
  const line = (atMs: number, { fault, path }: Blow): string => `  - { at: ${atMs}ms, ${steps[fault](path)} }`;
  const lines = blows.map((blow) => line(struckMs, blow));
  if (before !== undefined) lines.push(line(struckMs - knownMs, before));
  const scenario = scenarioOf(contender, struckMs + patienceMs, lines);
  const { darkMs, lostProbes, tcpStallMs, tcpSurvived, moves, isWell } = await play(scenario, {
    seed: run,
    withHops,
    wellAfterMs: struckMs,
  });
  const last = moves.filter(({ atMs }) => atMs >= struckMs).at(-1);
  const endsOn = last?.gateway?.replace('gw-', '') ?? 'a';
  return { run, recovered: isWell, endsOn, darkMs, lostProbes, tcpStallMs, tcpSurvived };
}

function scenarioOf({ name, preset }: Contender, lastsMs: number, lines: readonly string[]): Scenario {
  const head = [
    'title: benchmark',
    'site: pair',
    `config: { connections: { paris: { mode: divert, policy: ${preset} } } }`,
    `durationMax: ${lastsMs}ms`,
    'steps:',
  ];
  return parseScenario([...head, ...lines].join('\n'), `benchmark ${name}`);
}

/** Moves in the time of a scenario in which both paths lose this share of round trips. */
export async function countSwitchbackMoves(contender: Contender, lossRatio: number, lastsMs: number): Promise<number> {
  const losses = ['a', 'b'].map(
    (path) => `  - { at: ${settledMs.plain}ms, do: loss, path: ${path}, ratio: ${lossRatio} }`,
  );
  const scenario = scenarioOf(contender, settledMs.plain + lastsMs, [...losses, 'expect: { outcome: never }']);
  const { moves } = await play(scenario, { seed: 1, withHops: false });
  const tables = Object.values(scenario.deployment.connections)[0]!.routeSets['office']!.tables;
  return moves.filter(({ table }) => table === tables[0]).length;
}
