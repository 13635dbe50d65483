/**
 * An incident of a deployment, found by its id or as the newest, and read from the executions that Step Functions has of
 * its time.
 */

import { historiesIn } from '../../adapters/stepfunctions/histories';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { incidentRecord } from '../../core/turn/incident-story';
import type { ConnectionName } from '../../core/words/domain';
import { type Instant, minuteMs } from '../../core/words/time';
import { WronglyAsked } from './exit-codes';
import type { Session } from './session';
import { leasesOf } from './standing-orders';

/** As a connection's item remembers it. */
interface KnownIncident {
  readonly connection: ConnectionName;
  readonly id: string;
  readonly openedAt: Instant;
  /** Null: it is open. */
  readonly closedAt: Instant | null;
}

/** A command and the first signal come before the incident they open. */
const leadMs = 2 * minuteMs;

/** Null: no connection remembers any. Throws WronglyAsked where an id was given and none has it. */
export async function incidentOf(session: Session, id: string | undefined): Promise<IncidentRecord | null> {
  const known = await knownIncidents(session);
  const asked = id === undefined ? known[0] : known.find((one) => one.id === id);
  if (asked === undefined && id === undefined) return null;
  if (asked === undefined) {
    const names = known.map((one) => one.id).join(', ');
    throw new WronglyAsked(`no connection remembers incident ${id}; remembered: ${names || 'none'}`);
  }
  const { name: deployment, account, region } = session.whereabouts;
  const place = { connection: asked.connection, deployment, account, region };
  const { world, whereabouts } = session;
  const span = { from: asked.openedAt - leadMs, until: asked.closedAt ?? world.now() };
  const { runs, isCut } = await historiesIn(world.aws.sfn, whereabouts.machine, span, world);
  const record = incidentRecord(asked.id, runs, place);
  const gaps = isCut ? ['more executions than are read: the oldest are missing'] : [];
  return record && { ...record, gaps: [...record.gaps, ...gaps] };
}

/** The open or the last one of each connection, newest first. */
async function knownIncidents(session: Session): Promise<readonly KnownIncident[]> {
  const known = (await leasesOf(session)).flatMap(([connection, lease]): KnownIncident[] => {
    const { incident = null, lastIncident = null } = lease?.memory ?? {};
    return [
      ...(incident === null ? [] : [{ connection, ...incident, closedAt: null }]),
      ...(lastIncident === null ? [] : [{ connection, ...lastIncident }]),
    ];
  });
  return known.sort((a, b) => b.openedAt - a.openedAt);
}
