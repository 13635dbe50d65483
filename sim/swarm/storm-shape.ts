/** What a drawn storm is, for those who add to it. */
import { limits } from '../../core/words/policy';
import { minuteMs } from '../../core/words/time';
import type { SingleStep } from '../scenario-steps';

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Storm {
  /** In order of time. */
  readonly steps: readonly SingleStep[];
  /** Since the start: the first fault. */
  readonly startsMs: number;
  /** Nothing is broken on purpose from here. */
  readonly calmMs: number;
  /** From here no gateway is broken, but for those terminated. */
  readonly mendMs: number;
  /** Terminated by the storm: no hand brings them back. */
  readonly lost: readonly string[];
  /** The state whose Catch is aimed at: its own calls fail; null: none is. */
  readonly aimedAt: string | null;
  /** When the cloud itself misbehaved, from and until, the dust included: promises about speed do not hold then. */
  readonly troubles: readonly Span[];
}

/** After the cloud's last trouble: a lease, its grace, a sweep and the schedule's lateness must pass before speed is owed. */
export const dustMs = limits.leaseMs + limits.leaseGraceMs + 2 * minuteMs;
