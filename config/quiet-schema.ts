/**
 * `quiet`, hours in which people switch gateways off on purpose, and the hours in which something is planned. On the wall clock of a named zone; a window whose end is
 * not after its beginning ends on the next day.
 */
import * as z from 'zod';
import type { QuietWindow, Weekday } from '../core/words/domain';
import type { Fields } from './fields';
import { nearest } from './nearest';
import type { Finding, Step } from './problems';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly Weekday[];
const clock = (mend: string, latest: RegExp) => z.string(mend).regex(latest, mend);
/** More than one a day and one for each day is a schedule for something else. */
const windowsMax = 14;

export type AuthorQuiet = z.output<ReturnType<typeof quietField>>;

export const quietField = (f: Fields) =>
  windowsField(f).describe(
    'Hours in which a machine that a user has stopped is neither started nor repaired, and one line is said.',
  );

/** Hours of the week in which something holds, or is planned. */
export function windowsField(f: Fields) {
  const day = z.enum(days, {
    error: ({ input }) => `is no day: write ${nearest(String(input), days)}; known: ${days.join(', ')}`,
  });
  const window = f.group({
    days: f.list(day, 'day').describe('On which the window begins: mon, tue, wed, thu, fri, sat, sun.'),
    from: f
      .kept(clock('is no time: write one like "20:00", 00:00 to 23:59', /^([01]\d|2[0-3]):[0-5]\d$/), '00:00')
      .describe('When it begins, on the wall clock of `timezone`.'),
    to: f
      .kept(clock('is no time: write one like "06:00", 00:01 to 24:00', /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/), '24:00')
      .describe('When it ends; not after `from`: on the next day.'),
    timezone: f.kept(zoneField(), 'UTC').describe('An IANA name such as Europe/Berlin; daylight saving is followed.'),
  });
  return f.maybe(
    z
      .array(window)
      .min(1, 'is empty: add a window, or leave it out')
      .max(windowsMax, `has more than ${windowsMax} windows`),
  );
}

export function zoneField() {
  return z.string().superRefine((name, context) => {
    if (isZone(name)) return;
    const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
    context.addIssue(`is no time zone: write ${nearest(name, zones)}, or another IANA name`);
  });
}

/** Offsets such as +01:00 are refused: they know no daylight saving. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined;
  } catch {
    return false; // RangeError: there is none of that name.
  }
}

/** What hangs together: a window must have a length. */
export function quietFindings(quiet: AuthorQuiet, under: readonly Step[]): Finding[] {
  return (quiet ?? []).flatMap(({ from, to }, i): Finding[] =>
    from === to
      ? [
          {
            at: [...under, i, 'to'],
            kind: 'empty-window',
            message: 'is when it begins: for a whole day write from "00:00" to "24:00"',
          },
        ]
      : [],
  );
}

export function quietFrom(quiet: AuthorQuiet): QuietWindow[] {
  return (quiet ?? []).map((window) => ({
    days: window.days,
    fromMinute: minutesOf(window.from),
    toMinute: minutesOf(window.to),
    timezone: window.timezone,
  }));
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}
