/**
 * An incident of a deployment, found by its id or as the newest: read from the executions that Step Functions has of its
 * time, and where it has forgotten them from the archive.
 *
 *     known to a connection .. executions of its time .. the longer story of both
 *     known to nobody .................. archive ......../
 */
import { historiesIn } from '../../adapters/stepfunctions/histories';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { incidentRecord } from '../../core/turn/incident-story';
import type { ConnectionName } from '../../core/words/domain';
import { dayMs, type Instant, instantText, minuteMs } from '../../core/words/time';
import { archivedRecord } from './archived';
import { WronglyAsked } from './exit-codes';
import type { Session } from './session';
import { leasesOf } from './standing-orders';

/** As a connection's item remembers it. */
export interface KnownIncident {
  readonly connection: ConnectionName;
  readonly id: string;
  readonly openedAt: Instant;
  /** Null: it is open. */
  readonly closedAt: Instant | null;
}

/** A command and the first signal come before the incident they open. */
const leadMs = 2 * minuteMs;
/** Of an execution that has ended. */
const stepFunctionsKeepsMs = 90 * dayMs;

/** Null: no connection remembers any. Throws WronglyAsked where an id was given and nobody has it. */
export async function incidentOf(session: Session, id: string | undefined): Promise<IncidentRecord | null> {
  const known = await knownIncidents(session);
  const asked = id === undefined ? known[0] : known.find((one) => one.id === id);
  if (asked === undefined && id === undefined) return null;
  const executed = asked === undefined ? null : await executedRecord(session, asked);
  const isWhole = asked !== undefined && session.world.now() - asked.openedAt < stepFunctionsKeepsMs;
  if (executed !== null && isWhole) return executed;
  const wanted = asked?.id ?? id!;
  const archived = await archivedRecord(session, wanted);
  const longest = longer(executed, archived);
  if (longest !== null) return withItsEnd(longest, asked);
  if (id === undefined) return null;
  throw new WronglyAsked(nowhere(session, wanted, known));
}

const longer = (a: IncidentRecord | null, b: IncidentRecord | null): IncidentRecord | null =>
  a === null || (b !== null && b.executions.length >= a.executions.length) ? b : a;

/** A record that was last written while its incident was open does not say how it ended. */
function withItsEnd(record: IncidentRecord, known: KnownIncident | undefined): IncidentRecord {
  if (record.closedAt !== null || (known !== undefined && known.closedAt === null)) return record;
  const last = record.decisions.at(-1)?.at ?? record.openedAt;
  const gap = `its end: it is over, but its record was last written about ${instantText(last)}`;
  return { ...record, gaps: [...record.gaps, gap] };
}

function nowhere({ whereabouts }: Session, id: string, known: readonly KnownIncident[]): string {
  const ids = known.map((one) => one.id).join(', ');
  const kept =
    whereabouts.archive === undefined
      ? 'no archive is configured, and Step Functions keeps ninety days: name an execution of it (switchback history --since 90d)'
      : `there is no record of it in s3://${whereabouts.archive} (switchback history --incidents)`;
  return `no connection remembers incident ${id}; remembered: ${ids || 'none'}; ${kept}`;
}

/** Null: Step Functions has forgotten it. */
async function executedRecord(session: Session, asked: KnownIncident): Promise<IncidentRecord | null> {
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
export async function knownIncidents(session: Session): Promise<readonly KnownIncident[]> {
  const known = (await leasesOf(session)).flatMap(([connection, lease]): KnownIncident[] => {
    const { incident = null, lastIncident = null } = lease?.memory ?? {};
    return [
      ...(incident === null ? [] : [{ connection, ...incident, closedAt: null }]),
      ...(lastIncident === null ? [] : [{ connection, ...lastIncident }]),
    ];
  });
  return known.sort((a, b) => b.openedAt - a.openedAt);
}
