/**
 * What a rule's target receives: the event, a constant, a part of the event, or a template filled from it.
 *
 * A transformer's placeholder outside quotes is replaced by JSON, inside quotes by text without quotes, as EventBridge
 * does. Only the dot paths EventBridge itself allows are understood.
 */
import type { JsonObject } from '../../template/json';

export function targetInput(target: JsonObject, event: unknown): string {
  const constant = target['Input'];
  if (typeof constant === 'string') return constant;
  const path = target['InputPath'];
  if (typeof path === 'string') return JSON.stringify(atPath(event, path) ?? null);
  const transformer = target['InputTransformer'] as JsonObject | undefined;
  return transformer === undefined ? JSON.stringify(event) : transform(transformer, event);
}

function transform(transformer: JsonObject, event: unknown): string {
  const paths = (transformer['InputPathsMap'] ?? {}) as Record<string, string>;
  const template = String(transformer['InputTemplate']);
  return template.replace(/("?)<([^<>]+)>("?)/g, (whole, before: string, name: string, after: string) => {
    const path = paths[name];
    if (path === undefined) return whole;
    const value = atPath(event, path);
    if (before === '"' && after === '"' && typeof value !== 'object') return JSON.stringify(String(value ?? ''));
    const text = before === '' && after === '' ? JSON.stringify(value ?? null) : String(value ?? '');
    return `${before}${text}${after}`;
  });
}

/** `$.detail.state` and `$.resources[0]`. */
function atPath(event: unknown, path: string): unknown {
  if (!path.startsWith('$')) throw new Error(`Event path '${path}' does not start with $`);
  const steps = path.slice(1).match(/[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], event);
}
