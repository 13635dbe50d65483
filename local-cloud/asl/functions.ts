/**
 * The functions Step Functions adds to JSONata ($partition $range $hash $parse $uuid, a seeded $random), and the two
 * that read a clock, on virtual time. The pure ones carry JSONata signatures, so a wrong argument fails as JSONata's
 * own functions do (T0410). $eval does not exist: calling it is T1006, as on AWS.
 */
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Instant } from '../../core/words/time';
import type { Random } from '../random';

/** What an expression may see; functions and variables share one prototype chain of these. */
export type Bindings = Record<string, unknown>;

const rangeItemsMax = 1_000;
const hashNames: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const instantText = jsonata('$fromMillis(at, picture, zone)');

function partition(items: readonly unknown[] | undefined, size: number): unknown {
  if (items === undefined) return undefined;
  if (!Number.isInteger(size) || size < 1) throw new Error('the chunk size of $partition must be a positive integer');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** A JSONata sequence, so one item comes out bare and none comes out undefined: `$range(1, 9, 9)` is 1 on AWS. */
function range(first: number, last: number, step: number): unknown {
  if (step === 0) throw new Error('the step of $range must not be 0');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > rangeItemsMax) throw new Error(`$range may not make more than ${rangeItemsMax} items`);
  const items = Array.from({ length: count }, (_, i) => first + i * step);
  return Object.defineProperty(items, 'sequence', { value: true });
}

function hash(data: string | undefined, algorithm: string): unknown {
  if (data === undefined) return undefined;
  const name = hashNames[algorithm];
  if (name === undefined) throw new Error(`$hash does not know the algorithm ${algorithm}`);
  return createHash(name).update(data).digest('hex');
}

const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

/** First `nextDouble()` of java.util.Random: `$random(42)` is 0.7275636800328681, bit for bit. */
function javaRandom(seed: number): number {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(Math.trunc(seed)) ^ 0x5deece66dn) & mask;
  const bits = (count: bigint): bigint => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return state >> (48n - count);
  };
  return Number((bits(26n) << 27n) + bits(27n)) / 2 ** 53;
}

/** Compiled expressions are shared by all executions, so only what needs no execution is put into them. */
export function compileExpression(source: string): jsonata.Expression {
  const expression = jsonata(source);
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a>');
  expression.registerFunction('hash', hash, '<ss:s>');
  expression.registerFunction('parse', parse, '<s:x>');
  return expression;
}

/** The functions that differ between runs: those with a clock or dice behind them. */
export function jsonataFunctions(world: { now: () => Instant; random: Random }): Bindings {
  return {
    millis: () => world.now(),
    now: (picture?: string, zone?: string) => instantText.evaluate({ at: world.now(), picture, zone }),
    random: (seed?: number) => (seed === undefined ? world.random.next() : javaRandom(seed)),
    uuid: () => world.random.uuid(),
    eval: undefined,
  };
}
