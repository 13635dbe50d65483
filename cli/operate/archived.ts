/**
 * Incidents of which Step Functions has forgotten the executions, from the bucket that the configuration names. An
 * operator may read the records of his own deployment there and nothing else.
 */
import { keysUnder, textAt } from '../../adapters/s3/kept-records';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { recordFrom } from '../../core/turn/record-text';
import { type RecordKey, recordKeyFrom, recordsPrefix } from '../../core/words/record-key';
import { WronglyAsked } from './exit-codes';
import type { Session } from './session';

/** Of every connection, newest first; none where no archive is configured. */
export async function archivedKeys({ world, whereabouts }: Session): Promise<readonly RecordKey[]> {
  const { archive, name } = whereabouts;
  if (archive === undefined) return [];
  const keys = await keysUnder(world.aws.s3, { bucket: archive, prefix: recordsPrefix(name) }, world);
  return keys.flatMap((key) => recordKeyFrom(name, key) ?? []).sort((a, b) => b.day.localeCompare(a.day));
}

/** Null: no archive is configured, or it holds none of this id. Throws WronglyAsked where the record is damaged. */
export async function archivedRecord(session: Session, id: string): Promise<IncidentRecord | null> {
  const { world, whereabouts } = session;
  const { archive: bucket } = whereabouts;
  const found = (await archivedKeys(session)).find((one) => one.id === id);
  if (found === undefined || bucket === undefined) return null;
  const { key } = found;
  const text = await textAt(world.aws.s3, { bucket, key }, world);
  if (text === null) return null;
  const record = recordFrom(text);
  if (record === null || record.id !== id)
    throw new WronglyAsked(
      `s3://${bucket}/${key} is no record of ${id} that this version can read: it is damaged, or a newer version's`,
    );
  return record;
}
