/** Under which keys the archive keeps the records of incidents: `incidents/<deployment>/<connection>/<day>-<id>.json`. */
import { isIncidentId } from './incident-id';
import { type Instant, instantText } from './time';

/** What a key says of its record. */
export interface RecordKey {
  readonly key: string;
  readonly connection: string;
  /** When it was opened, as `2026-01-05`. */
  readonly day: string;
  readonly id: string;
}

/** Of all records of a deployment, and of nobody else's. */
export const recordsPrefix = (deployment: string): string => `incidents/${deployment}/`;

export const recordKey = (
  deployment: string,
  { connection, openedAt, id }: { readonly connection: string; readonly openedAt: Instant; readonly id: string },
): string => `${recordsPrefix(deployment)}${connection}/${instantText(openedAt).slice(0, 10)}-${id}.json`;

/** Null: it is no record of this deployment's. */
export function recordKeyFrom(deployment: string, key: string): RecordKey | null {
  const prefix = recordsPrefix(deployment);
  if (!key.startsWith(prefix)) return null;
  const [, connection, day, id] = /^([^/]+)\/(\d{4}-\d\d-\d\d)-([^/]+)\.json$/.exec(key.slice(prefix.length)) ?? [];
  if (connection === undefined || day === undefined || id === undefined || !isIncidentId(id)) return null;
  return { key, connection, day, id };
}
