/**
 * When a schedule of EventBridge Scheduler comes, on the clock of its own time zone. What Scheduler would refuse is refused
 * when the schedule is made.
 *
 * A time that a clock skips in spring is skipped; one that it shows twice in autumn comes once.
 */
import { Cron } from 'croner';
import type { Instant } from '../../../core/words/time';

/** Its first instant after this one; null: there is none. */
type NextOf = (after: Instant) => Instant | null;

export interface Recurrence {
  /** A rate without a start date comes at once when it is made. */
  readonly atOnce: boolean;
  readonly next: NextOf;
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Throws for what Scheduler does not take, and by name for what is not modelled. */
export function recurrenceOf(expression: string, timezone: string): Recurrence {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    const everyMs = Number(rate[1]) * unitMs[rate[2]!]!;
    return { atOnce: true, next: (after) => after + everyMs };
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron === null) throw new Error(`Schedule '${expression}' is not modelled: cron(…) and rate(…) only`);
  const fields = cron[1]!.trim().split(/\s+/);
  const isSound = fields.length === 6 && (fields[2] === '?') !== (fields[4] === '?');
  if (!isSound) throw new Error(`Schedule '${expression}': six fields, and ? as one of the two days`);
  return { atOnce: false, next: cronNext(`0 ${fields.join(' ')}`, timezone) };
}

function cronNext(pattern: string, timezone: string): NextOf {
  // Scheduler counts weekdays from 1, which is Sunday.
  const cron = new Cron(pattern, { paused: true, timezone, alternativeWeekdays: true, sloppyRanges: true });
  return (after) => {
    for (let at = cron.nextRun(new Date(after)); at !== null; at = cron.nextRun(at))
      // The library puts off to the next hour what the clock skips, and such a time does not match the pattern.
      if (cron.match(at)) return at.getTime();
    return null;
  };
}
