/**
 * DynamoDB's attribute values to plain data and back, for the few types our items use (no sets, no binary).
 * Smaller than the SDK's own marshaller, which would be a third of the canary's code.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Attributes = Record<string, AttributeValue>;
type Scalar = string | number | boolean | null;

function toAttribute(value: Scalar): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : { S: value };
}

export function toItem(record: Readonly<Record<string, Scalar>>): Attributes {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, toAttribute(value)]));
}

/** Types we never write read as null. */
function fromAttribute(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.M !== undefined) return fromItem(value.M);
  if (value.L !== undefined) return value.L.map(fromAttribute);
  return null;
}

export function fromItem(item: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}
