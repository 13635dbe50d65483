/**
 * Writes config/switchback.schema.json, which editors use to check and complete `switchback.yaml`, from the schema the
 * product itself reads with. test/unit/config/schema.test.ts fails when the file is not current.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from '../config/json-schema';

writeFileSync(join(__dirname, '../config/switchback.schema.json'), jsonSchemaText());
