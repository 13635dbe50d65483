/**
 * Was this machine stopped by a person inside a quiet window that has not ended since? By the storm's own calendar and
 * the clock on the wall, minute by minute: the product reckons in spans and by what EC2 says of the stop.
 */
import type { Connection, GatewayName, QuietWindow } from '../../core/words/domain';
import { gatewaysOfPath } from '../../core/words/ends';
import { instanceNamed } from '../../core/words/gateways';
import { type Instant, minuteMs } from '../../core/words/time';
import type { Scene } from './law';

/** Since when it is left alone; null: it is not. */
export function leftSince(scene: Scene, { quiet = [] }: Connection, gateway: GatewayName): Instant | null {
  if (quiet.length === 0) return null;
  const { cloud, deployment, storm, startedAt, now } = scene;
  if (instanceNamed(deployment, gateway) === undefined) return null; // Nobody switches AWS's own connections off.
  const { state, stoppingSince } = cloud.world.machineOf(gateway);
  if (state !== 'stopping' && state !== 'stopped') return null;
  const isByHand = storm.steps.some(
    (step) => step.do === 'stop_instance' && step.gateway === gateway && startedAt + step.at === stoppingSince,
  );
  if (!isByHand) return null;
  for (let at = stoppingSince; at < now(); at = nextMinute(at)) if (!isOpen(quiet, at)) return null;
  return isOpen(quiet, now()) ? stoppingSince : null;
}

/** Every way across is switched off on purpose: nobody expects an answer. */
export const isAllLeft = (scene: Scene, connection: Connection): boolean =>
  Object.values(connection.paths).every((path) =>
    gatewaysOfPath(path).some((gateway) => leftSince(scene, connection, gateway) !== null),
  );

const nextMinute = (at: Instant): Instant => (Math.floor(at / minuteMs) + 1) * minuteMs;

const isOpen = (windows: readonly QuietWindow[], at: Instant): boolean => windows.some((one) => isIn(one, at));

function isIn({ days, fromMinute, toMinute, timezone }: QuietWindow, at: Instant): boolean {
  const { today, yesterday, minute } = wall(timezone, at);
  const begunToday = days.includes(today) && minute >= fromMinute;
  if (toMinute > fromMinute) return begunToday && minute < toMinute;
  return begunToday || (days.includes(yesterday) && minute < toMinute);
}

type Day = QuietWindow['days'][number];
const week = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const satisfies readonly Day[];

function wall(timeZone: string, at: Instant): { today: Day; yesterday: Day; minute: number } {
  const text = new Date(at).toLocaleString('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const [, day = '', hour, minute] = /^(\w{3}),? (\d\d):(\d\d)$/.exec(text)!;
  const index = week.indexOf(day.toLowerCase() as Day);
  return { today: week[index]!, yesterday: week[(index + 6) % 7]!, minute: Number(hour) * 60 + Number(minute) };
}
