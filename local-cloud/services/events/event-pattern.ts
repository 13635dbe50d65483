/**
 * EventBridge event patterns, every operator AWS documents.
 *
 * Fields are ANDed, the values of one field ORed, `$or` is ORed over whole patterns; a path into an array of objects
 * must be satisfied within one element (array consistency). `exists` looks at leaf fields only.
 * A pattern AWS would refuse is refused when the rule is made (`checkEventPattern`), not when an event comes.
 */
import ipaddr from 'ipaddr.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const leaves = (value: Json): Json[] => (Array.isArray(value) ? value.flatMap(leaves) : [value]);
const list = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

export function matchesEventPattern(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(event)) return event.some((element) => matchesEventPattern(pattern, element));
  const fields = isObject(event) ? event : {};
  return Object.entries(pattern as JsonObject).every(([key, rule]) => {
    if (isAlternatives(key, rule)) return rule.some((alternative) => matchesEventPattern(alternative, fields));
    return Array.isArray(rule) ? matchesField(rule, fields[key]) : matchesEventPattern(rule, fields[key]);
  });
}

/** Throws unless AWS would accept the pattern. */
export function checkEventPattern(pattern: unknown, path = 'pattern'): void {
  if (!isObject(pattern)) throw new Error(`Event pattern: ${path} must be an object`);
  if (Object.keys(pattern).length === 0) throw new Error(`Event pattern: ${path} is empty`);
  for (const [key, rule] of Object.entries(pattern)) {
    const here = `${path}.${key}`;
    if (isAlternatives(key, rule)) for (const alternative of rule) checkEventPattern(alternative, here);
    else if (!Array.isArray(rule)) checkEventPattern(rule, here);
    else if (rule.length === 0) throw new Error(`Event pattern: ${here} is an empty list`);
    else for (const value of rule) checkValue(value, here);
  }
}

const isAlternatives = (key: string, rule: Json): rule is JsonObject[] =>
  key === '$or' && Array.isArray(rule) && rule.length > 1 && rule.every(isObject);

function checkValue(value: Json, path: string): void {
  if (Array.isArray(value)) throw new Error(`Event pattern: ${path} has a list within a list`);
  if (!isObject(value)) return;
  const names = Object.keys(value);
  if (names.length !== 1) throw new Error(`Event pattern: ${path} needs exactly one operator, has ${names.join(', ')}`);
  const name = names[0]!;
  if (name === 'exists') {
    if (typeof value[name] !== 'boolean') throw new Error(`Event pattern: ${path}: exists takes true or false`);
  } else if (name === 'numeric') {
    checkNumeric(value[name]!, path);
  } else if (name === 'anything-but') {
    checkExclusion(value[name]!, path);
  } else {
    checkText(name, value[name]!, path);
  }
}

/** Literals, or one text operator over one or several texts. */
function checkExclusion(argument: Json, path: string): void {
  const entries = isObject(argument) ? Object.entries(argument) : [];
  const isSound = isObject(argument)
    ? entries.length === 1 && list(entries[0]![1]).length > 0
    : list(argument).length > 0 && list(argument).every((one) => typeof one === 'string' || typeof one === 'number');
  if (!isSound) throw new Error(`Event pattern: ${path}: anything-but takes texts, numbers or one operator`);
  for (const [name, texts] of entries) for (const text of list(texts)) checkText(name, text, path);
}

function checkText(name: string, argument: Json, path: string): void {
  if (!(name in textOperators)) throw new Error(`Event pattern: ${path} has the unknown operator '${name}'`);
  const isFolded =
    /^(pre|suf)fix$/.test(name) && isObject(argument) && typeof argument['equals-ignore-case'] === 'string';
  if (typeof argument !== 'string' && !isFolded) throw new Error(`Event pattern: ${path}: ${name} takes text`);
  if (name === 'wildcard' && /(?<!\\)\*\*/.test(String(argument)))
    throw new Error(`Event pattern: ${path}: consecutive wildcards`);
  if (name === 'cidr' && !ipaddr.isValidCIDR(String(argument)))
    throw new Error(`Event pattern: ${path}: malformed CIDR`);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '=': (value, bound) => value === bound,
};

function checkNumeric(argument: Json, path: string): void {
  const parts = list(argument);
  const sound = parts.every((part, i) => (i % 2 === 0 ? String(part) in comparisons : typeof part === 'number'));
  if (parts.length === 0 || parts.length % 2 !== 0 || !sound) {
    throw new Error(`Event pattern: ${path}: numeric takes pairs of a comparison and a number`);
  }
}

function matchesField(rule: Json[], value: Json | undefined): boolean {
  // Only leaves exist: a field that holds an object is not there, for `exists` and for values alike.
  const there = value !== undefined && !isObject(value);
  const candidates = there ? leaves(value) : [];
  return rule.some((wanted) => {
    if (!isObject(wanted)) return candidates.some((candidate) => candidate === wanted);
    const [name, argument] = Object.entries(wanted)[0]!;
    if (name === 'exists') return (there && candidates.length > 0) === argument;
    return candidates.some((candidate) => operate(name, argument, candidate));
  });
}

function operate(name: string, argument: Json, value: Json): boolean {
  if (name === 'numeric') return typeof value === 'number' && within(list(argument), value);
  if (name === 'anything-but') return !isAnyOf(argument, value);
  return typeof value === 'string' && textOperators[name]!(argument, value);
}

const within = (parts: Json[], value: number): boolean =>
  parts.every((part, i) => i % 2 === 1 || comparisons[String(part)]!(value, Number(parts[i + 1])));

/** What `anything-but` excludes: literals, or one text operator over one or several texts. */
function isAnyOf(argument: Json, value: Json): boolean {
  if (!isObject(argument)) return list(argument).some((excluded) => excluded === value);
  const [name, excluded] = Object.entries(argument)[0]!;
  return list(excluded).some((one) => operate(name, one, value));
}

type TextOperator = (argument: Json, value: string) => boolean;

/** `prefix` and `suffix` take text, or `{"equals-ignore-case": text}`. */
const foldable =
  (test: (value: string, part: string) => boolean): TextOperator =>
  (argument, value) =>
    isObject(argument)
      ? test(value.toLowerCase(), String(argument['equals-ignore-case']).toLowerCase())
      : test(value, String(argument));

const textOperators: Readonly<Record<string, TextOperator>> = {
  prefix: foldable((value, part) => value.startsWith(part)),
  suffix: foldable((value, part) => value.endsWith(part)),
  'equals-ignore-case': (argument, value) =>
    list(argument).some((one) => String(one).toLowerCase() === value.toLowerCase()),
  wildcard: (argument, value) => wildcardExpression(String(argument)).test(value),
  cidr: (argument, value) => ipaddr.isValid(value) && inRange(value, String(argument)),
};

function inRange(address: string, cidr: string): boolean {
  const [range, bits] = ipaddr.parseCIDR(cidr);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === range.kind() && parsed.match(range, bits);
}

/** `*` is any text; `\*` and `\\` are the characters themselves. */
function wildcardExpression(pattern: string): RegExp {
  const source = pattern.replace(/\\([\\*])|\*|[.+?^${}()|[\]\\]/g, (whole, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return whole === '*' ? '.*' : `\\${whole}`;
  });
  return new RegExp(`^${source}$`, 's');
}
