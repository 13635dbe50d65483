/** What AWS has scheduled for a gateway's instance, as it is remembered from one look to the next. */
import type { ScheduledEvent } from '../words/evidence';
import { isFlag, isInstant, isText, orNull, shapeOf } from '../words/shape';

export interface PlannedEvent extends ScheduledEvent {
  /** People have heard of it, as it is. */
  readonly told: boolean;
}

export const isPlannedEvent = shapeOf<PlannedEvent>({
  id: isText,
  code: isText,
  from: isInstant,
  until: orNull(isInstant),
  told: isFlag,
});
