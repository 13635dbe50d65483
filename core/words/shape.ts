/**
 * Checks of data that somebody else wrote, or that we wrote in another version: is it what its type says?
 *
 * A check answers, it never throws and never mends. Fields it does not know are no fault: a newer version's.
 */
import type { Instant } from './time';

/** A stored field that cannot be read. */
export interface Unread {
  readonly field: string;
  /** The value that was found instead, cut to a readable length. */
  readonly seen: string;
  /** What a human does about it. */
  readonly mend: string;
}

export type Check<T> = (value: unknown) => value is T;

/** What a Date can hold; beyond it an instant cannot even be printed. */
const instantMax = 8.64e15;

export const isText: Check<string> = (value) => typeof value === 'string';
export const isFlag: Check<boolean> = (value) => typeof value === 'boolean';
export const isInstant: Check<Instant> = (value): value is Instant =>
  typeof value === 'number' && value >= 0 && value <= instantMax;
export const isRecord: Check<Readonly<Record<string, unknown>>> = (value): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const oneOf =
  <const T>(...words: readonly T[]): Check<T> =>
  (value): value is T =>
    words.includes(value as T);

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);

export const orAbsent =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);

export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);

export const recordOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value): value is Readonly<Record<string, T>> =>
    isRecord(value) && Object.values(value).every(check);

/** Every field of `T` has its check: the compiler asks for a new one with a new field. */
export const shapeOf =
  <T extends object>(fields: { readonly [K in keyof Required<T>]: Check<T[K]> }): Check<T> =>
  (value): value is T =>
    isRecord(value) && Object.entries<Check<unknown>>(fields).every(([name, check]) => check(own(value, name)));

/** Only what a record holds itself: no name of somebody else's reaches its prototype. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** JSON to a value; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
