/**
 * Writes config/switchback.schema.json, which editors use to check and complete `switchback.yaml`, from the schema the
 * product itself reads with, and the table of findings in docs/CONFIGURATION.md. test/unit/config/schema.test.ts fails
 * when one of them is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFindingsTable } from '../config/findings-table';
import { jsonSchemaText } from '../config/json-schema';

writeFileSync(join(__dirname, '../config/switchback.schema.json'), jsonSchemaText());

const page = join(__dirname, '../docs/CONFIGURATION.md');
writeFileSync(page, withFindingsTable(readFileSync(page, 'utf8')));
