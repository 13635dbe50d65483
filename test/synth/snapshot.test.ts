/**
 * The whole template of the adopt example, as a reviewer would diff it: hashes stripped, so that it changes when the
 * stack does and not when a bundle does. Why things are as they are is said by the tests beside this one; rewrite with
 * `npx jest test/synth/snapshot -u`, and only when every line of the diff is meant.
 *
 * The machine's definition and the documents' steps are files of their own, under review there: here they are names.
 */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readConfigFile } from '../../config/read';
import { text } from './permissions';
import { synthesizeSite } from './synthesis';

/** Logical ids end in eight hexadecimal digits, versions in 32 more; assets are called by 64. */
const withoutHashes = (line: string): string =>
  line
    .replace(/\b[0-9a-f]{64}\b/g, 'ASSET')
    .replace(/([A-Za-z])(?:[0-9A-F]{8}|[0-9A-F]{16})(?:[0-9a-f]{32})?(?=[".}:]|$)/gm, '$1');

/** `switchback.yaml`, packed (config/packed.ts): a reviewer reads the file itself. */
const packedText = /^[A-Za-z0-9+/]{200,}=*$/;

/** `${Ref}` and `${Resource.Attribute}` instead of CloudFormation's trees. */
function readable(value: unknown, key = ''): unknown {
  if (key === 'DefinitionString') return 'statemachines/failover.asl.json';
  if (key === 'mainSteps') return (value as { name: string }[]).map(({ name }) => name);
  if (key === 'Value' && packedText.test(String(value))) return 'PACKED';
  if (Array.isArray(value)) return value.map((item) => readable(item));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  if (fields.length === 1 && /^(Ref|Fn::GetAtt|Fn::Join|Fn::Select)$/.test(fields[0]![0])) return text(value);
  return Object.fromEntries(fields.map(([name, item]) => [name, readable(item, name)]));
}

it('is what was reviewed', () => {
  const deployment = readConfigFile(join(__dirname, '../../examples/adopt/switchback.yaml'));
  const { Resources, Outputs } = synthesizeSite(deployment).template as Record<string, object>;
  const names = Object.keys(Resources!);
  expect(new Set(names.map(withoutHashes)).size).toBe(names.length); // Stripped, no two names became one.
  const lines = withoutHashes(
    stringify(readable({ Resources, Outputs }), { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  expect(lines).toMatchSnapshot();
});
