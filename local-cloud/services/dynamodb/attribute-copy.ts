/**
 * Copies of DynamoDB items, attribute by attribute: what a table keeps is nobody else's, on the way in and out.
 * Binary attributes are not modelled, and a value of the wrong JavaScript type is not answered as the wire would.
 */
import type { Attributes } from 'dynalite/db/index.js';
import { NotModelled } from '../../service';

type Value = Attributes[string];

export function copyOf(attributes: unknown): Attributes {
  if (typeof attributes !== 'object' || attributes === null)
    throw new NotModelled('dynamodb', `attributes that are ${attributes}`);
  const copy: Attributes = {};
  for (const name in attributes) {
    const value = (attributes as Attributes)[name];
    if (value !== undefined) copy[name] = copyOfValue(value);
  }
  return copy;
}

function copyOfValue(value: unknown): Value {
  if (typeof value !== 'object' || value === null)
    throw new NotModelled('dynamodb', `an attribute value that is ${value}`);
  const copy: Value = {};
  for (const type in value) {
    const content = (value as Value)[type];
    if (content !== undefined) copy[type] = copyOfContent(type, content);
  }
  return copy;
}

function copyOfContent(type: string, content: unknown): unknown {
  switch (type) {
    case 'S':
    case 'N':
      if (typeof content === 'string') return content;
      break;
    case 'BOOL':
    case 'NULL':
      if (typeof content === 'boolean') return content;
      break;
    case 'SS':
    case 'NS':
      if (Array.isArray(content) && content.every((member) => typeof member === 'string')) return [...content];
      break;
    case 'L':
      if (Array.isArray(content)) return content.map(copyOfValue);
      break;
    case 'M':
      return copyOf(content);
  }
  throw new NotModelled('dynamodb', `an attribute value of type ${type} that holds a ${typeof content}`);
}
