/**
 * Compares what the runner did with what AWS recorded. The recorder replaced what differs from run to run by
 * placeholders: `<uuid:2>` stands for some text, the same one wherever it appears in the case; `"timestamp"` and
 * `"date"` stand for any instant. It also parsed the JSON texts that start with `{`, so key order and spacing inside
 * objects are lost and never compared.
 *
 * Every comparison answers with the first difference as `path: expected …, saw …`, or undefined when there is none.
 */

/** What placeholders stood for so far, in this case. */
export type Meanings = Map<string, string>;

const instants = new Set(['timestamp', 'date', 'start-date', 'stop-date', 'datetime']);
/** Of the wire, not of Step Functions: presence is compared, content is not. */
const opaque = new Set(['SdkHttpMetadata', 'SdkResponseMetadata']);
/** Fields the service gives as JSON text. */
const jsonTexts = new Set(['input', 'output', 'parameters']);
const placeholder = /<[A-Za-z_][\w.-]*(?::\d+)?>/g;
const shownLengthMax = 300;

export function difference(expected: unknown, saw: unknown, path: string, meanings: Meanings): string | undefined {
  if (typeof expected === 'string') return textDifference(expected, saw, path, meanings);
  if (Array.isArray(expected)) {
    if (!Array.isArray(saw) || saw.length !== expected.length) return told(expected, saw, path);
    return firstOf(expected, (item, i) => difference(item, saw[i], `${path}[${i}]`, meanings));
  }
  if (typeof expected === 'object' && expected !== null) return objectDifference(expected, saw, path, meanings);
  return expected === saw ? undefined : told(expected, saw, path);
}

function objectDifference(expected: object, saw: unknown, path: string, meanings: Meanings): string | undefined {
  // AWS gave a text, the recorder parsed it.
  if (typeof saw === 'string') return difference(expected, parsed(saw), path, meanings);
  if (typeof saw !== 'object' || saw === null || Array.isArray(saw)) return told(expected, saw, path);
  const extra = Object.keys(saw).find((key) => !Object.hasOwn(expected, key));
  if (extra !== undefined) return told(undefined, (saw as Record<string, unknown>)[extra], `${path}.${extra}`);
  return firstOf(Object.entries(expected), ([key, value]) => {
    const field = (saw as Record<string, unknown>)[key];
    if (opaque.has(key)) return field === undefined ? told(value, field, `${path}.${key}`) : undefined;
    const isJson = jsonTexts.has(key) || path.endsWith('.assignedVariables');
    const isText = isJson && typeof value === 'string' && typeof field === 'string';
    return isText
      ? difference(parsed(value), parsed(field), `${path}.${key}`, meanings)
      : difference(value, field, `${path}.${key}`, meanings);
  });
}

function textDifference(expected: string, saw: unknown, path: string, meanings: Meanings): string | undefined {
  if (expected === saw) return undefined;
  if (instants.has(expected) && (typeof saw === 'string' || saw instanceof Date)) return undefined;
  if (typeof saw !== 'string') return told(expected, saw, path);
  const names = expected.match(placeholder) ?? [];
  const pattern = expected.split(placeholder).map(escaped).join('([^]+?)');
  const match = new RegExp(`^${pattern}$`).exec(saw);
  if (match === null) return told(expected, saw, path);
  return firstOf(names, (name, i) => {
    const text = match[i + 1]!;
    const known = meanings.get(name) ?? text;
    meanings.set(name, known);
    return known === text ? undefined : told(`${name} = ${known}`, text, path);
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function told(expected: unknown, saw: unknown, path: string): string {
  return `${path}: expected ${shown(expected)}, saw ${shown(saw)}`;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}

function firstOf<T>(items: readonly T[], of: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = of(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

export interface RecordedEvent {
  /** A number; or `[0]` when the recorder sorted the events of a Parallel and lost their ids. */
  readonly id: number | readonly number[];
  readonly previousEventId: number;
  readonly type: string;
}

/** Events with an id must be at that place; the others must all be there, in any order. */
export function historyDifference(
  expected: readonly RecordedEvent[],
  saw: readonly RecordedEvent[],
  meanings: Meanings,
): string | undefined {
  if (expected.every(({ id }) => typeof id === 'number')) {
    const events = firstOf(expected, (event, i) => eventDifference(event, saw[i], meanings));
    if (events !== undefined) return events;
    return saw.length === expected.length ? undefined : told(`${expected.length} events`, saw.length, 'history');
  }
  return sortedDifference(expected, saw, meanings);
}

function eventDifference(event: RecordedEvent, saw: RecordedEvent | undefined, meanings: Meanings): string | undefined {
  const path = `event ${String(event.id)}`;
  if (saw?.type !== event.type) return told(event.type, saw?.type, `${path}.type`);
  return difference(event, saw, path, meanings);
}

function sortedDifference(
  expected: readonly RecordedEvent[],
  saw: readonly RecordedEvent[],
  meanings: Meanings,
): string | undefined {
  // The recorder's own filter dropped these.
  const dropped = new Set(['ParallelStateSucceeded', 'ParallelStateFailed']);
  const left = saw.filter(({ type }) => !dropped.has(type));
  const found = firstOf(expected, (event) => {
    const isPlaced = typeof event.id === 'number';
    const candidates = left.filter((one) => (isPlaced ? one.id === event.id : one.type === event.type));
    const differences = candidates.map((candidate) => {
      const trial = new Map(meanings);
      const like = isPlaced ? candidate : { ...candidate, id: event.id, previousEventId: event.previousEventId };
      const differs = difference(event, like, `event ${String(event.id)} (${event.type})`, trial);
      if (differs === undefined) return { candidate, trial };
      return { differs };
    });
    const fit = differences.find((one) => one.candidate !== undefined);
    if (fit?.candidate === undefined) return differences[0]?.differs ?? told(event, undefined, 'history');
    for (const [name, text] of fit.trial) meanings.set(name, text);
    left.splice(left.indexOf(fit.candidate), 1);
    return undefined;
  });
  return found ?? (left.length === 0 ? undefined : told(undefined, left[0], 'history'));
}
