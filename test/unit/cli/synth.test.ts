/** `switchback synth --out DIR`: what lies there can be uploaded and deployed as it is, by the two commands it says. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { synth } from '../../../cli/synth';

const config = join(__dirname, '../../../examples/adopt/switchback.yaml');
const functions = join(__dirname, '../../../dist/functions');
let folder: string;
let said: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchback-out-'));
  said = await told(() => synth({ config, out: folder }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function told(run: () => Promise<number>): Promise<string> {
  const parts: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((part) => parts.push(String(part)) > 0);
  try {
    expect(await run()).toBe(0);
  } finally {
    write.mockRestore();
  }
  return parts.join('');
}

const zips = (): string[] => readdirSync(join(folder, 'assets')).sort();
const bytes = (zip: string): Buffer => readFileSync(join(folder, 'assets', zip));

/** From the zip's central directory: what the file will be allowed to be after unpacking. */
function modesIn(zip: Buffer): number[] {
  const modes: number[] = [];
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 46)) {
    modes.push(zip.readUInt16LE(at + 40));
  }
  return modes;
}

it('leaves each function, as it was built, in a zip that Lambda can read', () => {
  const sources = zips().map((zip) => Buffer.from(unzipSync(bytes(zip))['index.mjs']!).toString('utf8'));
  const built = ['apply', 'assess', 'canary', 'herald', 'sense', 'sweep'].map((name) =>
    readFileSync(join(functions, name, 'index.mjs'), 'utf8'),
  );
  expect([...sources].sort()).toEqual([...built].sort());
  expect(new Set(zips().flatMap((zip) => modesIn(bytes(zip))))).toEqual(new Set([0o100644]));
  expect(zips().flatMap((zip) => modesIn(bytes(zip)))).toHaveLength(12);
});

it('says the two commands that deploy it', () => {
  expect(said).toContain(`aws s3 cp ${folder}/assets s3://BUCKET/switchback/ --recursive --region eu-central-1`);
  expect(said).toMatch(
    /aws cloudformation deploy .*--s3-bucket BUCKET .*AssetsBucket=BUCKET AssetsPrefix=switchback\//s,
  );
});

it('makes the same bytes again, and clears away its own old assets and nobody else’s', async () => {
  const before = zips().map((zip) => bytes(zip).toString('base64'));
  const template = readFileSync(join(folder, 'template.json'), 'utf8');
  const old = join(folder, 'assets', `${'0'.repeat(64)}.zip`);
  const theirs = ['photo.zip', 'notes'].map((name) => join(folder, 'assets', name));
  writeFileSync(old, '');
  writeFileSync(theirs[0]!, '');
  mkdirSync(theirs[1]!);
  await told(() => synth({ config, out: folder }));
  expect([existsSync(old), ...theirs.map((file) => existsSync(file))]).toEqual([false, true, true]);
  for (const file of theirs) rmSync(file, { recursive: true });
  expect(zips().map((zip) => bytes(zip).toString('base64'))).toEqual(before);
  expect(readFileSync(join(folder, 'template.json'), 'utf8')).toBe(template);
});

it('writes what listens to Network Manager beside it, for the other region', async () => {
  const file = join(folder, 'transit.yaml');
  const transit = readFileSync(join(__dirname, '../../../examples/transit-gateway/switchback.yaml'), 'utf8');
  writeFileSync(file, `${transit}\nnetworkManagerRegion: us-west-2\n`);
  const out = join(folder, 'two');
  const text = await told(() => synth({ config: file, out }));
  expect(text).toContain(`--template-file ${out}/template-us-west-2.json --stack-name switchback-network-manager`);
  const { Resources } = JSON.parse(readFileSync(join(out, 'template-us-west-2.json'), 'utf8'));
  const types = Object.values(Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.sort()).toEqual(['AWS::Events::Rule', 'AWS::IAM::Role']);
});
