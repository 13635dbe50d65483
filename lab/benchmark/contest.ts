/**
 * One method against one fault, on one arena: users, a beat begun at a drawn phase, the fault, and what users felt.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from '../../local-cloud/random';
import { type Felt, feltBetween } from '../measure';
import { now } from '../real-time';
import { type Arena, type Fault, Hops } from './arena';
import type { Method } from './methods';

export interface Blow {
  readonly fault: Fault;
  readonly path: string;
}

export interface TrialOptions {
  readonly run: number;
  readonly withHops: boolean;
  /** Wrong already when the run begins. */
  readonly before?: Blow;
  /** @default - the method's own */
  readonly patienceMs?: number;
}

export interface Trial extends Felt {
  readonly run: number;
  /** Users were served again while it was waited for. False: dark to the end. */
  readonly recovered: boolean;
  /** The path that users follow in the end. */
  readonly endsOn: string | null;
}

/** Every method has begun its beat by then. */
const settledMs = 6_000;

export async function contest(
  arena: Arena,
  method: Method,
  blows: readonly Blow[],
  { run, withHops, before, patienceMs = method.patienceMs }: TrialOptions,
): Promise<Trial> {
  const random = randomStream(run, `benchmark/${method.name}`);
  await arena.settle();
  await method.settled?.(arena);
  if (before !== undefined) await arena.strike(before.fault, before.path);
  const stop = new AbortController();
  await arena.lab.startUsers();
  const watching = method.watch(arena, new Hops(run, withHops), stop.signal, random.next());
  await sleep(settledMs + (method.beatMs ?? 500) * random.next());
  const struckAt = now();
  for (const { fault, path } of blows) await arena.strike(fault, path);
  const recovered = await usersRecover(arena, struckAt, patienceMs);
  stop.abort();
  const endsOn = await arena.follows();
  const felt = feltBetween(await arena.lab.stopUsers(), struckAt);
  await watching;
  return { run, recovered, endsOn, ...felt };
}

async function usersRecover(arena: Arena, struckAt: number, patienceMs: number): Promise<boolean> {
  while (now() - struckAt < patienceMs) {
    if (await arena.lab.areUsersWellAgain(struckAt)) return true;
    await sleep(100);
  }
  return false;
}

/**
 * How often each would move users while both paths lose this share of round trips. Watchers are only counted, so that all can
 * watch one arena; what moves users by itself is seen in the route.
 */
export async function countMoves(
  arena: Arena,
  methods: readonly Method[],
  lossRatio: number,
  lastsMs: number,
): Promise<Record<string, number>> {
  await arena.settle();
  for (const method of methods) await method.settled?.(arena);
  for (const path of [arena.home, arena.standby]) await arena.lose(path, lossRatio);
  const stop = new AbortController();
  const counts = new Map(methods.map(({ name }) => [name, 0]));
  const count = (name: string): void => void counts.set(name, counts.get(name)! + 1);
  const watching = methods.map(async (method) => {
    const witness = Object.create(arena, { move: { value: async () => count(method.name) } }) as Arena;
    await method.watch(witness, new Hops(1, false), stop.signal, 0);
  });
  const endsAt = now() + lastsMs;
  let path = await arena.follows();
  while (now() < endsAt) {
    await sleep(100);
    const followed = await arena.follows();
    if (followed !== path) for (const { name, settled } of methods) if (settled) count(name);
    path = followed;
  }
  stop.abort();
  await Promise.all(watching);
  return Object.fromEntries(counts);
}
