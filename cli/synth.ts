/**
 * `switchback synth --out DIR`: a plain CloudFormation template and its assets, for whoever deploys by hand or with
 * Terraform. Needs no credentials, no network and no bootstrapped account; says the two commands that deploy it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { readConfig } from '../config/read';
import type { Deployment } from '../core/words/domain';
import { bucketParameter, prefixParameter } from '../infra/plain-synthesizer';
import { type PlainStack, plainSynthesis } from '../infra/synthesize';
import { ensureBundles } from './bundles';

/** The oldest instant a zip can name: the same files make the same bytes, whenever they are written. */
const zipEpoch = '1980-01-01T00:00:00';

/** Of an earlier run. The folder may be one of the user's, with files of theirs beside. */
const ourZip = /^[0-9a-f]{64}\.zip$/;

/** Lambda unpacks with these: a zip without them leaves files that nobody may read. */
const readableByAll = 0o100644;

export async function synth({ config, out }: { config: string; out: string }): Promise<number> {
  const configured = readConfig(config);
  const { deployment } = configured;
  ensureBundles();
  let others: readonly PlainStack[] = [];
  const assembly = mkdtempSync(join(tmpdir(), 'switchback-synth-'));
  try {
    const { template, assets, elsewhere } = plainSynthesis(configured, assembly);
    others = elsewhere;
    const folder = join(out, 'assets');
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).filter((name) => ourZip.test(name))) rmSync(join(folder, old));
    const all = new Map([...assets, ...elsewhere.flatMap((one) => one.assets)].map((asset) => [asset.zip, asset]));
    for (const asset of all.values()) writeFileSync(join(folder, asset.zip), zipOf(join(assembly, asset.folder)));
    writeFileSync(join(out, 'template.json'), template);
    for (const other of elsewhere)
      writeFileSync(join(out, fileOf(other)), `${JSON.stringify(other.template, null, 1)}\n`);
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
  process.stdout.write(nextSteps(deployment, others, out));
  return 0;
}

/** Of the files in a folder; it has no folders in it. */
function zipOf(folder: string): Uint8Array {
  const names = readdirSync(folder).sort();
  const attributes = { os: 3, attrs: readableByAll * 2 ** 16, mtime: zipEpoch } as const;
  return zipSync(
    Object.fromEntries(names.map((name) => [name, [readFileSync(join(folder, name)), attributes] as const])),
  );
}

/** Of a stack in another region or account. */
const fileOf = ({ assets, region, stackName }: PlainStack): string =>
  `template-${assets.length === 0 ? region : stackName}.json`;

function nextSteps({ name, region }: Deployment, elsewhere: readonly PlainStack[], out: string): string {
  const ends = elsewhere.filter(({ assets }) => assets.length > 0);
  const listeners = elsewhere.filter(({ assets }) => assets.length === 0);
  const first = ends.map(
    (end) => `First what stands in ${placeOf(end)}, with a bucket of yours there:

${withAssets(end.stackName, end.region, fileOf(end), `BUCKET-IN-${end.region.toUpperCase()}`)}
`,
  );
  const others = listeners.map(
    (other) => `
And what listens for it in ${other.region}:

  aws cloudformation deploy --template-file ${join(out, fileOf(other))} --stack-name ${other.stackName} --region ${other.region} \\
    --capabilities CAPABILITY_IAM
`,
  );
  return `${out}: template.json and its assets. ${first.join('')}${first.length > 0 ? 'Then the deployment itself,' : 'Deploy them'} with a bucket of yours in ${region}:

${withAssets(name, region, 'template.json', 'BUCKET')}
${others.join('')}
`;

  function withAssets(stack: string, where: string, file: string, bucket: string): string {
    return `  aws s3 cp ${join(out, 'assets')} s3://${bucket}/${name}/ --recursive --region ${where}
  aws cloudformation deploy --template-file ${join(out, file)} --stack-name ${stack} --region ${where} \\
    --s3-bucket ${bucket} --s3-prefix ${name} --capabilities CAPABILITY_NAMED_IAM \\
    --parameter-overrides ${bucketParameter}=${bucket} ${prefixParameter}=${name}/`;
  }
}

const placeOf = ({ account, region }: PlainStack): string =>
  account === undefined ? region : `${region}, by the account ${account}`;
