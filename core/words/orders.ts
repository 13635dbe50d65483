/** What people ordered, as a person reads it: a drain or a pause, while it lasts. */
import type { Drain, Pause } from './domain';
import { type Instant, instantText } from './time';

/** Who asks where nobody does: what is planned in the configuration. */
export const theSchedule = 'the schedule';

/** Empty: there is none, or it has ended. */
export const orderText = (order: Drain | Pause | undefined, at: Instant): string =>
  order === undefined || order.until <= at
    ? ''
    : `until ${instantText(order.until)} by ${order.requestedBy}: ${order.reason}`;
