/**
 * `drills`: when they are held by themselves, and when none may be. What could never be held, would be held too often, or
 * would be refused each time is found before it is deployed: afterwards it would be found at six in the morning.
 */
import * as z from 'zod';
import { instantsOf, spanBetween } from '../core/assess/quiet';
import type { DrillSchedule, Period } from '../core/words/domain';
import { limits } from '../core/words/policy';
import { dayMs, hourMs, spanText } from '../core/words/time';
import type { Fields } from './fields';
import type { Finding, Step } from './problems';
import { quietFindings, quietFrom, windowsField, zoneField } from './quiet-schema';
import { scheduleFrom } from './schedule';

export type AuthorDrills = z.output<ReturnType<typeof drillsField>>;

/** Holidays and freezes of some years. */
const datesMax = 50;
/** Once a day, on a day that daylight saving has made shorter too. */
const gapMsMin = 20 * hourMs;
/** A schedule is looked at from here, so that a file is right or wrong whenever it is read. */
const lookedAtFrom = Date.UTC(2026, 0, 1);
const comesLookedAt = 400;

export function drillsField(f: Fields) {
  const day = () => {
    const mend = 'is no date: write one like 2026-12-24';
    return z.string(mend).refine((text) => dayOf(text) !== null, mend);
  };
  const dates = f.group({
    from: f.kept(day(), '').describe('The first day, e.g. 2026-12-20.'),
    to: f.maybe(day()).describe('The last day. Default: the first.'),
  });
  const fields = f.group({
    schedule: f
      .maybe(z.string())
      .describe('As EventBridge Scheduler takes it: cron(0 6 ? * TUE#1 *). Without it, only when a person asks.'),
    timezone: f
      .kept(zoneField().default('UTC'), 'UTC')
      .describe('An IANA name such as Europe/Berlin, of the schedule and of `blockedDates`.'),
    blocked: windowsField(f).describe('Hours of the week in which no drill begins, whoever asks.'),
    blockedDates: f
      .maybe(
        z
          .array(dates)
          .min(1, 'is empty: add days, or leave it out')
          .max(datesMax, `has more than ${datesMax} entries: join those that touch`),
      )
      .describe('Days on which no drill begins, whoever asks.'),
  });
  return f.maybe(fields).describe('Drills that are held by themselves, and hours in which none may be.');
}

export function drillFindings(drills: AuthorDrills | undefined, hasStandby: boolean, at: readonly Step[]): Finding[] {
  if (drills === undefined) return [];
  const say = (steps: readonly Step[], message: string): Finding => ({
    at: [...at, ...steps],
    kind: 'drills-wrong',
    message,
  });
  if (!hasStandby)
    return [
      say([], 'need a second path, and there is none (standby: none): remove them; of two tunnels there is rehearsal'),
    ];
  const order = (drills.blockedDates ?? []).flatMap(({ from, to }, i) =>
    to !== undefined && to < from ? [say(['blockedDates', i, 'to'], `is before ${from}: swap the two`)] : [],
  );
  const blocked = [...quietFindings(drills.blocked, [...at, 'blocked']), ...order];
  if (drills.schedule === undefined) return blocked;
  const problem = whyNotScheduled({ ...drillsFrom(drills), schedule: drills.schedule });
  return [...blocked, ...(problem === null ? [] : [say(['schedule'], problem)])];
}

function whyNotScheduled(drills: DrillSchedule & { readonly schedule: string }): string | null {
  const comes = scheduleFrom(drills.schedule, drills.timezone);
  if (typeof comes === 'string') return comes;
  const times = comes(lookedAtFrom, comesLookedAt);
  const isRate = drills.schedule.startsWith('rate');
  if (times.length === 0) return 'never comes: name a day that there is';
  const gap = Math.min(...gapsOf(times));
  if (gap < gapMsMin) return `comes again after ${spanText(gap)}: write one that comes once a day at most`;
  const isBlocked = (time: number): boolean => spanBetween(drills.blocked, time, time + limits.drillMs) !== null;
  return !isRate && times.every(isBlocked) ? 'always falls into a window of `blocked`: move one of the two' : null;
}

const gapsOf = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - times[i]!);

/** The longest time from one drill to the next; null: it is not scheduled. */
export function drillGapMs({ schedule, timezone }: DrillSchedule): number | null {
  const comes = schedule === undefined ? '' : scheduleFrom(schedule, timezone);
  return typeof comes === 'string' ? null : Math.max(0, ...gapsOf(comes(lookedAtFrom, comesLookedAt)));
}

export function drillsFrom({
  schedule,
  timezone,
  blocked,
  blockedDates = [],
}: NonNullable<AuthorDrills>): DrillSchedule {
  return {
    ...(schedule !== undefined && { schedule }),
    timezone,
    blocked: quietFrom(blocked),
    blockedDates: blockedDates.flatMap(({ from, to = from }): Period[] => {
      const [first, last] = [dayOf(from), dayOf(to)];
      if (first === null || last === null) return [];
      return [
        { from: Math.min(...instantsOf(timezone, first)), until: Math.max(...instantsOf(timezone, last + dayMs)) },
      ];
    }),
  };
}

/** Midnight of it, as if the clock on the wall were UTC's; null: there is no such day. */
function dayOf(text: string): number | null {
  if (!/^20\d\d-\d\d-\d\d$/.test(text)) return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text) ? at : null;
}
