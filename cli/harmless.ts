/**
 * The command line's last door: whatever is printed was written by somebody else somewhere (a command's reason, an error
 * of AWS, a scenario's title, a history file), and must not move the reader's cursor or forge a line.
 */
import { harmless } from '../core/words/malformed';

/** A value with every text in it made harmless; for what is laid out and coloured afterwards. */
export function harmlessValue<T>(value: T): T {
  if (typeof value === 'string') return harmless(value) as T;
  if (Array.isArray(value)) return value.map(harmlessValue) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [harmless(key), harmlessValue(inner)])) as T;
}

/** JSON on one line: what is hidden is spelled as JSON spells it, so it reads back as the same value. */
export const jsonLine = (value: unknown): string => `${harmless(JSON.stringify(value))}\n`;
