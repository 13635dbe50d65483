/**
 * Judges a finished run against what its scenario expects: one line per expectation, with what was seen.
 */
import type { AnswerWatch } from './answer-watch';
import type { RouteWatch } from './route-watch';
import type { Expectations, ScenarioStep } from './scenario';
import type { StandsFor } from './standing';
import { hasDecided, type TimelineEntry, type Walk } from './timeline';

export interface Judged {
  readonly what: string;
  readonly ok: boolean;
  readonly saw: string;
}

/** One message to people. */
export interface SentNotice {
  /** Since the start of the simulation. */
  readonly atMs: number;
  readonly subject: string;
  readonly text: string;
}

/** Everything a scenario's expectations are judged by. */
export interface PlayEvidence {
  readonly outcome: string;
  readonly routes: RouteWatch;
  readonly answers: AnswerWatch;
  readonly rungs: readonly string[];
  readonly notices: readonly SentNotice[];
  /** Executions that finished while their users were dark. */
  readonly darkEnds: readonly string[];
  /** Events in the longest history of any execution. */
  readonly historyEvents: number;
  readonly routeWrites: number;
  readonly ssmStarts: number;
  readonly darkMs: number;
  /** Connections whose lease is held. */
  readonly heldLeases: readonly string[];
  readonly failedExecutions: number;
  readonly timeline: readonly TimelineEntry[];
  readonly walks: readonly Walk[];
  readonly steps: readonly ScenarioStep[];
  readonly toDivert: number | null;
  readonly standingOf: (gateway: string) => StandsFor;
}

export function judge(expect: Expectations, seen: PlayEvidence): Judged[] {
  return [
    ...equal('outcome', expect.outcome, seen.outcome),
    ...Object.entries(expect.routes ?? {}).flatMap(([set, paths]) =>
      equal(`routes of ${set}`, paths, seen.routes.sequence(set)),
    ),
    ...Object.entries(expect.answers ?? {}).flatMap(([connection, paths]) =>
      equal(`answers of ${connection}`, paths, seen.answers.sequence(connection)),
    ),
    ...atMost('ms split', expect.splitMax, expect.splitMax === undefined ? 0 : seen.answers.longestSplitMs()),
    ...equal('rungs', expect.rungs, seen.rungs),
    ...(expect.told ?? []).map((text) => told(text, seen.notices, true)),
    ...(expect.notTold ?? []).map((text) => told(text, seen.notices, false)),
    ...atMost('notices that are no reminders', expect.noticesMax, seen.notices.filter(isNews).length),
    ...atLeast('notices', expect.noticesMin, seen.notices.length),
    ...[expect.heardWithin ?? []].flat().map((span) => heard(span, seen.notices)),
    ...(expect.finishedWhileDark === undefined ? [] : equal('finished while dark', [], seen.darkEnds)),
    ...atMost('events of one history', expect.historyEventsMax, seen.historyEvents),
    ...writes(expect.ec2Writes, seen.routeWrites),
    ...equal('SSM starts', expect.ssmStarts, seen.ssmStarts),
    ...atMost('dark ms', expect.darkMsMax, seen.darkMs),
    ...(expect.lease === undefined ? [] : equal('leases held', [], seen.heldLeases)),
    ...equal('failed executions', expect.executions?.failed, seen.failedExecutions),
    ...reaction(expect.reaction, seen),
    ...atMost('transitions to divert', expect.transitions?.toDivertMax, seen.toDivert ?? Number.POSITIVE_INFINITY),
    ...atMost('transitions of a duplicate', expect.transitions?.duplicateMax, longestHandover(seen.walks)),
    ...Object.entries(expect.gateways ?? {}).flatMap(([gateway, wanted]) => {
      const stands = seen.standingOf(gateway);
      return Object.entries(wanted).flatMap(([what, value]) =>
        equal(`${gateway}, ${what}`, value, stands[what as keyof StandsFor]),
      );
    }),
    ...Object.keys(expect.paths ?? {}).map((path) => neverOn(path, seen.routes)),
  ];
}

function equal(what: string, wanted: unknown, saw: unknown): Judged[] {
  if (wanted === undefined) return [];
  return [{ what: `${what}: ${text(wanted)}`, ok: JSON.stringify(wanted) === JSON.stringify(saw), saw: text(saw) }];
}

function atMost(what: string, limit: number | undefined, saw: number): Judged[] {
  return limit === undefined ? [] : [{ what: `${what}: at most ${limit}`, ok: saw <= limit, saw: String(saw) }];
}

function atLeast(what: string, limit: number | undefined, saw: number): Judged[] {
  return limit === undefined ? [] : [{ what: `${what}: at least ${limit}`, ok: saw >= limit, saw: String(saw) }];
}

/** Not said before: the subject of a reminder ends so. */
const isNews = ({ subject }: SentNotice): boolean => !/ \((\S+ )?reminder\)$/.test(subject);

function heard({ after, within }: { after: number; within: number }, notices: readonly SentNotice[]): Judged {
  const found = notices.find(({ atMs }) => atMs >= after && atMs <= after + within);
  const all = notices.map(({ atMs }) => `${(atMs / 1_000).toFixed(1)} s`).join(', ');
  const saw = found === undefined ? `notices at: ${all || 'no moment'}` : `${(found.atMs / 1_000).toFixed(1)} s`;
  const span = `${after / 1_000} s to ${(after + within) / 1_000} s`;
  return { what: `something is heard from ${span}`, ok: found !== undefined, saw };
}

function writes(wanted: Expectations['ec2Writes'], saw: number): Judged[] {
  return typeof wanted === 'object' ? atMost('route writes', wanted.max, saw) : equal('route writes', wanted, saw);
}

function told(wanted: string, notices: readonly SentNotice[], expected: boolean): Judged {
  const found = notices.find(({ subject, text }) => `${subject}\n${text}`.toLowerCase().includes(wanted.toLowerCase()));
  const saw =
    found === undefined ? `${notices.length} notices: ${notices.map(({ subject }) => subject).join('; ')}` : found.text;
  return { what: `${expected ? 'told' : 'not told'}: ${wanted}`, ok: (found !== undefined) === expected, saw };
}

function reaction(wanted: Expectations['reaction'], { steps, timeline }: PlayEvidence): Judged[] {
  if (wanted === undefined) return [];
  const step = steps[wanted.after];
  const what = `${wanted.state} within ${wanted.withinMs} ms of ${wanted.from} ${wanted.after}`;
  if (step === undefined) return [{ what, ok: false, saw: `the scenario has no step ${wanted.after}` }];
  const after = timeline.filter((entry) => entry.atMs >= step.at);
  const from = wanted.from === 'step' ? step.at : after.find((entry) => entry.state === 'Signal')?.atMs;
  const reached =
    from === undefined ? undefined : after.find((entry) => entry.state === wanted.state && entry.atMs >= from);
  if (from === undefined || reached === undefined) return [{ what, ok: false, saw: 'never' }];
  const tookMs = reached.atMs - from;
  return [{ what, ok: tookMs <= wanted.withinMs, saw: `${tookMs} ms` }];
}

function neverOn(path: string, routes: RouteWatch): Judged {
  const local = path.split('/').pop()!;
  const moved = routes.changes.find((change) => Object.values(change).includes(local));
  return {
    what: `no route on ${path}`,
    ok: moved === undefined,
    saw: moved === undefined ? 'none' : JSON.stringify(moved),
  };
}

/** Transitions of the longest run that found a holder and ended. */
const longestHandover = (walks: readonly Walk[]): number =>
  Math.max(
    0,
    ...walks.filter((walk) => walk.end !== undefined && !hasDecided(walk)).map(({ states }) => states.length),
  );

const text = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
