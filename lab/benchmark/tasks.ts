/**
 * The benchmark as tasks, each in a lab of its own, so that several can run side by side in processes of their own.
 */
import { Latencies } from '../../local-cloud/latency';
import { draw, randomStream } from '../../local-cloud/random';
import { measuredDurations } from '../../sim/network/durations';
import { labScenario } from '../play';
import { Arena, type Fault } from './arena';
import { bfd, bgp } from './bgp';
import { type Blow, contest, countMoves, type Trial } from './contest';
import { type Method, watchers } from './methods';
import type { Row } from './results';
import { type Contender, contenders, contestSwitchback, countSwitchbackMoves } from './switchback';
import { vrrp } from './vrrp';

const methods: readonly Method[] = [...watchers, vrrp, bgp, bfd];
const faults: readonly Fault[] = ['host-hung', 'daemon-killed', 'one-way'];

/** What never recovered so often will not. */
const hopelessAfter = 3;

export type Task =
  | {
      readonly kind: 'fault';
      readonly method: string;
      readonly fault: Fault;
      readonly hops: boolean;
      readonly runs: number;
    }
  | { readonly kind: 'nowhere'; readonly method: string }
  | { readonly kind: 'loss'; readonly methods: readonly string[]; readonly percent: number; readonly minutes: number };

export type TaskOutcome =
  | { readonly kind: 'fault'; readonly row: Row }
  | { readonly kind: 'nowhere'; readonly method: string; readonly standbyOneWay: string; readonly bothDown: string }
  | { readonly kind: 'loss'; readonly percent: number; readonly counts: Readonly<Record<string, number>> };

/** Longest first, so that they end together. */
export function allTasks(runs: number, minutes: number): Task[] {
  const tasks: Task[] = [];
  const names = [...methods.map(({ name }) => name), ...contenders.map(({ name }) => name)];
  const slowestFirst = ['one-minute alarm', 'BGP 10/30', 'alternat'];
  const rank = (name: string): number => slowestFirst.indexOf(name) + 1 || 9;
  for (const method of [...names].sort((a, b) => rank(a) - rank(b))) {
    for (const fault of faults) {
      tasks.push({ kind: 'fault', method, fault, hops: false, runs });
      if (fault !== 'one-way' && hasOwnHops(method)) tasks.push({ kind: 'fault', method, fault, hops: true, runs });
    }
  }
  for (const percent of [2, 10]) {
    tasks.push({ kind: 'loss', methods: watchers.map(({ name }) => name), percent, minutes });
    for (const name of [vrrp, bgp, bfd, ...contenders].map((one) => one.name))
      tasks.push({ kind: 'loss', methods: [name], percent, minutes });
  }
  for (const method of names) tasks.push({ kind: 'nowhere', method });
  return tasks;
}

/** Played with AWS's times in the run. The others' moves are the kernel's, or waited for minutes: added afterwards. */
const hasOwnHops = (name: string): boolean =>
  contenders.some((one) => one.name === name) || ['AWS monitor script', 'alternat'].includes(name);

export async function perform(task: Task): Promise<TaskOutcome> {
  switch (task.kind) {
    case 'fault':
      return { kind: 'fault', row: await faultRow(task) };
    case 'nowhere':
      return { kind: 'nowhere', method: task.method, ...(await nowhere(task.method)) };
    case 'loss':
      return { kind: 'loss', percent: task.percent, counts: await losses(task) };
  }
}

async function faultRow({ method: name, fault, hops, runs }: Task & { kind: 'fault' }): Promise<Row> {
  const { parameters, source, patienceMs } = named(name);
  const trials = await eachRun(runs, await player(name), (play, run) =>
    play([{ fault, path: 'a' }], { run, withHops: hops, patienceMs }),
  );
  return { method: name, parameters, source, fault, hops, how: 'measured', patienceMs, trials };
}

/** Home hangs while the standby passes one way only; and both gateways hang. */
async function nowhere(name: string): Promise<{ standbyOneWay: string; bothDown: string }> {
  const { play, end } = await player(name);
  const options = { run: 1, withHops: false, patienceMs: Math.min(named(name).patienceMs, 130_000) };
  try {
    const oneWay = await play([{ fault: 'host-hung', path: 'a' }], {
      ...options,
      before: { fault: 'one-way', path: 'b' },
    });
    const both = await play(
      [
        { fault: 'host-hung', path: 'a' },
        { fault: 'host-hung', path: 'b' },
      ],
      options,
    );
    return { standbyOneWay: whereText(oneWay), bothDown: whereText(both) };
  } finally {
    await end();
  }
}

const whereText = ({ endsOn, recovered }: Trial): string => {
  const where = endsOn === 'a' ? 'stays' : endsOn === 'b' ? 'moved onto the standby' : 'no route at all';
  return recovered ? `${where}; served` : where;
};

async function losses({ methods: names, percent, minutes }: Task & { kind: 'loss' }): Promise<Record<string, number>> {
  const lastsMs = minutes * 60_000;
  const contender = contenders.find(({ name }) => name === names[0]);
  if (contender !== undefined)
    return { [contender.name]: await countSwitchbackMoves(contender, percent / 100, lastsMs) };
  const own = methods.filter(({ name }) => names.includes(name));
  const arena = await arenaFor(own[0]!);
  try {
    return await countMoves(arena, own, percent / 100, lastsMs);
  } finally {
    await arena.lab.end();
  }
}

type Play = (blows: readonly Blow[], options: Parameters<typeof contest>[3]) => Promise<Trial>;

interface Player {
  readonly play: Play;
  end(): Promise<void>;
}

/** Others share one arena over all runs; each run of Switchback has a lab of its own. */
async function player(name: string): Promise<Player> {
  const contender = contenders.find((one) => one.name === name);
  if (contender !== undefined)
    return { play: (blows, options) => contestSwitchback(contender, blows, options), end: async () => {} };
  const method = methods.find((one) => one.name === name);
  if (method === undefined) throw new Error(`No method is named '${name}'`);
  const arena = await arenaFor(method);
  return { play: (blows, options) => contest(arena, method, blows, options), end: () => arena.lab.end() };
}

async function arenaFor(method: Method): Promise<Arena> {
  const arena = await Arena.build(labScenario('charon-killed').deployment, method.routing);
  try {
    await method.prepare?.(arena);
    return arena;
  } catch (error) {
    await arena.lab.end();
    throw error;
  }
}

async function eachRun(
  runs: number,
  { play, end }: Player,
  once: (play: Play, run: number) => Promise<Trial>,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  try {
    for (let run = 1; run <= runs; run++) {
      trials.push(await once(play, run));
      if (trials.length === hopelessAfter && trials.every(({ recovered }) => !recovered)) break;
    }
    return trials;
  } finally {
    await end();
  }
}

/** Ours or another's. */
const named = (name: string): Contender | Method => [...contenders, ...methods].find((one) => one.name === name)!;

/**
 * Rows that are not played: those whose AWS part is added to a measured one, and the five-minute schedule, whose dark time
 * is the rest of its five minutes and AWS's part.
 */
export function derivedRows(rows: readonly Row[], runs: number): Row[] {
  const added = rows
    .filter((row) => !row.hops && row.fault !== 'one-way' && awsPart[row.method] !== undefined)
    .map((row): Row => {
      const trials = row.trials.map((trial) => ({ ...trial, darkMs: trial.darkMs + awsPart[row.method]!(trial.run) }));
      return { ...row, hops: true, how: 'measured, AWS added', trials };
    });
  const schedule = faults
    .filter((fault) => fault !== 'one-way')
    .flatMap((fault) => [false, true].map((hops) => scheduleRow(fault, hops, runs)));
  return [...added, ...schedule];
}

const effectMs = (run: number): number =>
  draw(measuredDurations.routeEffect, randomStream(run, 'benchmark/route effect'));

const awsPart: Readonly<Record<string, (run: number) => number>> = {
  'one-minute alarm': (run) => {
    const latencies = new Latencies(run);
    const hops = ['eventToTarget', 'lambdaCold', 'lambdaWarm', 'ec2Read', 'ec2Write'] as const;
    return hops.reduce((sum, hop) => sum + latencies.draw(hop), effectMs(run));
  },
  'BGP 10/30': effectMs,
  'BGP with BFD': effectMs,
};

function scheduleRow(fault: Fault, hops: boolean, runs: number): Row {
  const fiveMinutesMs = 5 * 60_000;
  const trials = Array.from({ length: runs }, (_, i) => {
    const run = i + 1;
    const waitMs = Math.round(fiveMinutesMs * randomStream(run, 'benchmark/schedule').next());
    const latencies = new Latencies(run);
    const aws = hops
      ? latencies.draw('lambdaCold') + latencies.draw('ec2Read') + latencies.draw('ec2Write') + effectMs(run)
      : 0;
    return { run, recovered: true, darkMs: waitMs + aws, tcpStallMs: 0, tcpSurvived: true };
  });
  return {
    method: 'five-minute schedule',
    parameters: 'a function looks at the tunnel state every 5 minutes',
    source: 'indy7a/TGW-StaticIPsec (rate(5 minutes))',
    fault,
    hops,
    how: 'computed',
    patienceMs: fiveMinutesMs,
    trials,
  };
}
