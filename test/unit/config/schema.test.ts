/** The JSON Schema that editors use is the schema that we read with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from '../../../config/json-schema';

it('is current: else run npx tsx scripts/write-config-schema.ts', () => {
  const file = readFileSync(join(__dirname, '../../../config/switchback.schema.json'), 'utf8');
  expect(JSON.parse(file)).toEqual(JSON.parse(jsonSchemaText())); // The formatter has its own way with JSON.
});

it('asks the author for no more than has no default', () => {
  const schema = JSON.parse(jsonSchemaText());
  expect(schema.required).toEqual(['region', 'gateways', 'connections']);
  expect(schema.additionalProperties).toBe(false);
});
