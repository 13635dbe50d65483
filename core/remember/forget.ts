/**
 * What a deployment took out of the configuration, taken out of memory: a route set, path or gateway that is not there any
 * more is in no trouble, and nobody is to hear that it is well again. What has happened stays: budgets, the incident, a
 * repair that runs.
 */
import type { Memory } from '../store/memory';
import type { Connection } from '../words/domain';
import { toldSpec } from '../words/told-kinds';

export function forgetGone(memory: Memory, { paths, routeSets }: Connection): Memory {
  const gateways = new Set(Object.values(paths).map(({ gateway }) => gateway));
  const isKnown = {
    set: (name: string): boolean => Object.hasOwn(routeSets, name),
    path: (name: string): boolean => Object.hasOwn(paths, name),
    gateway: (name: string): boolean => gateways.has(name),
  };
  const ofSets = <T>(record: Readonly<Record<string, T>>): Record<string, T> => only(record, isKnown.set);
  const isHeardOf = (key: string): boolean => {
    const about = toldSpec(key)?.about;
    const [, name] = key.split('/');
    return about === undefined || name === undefined || isKnown[about](name);
  };
  return {
    ...memory,
    moves: ofSets(memory.moves),
    rungs: memory.rungs.filter(({ path, endedAt }) => endedAt === null || isKnown.path(path)),
    usedSince: ofSets(memory.usedSince),
    told: only(memory.told, isHeardOf),
    reminded: only(memory.reminded, isHeardOf),
    goneSince: only(memory.goneSince, isHeardOf),
    contradicted: Object.fromEntries(
      Object.entries(ofSets(memory.contradicted)).flatMap(([set, on]) => {
        const left = only(on, isKnown.path);
        return Object.keys(left).length === 0 ? [] : [[set, left]];
      }),
    ),
    servedOn: Object.fromEntries(Object.entries(ofSets(memory.servedOn)).filter(([, path]) => isKnown.path(path))),
    darkMs: ofSets(memory.darkMs),
    triedAt: ofSets(memory.triedAt),
    putBack: ofSets(memory.putBack),
    practisedAt: ofSets(memory.practisedAt),
    orders: only(memory.orders, isKnown.path),
    drainProofs: only(memory.drainProofs, isKnown.path),
    healthToldAt: only(memory.healthToldAt, isKnown.gateway),
    drill: memory.drill && { ...memory.drill, sets: only(memory.drill.sets, isKnown.set) },
  };
}

const only = <T>(record: Readonly<Record<string, T>>, isKept: (name: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => isKept(name)));
