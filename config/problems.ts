/**
 * What is wrong with a configuration, said so that it can be mended: where, what was seen, what to write instead.
 *
 * Problems are data; only `ConfigInvalid` (read.ts) is thrown, and it carries all of them. zod's findings are put in
 * the same words here, so the author never sees a schema library speak.
 */
import type * as z from 'zod';
import { fieldText, harmless, shown } from '../core/words/malformed';
import type { FindingKind, Level } from './findings';
import { meant } from './nearest';

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
  readonly kind: FindingKind;
  readonly level: Level;
  /** Line in the file, from 1, where known. */
  readonly line?: number;
  /** That line as the author wrote it, with a mark under the place. */
  readonly frame?: string;
}

/** A problem before its place has become text. */
export interface Finding {
  readonly at: readonly Step[];
  readonly kind: FindingKind;
  readonly message: string;
  /** Other things it rests on: where one of those is refused, this says nothing. */
  readonly about?: readonly (readonly Step[])[];
  /** Found by the schema, in the field itself. */
  readonly isShape?: true;
  /** A field that the schema does not know. */
  readonly unknown?: true;
  /** The field that it probably should be, where its group has none of that name. */
  readonly meant?: string;
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

/** More than this nobody mends in one go, and the first may be the cause of the rest. */
const problemsShownMax = 5;

/** The first few, each with its line of the file. */
export function problemsText(problems: readonly Problem[], shownMax = problemsShownMax): string {
  const texts = problems.slice(0, shownMax).map((problem) => `  ${framed(problem)}`);
  const more = problems.length - texts.length;
  return [...texts, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

function framed(problem: Problem): string {
  const lines = problem.frame?.split('\n').map((line) => `\n      ${harmless(line)}`) ?? [];
  return `${problemText(problem)}${lines.join('')}`;
}

/** Warnings first, then notes, each with its level; with their lines only where somebody may be about to mend them. */
export function remarksText(remarks: readonly Problem[], withFrames = false): string {
  const ordered = [...remarks].sort((a, b) => (a.level === b.level ? 0 : a.level === 'warning' ? -1 : 1));
  return ordered.map((remark) => `  ${remark.level}: ${withFrames ? framed(remark) : problemText(remark)}`).join('\n');
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
        return issue.keys.map((key) => unknownField([...at, key], issue.message.split(' '), tree));
      case 'invalid_union': {
        const fitting = closest(issue.errors.filter((one) => !one.some((i) => isOfAnotherType(i, valueAt(tree, at)))));
        return fitting === undefined ? [bad(at, issue.message)] : findingsFrom(fitting, tree, at);
      }
      case 'invalid_key':
        return issue.issues.map(({ message }) => nameFinding(at, message));
      case 'invalid_type':
        return [
          bad(
            at,
            missing(tree, at, `add ${a(issue.expected)}`) ??
              emptyFile(tree, at) ??
              custom(issue) ??
              `must be ${a(issue.expected)}`,
          ),
        ];
      case 'invalid_value': {
        const choices = issue.values.map(String);
        const value = valueAt(tree, at);
        const near = typeof value === 'string' ? meant(value, choices) : null;
        const mend = near === null ? 'write one of these' : `did you mean ${near}?`;
        return [
          bad(
            at,
            missing(tree, at, `write one of ${choices.join(', ')}`) ??
              custom(issue) ??
              `is none of ${choices.join(', ')}: ${mend}`,
          ),
        ];
      }
      case 'custom':
        return [{ at, kind: kindIn(issue.params), message: issue.message }];
      default:
        return [bad(at, issue.message)];
    }
  });
}

const bad = (at: readonly Step[], message: string): Finding => ({ at, kind: 'bad-value', message });

/** A rule of the schema that has a name of its own says it beside its message. */
function kindIn(params: Readonly<Record<string, unknown>> | undefined): FindingKind {
  return (params?.['kind'] as FindingKind | undefined) ?? 'bad-value';
}

/** `known`: the fields of its group (fields.ts hands them over in place of a message). */
function unknownField(at: readonly Step[], known: readonly string[], tree: unknown): Finding {
  const key = String(at.at(-1));
  const group = valueAt(tree, at.slice(0, -1)) as object;
  if (key === '<<') return { at, kind: 'not-yaml', message: mergeMend, unknown: true };
  const near = meant(
    key,
    known.filter((name) => !Object.hasOwn(group, name)),
  );
  const mend = near === null ? `remove it, or use one of ${known.join(', ')}` : `did you mean ${near}?`;
  return {
    at,
    kind: 'unknown-field',
    message: `is unknown here: ${mend}`,
    unknown: true,
    ...(near !== null && { meant: near }),
  };
}

const mergeMend = 'is a merge key, which is not read here: write its fields out';

function nameFinding(at: readonly Step[], message: string): Finding {
  const name = at.at(-1);
  if (name === '<<') return { at, kind: 'not-yaml', message: mergeMend };
  return bad(at, name === 'constructor' ? 'is a name that JavaScript keeps to itself: choose another' : message);
}

function emptyFile(tree: unknown, at: readonly Step[]): string | undefined {
  return tree === null && at.length === 0 ? 'is empty: start from examples/adopt/switchback.yaml' : undefined;
}

/** Of several kinds of group the one that knows most of what is written; the first of equals. */
function closest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const unknown = (branch: readonly z.core.$ZodIssue[]): number =>
    branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  return branches.reduce<readonly z.core.$ZodIssue[] | undefined>(
    (best, one) => (best === undefined || unknown(one) < unknown(best) ? one : best),
    undefined,
  );
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
  kind: FindingKind,
  places: readonly { at: readonly Step[]; key: string }[],
  message: (first: readonly Step[], key: string) => string,
): Finding[] {
  const first = new Map<string, readonly Step[]>();
  return places.flatMap(({ at, key }) => {
    const seen = first.get(key);
    if (key !== '' && seen === undefined) first.set(key, at);
    return key === '' || seen === undefined ? [] : [{ at, kind, message: message(seen, key) }];
  });
}

/** How to mend a reference that leads nowhere. */
export function oneOf(seen: string, record: object): string {
  const near = meant(seen, Object.keys(record));
  return near === null ? `write one of ${names(record)}` : `did you mean ${near}? Known: ${names(record)}`;
}

function names(record: object): string {
  const all = Object.keys(record);
  const more = all.length - namesShownMax;
  return `${all.slice(0, namesShownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
