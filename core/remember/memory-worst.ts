/**
 * How large a connection's memory can become at its worst: everything moved, everything wrong, everything told or still
 * to be told, at once. Measured on a memory that is built and written, so a new field counts as soon as it is filled in
 * here; test/property/memory.property.test.ts sees to it that none is left out.
 */

import { blipsRememberedMax } from '../assess/blips';
import { rungSpecs } from '../gateways/kinds';
import { eventsRememberedMax } from '../gateways/scheduled-events';
import type { Announcement, Memory, Move, RungRun, Unwritten } from '../store/memory';
import { bytesOf, reasonBytes, untoldBytes, untoldMax } from '../store/memory-text';
import type { Order } from '../store/speaker-order';
import { moveText } from '../words/decision';
import { uuidOf } from '../words/digest';
import type { Connection, DeclaredIds, Path, RouteSet } from '../words/domain';
import { gatewaysOf, gatewaysOfPath } from '../words/ends';
import { limits, type Policy } from '../words/policy';
import { rungs } from '../words/rungs';
import { dayMs } from '../words/time';
import { endsBySoaking } from '../words/told-kinds';

/** Any instant from 2001 to 2286 has as many digits. */
const instant = 9_999_999_999_999;

/**
 * Keys under which people may have been told about each route set, gateway and path, and the connection; `#` is the name. All
 * at once, although some exclude each other: a moment's worst is not worth a rule.
 */
export const toldKeys = {
  set: [
    'away/#',
    'away/#/blips',
    'away/#/contradicted',
    'away/#/manual',
    'budget/#',
    'contradicted/#',
    'former/#',
    'manual/#',
    'putback/#',
    'refused/#',
    'split/#',
    'unmoved/#',
    'wayless/#',
    'unheard/users/#',
    'unseen/#',
    'severe/#', // Or dark, or slow: one spell is told as one thing.
  ],
  table: ['missing/#'],
  gateway: [
    'identity/#',
    'record/#',
    'unwatched/#',
    'tunnels/#',
    'blind/#',
    'speaker/#',
    // Of two tunnels one at most is said to stand alone, or to be untried; or the connection is down.
    'redundancy/#/255.255.255.255',
    'untried/#/255.255.255.255',
  ],
  path: [
    `ending/drain/#/${instant}`,
    `ended/drain/#/${instant}`,
    'denied/#',
    'awaited/#',
    'ignored/#',
    'order/#',
    'rehearsal/#',
    'upkeep/#/7',
    'upkeep/#/1',
    'latency/#',
    'mtu/#',
    'pin/#',
    'unheard/path/#',
    ...[
      ...[
        'between',
        'budget',
        'forwarding',
        'gate',
        'identity',
        'ladder',
        'one-way',
        'peer',
        'pin',
        'policy',
        'shared',
      ],
      ...['unseen', 'zone'],
    ].map((why) => `stuck/#/${why}`),
  ],
  whole: [
    ...Array.from(
      { length: limits.shadowsToldMax },
      (_, i) => `shadow/rtb-${'0'.repeat(16)}${i}/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128`,
    ),
    'mass',
    'unasked',
    'unheard/all',
    'unheard/reports',
    'brake/none',
    `ending/pause/${instant}`,
    `ended/pause/${instant}`,
    'unread/memory+paused',
    'unseen',
  ],
} as const;

/** Told, and asking for nobody: neither reminded of nor said to be over. */
const doneKeys = {
  set: [`move/unclosed/#/${instant}`],
  path: ['would/repair/#/restart-tunnel on a gateway with a name'],
};

/** What of a connection is remembered by name, or bounds what is remembered. */
export type Remembered = Pick<Connection, 'name' | 'policy'> & {
  readonly paths: Readonly<Record<string, Pick<Path, 'name' | 'gateway' | 'far'>>>;
  readonly routeSets: Readonly<Record<string, Pick<RouteSet, 'name' | 'tables'>>>;
};

/** Bytes of the worst memory of this connection. */
export function worstMemoryBytes(connection: Remembered): number {
  return bytesOf(JSON.stringify(worstMemory(connection)));
}

/** How many of its route sets fit; any of them, so the longest names are counted first. */
export function routeSetsThatFit(connection: Remembered): number {
  const sets = Object.values(connection.routeSets).sort((a, b) => b.name.length - a.name.length);
  const takes = (count: number): number => worstMemoryBytes({ ...connection, routeSets: byName(sets.slice(0, count)) });
  if (takes(sets.length) <= limits.memoryBytesMax) return sets.length;
  let fits = 0;
  let tooMany = sets.length;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (takes(middle) <= limits.memoryBytesMax) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

const byName = (sets: readonly Remembered['routeSets'][string][]): Remembered['routeSets'] =>
  Object.fromEntries(sets.map((set) => [set.name, set]));

export function worstMemory(connection: Remembered): Memory {
  const { name, policy } = connection;
  const paths = longestFirst(Object.keys(connection.paths));
  const sets = Object.keys(connection.routeSets);
  const path = paths[0] ?? '';
  const id = `${name}-2026-11-20T21:30:00Z`;
  const because = reason(reasonBytes.least);
  const perSet = <T>(value: T): Record<string, T> => Object.fromEntries(sets.map((set) => [set, value]));
  const perPath = Object.fromEntries(paths.map((one) => [one, instant]));
  const move: Move = {
    kind: 'failback',
    from: paths,
    to: path,
    at: instant,
    because,
    planned: false,
    lastResort: false,
    leftWorkingPath: false,
    state: 'begun',
    missing: 999,
    trial: false,
    outcome: 'contradicted',
  };
  const asked = Object.fromEntries(askedKeys(connection).map((key) => [key, instant]));
  return {
    schema: 1,
    incident: { id, openedAt: instant, because },
    lastIncident: { id, openedAt: instant, closedAt: instant, because },
    moves: perSet(move),
    rungs: worstRungs(connection, because),
    healthySince: perPath,
    severeSince: perPath,
    downSince: perPath,
    slowSince: perPath,
    blips: Object.fromEntries(
      paths.map((one) => [one, Array.from({ length: blipsRememberedMax }, () => ({ at: instant, ms: dayMs }))]),
    ),
    silence: Object.fromEntries(gatewaysOf(connection).map((gateway) => [gateway, { since: instant, until: instant }])),
    usedSince: perSet({ path, at: instant }),
    told: { ...asked, ...Object.fromEntries(doneKeysOf(connection).map((key) => [key, instant])) },
    reminded: asked,
    goneSince: Object.fromEntries(Object.entries(asked).filter(([key]) => endsBySoaking(key))),
    toTell: worstUntold(sets),
    undone: false,
    contradicted: perSet(perPath),
    unserved: perSet({ dark: instant, hurt: instant, slow: instant }),
    darkMs: perSet(30 * dayMs),
    servedOn: perSet(path),
    triedAt: perSet(instant),
    unwritten: perSet(unwritten(path)),
    putBack: perSet({ from: path, to: 'eni-0123456789abcdef0', times: 999_999, at: instant }),
    settledJournal: instant,
    blindSince: instant,
    configured: '0123456789ab',
    undeclaredSince: Object.fromEntries(gatewaysOf(connection).map((gateway) => [gateway, instant])),
    scheduled: Object.fromEntries(
      gatewaysOf(connection).map((gateway) => [gateway, Array.from({ length: eventsRememberedMax }, () => planned)]),
    ),
    healthToldAt: Object.fromEntries(gatewaysOf(connection).map((gateway) => [gateway, instant])),
    practisedAt: perSet(instant),
    budgets: worstBudgets(policy),
    orders: Object.fromEntries(paths.map((one) => [one, ordered])),
    drainProofs: Object.fromEntries(paths.map((one) => [one, { at: instant, ms: dayMs }])),
    rehearsal: { ...rehearsed, path, until: instant, downAt: instant, darkSince: instant },
    lastRehearsal: { ...rehearsed, outcome: 'refused' },
    drill: { ...drilled, until: instant, sets: perSet(path), aborted: because, darkSince: instant },
    lastDrill: { ...drilled, outcome: 'aborted', because },
    replacedAt: Object.fromEntries(
      paths.flatMap((_, i) => [2 * i, 2 * i + 1].map((n) => [`255.255.255.${100 + n}`, replacedAt])),
    ),
  };
}

const planned = {
  id: 'instance-event-0123456789abcdef0',
  code: 'instance-retirement',
  from: instant,
  until: instant,
  told: false,
} as const;

const rehearsed = {
  by: 'peer',
  tunnel: '255.255.255.255',
  openedAt: instant,
  darkMs: dayMs,
  requestedBy: 'x'.repeat(reasonBytes.least),
} as const;

const drilled = { openedAt: instant, darkMs: dayMs, requestedBy: 'x'.repeat(reasonBytes.least) } as const;

const ordered: Order = {
  to: 'drained',
  startedAt: instant,
  endedAt: instant,
  isDone: false,
  failures: 999_999,
  said: 'x'.repeat(reasonBytes.least),
  wasUsed: false,
  emptyAt: instant,
  unmovedAt: instant,
};

/** Of one of the two tunnels that a Site-to-Site connection has. */
const replacedAt = Array.from({ length: limits.tunnelReplaces24hMax + 1 }, () => instant);

const unwritten = (to: string): Unwritten => ({
  call: 'ReplaceRoute',
  table: 'rtb-0123456789abcdef0',
  destination: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128',
  to,
  detail: reason(reasonBytes.least),
  refused: false,
  since: instant,
  at: instant,
  tries: 999_999,
});

const declared: DeclaredIds = {
  instanceId: 'i-0123456789abcdef0',
  routeInterfaceId: 'eni-0123456789abcdef0',
  allocationId: 'eipalloc-0123456789abcdef0',
};

/**
 * One runs, and of each path and gateway the last of each kind is remembered. Of a machine: a Site-to-Site connection has one rung,
 * remembered for each of two tunnels, which is less.
 */
function worstRungs({ paths }: Remembered, because: string): RungRun[] {
  const ended = Object.values(paths).flatMap((path) =>
    ofMachine.flatMap((rung) =>
      gatewaysOfPath(path).map(
        (gateway): RungRun => ({
          rung,
          path: path.name,
          gateway,
          clientToken: uuidOf(path.name),
          startedAt: instant,
          deadlineAt: instant,
          endedAt: instant,
          beside: false,
          untold: false,
          result: 'undelivered',
          said: because,
          because,
          ...(rungSpecs[rung].replaces && { declared, record: 'follows' }),
        }),
      ),
    ),
  );
  const [running] = [...ended].sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
  return running === undefined ? [] : [...ended, { ...running, endedAt: null, result: 'running' }];
}

const ofMachine = rungs.filter((rung) => rungSpecs[rung].tunnels === undefined && !rungSpecs[rung].isOrder);

const keysOf = (keys: readonly string[], names: readonly string[]): string[] =>
  keys.flatMap((key) => names.map((name) => key.replace('#', name)));

function askedKeys({ paths, routeSets }: Remembered): string[] {
  const tables = new Set(Object.values(routeSets).flatMap((set) => set.tables));
  return [
    ...keysOf(toldKeys.set, Object.keys(routeSets)),
    ...keysOf(toldKeys.table, [...tables]),
    ...keysOf(toldKeys.gateway, gatewaysOf({ paths })),
    ...keysOf(toldKeys.path, Object.keys(paths)),
    ...toldKeys.whole,
  ];
}

function doneKeysOf({ paths, routeSets }: Remembered): string[] {
  const sets = Object.keys(routeSets);
  // In mode observe a key says what would be moved: all of it.
  const longest = longestFirst(Object.keys(paths))[0] ?? '';
  const moves = sets.map((set) => moveText({ routeSet: set, from: [longest, longest], to: longest })).join(', ');
  const would = ['divert', 'failback'].map((kind) => `would/${kind}/${sets.join('+')}/${kind} ${moves}`);
  return [
    ...keysOf(doneKeys.set, sets),
    ...keysOf(doneKeys.path, Object.keys(paths)),
    ...would,
    `quiet/${instant}`,
    'closed',
    'done',
  ];
}

function worstUntold(sets: readonly string[]): Announcement[] {
  const [longest = ''] = longestFirst(sets);
  const key = `over/away/${longest}/contradicted`;
  return Array.from({ length: untoldMax }, () => ({ key, text: reason(untoldBytes), waitsUntil: instant }));
}

/** Remembered is what the policy counts to, or the least that is kept, and the one that has just been spent. */
function worstBudgets(policy: Policy): Memory['budgets'] {
  const spent = (max: number): number[] =>
    Array.from({ length: Math.max(limits.budgetKeptMin, max) + 1 }, () => instant);
  return {
    moves: spent(limits.movesCountedMax),
    failbacks: spent(policy.failbacks24hMax),
    severeMoves: spent(policy.severeMoves24hMax),
    repairs: spent(policy.repairs24hMax),
    replaces: spent(policy.replaces24hMax),
  };
}

const longestFirst = (names: readonly string[]): string[] => [...names].sort((a, b) => b.length - a.length);

/** A reason that takes so many bytes of JSON, quotes included. */
const reason = (bytes: number): string => 'x'.repeat(bytes - 2);
