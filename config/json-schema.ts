/** The JSON Schema of `switchback.yaml`, as text: what the author may write, before defaults are filled in. */
import * as z from 'zod';
import { authorSchema } from './schema';

export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(authorSchema('strict'), { io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Switchback' }, null, 2)}\n`;
}
