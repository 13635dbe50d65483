/**
 * What is wrong with a configuration, said so that it can be mended: where, what was seen, what to write instead.
 *
 * Problems are data; only `ConfigInvalid` (read.ts) is thrown, and it carries all of them. zod's findings are put in
 * the same words here, so the author never sees a schema library speak.
 */
import type * as z from 'zod';
import { fieldText, harmless, shown } from '../core/malformed';

/** Whoever has more paths or gateways knows their names. */
const namesShownMax = 20;

export type Step = string | number;

export interface Problem {
  /** The field, e.g. `connections.paris.paths.a.gateway`; empty: the whole file. */
  readonly path: string;
  /** The value seen there. */
  readonly value: unknown;
  /** What is wrong and how to mend it. */
  readonly message: string;
  /** Line in the file, from 1, where known. */
  readonly line?: number;
}

/** A problem before its place has become text. */
export interface Finding {
  readonly at: readonly Step[];
  readonly message: string;
  /** Other things it rests on: where one of those is refused, this says nothing. */
  readonly about?: readonly (readonly Step[])[];
  /** Found by the schema, in the field itself. */
  readonly isShape?: true;
  /** A field that the schema does not know. */
  readonly unknown?: true;
}

export function pathText(at: readonly Step[]): string {
  const steps = at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${fieldText(step)}`));
  return steps.join('').replace(/^\./, '');
}

/** The value at a place in the author's own tree; undefined when there is none. */
export function valueAt(tree: unknown, at: readonly Step[]): unknown {
  let value = tree;
  for (const step of at) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<Step, unknown>)[step];
  }
  return value;
}

/** One line: `connections.paris.mode: "auto" is none of … (line 7)`. */
export function problemText({ path, value, message, line }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  const seen = value === undefined || (typeof value === 'object' && value !== null) ? '' : `${shown(value)} `;
  // A YAML library quotes the author; two files of a repository may have two authors.
  return harmless(`${place}${seen}${message}${line === undefined ? '' : ` (line ${line})`}`);
}

/** zod's issues in our words. A union speaks through the branch that fits the value's type. */
export function findingsFrom(
  issues: readonly z.core.$ZodIssue[],
  tree: unknown,
  under: readonly Step[] = [],
): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const at = [...under, ...(issue.path as Step[])];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ at: [...at, key], message: issue.message, unknown: true }));
      case 'invalid_union': {
        const fitting = issue.errors.find((branch) => !branch.some((i) => isOfAnotherType(i, valueAt(tree, at))));
        return fitting === undefined ? [{ at, message: issue.message }] : findingsFrom(fitting, tree, at);
      }
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ at, message }));
      case 'invalid_type':
        return [
          {
            at,
            message: missing(tree, at, `add ${a(issue.expected)}`) ?? custom(issue) ?? `must be ${a(issue.expected)}`,
          },
        ];
      case 'invalid_value': {
        const choices = issue.values.join(', ');
        return [
          {
            at,
            message:
              missing(tree, at, `write one of ${choices}`) ??
              custom(issue) ??
              `is none of ${choices}: write one of these`,
          },
        ];
      }
      default:
        return [{ at, message: issue.message }];
    }
  });
}

/** A branch of a union that the value's type rules out, whatever else is wrong with it. */
function isOfAnotherType(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof value === 'object');
}

function missing(tree: unknown, at: readonly Step[], mend: string): string | undefined {
  return valueAt(tree, at) === undefined ? `is missing: ${mend}` : undefined;
}

/** A mend the schema wrote itself; zod's own sentences begin with "Invalid". */
function custom({ message }: z.core.$ZodIssue): string | undefined {
  return message.startsWith('Invalid') ? undefined : message;
}

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list, [...]',
  object: 'a group of fields',
  record: 'a group of names',
};

function a(expected: string): string {
  return words[expected] ?? expected;
}

/** Every place whose key was seen before; empty keys are nobody's. */
export function repeated(
  places: readonly { at: readonly Step[]; key: string }[],
  message: (first: readonly Step[], key: string) => string,
): Finding[] {
  const first = new Map<string, readonly Step[]>();
  return places.flatMap(({ at, key }) => {
    const seen = first.get(key);
    if (key !== '' && seen === undefined) first.set(key, at);
    return key === '' || seen === undefined ? [] : [{ at, message: message(seen, key) }];
  });
}

export function names(record: object): string {
  const all = Object.keys(record);
  const more = all.length - namesShownMax;
  return `${all.slice(0, namesShownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
