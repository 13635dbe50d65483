/**
 * How a connection stands, between incidents and in them: what an operator asks first. Pure, from memory alone, so that
 * it can be said while another run holds the connection.
 */

import type { ConnectionLease } from '../store/lease';
import type { Memory } from '../store/memory';
import type { Connection, PathName, RouteSetName } from '../words/domain';
import { orderText } from '../words/orders';
import { type Instant, instantText } from '../words/time';
import { asksForPeople } from '../words/told-kinds';

export interface Standing {
  /** The worst that is so. */
  readonly state: keyof typeof lights;
  /** The same as a coloured dot, for a table that can show no colour; sorted, the worst comes first. */
  readonly light: string;
  /** The one path each set follows (null: split, foreign or unread); since when, unless it has always been so. */
  readonly carriedBy: Readonly<Record<RouteSetName, { readonly path: PathName | null; readonly since: string }>>;
  /** Empty: none is open. */
  readonly incident: string;
  readonly lastIncident: string;
  /** Empty: never. */
  readonly lastDrill: string;
  /** People were told that they are needed, and it is not over. */
  readonly escalated: boolean;
  readonly drillOverdue: boolean;
  /** Sets whose users get no answer, and since when. Empty: none. */
  readonly dark: string;
  /** Until when, by whom and why. Empty: it is not. */
  readonly paused: string;
  /** The paths that are drained: until when, by whom and why. Empty: none. */
  readonly drained: string;
}

const lights = {
  'users dark': '\u{1f534}',
  'people needed': '\u{1f534}',
  'in incident': '\u{1f7e0}',
  'not home': '\u{1f7e1}',
  well: '\u{1f7e2}',
} as const;

export function standingOf(connection: Connection, lease: ConnectionLease, now: Instant): Standing {
  const { memory, desired, seededAt } = lease;
  const { incident, lastIncident, told, usedSince } = memory;
  const drilledAt = lastDrillAt(connection, memory);
  const escalated = Object.keys(told).some(asksForPeople);
  const dark = darkText(memory);
  const drains = Object.entries(desired.drains).map(([path, drain]) => [path, orderText(drain, now)] as const);
  const state = stateOf(connection, memory, dark !== '', escalated);
  return {
    state,
    light: lights[state],
    carriedBy: Object.fromEntries(
      Object.keys(connection.routeSets).map((set) => {
        const used = usedSince[set];
        const since = used === undefined || used.at === 0 ? '' : instantText(used.at);
        return [set, { path: used?.path ?? null, since }];
      }),
    ),
    incident: incident === null ? '' : `since ${instantText(incident.openedAt)}: ${incident.because}`,
    lastIncident:
      lastIncident === null
        ? ''
        : `${instantText(lastIncident.openedAt)} to ${instantText(lastIncident.closedAt)}: ${lastIncident.because}`,
    lastDrill: drilledAt === 0 ? '' : instantText(drilledAt),
    escalated,
    drillOverdue: isDrillOverdue(connection, drilledAt, seededAt, now),
    dark,
    paused: orderText(desired.paused ?? undefined, now),
    drained: drains.flatMap(([path, text]) => (text === '' ? [] : [`${path} ${text}`])).join('; '),
  };
}

/**
 * What an operator must see first outweighs the rest: users without an answer before people who are waited for, before an
 * incident that Switchback mends alone, before users who are served away from home.
 */
function stateOf(
  { routeSets }: Connection,
  { incident, usedSince }: Memory,
  isDark: boolean,
  escalated: boolean,
): Standing['state'] {
  if (isDark) return 'users dark';
  if (escalated) return 'people needed';
  if (incident !== null) return 'in incident';
  // A set that was never seen is not said to be away.
  const isHome = Object.values(routeSets).every(({ name, home }) => (usedSince[name] ?? { path: home }).path === home);
  return isHome ? 'well' : 'not home';
}

const darkText = ({ unserved }: Memory): string =>
  Object.entries(unserved)
    .flatMap(([set, { dark }]) => (dark === null ? [] : [`${set} since ${instantText(dark)}`]))
    .join('; ');

/** The set that waits longest counts; 0 while one has never been moved. */
function lastDrillAt({ routeSets }: Connection, { practisedAt }: Memory): Instant {
  return Math.min(...Object.keys(routeSets).map((set) => practisedAt[set] ?? 0));
}

/** A connection that may not move routes cannot practise; a new one has a whole period to. */
function isDrillOverdue({ mode, policy }: Connection, drilledAt: Instant, seededAt: Instant, now: Instant): boolean {
  return mode !== 'observe' && now - Math.max(drilledAt, seededAt) > policy.drillEveryMs;
}
