/**
 * How a connection stands, between incidents and in them: what an operator asks first. Pure, from memory alone, so that
 * it can be said while another run holds the connection.
 */

import type { Memory } from '../store/memory';
import type { Connection, PathName, RouteSetName } from '../words/domain';
import { type Instant, instantText } from '../words/time';
import { asksForPeople } from '../words/told-kinds';

export interface Standing {
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
}

export function standingOf(connection: Connection, memory: Memory, seededAt: Instant, now: Instant): Standing {
  const { incident, lastIncident, told, usedSince } = memory;
  const drilledAt = lastDrillAt(connection, memory);
  return {
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
    escalated: Object.keys(told).some(asksForPeople),
    drillOverdue: isDrillOverdue(connection, drilledAt, seededAt, now),
  };
}

/** The set that waits longest counts; 0 while one has never been moved. */
function lastDrillAt({ routeSets }: Connection, { practisedAt }: Memory): Instant {
  return Math.min(...Object.keys(routeSets).map((set) => practisedAt[set] ?? 0));
}

/** A connection that may not move routes cannot practise; a new one has a whole period to. */
function isDrillOverdue({ mode, policy }: Connection, drilledAt: Instant, seededAt: Instant, now: Instant): boolean {
  return mode !== 'observe' && now - Math.max(drilledAt, seededAt) > policy.drillEveryMs;
}
