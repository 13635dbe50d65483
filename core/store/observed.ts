/**
 * The item of what was heard about a gateway, which only `sense` writes: EC2's last announcement about its instance, and
 * what AWS Health said of it, the last of each code.
 */
import type { HealthWord, Observation } from '../words/evidence';
import { isRecord, own } from '../words/shape';
import { observationFrom } from './stored';

/**
 * One item of a gateway, as it lies in the state table, key `observed#<gateway>`:
 *
 *     instanceId, state, at ............ the newest announcement of EC2
 *     health:<code>, heard:<code> ...... what AWS Health said last in this code, and when that was first heard
 *
 * AWS has some thirty codes for an instance and few for a connection, so the item stays small.
 */
export interface Observed {
  readonly instance: Observation | null;
  /** Oldest first. */
  readonly health: readonly HealthWord[];
}

/** Attribute names begin so. A code is letters, digits and underscores, cut to 80 by `sense`. */
const wordPrefix = 'health:';
const heardPrefix = 'heard:';

/** Attributes of one word. What is said again in the same words is the same; when it was heard stands beside it. */
export function healthAttributes({ code, status, says, about, at }: HealthWord) {
  return {
    word: { name: `${wordPrefix}${code}`, text: JSON.stringify({ about, status, says }) },
    heard: { name: `${heardPrefix}${code}`, at },
  };
}

/**
 * The item as it was read; undefined: there is none. What cannot be read was not heard: nothing is decided by it, and
 * whoever writes next puts it right.
 */
export function observedFrom(item: Readonly<Record<string, unknown>> | undefined): Observed {
  if (item === undefined) return { instance: null, health: [] };
  const words = Object.keys(item)
    .filter((name) => name.startsWith(wordPrefix))
    .flatMap((name) => wordFrom(item, name.slice(wordPrefix.length)) ?? []);
  return { instance: observationFrom(item), health: words.sort((one, other) => one.at - other.at) };
}

/** Null: somebody else's attribute, damaged, or written by another version. */
function wordFrom(item: Readonly<Record<string, unknown>>, code: string): HealthWord | null {
  const at = own(item, `${heardPrefix}${code}`);
  const text = own(item, `${wordPrefix}${code}`);
  const said = typeof text === 'string' ? parsed(text) : null;
  if (typeof at !== 'number' || !isRecord(said)) return null;
  const [about, status, says] = ['about', 'status', 'says'].map((field) => own(said, field));
  if (typeof about !== 'string' || typeof status !== 'string' || typeof says !== 'string') return null;
  return { code, about, status, says, at };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
