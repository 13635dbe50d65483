/**
 * What acting leaves in memory: the repair that is begun, the incident that is closed. Moves are remembered by
 * `moves.ts`, once they are made.
 */
import type { View } from '../decide/view';
import type { Facts } from '../gateways/kind';
import { rungSpecs } from '../gateways/kinds';
import { seesToRecord } from '../gateways/name-record';
import { quietAt, spokenOf } from '../gateways/speaker';
import type { Memory, RungRun } from '../store/memory';
import type { Order } from '../store/speaker-order';
import type { Decision } from '../words/decision';
import type { Connection } from '../words/domain';
import { own } from '../words/shape';
import { asksForPeople } from '../words/told-kinds';
import { spentBy } from './rung-ends';

type After = Pick<View, keyof Facts | 'desired'>;

/** Memory to store with the decision. Moves are remembered by `afterMoves`, once they are made. */
export function afterDecision(memory: Memory, decision: Decision, after: After): Memory {
  switch (decision.kind) {
    case 'repair':
      return afterRepair(memory, decision, after);
    case 'divert':
    case 'undo':
    case 'failback':
      return decision.order === undefined ? memory : afterRepair(memory, decision.order, after);
    case 'finish':
      return closeIncident(memory, after);
    default:
      return memory;
  }
}

function afterRepair(memory: Memory, decision: Decision & { readonly kind: 'repair' }, after: After): Memory {
  if (memory.rungs.some((r) => r.clientToken === decision.clientToken)) return memory;
  const { rung, path, gateway, clientToken, deadlineAt, because, declared, beside, tunnel, purpose } = decision;
  const run: RungRun = {
    rung,
    path,
    gateway,
    clientToken,
    startedAt: after.now,
    deadlineAt,
    endedAt: null,
    result: 'running',
    untold: true,
    because,
    ...(rungSpecs[rung].replaces && declared !== null && { declared }),
    ...(seesToRecord(decision.parameters) && { record: 'follows' as const }),
    ...(beside && { beside }),
    ...(tunnel !== null && { tunnel }),
    ...(purpose !== 'repair' && { purpose }),
  };
  const rungs = [...memory.rungs, run];
  if (rung === 'attract') return { ...memory, rungs };
  if (rungSpecs[rung].isOrder)
    return { ...memory, rungs, orders: { ...memory.orders, [path]: orderOf(memory, run, after) } };
  return { ...memory, rungs, ...spentBy(run, memory) };
}

/** Once more, or another. */
function orderOf({ orders }: Memory, { rung, path, startedAt }: RungRun, after: After): Order {
  const to = rung === 'drain' ? 'drained' : 'normal';
  const before = own(orders, path);
  const failures = before?.to === to ? before.failures : 0;
  const wasUsed = (spokenOf(after, path)?.receivedPerSecond ?? 0) > quietAt(after.connection, path);
  return { to, startedAt, endedAt: null, isDone: false, failures, wasUsed, emptyAt: null, unmovedAt: null };
}

/** Home is where routes return to by themselves: what users found wrong with it outlives the incident. */
function onlyHomes(contradicted: Memory['contradicted'], { routeSets }: Connection): Memory['contradicted'] {
  return Object.fromEntries(
    Object.entries(contradicted).flatMap(([set, paths]) => {
      const home = own(routeSets, set)?.home;
      const at = home === undefined ? undefined : own(paths, home);
      return home === undefined || at === undefined ? [] : [[set, { [home]: at }]];
    }),
  );
}

function closeIncident(memory: Memory, { connection, desired, now }: After): Memory {
  const { incident } = memory;
  const lastIncident = incident === null ? memory.lastIncident : { ...incident, closedAt: now };
  return {
    ...memory,
    lastIncident,
    incident: null,
    darkMs: {},
    moves: {},
    rungs: [],
    // What somebody has acknowledged and still holds is not told anew in the next incident.
    told: Object.fromEntries(
      Object.entries(memory.told).filter(
        ([key, at]) => asksForPeople(key) && desired.acknowledgedAt > at && !(key in memory.goneSince),
      ),
    ),
    reminded: {},
    goneSince: {},
    toTell: [],
    undone: false,
    contradicted: onlyHomes(memory.contradicted, connection),
  };
}
