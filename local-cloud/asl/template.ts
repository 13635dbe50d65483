/**
 * Values of a definition with `{% … %}` inside: compiled once at load, evaluated at every visit of the state.
 * A string is an expression only if it starts with `{%` and ends with `%}`; with blanks around it is plain text.
 * The messages are AWS's, word for word; `field` is the slash path it puts in `location`.
 */
import type jsonata from 'jsonata';
import { type Bindings, compileExpression } from './functions';
import { type JsonObject, type JsonValue, jsonType } from './json';
import { InvalidDefinition } from './refusal';

export type Template =
  | { readonly kind: 'literal'; readonly field: string; readonly value: JsonValue }
  | { readonly kind: 'expression'; readonly field: string; readonly source: string; readonly code: jsonata.Expression }
  | { readonly kind: 'list'; readonly field: string; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly field: string; readonly entries: readonly (readonly [string, Template])[] };

/** The second half of an EvaluationFailed cause, and where it happened. */
export class EvaluationFailure extends Error {
  override readonly name = 'EvaluationFailure';

  constructor(
    message: string,
    readonly location?: string,
  ) {
    super(message);
  }
}

const compiled = new Map<string, jsonata.Expression>();

export function compileTemplate(raw: JsonValue, field: string, where: string): Template {
  if (typeof raw === 'string' && raw.startsWith('{%')) {
    if (!raw.endsWith('%}') || raw.length < 4) throw new InvalidDefinition(`${field}: '{%' without '%}'`, where);
    return compileField(raw.slice(2, -2).trim(), field, where);
  }
  if (Array.isArray(raw)) {
    const items = raw.map((item, i) => compileTemplate(item, `${field}[${i}]`, where));
    return items.every((item) => item.kind === 'literal')
      ? { kind: 'literal', field, value: raw }
      : { kind: 'list', field, items };
  }
  if (raw !== null && typeof raw === 'object') {
    const entries = Object.entries(raw as JsonObject).map(
      ([key, value]) => [key, compileTemplate(value, `${field}/${key}`, where)] as const,
    );
    return entries.every(([, entry]) => entry.kind === 'literal')
      ? { kind: 'literal', field, value: raw }
      : { kind: 'object', field, entries };
  }
  return { kind: 'literal', field, value: raw };
}

function compileField(source: string, field: string, where: string): Template {
  try {
    const code = compiled.get(source) ?? compileExpression(source);
    compiled.set(source, code);
    return { kind: 'expression', field, source, code };
  } catch (error) {
    throw new InvalidDefinition(`${field}: '${source}' is not JSONata: ${evaluationMessage(error)}`, where);
  }
}

/** Throws EvaluationFailure. List items and object entries are evaluated in order, so the first failure is stable. */
export async function evaluateTemplate(template: Template, bindings: Bindings): Promise<JsonValue> {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return evaluateExpression(template, bindings);
    case 'list': {
      const items: JsonValue[] = [];
      for (const item of template.items) items.push(await evaluateTemplate(item, bindings));
      return items;
    }
    case 'object': {
      const object: Record<string, JsonValue> = {};
      for (const [key, entry] of template.entries) object[key] = await evaluateTemplate(entry, bindings);
      return object;
    }
  }
}

type Expression = Extract<Template, { kind: 'expression' }>;

/** A template whose value must be of one JSON type, as `Items` an array. */
export async function evaluateAs(template: Template, type: string, bindings: Bindings): Promise<JsonValue> {
  const value = await evaluateTemplate(template, bindings);
  const was = jsonType(value);
  if (was === type) return value;
  const what = `returned an unexpected result type. Expected '${type}', but was '${was}' for value: ${JSON.stringify(value)}`;
  throw template.kind === 'expression'
    ? failure(template, what)
    : new EvaluationFailure(`The field '${template.field}' ${what}`, template.field);
}

async function evaluateExpression(template: Expression, bindings: Bindings): Promise<JsonValue> {
  const result = await evaluateCode(template, bindings);
  if (result === undefined) throw failure(template, 'returned nothing (undefined).');
  const value = toJson(result);
  if (value === undefined) throw failure(template, 'returned an unsupported result type.');
  return value;
}

async function evaluateCode(template: Expression, bindings: Bindings): Promise<unknown> {
  try {
    return await template.code.evaluate(undefined, bindings);
  } catch (error) {
    const { code } = error as { code?: unknown };
    const separator = typeof code === 'string' ? '. ' : ': ';
    throw failure(template, `threw an error during evaluation${separator}${evaluationMessage(error)}`);
  }
}

const failure = ({ source, field }: Expression, what: string): EvaluationFailure =>
  new EvaluationFailure(`The JSONata expression '${source}' specified for the field '${field}' ${what}`, field);

/** `T1006: Attempted to invoke a non-function`: JSONata throws plain objects with a code, JavaScript does not. */
function evaluationMessage(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? `${code}: ${String(message)}` : String(message);
}

/**
 * A JSONata result as plain JSON: hidden `sequence` flags fall away, undefined entries vanish.
 * Undefined when a function is anywhere inside.
 */
function toJson(result: unknown): JsonValue | undefined {
  if (Array.isArray(result)) {
    const items = result.filter((item) => item !== undefined).map(toJson);
    return items.includes(undefined) ? undefined : (items as JsonValue[]);
  }
  if (typeof result === 'function') return undefined;
  if (result === null || typeof result !== 'object') return result as JsonValue;
  if ('_jsonata_lambda' in result || '_jsonata_function' in result) return undefined;
  const object: Record<string, JsonValue> = {};
  for (const [key, entry] of Object.entries(result)) {
    if (entry === undefined) continue;
    const value = toJson(entry);
    if (value === undefined) return undefined;
    object[key] = value;
  }
  return object;
}
