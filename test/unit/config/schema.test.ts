/** The JSON Schema that editors use is the schema that we read with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findings } from '../../../config/findings';
import { withFindingsTable } from '../../../config/findings-table';
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

it('describes every field, so that no hover in an editor is blank', () => {
  const bare: string[] = [];
  const walk = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, inner] of Object.entries(node)) {
      const fields = key === 'properties' ? Object.entries(inner as Record<string, { description?: string }>) : [];
      for (const [field, schema] of fields) if (!schema.description) bare.push(`${at}.${field}`);
      walk(inner, key === 'properties' ? at : `${at}.${key}`);
    }
  };
  const schema = JSON.parse(jsonSchemaText());
  walk(schema, '');
  expect(bare).toEqual([]);
  expect(JSON.stringify(schema)).toContain('"soak":{"description"');
});

it('shows editors no old name without calling it so', () => {
  const text = JSON.stringify(JSON.parse(jsonSchemaText()));
  const old = [...text.matchAll(/"(\w+Ms)":\{(?!"deprecated":true)[^{}]*/g)].map(([, name]) => name);
  expect(old.filter((name) => !text.includes(`"${name}":{"description":"The old name`))).toEqual([]);
});

it('says in the documents what is said, at which level: else run npx tsx scripts/write-config-schema.ts', () => {
  const page = readFileSync(join(__dirname, '../../../docs/CONFIGURATION.md'), 'utf8');
  expect(page).toBe(withFindingsTable(page));
  for (const name of Object.keys(findings)) expect(page).toContain(`\`${name}\``);
});

it('has nothing in the table that is never said', () => {
  const folder = join(__dirname, '../../../config');
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'findings.ts')
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  expect(Object.keys(findings).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
});
