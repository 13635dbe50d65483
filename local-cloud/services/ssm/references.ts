/**
 * `{{ Parameter }}`, `{{ step.Output }}`, `{{ automation:EXECUTION_ID }}`, `{{ global:REGION }}` in documents, and the
 * `$.A[0].B` selectors of outputs. Written here because no installed library is meant for production use of JSONPath:
 * names, indices and `[*]` are all our documents need, anything else throws.
 *
 * A text that is nothing but one reference keeps the value's type; inside a longer text it becomes text.
 */
import { NotModelled } from '../../service';

const reference = /\{\{\s*([A-Za-z][\w:.-]*)\s*\}\}/g;
const onlyReference = /^\{\{\s*([A-Za-z][\w:.-]*)\s*\}\}$/;

/** Answers a reference; undefined: there is no such value, and the step fails. */
export type Lookup = (name: string) => unknown;

export class Unresolved extends Error {
  override readonly name = 'Unresolved';

  constructor(name: string) {
    super(`The reference {{ ${name} }} cannot be resolved: the step has no such output`);
  }
}

export function resolve(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') return resolveText(value, lookup);
  if (Array.isArray(value)) return value.map((each) => resolve(each, lookup));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each, lookup)]));
  return value;
}

function resolveText(text: string, lookup: Lookup): unknown {
  const found = (name: string): unknown => {
    const value = lookup(name);
    if (value === undefined) throw new Unresolved(name);
    return value;
  };
  const only = onlyReference.exec(text);
  if (only !== null) return found(only[1]!);
  return text.replace(reference, (_, name: string) => asText(found(name)));
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value a selector points at; undefined when there is none. */
export function select(selector: string, from: unknown): unknown {
  if (!/^\$(\.[A-Za-z_]\w*|\[(\d+|\*)\])*$/.test(selector)) throw new NotModelled('ssm', `the selector ${selector}`);
  return follow(selector.match(/\.[A-Za-z_]\w*|\[(?:\d+|\*)\]/g) ?? [], from);
}

function follow([step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step === '[*]') return Array.isArray(value) ? value.map((each) => follow(rest, each)) : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  const key = step.startsWith('.') ? step.slice(1) : step.slice(1, -1);
  return follow(rest, (value as Record<string, unknown>)[key]);
}
