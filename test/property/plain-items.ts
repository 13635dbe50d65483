/** Plain data as DynamoDB's attributes, whatever it is: for items that hold something they should not. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Undefined: no item at all. */
export function attributesOf(value: unknown): Record<string, AttributeValue> | undefined {
  return attributeOf(value).M;
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  if (typeof value !== 'object' || value === null) return { NULL: true };
  return { M: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, attributeOf(one)])) };
}
