/**
 * The history of one execution, as GetExecutionHistory returns it: ids from 1, each event pointing at the one that
 * caused it. Texts (`input`, `output`, `cause`) are the texts AWS would show.
 */
import type { HistoryEventType, HistoryEvent as SdkEvent } from '@aws-sdk/client-sfn';
import type { Instant } from '../../core/words/time';

export type { HistoryEventType } from '@aws-sdk/client-sfn';

export type HistoryEvent = SdkEvent & {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: HistoryEventType;
  readonly timestamp: Date;
};

/** The one `…EventDetails` key of an event, if it has any. */
export type EventDetails = Omit<SdkEvent, 'id' | 'previousEventId' | 'type' | 'timestamp'>;

/** AWS ends an execution that would grow past this. */
export const historyEventsMax = 25_000;

export const notTruncated = { truncated: false } as const;

/** Only the execution's own end may still be recorded. */
export class HistoryFull extends Error {
  override readonly name = 'HistoryFull';
}

export class History {
  readonly events: HistoryEvent[] = [];

  /** Room for one more event is kept for the end: `isLast` takes it. */
  append(type: HistoryEventType, previous: number, at: Instant, details: EventDetails, isLast = false): HistoryEvent {
    if (!isLast && this.events.length >= historyEventsMax - 1) throw new HistoryFull();
    const event = {
      timestamp: new Date(at),
      type,
      id: this.events.length + 1,
      previousEventId: previous,
      ...details,
    };
    this.events.push(event);
    return event;
  }
}
