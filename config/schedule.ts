/**
 * A schedule expression as EventBridge Scheduler takes it, read before anything is deployed: what it would refuse is
 * refused here, and it can be asked when it comes.
 *
 *     cron(minutes hours day-of-month month day-of-week year)    one of the two days is ?    1 is Sunday
 *     rate(30 days)
 */
import { Cron } from 'croner';
import { dayMs, hourMs, type Instant, minuteMs } from '../core/words/time';

/** When it comes, after an instant: the first so many times. */
export type Schedule = (after: Instant, count: number) => readonly Instant[];

const example = 'cron(0 6 ? * TUE#1 *), the first Tuesday of each month at six, or rate(30 days)';
const unitMs: Readonly<Record<string, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };
const fields = [
  ['minutes', /^[\d,*/-]+$/],
  ['hours', /^[\d,*/-]+$/],
  ['day of month', /^[\d,*/?LW-]+$/],
  ['month', /^[\dA-Z,*/-]+$/],
  ['day of week', /^[1-7A-Z,*?#-]+$/],
  ['year', /^[\d,*/-]+$/],
] as const;

/** A text says what is wrong with it, and the mend. The zone must be one that is known. */
export function scheduleFrom(expression: string, timezone: string): Schedule | string {
  const rate = /^rate\(([1-9]\d{0,4}) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    const everyMs = Number(rate[1]) * unitMs[rate[2]!]!;
    return (after, count) => Array.from({ length: count }, (_, i) => after + (i + 1) * everyMs);
  }
  if (/^at\(/.test(expression)) return 'comes once: give the word at that time (switchback drill), or write cron(…)';
  const cron = /^cron\((.*)\)$/.exec(expression);
  return cron === null ? `is no schedule: write one like ${example}` : cronFrom(cron[1]!.trim(), timezone);
}

function cronFrom(text: string, timezone: string): Schedule | string {
  const parts = text.split(/\s+/);
  const names = fields.map(([name]) => name).join(', ');
  if (parts.length !== fields.length)
    return `has ${parts.length} fields, and EventBridge takes six: ${names}; write one like ${example}`;
  const wrong = fields.findIndex(([, pattern], i) => !pattern.test(parts[i]!.toUpperCase()));
  if (wrong >= 0) return `has no ${fields[wrong]![0]} in '${parts[wrong]}'; write one like ${example}`;
  if ((parts[2] === '?') === (parts[4] === '?'))
    return `must have ? as one of day of month and day of week, and only one; write one like ${example}`;
  try {
    const cron = new Cron(`0 ${parts.join(' ')}`, {
      paused: true,
      timezone,
      alternativeWeekdays: true,
      sloppyRanges: true,
    });
    return (after, count) => cron.nextRuns(count, new Date(after)).map((at) => at.getTime());
  } catch {
    // The zone is known, so it is the pattern that says nothing sensible.
    return `names a time that is none; write one like ${example}`;
  }
}
