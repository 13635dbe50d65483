/**
 * DynamoDB's attribute values to plain data and back, for the few types our items use (no sets, no binary).
 * Smaller than the SDK's own marshaller, which would be a third of the canary's code.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isRecord } from '../../core/words/shape';

export type Attributes = Record<string, AttributeValue>;
type Scalar = string | number | boolean | null;
/** What our items hold: scalars, and records of them. */
export type Plain = Scalar | { readonly [name: string]: Plain };

function toAttribute(value: Plain): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return typeof value === 'string' ? { S: value } : { M: toItem(value) };
}

export function toItem(record: Readonly<Record<string, Plain>>): Attributes {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, toAttribute(value)]));
}

/** Types we never write read as null, and so does what is no attribute at all. */
function fromAttribute(value: AttributeValue): unknown {
  if (typeof value !== 'object' || value === null) return null;
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return typeof value.N === 'string' ? Number(value.N) : null;
  if (value.BOOL !== undefined) return value.BOOL;
  if (isRecord(value.M)) return fromItem(value.M);
  if (Array.isArray(value.L)) return value.L.map(fromAttribute);
  return null;
}

export function fromItem(item: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}
