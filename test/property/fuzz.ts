/**
 * Bad input for the fuzz tests: values nobody expects, and sound values with something wrong in them.
 *
 * `SEED` replays a failure; `FUZZ_RUNS=50` runs everything fifty times as long as CI's `npm test`.
 */
import fc from 'fast-check';
import { drawn } from '../thorough';

export const seed = Number(process.env['SEED'] ?? 20_260_105);
const times = process.env['FUZZ_RUNS'];

/** Parameters of one property: `usual` runs, or as often as asked for. */
export const runs = (usual: number) => ({
  seed,
  numRuns: times === undefined ? drawn(usual) : Math.max(1, Math.round(usual * Number(times))),
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Parsed, not written: so that `__proto__` is a field of its own, as in an event. */
const traps = ['{"__proto__":{"trigger":"pause"}}', '{"constructor":1,"toString":2}', '{"a":{"a":{"a":{"a":[[[]]]}}}}'];
const numbers = [0, -1, 0.5, 1e300, -1e300, 2 ** 53, 8.64e15, 8.64e15 + 1, Number.MIN_VALUE];
const texts = [
  '',
  ' ',
  'null',
  'NaN',
  '-0',
  '1e999',
  '__proto__',
  'constructor',
  'toString',
  '../..',
  '; reboot',
  '\0',
];
const unicode = ['\ud800', '𝒶', '‮paris', 'päris', '🧨'.repeat(200), '{% $states.input %}', '$' + '{x}', '<<'];

const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, null, [], {}, ''),
  fc.constantFrom<Json>(...numbers, ...texts, ...unicode, null, true, false, [], {}, [null]),
  fc.constantFrom(...traps).map((text) => JSON.parse(text) as Json),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.constantFrom(81, 300, 40_000).map((length) => 'x'.repeat(length)),
);

/** Nested beyond what a recursive writer survives. */
export const abyss = (depth = 50_000): Json => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as Json;

/** Into the past and the future, by a little and by a lot. */
const shiftsMs = [-1, 1, 2_000, -2_000, 60_000, -86_400_000, 86_400_000, 31_536_000_000];

interface Edit {
  readonly where: number;
  readonly what: 'replace' | 'remove' | 'rename' | 'add' | 'retype' | 'shift';
  readonly byMs: number;
  readonly name: string;
  readonly value: Json;
}

const edits = (max: number): fc.Arbitrary<Edit[]> =>
  fc.array(
    fc.record({
      where: fc.nat({ max: 10_000 }),
      what: fc.constantFrom('replace', 'remove', 'rename', 'add', 'retype', 'shift'),
      byMs: fc.constantFrom(...shiftsMs),
      name: fc.oneof(fc.constantFrom(...texts, 'trigger', 'path', 'force', 'until'), fc.string({ maxLength: 12 })),
      value: junk,
    }),
    { minLength: 1, maxLength: max },
  );

/** A sound value with one to `max` things wrong, as JSON text: exactly what a failure prints. */
export const mutated = (sound: unknown, max = 3): fc.Arbitrary<string> =>
  edits(max).map((list) => JSON.stringify(list.reduce<Json>(edited, structuredClone(sound) as Json)));

export const junkText = junk.map((value) => JSON.stringify(value));

interface Place {
  readonly parent: Json[] | { [key: string]: Json };
  readonly key: string;
}

function edited(root: Json, { where, what, name, value, byMs }: Edit): Json {
  const fresh = JSON.parse(JSON.stringify(value)) as Json; // One value may serve several edits.
  const places = placesIn(root);
  const place = places[where % (places.length + 1)];
  if (place === undefined) return what === 'add' && isGroup(root) ? withField(root, name, fresh) : fresh;
  const { parent, key } = place;
  const old = (parent as { [key: string]: Json })[key]!;
  if (what === 'remove' || what === 'rename') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
  if (what === 'rename') withField(parent, name, old);
  if (what === 'replace') withField(parent, key, fresh);
  if (what === 'shift') withField(parent, key, typeof old === 'number' ? old + byMs : fresh);
  if (what === 'retype') withField(parent, key, retyped(old));
  if (what === 'add') withField(isGroup(old) ? old : parent, name, fresh);
  return root;
}

/** Defined, not assigned: `__proto__` is a name like any other here. A list has no names. */
function withField<T extends Place['parent']>(group: T, name: string, value: Json): T {
  if (Array.isArray(group) && !/^\d+$/.test(name)) group.push(value);
  else Object.defineProperty(group, name, { value, enumerable: true, configurable: true, writable: true });
  return group;
}

function retyped(value: Json): Json {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value === '' || Number.isNaN(Number(value)) ? [value] : Number(value);
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

const isGroup = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { parent: value, key },
    ...placesIn((value as { [key: string]: Json })[key]!),
  ]);
}

/** What comes of a call: its answer, or the error it threw. */
export async function outcomeOf<T>(call: () => T | Promise<T>): Promise<{ answer: T } | { error: Error }> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error };
  }
}

/** An error a person can act on: one of our names, and a sentence of bounded length that names a field. */
export function expectNamed(error: Error, ...names: readonly string[]): void {
  if (!names.includes(error.name)) throw new Error(`unnamed: ${error.name}: ${error.stack}`);
  expect(error.message).toMatch(/: ./s);
  expect(error.message.length).toBeLessThan(4_000);
}
