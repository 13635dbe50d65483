/**
 * Judges a finished run against what its scenario expects: one line per expectation, with what was seen.
 */
import type { Notice } from './cloud/sns';
import type { RouteWatch } from './route-watch';
import type { Expectations, ScenarioStep } from './scenario';
import type { Standing } from './standing';
import { hasDecided, type TimelineEntry, type Walk } from './timeline';

export interface Judged {
  readonly what: string;
  readonly ok: boolean;
  readonly saw: string;
}

/** What there is to judge. */
export interface Evidence {
  readonly outcome: string;
  readonly routes: RouteWatch;
  readonly rungs: readonly string[];
  readonly inbox: readonly Notice[];
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
  readonly standingOf: (gateway: string) => Standing;
}

export function judge(expect: Expectations, seen: Evidence): Judged[] {
  return [
    ...equal('outcome', expect.outcome, seen.outcome),
    ...Object.entries(expect.routes ?? {}).flatMap(([set, paths]) =>
      equal(`routes of ${set}`, paths, seen.routes.sequence(set)),
    ),
    ...equal('rungs', expect.rungs, seen.rungs),
    ...(expect.told ?? []).map((text) => told(text, seen.inbox, true)),
    ...(expect.notTold ?? []).map((text) => told(text, seen.inbox, false)),
    ...atMost('notices', expect.noticesMax, seen.inbox.length),
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
        equal(`${gateway}, ${what}`, value, stands[what as keyof Standing]),
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

function writes(wanted: Expectations['ec2Writes'], saw: number): Judged[] {
  return typeof wanted === 'object' ? atMost('route writes', wanted.max, saw) : equal('route writes', wanted, saw);
}

function told(wanted: string, inbox: readonly Notice[], expected: boolean): Judged {
  const found = inbox.find(({ subject, message }) =>
    `${subject}\n${message}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  const saw =
    found === undefined ? `${inbox.length} notices: ${inbox.map(({ subject }) => subject).join('; ')}` : found.message;
  return { what: `${expected ? 'told' : 'not told'}: ${wanted}`, ok: (found !== undefined) === expected, saw };
}

function reaction(wanted: Expectations['reaction'], { steps, timeline }: Evidence): Judged[] {
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
