/**
 * The times a Wait accepts: ISO-8601 with an offset, down to nanoseconds (`2016-03-05T21:29:29.243167252Z`). A date
 * that does not exist, an hour 25 or a missing offset is refused, where `Date.parse` alone would guess.
 */
import type { Instant } from '../../core/words/time';
import type { JsonValue } from './json';

const isoOffset = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-](?:0\d|1[0-8]):[0-5]\d)$/;

export function parseInstant(value: JsonValue): Instant | undefined {
  const match = typeof value === 'string' ? isoOffset.exec(value) : null;
  if (match === null) return undefined;
  const [, date, minutes, second = '00', fraction = '', offset] = match;
  const wall = `${date}T${minutes}:${second}`;
  const asUtc = Date.parse(`${wall}Z`);
  // Date.parse rolls 31 February over into March: a wall time that does not come back is no time.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(wall)) return undefined;
  return Date.parse(`${wall}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
}
