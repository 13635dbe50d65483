/**
 * The template for those who deploy without CDK is the one that CDK deploys, but for where the code comes from; and the
 * Terraform module fits it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertFiles } from '@cdktf/hcl2json';
import { readConfigFile } from '../../config/read';
import { plainSynthesis, synthesize } from '../../infra/synthesize';

const root = join(__dirname, '../..');
const deployment = readConfigFile(join(root, 'examples/adopt/switchback.yaml'));

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
}

let folder: string;
let template: Template;
let assets: readonly { readonly zip: string }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchback-plain-'));
  const plain = plainSynthesis({ deployment }, folder);
  template = JSON.parse(plain.template) as Template;
  assets = plain.assets;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A function's version is named after its code's place. */
const withoutCode = (resources: Template['Resources']): unknown => {
  const text = JSON.stringify(
    Object.values(resources).map(({ Type, Properties = {} }) => {
      const { Code: _, ...rest } = Properties;
      return [Type, rest];
    }),
  );
  return JSON.parse(text.replace(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1'));
};

it('is what CDK deploys, but for where the code lies', () => {
  const { Resources } = synthesize(deployment).template as unknown as Template;
  expect(withoutCode(template.Resources)).toEqual(withoutCode(Resources));
});

it('asks for a bucket and a prefix, and for no bootstrapped account', () => {
  expect(Object.keys(template.Parameters ?? {}).sort()).toEqual(['AssetsBucket', 'AssetsPrefix']);
  expect(JSON.stringify(template)).not.toMatch(/cdk-bootstrap|cdk-hnb659fds|BootstrapVersion/);
});

it('finds the code of each function among the assets', () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const places = functions.map(({ Properties }) => Properties['Code']);
  const known = assets.map(({ zip }) => ({
    S3Bucket: { Ref: 'AssetsBucket' },
    S3Key: { 'Fn::Join': ['', [{ Ref: 'AssetsPrefix' }, zip]] },
  }));
  expect(places.length).toBeGreaterThan(4);
  expect(known).toEqual(expect.arrayContaining(places));
});

describe('the Terraform module', () => {
  interface Module {
    readonly variable: Readonly<Record<string, unknown>>;
    readonly resource: Readonly<Record<string, Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>>>;
  }
  let read: Module;
  const text = ['main', 'variables', 'outputs'].map((name) => readFileSync(join(root, `terraform/${name}.tf`), 'utf8'));

  beforeAll(async () => {
    read = (await convertFiles(join(root, 'terraform'))) as Module;
  });

  it('parses, and declares the variables it uses, and uses those it declares', () => {
    const used = new Set([...text.join('\n').matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(read.variable).sort());
  });

  it('hands the template what it asks for, and may create its roles', () => {
    const stack = read.resource['aws_cloudformation_stack']!['switchback']![0]!;
    expect(Object.keys(stack['parameters'] as object).sort()).toEqual(Object.keys(template.Parameters ?? {}).sort());
    expect(stack['capabilities']).toEqual(['CAPABILITY_NAMED_IAM']);
    // Before the update, or it would name functions that are not there yet.
    expect(stack['depends_on']).toEqual([expect.stringContaining('aws_s3_object.asset')]);
  });

  it('deletes what a release no longer needs only after the update, which may roll back to it', () => {
    const objects = Object.values(read.resource['aws_s3_object']!).map(([object]) => object!['lifecycle']);
    expect(objects).toEqual([[{ create_before_destroy: true }], [{ create_before_destroy: true }]]);
  });
});
