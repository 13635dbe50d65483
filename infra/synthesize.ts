/** The template, made in this process: what `cdk synth` would write, for the local cloud and for tests. */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { packagePath } from '../config/package-files';
import type { Configured } from '../config/read';
import type { Deployment } from '../core/words/domain';
import { endStackName } from '../core/words/end-names';
import { readAssembly, type StackElsewhere, type Synthesis } from './assembly';
import { addEnds } from './ends/end-stack';
import { addStandby } from './ends/standby-stack';
import { addNetworkManager } from './network-events';
import { type PlainAsset, PlainSynthesizer } from './plain-synthesizer';
import { SwitchbackStack } from './stack';
import type { SwitchbackProps } from './switchback';

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

const appIn = (outdir: string | undefined, validate: boolean): App =>
  new App({
    ...(outdir !== undefined && { outdir }),
    context: {
      ...JSON.parse(readFileSync(packagePath('cdk.json'), 'utf8')).context, // Flags change templates.
      // A stack trace for each resource, a tenth of a synthesis; `stackTraces` is about another one.
      'aws:cdk:disable-creation-stack-traces': true,
    },
    analyticsReporting: false,
    // Nobody reads the tree of constructs, nor where each was made: both are for CDK's own tools.
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: validate,
  });

/** A stack beside the main one, for deployment without CDK. */
export type PlainStack = StackElsewhere & { readonly assets: readonly PlainAsset[] };

/** For deployment without CDK, checked by CloudFormation's own rules: the template's text, and its assets in `outdir`. */
export function plainSynthesis(
  { deployment, standby }: Pick<Configured, 'deployment' | 'standby'>,
  outdir: string,
): {
  readonly template: string;
  readonly assets: readonly PlainAsset[];
  /** Those with assets take them from a bucket of their own region. */
  readonly elsewhere: readonly PlainStack[];
} {
  const app = appIn(outdir, true);
  const synthesizer = new PlainSynthesizer();
  const stack = new SwitchbackStack(app, deployment.name, { deployment, synthesizer });
  const synthesizers = new Map<string, PlainSynthesizer>();
  const plain = (stackName: string) => {
    const own = new PlainSynthesizer();
    synthesizers.set(stackName, own);
    return { synthesizer: own };
  };
  addEnds(app, stack, deployment, (end) => plain(endStackName(deployment, end)));
  if (standby !== undefined) addStandby(app, standby, plain);
  addNetworkManager(app, { deployment, synthesizer: new PlainSynthesizer() });
  const { template, elsewhere } = readAssembly(app.synth().directory, stack.stackName);
  return {
    template: `${JSON.stringify(template, null, 1)}\n`,
    assets: synthesizer.assets,
    elsewhere: elsewhere.map((one) => ({ ...one, assets: synthesizers.get(one.stackName)?.assets ?? [] })),
  };
}

export function synthesize(
  deployment: Deployment,
  { outdir, validate = false, ...props }: SynthesizeOptions = {},
): Synthesis {
  const app = appIn(outdir, validate);
  const stack = new SwitchbackStack(app, deployment.name, { deployment, ...props });
  const { functionsDirectory } = props;
  addEnds(app, stack, deployment, () => (functionsDirectory === undefined ? {} : { functionsDirectory }));
  addNetworkManager(app, { deployment });
  return readAssembly(app.synth().directory, stack.stackName);
}
