/**
 * The template, made in this process: what `cdk synth` would write, for the local cloud and for tests.
 *
 * An asset is found as CloudFormation finds it, by the S3 key in a function's `Code`; the assembly's assets manifest
 * says which staged directory was uploaded under that key.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { addNetworkManager, type NetworkManagerStack } from './network-events';
import { type PlainAsset, PlainSynthesizer } from './plain-synthesizer';
import { SwitchbackStack } from './stack';
import type { SwitchbackProps } from './switchback';

export interface Synthesis {
  readonly stackName: string;
  readonly region: string;
  readonly template: Readonly<Record<string, unknown>>;
  /** The cloud assembly. */
  readonly assetsDirectory: string;
  /** The directory staged under this S3 key. */
  assetPath(key: string): string;
  /** Stacks in other regions; none of them has assets. */
  readonly elsewhere: readonly Elsewhere[];
}

export type Elsewhere = Pick<Synthesis, 'stackName' | 'region' | 'template'>;

export interface SynthesizeOptions extends Omit<SwitchbackProps, 'deployment'> {
  /**
   * Where the cloud assembly goes.
   * @default - a fresh temporary directory
   */
  readonly outdir?: string;
  /**
   * Run CloudFormation's own rules over the template (a second or two).
   * @default false
   */
  readonly validate?: boolean;
}

interface AssetsManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

const appIn = (outdir: string | undefined, validate: boolean): App =>
  new App({
    ...(outdir !== undefined && { outdir }),
    context: JSON.parse(readFileSync(packagePath('cdk.json'), 'utf8')).context, // Flags change templates.
    analyticsReporting: false,
    builtinCloudFormationValidation: validate,
  });

/** For deployment without CDK, checked by CloudFormation's own rules: the template's text, and its assets in `outdir`. */
export function plainSynthesis(
  deployment: Deployment,
  outdir: string,
): { readonly template: string; readonly assets: readonly PlainAsset[]; readonly elsewhere: readonly Elsewhere[] } {
  const app = appIn(outdir, true);
  const synthesizer = new PlainSynthesizer();
  const stack = new SwitchbackStack(app, deployment.name, { deployment, synthesizer });
  const forwarder = addNetworkManager(app, { deployment, synthesizer: new PlainSynthesizer() });
  const assembly = app.synth();
  const { template } = assembly.getStackByName(stack.stackName) as { readonly template: object };
  return {
    template: `${JSON.stringify(template, null, 1)}\n`,
    assets: synthesizer.assets,
    elsewhere: elsewhereIn(assembly, forwarder),
  };
}

export function synthesize(
  deployment: Deployment,
  { outdir, validate = false, ...props }: SynthesizeOptions = {},
): Synthesis {
  const app = appIn(outdir, validate);
  const stack = new SwitchbackStack(app, deployment.name, { deployment, ...props });
  const forwarder = addNetworkManager(app, { deployment });
  const assembly = app.synth();
  const { template } = assembly.getStackByName(stack.stackName);
  const manifest: AssetsManifest = JSON.parse(
    readFileSync(join(assembly.directory, `${stack.artifactId}.assets.json`), 'utf8'),
  );
  const pathOf = new Map(
    Object.values(manifest.files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(assembly.directory, source.path)] as const),
    ),
  );
  return {
    stackName: stack.stackName,
    region: deployment.region,
    template,
    assetsDirectory: assembly.directory,
    assetPath(key) {
      const path = pathOf.get(key);
      if (path === undefined) throw new Error(`No asset is staged under ${key}`);
      return path;
    },
    elsewhere: elsewhereIn(assembly, forwarder),
  };
}

function elsewhereIn(assembly: CloudAssembly, stack: NetworkManagerStack | null): Elsewhere[] {
  if (stack === null) return [];
  const { stackName, region } = stack;
  return [{ stackName, region, template: assembly.getStackByName(stackName).template }];
}
