/**
 * What of memory is kept with this turn's write, and what only with the next.
 */
import type { View } from '../decide/view';
import type { Desired } from '../store/lease';
import type { Memory, RungRun } from '../store/memory';
import type { Decision } from '../words/decision';
import { isOfKind } from '../words/told-kinds';
import { afterDecision } from './act';
import { doneKey, spentBy } from './rung-ends';

/**
 * A rung's end is stored by the turn that frees its gateway and journals its new identity. A move goes first, so it
 * leaves the rung open for the turn after; a gateway must be freed before the next repair is journalled; and people are
 * told that it is over before the incident is closed, however often that must be tried.
 */
export function memoryToKeep(view: View, decision: Decision, ended: RungRun | null, mustTell: boolean): Memory {
  const { memory } = view;
  if (decision.kind === 'finish' && (ended !== null || mustTell)) return memory;
  if (ended === null) return afterDecision(memory, decision, view);
  if (decision.kind === 'repair') return memory;
  if (decision.kind !== 'divert' && decision.kind !== 'undo') return afterDecision(memory, decision, view);
  const open = memory.rungs.map(
    (rung): RungRun => (rung === ended ? { ...rung, endedAt: null, result: 'running' } : rung),
  );
  // The turn that stores its end tells it: told now as well, people would hear it twice.
  const toTell = memory.toTell.filter(({ key }) => key !== doneKey(ended.clientToken));
  // Unless its gateway is freed it may begin yet, and has spent its entry.
  return afterDecision({ ...memory, rungs: open, toTell, ...spentBy(ended, memory) }, decision, view);
}

/** A human who acknowledged after being told gives up what nobody can read. */
export function withoutUnread(memory: Memory, desired: Desired): Memory {
  const told = Object.entries(memory.told).flatMap(([key, at]) => (isOfKind(key, 'unread') ? [at] : []));
  if (memory.unread === undefined || told.every((at) => desired.acknowledgedAt <= at)) return memory;
  const { unread, ...readable } = memory;
  return readable;
}
