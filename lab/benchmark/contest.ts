/**
 * One method against one fault, on one arena: users, a beat begun at a drawn phase, the fault, and what users felt.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from '../../sim/random';
import { type Felt, feltBetween } from '../measure';
import { type Arena, type Fault, Hops, now } from './arena';
import type { Method } from './methods';

export interface Trial extends Felt {
  readonly run: number;
  /** Users were served again while it was waited for. False: dark to the end. */
  readonly recovered: boolean;
  /** Paths that users were moved to after the fault. */
  readonly moves: readonly string[];
}

/** Users are well when they have been so for this long. */
const wellForMs = 1_500;
/** Every method has begun its beat by then. */
const settledMs = 6_000;

export async function contest(
  arena: Arena,
  method: Method,
  faults: readonly { readonly fault: Fault; readonly path: string }[],
  { run, withHops, patienceMs = method.patienceMs }: { run: number; withHops: boolean; patienceMs?: number },
): Promise<Trial> {
  const random = randomStream(run, `benchmark/${method.name}`);
  await arena.settle();
  await method.settled?.(arena);
  const stop = new AbortController();
  await arena.lab.startUsers();
  const watching = method.watch(arena, new Hops(run, withHops), stop.signal, random.next());
  await sleep(settledMs + 500 * random.next());
  const before = arena.moves.length;
  const struckAt = now();
  for (const { fault, path } of faults) await arena.strike(fault, path);
  const recovered = await usersRecover(arena, struckAt, patienceMs);
  stop.abort();
  const felt = feltBetween(await arena.lab.stopUsers(), struckAt);
  await watching;
  return { run, recovered, moves: arena.moves.slice(before).map(({ path }) => path), ...felt };
}

async function usersRecover(arena: Arena, struckAt: number, patienceMs: number): Promise<boolean> {
  while (now() - struckAt < patienceMs) {
    const wellSince = await arena.lab.usersWellSince();
    if (wellSince !== null && wellSince > struckAt && now() - wellSince > wellForMs) return true;
    await sleep(100);
  }
  return false;
}

/** How often each would have moved users while both paths lose this share of round trips; none of them does. */
export async function countFalseMoves(
  arena: Arena,
  methods: readonly Method[],
  lossRatio: number,
  lastsMs: number,
): Promise<Record<string, number>> {
  await arena.settle();
  for (const path of [arena.home, arena.standby]) await arena.lose(path, lossRatio);
  const stop = new AbortController();
  const counts = Object.fromEntries(methods.map(({ name }) => [name, 0]));
  const watching = methods.map((method) => {
    const witness = Object.create(arena, {
      move: { value: async () => { counts[method.name] = counts[method.name]! + 1; } },
    }) as Arena;
    return method.watch(witness, new Hops(1, false), stop.signal, 0);
  });
  await sleep(lastsMs);
  stop.abort();
  await Promise.all(watching);
  return counts;
}
