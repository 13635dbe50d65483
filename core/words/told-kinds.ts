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
  /** In a few words that a stranger knows, for the first line of a mail; empty: what it says of users says it all. */
  readonly short: (what: string, more: string) => string;
  /** The same where nothing else says how users are; absent: as `short`. */
  readonly stands?: (what: string) => string;
  /** What the name behind the kind is of. Absent: no name stands there, or not always. */
  readonly about?: 'set' | 'path' | 'gateway';
  /** What is told when it is over, given what the key is about. Absent: what follows says so itself. */
  readonly over?: (what: string, more: string) => string;
}

const tells = { asks: false, holds: 'incident', short: () => '' } as const;

const repairWords: Readonly<Record<string, string>> = {
  done: 'a repair is done',
  drain: 'a speaker drains its path',
  undrain: 'a speaker takes traffic again',
  attract: 'the partner is asked to follow',
};

const toldKinds = {
  dark: {
    short: () => '',
    stands: (set) => `users of ${set} get no answers`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `users of ${set} get answers again`,
  },
  severe: {
    short: () => '',
    stands: (set) => `users of ${set} hardly get through`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `users of ${set} get through again`,
  },
  slow: {
    short: () => '',
    stands: (set) => `users of ${set} wait longer than usual`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `users of ${set} wait no longer than usual`,
  },
  latency: {
    short: (path) => `path ${path} is slow`,
    asks: true,
    about: 'path',
    holds: 'soak',
    over: (path) => `path ${path} answers as fast as it should`,
  },
  redundancy: {
    short: (gateway) => `one of two tunnels of ${gateway} is down`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway, tunnel) => `tunnel ${tunnel} of ${gateway} is UP again: a second one stands by`,
  },
  untried: {
    short: (gateway) => `the second tunnel of ${gateway} was never proven`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway, tunnel) => `tunnel ${tunnel} of ${gateway} has carried answered traffic`,
  },
  unwatched: {
    short: (gateway) => `AWS does not say how the tunnels of ${gateway} are`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `AWS can be asked about the tunnels of ${gateway} again`,
  },
  unasked: {
    short: () => 'Switchback may not look',
    asks: true,
    holds: 'soak',
    over: () => 'Switchback may look again',
  },
  unheard: {
    short: (what, name) => {
      if (what === 'all') return 'canaries are not heard';
      if (what === 'reports') return 'canaries cannot report';
      return what === 'path' ? `nothing proves path ${name}` : `nobody sees users of ${name}`;
    },
    asks: true,
    holds: 'soak',
    over: (what, name) => {
      if (what === 'all') return 'canaries are heard again';
      if (what === 'reports') return 'canaries report again';
      return what === 'path' ? `path ${name} has a witness again` : `users of ${name} have a witness again`;
    },
  },
  tunnels: {
    short: (gateway) => `${gateway} has no tunnel up`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `the VPN daemon of ${gateway} has a tunnel up again`,
  },
  blind: {
    short: (gateway) => `the tunnels of ${gateway} cannot be counted`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `the tunnels of ${gateway} can be counted again`,
  },
  refused: {
    short: (set) => `routes of ${set} cannot be written`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `routes of ${set} are where they should be`,
  },
  unmoved: {
    short: (set) => `the network does not move ${set}`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `the network leads ${set} over a path that works`,
  },
  wayless: {
    short: (set) => `the network knows no way for ${set}`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `the network knows a way for ${set} again`,
  },
  denied: {
    short: (path) => `a repair of path ${path} is not permitted`,
    asks: true,
    about: 'path',
    holds: 'soak',
    over: (path) => `path ${path} no longer waits for a repair that was not permitted`,
  },
  awaited: {
    ...tells,
    short: (path) => `answers leave path ${path} when its partner notices`,
    about: 'path',
  },
  ignored: {
    short: (path) => `the partner does not leave path ${path}`,
    asks: true,
    about: 'path',
    holds: 'soak',
    over: (path) => `the partner has left path ${path}, or it is drained no more`,
  },
  order: {
    short: (path) => `the speaker of path ${path} does not do what it should`,
    asks: true,
    about: 'path',
    holds: 'soak',
    over: (path) => `the speaker of path ${path} says what it should`,
  },
  speaker: {
    short: (gateway) => `what ${gateway} advertises cannot be read`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `what ${gateway} advertises can be read again`,
  },
  missing: {
    short: (table) => `route table ${table} is gone`,
    asks: true,
    holds: 'soak',
    over: (table) => `EC2 lists route table ${table} again, or nothing names it`,
  },
  shadow: {
    short: (table) => `another route in ${table} takes packets elsewhere`,
    asks: true,
    holds: 'soak',
    over: (table) => `no longer prefix takes packets elsewhere in ${table}`,
  },
  identity: {
    short: (gateway) => `it is written down nowhere who ${gateway} is`,
    asks: true,
    about: 'gateway',
    holds: 'soak',
    over: (gateway) => `it is written down again who gateway ${gateway} is`,
  },
  record: {
    short: (gateway) => `the name of ${gateway} leads elsewhere`,
    asks: true,
    about: 'gateway',
    holds: 'soak or word',
  },
  unseen: { short: () => 'EC2 does not show where routes are', asks: true, holds: 'soak' },
  putback: { short: (set) => `someone moves routes of ${set} back`, asks: true, about: 'set', holds: 'soak' },
  ending: { short: () => 'planned work ends soon', asks: true, holds: 'soak' },
  ended: { short: () => 'planned work has ended', asks: true, holds: 'soak' },
  /**
   * Told over after a soak only: with half of all paths unhealthy, one more or less would begin and end it every
   * minute.
   */
  mass: {
    short: () => 'many paths fail at once',
    asks: true,
    holds: 'soak',
    over: () => 'the failures have no common cause any more',
  },
  budget: { short: (set) => `${set} may not move again today`, asks: true, about: 'set', holds: 'soak or word' },
  split: {
    short: (set) => `the two ends of ${set.split('.')[0]} are on two paths`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `both ends of ${set.split('.')[0]} are on one path again`,
  },
  manual: {
    short: (set) => `someone moved routes of ${set}`,
    asks: true,
    about: 'set',
    holds: 'test',
    over: (set) => `the routes of ${set} are on a path of ours again`,
  },
  pin: { short: (path) => `nothing proves path ${path}`, asks: true, about: 'path', holds: 'test' },
  former: { short: (set) => `routes of ${set} lead to a former gateway`, asks: true, about: 'set', holds: 'test' },
  away: { short: (set) => `${set} is not on its usual path`, asks: true, about: 'set', holds: 'test' },
  brake: { short: () => 'no path works', asks: true, holds: 'test', over: () => 'a path works again' },
  mtu: {
    short: (path) => `large packets do not pass path ${path}`,
    asks: true,
    about: 'path',
    holds: 'test',
    over: (path) => `packets of full size pass path ${path} again`,
  },
  stuck: {
    short: (path) => `path ${path} needs a person`,
    asks: true,
    about: 'path',
    holds: 'test',
    over: (path, why) => (why === 'budget' ? '' : `path ${path} is healthy again`),
  },
  rehearsal: {
    short: (path) => `rehearsal on path ${path}`,
    asks: true,
    holds: 'soak',
    over: (path) => `users of path ${path} are answered again after the rehearsal`,
  },
  upkeep: {
    short: (path) => `AWS announces work on path ${path}`,
    asks: true,
    holds: 'soak',
    over: (path) => `no maintenance of path ${path} is announced any more`,
  },
  unread: { short: () => 'what is stored cannot be read', asks: true, holds: 'incident' },
  contradicted: {
    short: (set) => `${set} moved and was not served`,
    asks: true,
    about: 'set',
    holds: 'soak',
    over: (set) => `${set} is served where it is, or was moved again`,
  },
  /** So many announcements that could not be made in time, in one. */
  many: { short: (count) => `${count} things more happened`, asks: true, holds: 'incident' },
  would: { asks: false, holds: 'test', short: (act, what) => `would ${act} ${what}`.trim() },
  quiet: { asks: false, holds: 'test', short: () => 'stopped in a quiet window' },
  move: {
    ...tells,
    short: (sets, path) => (['unclosed', 'unshown'].includes(sets) ? 'routes were moved' : `now on path ${path}`),
  },
  /** Orders to speakers go the way of repairs; whoever planned a drain must not read that something broke. */
  repair: { ...tells, short: (_, what) => repairWords[what] ?? 'a repair runs' },
  drained: { ...tells, short: (path) => `path ${path} is drained` },
  network: { ...tells, short: (_, path) => `now on path ${path}` },
  rehearsed: { ...tells, short: (outcome) => `rehearsal ${outcome}` },
  scheduled: { ...tells, short: (gateway) => `AWS has scheduled work on ${gateway}` },
  health: { ...tells, short: (gateway) => `AWS Health speaks of ${gateway}` },
  drilled: { ...tells, short: (outcome) => `drill ${outcome}` },
  /** Something done was told. */
  done: tells,
  closed: { ...tells, short: () => 'all is well again' },
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

/** What waits for a person, in a few words that a stranger knows. A newer version's kind is called by its key. */
export function askText(key: string): string {
  const [, what = ''] = key.split('/');
  return toldSpec(key)?.stands?.(what) ?? (shortText(key) || key);
}

/** What is announced under this key in a few words; of a reminder, what it reminds of. Empty: nothing short says it. */
export function shortText(key: string): string {
  const [kind, what = '', more = ''] = key.split('/');
  if (kind === ('still' satisfies ToldKind)) return shortText(key.slice('still/'.length));
  if (kind === ('over' satisfies ToldKind)) return overText(key.slice('over/'.length));
  return toldSpec(key)?.short(what, more) ?? '';
}
