/**
 * Failures that mend themselves within seconds, again and again: a rekey that removes the old keys before the new ones
 * work, an operator's nightly reload. The rescue from one is never delayed. But going home before the next one only cuts
 * every flow twice more, so the proof before failback outlasts the interval at which home keeps failing.
 */

import type { Blip, Memory } from '../store/memory';
import type { PathName } from '../words/domain';
import { budgetWindowMs, type Policy } from '../words/policy';
import { own } from '../words/shape';
import { dayMs, hourMs, type Instant, minuteMs } from '../words/time';
import type { PathAssessment } from './assessment';

/** A failure that lasts longer is one to repair. */
const blipMsMax = minuteMs;
/** The last ones say how often; one every ten minutes fills this in an hour. */
export const blipsRememberedMax = 8;
/** Two blips further apart are two blips; a third makes them a rhythm. */
const pairApartMsMax = 4 * hourMs;

/** Memory of failures that may mend themselves, after a look. */
export function rememberBlips(memory: Memory, paths: readonly PathAssessment[], now: Instant): Memory['blips'] {
  return Object.fromEntries(
    paths.flatMap((path) => {
      const known = (own(memory.blips, path.path) ?? []).filter(({ at }) => now - at < budgetWindowMs);
      // A path whose machine EC2 stopped, or which somebody drained, did not fail by itself: no blip.
      const fails = path.verdict === 'down' && !path.drained && !path.dead;
      const after = fails ? withFailure(memory, known, path, now) : known;
      return after.length === 0 ? [] : [[path.path, after.slice(-blipsRememberedMax)]];
    }),
  );
}

/**
 * The same failure as at the last look, or another? Another only where the path was healthy between the two: the first
 * missed probe says no more than when this observer began to look, e.g. a canary's new sandbox an hour into an outage.
 */
function withFailure(memory: Memory, known: readonly Blip[], path: PathAssessment, now: Instant): readonly Blip[] {
  const { failingSince } = path;
  const last = known.at(-1);
  const wasHealthy = own(memory.healthySince, path.path) !== undefined;
  const startedThen = last !== undefined && failingSince !== null && failingSince <= last.at + last.ms;
  const goesOn = last !== undefined && (startedThen || !wasHealthy);
  const before = goesOn ? known.slice(0, -1) : known;
  const at = goesOn ? last.at : (failingSince ?? now);
  // A failure that a repair of ours has worked on did not mend itself: no blip.
  const isRepaired = memory.rungs.some(
    (run) => run.path === path.path && run.purpose !== 'order' && (run.endedAt ?? now) >= at,
  );
  return isRepaired ? before : [...before, { at, ms: now - at }];
}

export interface Rhythm {
  readonly blips: readonly Blip[];
  /** The longest time that it held between two of them. */
  readonly apartMs: number;
  /** How long the longest lasted. */
  readonly lastedMs: number;
}

/** Null: nothing keeps failing for a moment, or a human who knows of it has acknowledged. */
export function rhythmOf(memory: Memory, path: PathName, acknowledgedAt: Instant): Rhythm | null {
  const blips = (own(memory.blips, path) ?? []).filter(({ at, ms }) => ms < blipMsMax && at > acknowledgedAt);
  const apartMs = Math.max(0, ...blips.slice(1).map(({ at }, i) => at - blips[i]!.at));
  if (blips.length < 2 || (blips.length === 2 && apartMs > pairApartMsMax)) return null;
  return { blips, apartMs, lastedMs: Math.max(...blips.map(({ ms }) => ms)) };
}

/** A quarter more than it held last time; for a day at most. */
export const outlastsMs = ({ apartMs }: Rhythm): number => Math.min(dayMs, (apartMs * 5) / 4);

/** `downAfterRounds` that would ride it out. */
export const roundsFor = ({ lastedMs }: Rhythm, { roundIntervalMs }: Policy): number =>
  Math.ceil(lastedMs / roundIntervalMs) + 2;
