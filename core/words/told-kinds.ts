/**
 * Everything people can be told, by the kind with which its key begins: does it ask for somebody, how long does it hold
 * once said, and what is said when it is over.
 *
 *     key = kind[/what[/more]]        dark/office        stuck/a/ladder        brake/none
 *
 * Memory keeps keys as text and lives longer than a version of us: a kind that is not in this table is a newer one's. It
 * asks for people and holds till the incident is closed.
 */

/**
 * `soak`: until it has not been found for a soak. `soak or word`: or somebody has acknowledged. `test`: it has a test of
 * its own in decide/told.ts. `incident`: until the incident is closed.
 */
type Lifetime = 'soak' | 'soak or word' | 'test' | 'incident';

interface ToldKindSpec {
  /** False: it tells what was done, or would be. */
  readonly asks: boolean;
  readonly holds: Lifetime;
  /** What the name behind the kind is of. Absent: no name stands there, or not always. */
  readonly about?: 'set' | 'path' | 'gateway';
  /** What is told when it is over, given what the key is about. Absent: what follows says so itself. */
  readonly over?: (what: string, more: string) => string;
}

const tells = { asks: false, holds: 'incident' } as const;

const toldKinds = {
  dark: { asks: true, about: 'set', holds: 'soak', over: (set) => `users of ${set} get answers again` },
  severe: { asks: true, about: 'set', holds: 'soak', over: (set) => `users of ${set} get through again` },
  slow: { asks: true, about: 'set', holds: 'soak', over: (set) => `users of ${set} wait no longer than usual` },
  latency: { asks: true, about: 'path', holds: 'soak', over: (path) => `path ${path} answers as fast as it should` },
  redundancy: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway, tunnel) => `tunnel ${tunnel} of ${gateway} is UP again: a second one stands by`,
  },
  untried: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway, tunnel) => `tunnel ${tunnel} of ${gateway} has carried answered traffic`,
  },
  unwatched: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `AWS can be asked about the tunnels of ${gateway} again`,
  },
  tunnels: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `the VPN daemon of ${gateway} has a tunnel up again`,
  },
  blind: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `the tunnels of ${gateway} can be counted again`,
  },
  refused: { asks: true, about: 'set', holds: 'soak', over: (set) => `routes of ${set} are where they should be` },
  denied: {
    asks: true,
    about: 'path',
    holds: 'soak',
    over: (path) => `path ${path} no longer waits for a repair that was not permitted`,
  },
  missing: { asks: true, holds: 'soak', over: (table) => `EC2 lists route table ${table} again, or nothing names it` },
  shadow: { asks: true, holds: 'soak', over: (table) => `no longer prefix takes packets elsewhere in ${table}` },
  identity: {
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `it is written down again who gateway ${gateway} is`,
  },
  unseen: { asks: true, holds: 'soak' },
  putback: { asks: true, about: 'set', holds: 'soak' },
  ending: { asks: true, holds: 'soak' },
  ended: { asks: true, holds: 'soak' },
  /**
   * Told over after a soak only: with half of all paths unhealthy, one more or less would begin and end it every
   * minute.
   */
  mass: { asks: true, holds: 'soak', over: () => 'the failures have no common cause any more' },
  budget: { asks: true, about: 'set', holds: 'soak or word' },
  manual: {
    asks: true,
    about: 'set',
    holds: 'test',
    over: (set) => `the routes of ${set} are on a path of ours again`,
  },
  pin: { asks: true, about: 'path', holds: 'test' },
  former: { asks: true, about: 'set', holds: 'test' },
  away: { asks: true, about: 'set', holds: 'test' },
  brake: { asks: true, holds: 'test', over: () => 'a path works again' },
  mtu: { asks: true, about: 'path', holds: 'test', over: (path) => `packets of full size pass path ${path} again` },
  stuck: {
    asks: true,
    about: 'path',
    holds: 'test',
    over: (path, why) => (why === 'budget' ? '' : `path ${path} is healthy again`),
  },
  rehearsal: {
    asks: true,
    holds: 'soak',
    over: (path) => `users of path ${path} are answered again after the rehearsal`,
  },
  upkeep: { asks: true, holds: 'soak', over: (path) => `no maintenance of path ${path} is announced any more` },
  unread: { asks: true, holds: 'incident' },
  contradicted: { asks: true, about: 'set', holds: 'incident' },
  /** So many announcements that could not be made in time, in one. */
  many: { asks: true, holds: 'incident' },
  would: { asks: false, holds: 'test' },
  quiet: { asks: false, holds: 'test' },
  move: tells,
  repair: tells,
  rehearsed: tells,
  /** Something done was told. */
  done: tells,
  closed: tells,
  over: tells,
  still: tells,
} as const satisfies Readonly<Record<string, ToldKindSpec>>;

export type ToldKind = keyof typeof toldKinds;
export type ToldKey = ToldKind | `${ToldKind}/${string}`;

/** Kinds that need a test of their own; the compiler asks for it. */
export type TestedKind = { [K in ToldKind]: (typeof toldKinds)[K]['holds'] extends 'test' ? K : never }[ToldKind];

/** The spec of whatever kind memory holds; null: a newer version's. */
export const toldSpec = (key: string): ToldKindSpec | null => {
  const kind = key.split('/')[0]!;
  return Object.hasOwn(toldKinds, kind) ? toldKinds[kind as ToldKind] : null;
};

export const asksForPeople = (key: string): boolean => toldSpec(key)?.asks ?? true;

/** Is it over once it is found no more, for a soak? */
export const endsBySoaking = (key: string): boolean => (toldSpec(key)?.holds ?? 'incident').startsWith('soak');

export const isOfKind = (key: string, kind: ToldKind): boolean => key === kind || key.startsWith(`${kind}/`);

/** Told when it is over; empty: nothing. */
export function overText(key: string): string {
  const [, what = '', more = ''] = key.split('/');
  return toldSpec(key)?.over?.(what, more) ?? '';
}
