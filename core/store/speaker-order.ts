/** An order to a speaker, as memory keeps it, and how it is read back. */
import type { Check } from '../words/shape';
import { isFlag, isInstant, isText, oneOf, orAbsent, orNull, shapeOf } from '../words/shape';
import type { Instant } from '../words/time';

/** The last order to the speaker of a path. Whether the speaker still obeys it, its own report says. */
export interface Order {
  readonly to: 'drained' | 'normal';
  readonly startedAt: Instant;
  /** Null: it runs. */
  readonly endedAt: Instant | null;
  /** The speaker showed that it has done it. */
  readonly isDone: boolean;
  /** Starts in a row that came to nothing. */
  readonly failures: number;
  /** Why the last one did, as the document says it. Absent: it did not, or nothing was said. */
  readonly said?: string;
  /** Users' packets were seen to come in by the tunnel just before: that they stop proves something. */
  readonly wasUsed: boolean;
  /** Since when a drained tunnel brings in no more than canaries' and BGP's own. Null: it does, or nobody saw. */
  readonly emptyAt: Instant | null;
  /** When users' packets still came in by a drained tunnel, or users got none, after the peer had had its time. */
  readonly unmovedAt: Instant | null;
}

export const isOrder: Check<Order> = shapeOf<Order>({
  to: oneOf('drained', 'normal'),
  startedAt: isInstant,
  endedAt: orNull(isInstant),
  isDone: isFlag,
  failures: isInstant,
  said: orAbsent(isText),
  wasUsed: isFlag,
  emptyAt: orNull(isInstant),
  unmovedAt: orNull(isInstant),
});

/** A drain after which users' packets were seen to stop coming in: how long the partner took, the last time. */
export interface DrainProof {
  readonly at: Instant;
  readonly ms: number;
}

export const isDrainProof: Check<DrainProof> = shapeOf<DrainProof>({ at: isInstant, ms: isInstant });
