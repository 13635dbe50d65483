/**
 * Quiet windows: hours in which people switch gateways off on purpose, night after night. What a *user* stopped inside
 * one is left alone till it ends, and said in one line; any other stop is handled as ever.
 *
 *     mon 20:00 ......... stopped by a user ......... tue 06:00
 *               open      |<-------- quiet -------->|  as ever from here
 *
 * Windows are on the wall clock of their time zone. An instant that this clock shows twice counts as the earlier one for a
 * beginning and as the later one for an end. No clock is asked: Intl computes zones for the instant it is given.
 */

import type { RungSpec } from '../gateways/kind';
import { rungSpecs } from '../gateways/kinds';
import type { Connection, GatewayName, PathName, Period, QuietWindow, Weekday } from '../words/domain';
import { gatewaysOfPath } from '../words/ends';
import type { InstanceFacts } from '../words/evidence';
import { own } from '../words/shape';
import { dayMs, type Instant, instantText, minuteMs, secondMs } from '../words/time';
import type { ToldKey } from '../words/told-kinds';
import type { Look } from './assessment';

/** All that is asked about a stop. */
type Seen = Pick<Look, 'connection' | 'evidence' | 'memory' | 'now'>;

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const satisfies readonly Weekday[];

/** A whole week of windows that touch is one span; more cannot be told apart from always. */
const spansJoinedMax = 15;

/** The window around this instant, those that follow without a gap included; null: none is open. */
export function quietSpan(windows: readonly QuietWindow[], at: Instant): Period | null {
  let span = openAt(windows, at);
  for (let i = 0; span !== null && i < spansJoinedMax; i++) {
    const next = openAt(windows, span.until);
    if (next === null || next.until <= span.until) break;
    span = { from: span.from, until: next.until };
  }
  return span;
}

function openAt(windows: readonly QuietWindow[], at: Instant): Period | null {
  const open = windows.flatMap((window) => spansNear(window, at)).filter(({ from, until }) => from <= at && at < until);
  return open.reduce<Period | null>((best, span) => (best === null || span.until > best.until ? span : best), null);
}

/** One of them that is open at some time between these two; null: none is. */
export function spanBetween(windows: readonly QuietWindow[], from: Instant, until: Instant): Period | null {
  for (let at = from; at < until + dayMs; at += dayMs)
    for (const window of windows) {
      const found = spansNear(window, at).find((span) => span.from < until && span.until > from);
      if (found !== undefined) return found;
    }
  return null;
}

/** The window as it begins on the local days before, on and after the instant's own. */
function spansNear({ days, fromMinute, toMinute, timezone }: QuietWindow, at: Instant): Period[] {
  return [-1, 0, 1].flatMap((offset) => {
    const day = Math.floor(wallClock(timezone, at + offset * dayMs) / dayMs) * dayMs;
    if (!days.includes(weekdays[new Date(day).getUTCDay()]!)) return [];
    const end = toMinute > fromMinute ? day : day + dayMs;
    const from = Math.min(...instantsOf(timezone, day + fromMinute * minuteMs));
    return [{ from, until: Math.max(...instantsOf(timezone, end + toMinute * minuteMs)) }];
  });
}

/** The instants at which that wall clock shows this time: two in the hour that comes twice; none becomes the one after. */
export function instantsOf(timezone: string, wall: number): Instant[] {
  const offsets = [wall - dayMs, wall + dayMs].map((near) => wallClock(timezone, near) - near);
  const found = offsets.map((offset) => wall - offset).filter((at) => wallClock(timezone, at) === wall);
  return found.length > 0 ? found : [wall - Math.min(...offsets)];
}

/** What a clock on the wall there shows, as if it were UTC; to the second. */
function wallClock(timezone: string, at: Instant): number {
  const quarter = Math.floor(at / quarterMs) * quarterMs;
  return Math.floor(at / secondMs) * secondMs + offsetAt(timezone, quarter);
}

/** No zone changes its clocks but at a quarter of an hour. */
const quarterMs = 15 * minuteMs;
const offsets = new Map<string, number>();
/** Of some days and a few zones; asked again when they are forgotten. */
const offsetsMax = 2_000;

/** How far the wall clock is ahead of UTC. Kept: the same few instants are asked for at every look. */
function offsetAt(timezone: string, at: Instant): number {
  const key = `${at} ${timezone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= offsetsMax) offsets.clear();
  const made = shownAt(timezone, at) - at;
  offsets.set(key, made);
  return made;
}

function shownAt(timezone: string, at: Instant): number {
  const parts = formatOf(timezone).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Made once a zone: making one takes longer than all that is asked of it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const number = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', second: 'numeric', ...number });
  formats.set(timeZone, made);
  return made;
}

// Paths ---------------------------------------------------------------------------------------------------------------

/** Until when this path's machine is left as a user stopped it; null: it is not, or by somebody or something else. */
export function quietUntil(view: Seen, path: PathName): Instant | null {
  const found = own(view.connection.paths, path);
  const until = found === undefined ? [] : gatewaysOfPath(found).flatMap((name) => gatewayQuietUntil(view, name) ?? []);
  return until.length === 0 ? null : Math.min(...until);
}

function gatewayQuietUntil(view: Seen, gateway: GatewayName): Instant | null {
  const facts = view.evidence.instances[gateway] ?? null;
  if (facts === null || (facts.state !== 'stopping' && facts.state !== 'stopped')) return null;
  const stoppedAt = userStoppedAt(facts);
  if (stoppedAt === null || isOurStop(view, facts.gateway, stoppedAt)) return null;
  const span = quietSpan(view.connection.quiet ?? [], stoppedAt);
  return span !== null && view.now < span.until ? span.until : null;
}

/** May this path's silence be what somebody wanted? */
export const isQuietlyStopped = (view: Seen, path: PathName): boolean => quietUntil(view, path) !== null;

/** Every way across was switched off on purpose: nobody expects an answer. */
export const isQuiet = (view: Seen): boolean =>
  Object.keys(view.connection.paths).every((path) => isQuietlyStopped(view, path));

/** A window is open for the whole connection: its paths may be off, whatever else could be found out about them. */
export const isQuietHour = ({ quiet = [] }: Pick<Connection, 'quiet'>, now: Instant): boolean =>
  quietSpan(quiet, now) !== null;

/** `User initiated (2026-01-05 20:01:07 GMT)`; a host that fails says `Server.…`, and what has no time says nothing. */
function userStoppedAt({ stopReason }: InstanceFacts): Instant | null {
  const said = /^User initiated \((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (GMT|UTC)\)$/.exec(stopReason);
  const at = said === null ? Number.NaN : Date.parse(`${said[1]}T${said[2]}Z`);
  return Number.isFinite(at) ? at : null;
}

/** For EC2 our own repairs are a user. This connection's are remembered, another's have left their rung on the gateway. */
function isOurStop({ memory, evidence, connection }: Seen, gateway: string, stoppedAt: Instant): boolean {
  const stops = ({ rung }: { readonly rung: string | null }): boolean =>
    rung !== null && own<RungSpec>(rungSpecs, rung)?.stopsMachine === true;
  // EC2 says whole seconds.
  const since = (from: Instant): boolean => stoppedAt >= from - 1_000;
  const mine = memory.rungs.some(
    (run) =>
      run.gateway === gateway && stops(run) && since(run.startedAt) && stoppedAt <= (run.endedAt ?? run.deadlineAt),
  );
  const lease = evidence.gatewayLeases[gateway];
  if (mine || !lease || !stops(lease)) return mine;
  const longestMs = connection.policy.rungDeadlineMs.replace + connection.policy.repairSettleMs;
  return stoppedAt <= lease.until && since(lease.until - longestMs);
}

/** The one line, and its key: one a window, however many machines it is about. */
export function quietLine(view: Seen): { readonly key: ToldKey; readonly text: string } | null {
  const stopped = Object.values(view.connection.paths).flatMap((path) =>
    gatewaysOfPath(path).flatMap((gateway) => {
      const until = gatewayQuietUntil(view, gateway);
      return until === null ? [] : [{ name: path.name, gateway, until }];
    }),
  );
  const until = Math.max(...stopped.map((one) => one.until));
  if (stopped.length === 0) return null;
  const what = stopped.map(({ name, gateway }) => `${gateway} (path ${name})`).join(' and ');
  const text = `${what} stopped by a user inside a quiet window: left alone until ${instantText(until)}, repaired like any other from then on`;
  return { key: `quiet/${until}`, text };
}
