/**
 * What an incident is called: short enough to be said over a phone, the same in every notice, log line and execution.
 *
 * Made of what was there before it: the connection, its first route table (no two deployments write the same one), when
 * the incident before it closed, and the day. A run that tells people and crashes before it can store anything is
 * followed by one that makes the same id.
 */
import { digestOf } from './digest';
import type { Connection } from './domain';
import { dayMs, type Instant } from './time';

/** Crockford's: no I, L, O or U, which are misread. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 6;
const pattern = new RegExp(`^I-[${letters}]{${length}}$`);

/** `closedBefore`: when the incident before it closed; 0: there was none. */
export function incidentIdOf({ name, routeSets }: Connection, closedBefore: Instant, now: Instant): string {
  const [table = ''] = Object.values(routeSets)
    .flatMap(({ tables }) => tables)
    .sort();
  const hex = digestOf(`${name}/${table}/${closedBefore}/${Math.floor(now / dayMs)}`);
  const bytes = hex.match(/../g) ?? [];
  return `I-${bytes
    .slice(0, length)
    .map((byte) => letters[Number.parseInt(byte, 16) % letters.length])
    .join('')}`;
}

export const isIncidentId = (text: string): boolean => pattern.test(text);
