/** What people ordered, as a person reads it: a drain or a pause, while it lasts. */
import type { Drain, PathName, Pause } from './domain';
import { type Instant, instantText } from './time';

/** Who asks where nobody does: what is planned in the configuration. */
export const theSchedule = 'the schedule';

interface Orders {
  readonly drains: Readonly<Record<PathName, Drain>>;
  readonly paused: Pause | null;
}

/** Each order that lasts, a line: which path is kept out, whether everything is paused. */
export function ordersIn({ drains, paused }: Orders, at: Instant): string[] {
  const lasting = Object.entries(drains).map(([path, drain]) => [`path ${path} is kept out`, orderText(drain, at)]);
  const all = [...lasting, ['everything is paused', orderText(paused ?? undefined, at)]];
  return all.flatMap(([what, text]) => (text === '' ? [] : `${what} ${text}`));
}

/** Empty: there is none, or it has ended. */
export const orderText = (order: Drain | Pause | undefined, at: Instant): string =>
  order === undefined || order.until <= at
    ? ''
    : `until ${instantText(order.until)} by ${order.requestedBy}: ${order.reason}`;
