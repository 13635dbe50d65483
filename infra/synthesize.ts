/** The template, made in this process: what `cdk synth` would write, for the local cloud and for tests. */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { readAssembly, type StackElsewhere, type Synthesis } from './assembly';
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
    context: JSON.parse(readFileSync(packagePath('cdk.json'), 'utf8')).context, // Flags change templates.
    analyticsReporting: false,
    builtinCloudFormationValidation: validate,
  });

/** For deployment without CDK, checked by CloudFormation's own rules: the template's text, and its assets in `outdir`. */
export function plainSynthesis(
  deployment: Deployment,
  outdir: string,
): {
  readonly template: string;
  readonly assets: readonly PlainAsset[];
  readonly elsewhere: readonly StackElsewhere[];
} {
  const app = appIn(outdir, true);
  const synthesizer = new PlainSynthesizer();
  const stack = new SwitchbackStack(app, deployment.name, { deployment, synthesizer });
  addNetworkManager(app, { deployment, synthesizer: new PlainSynthesizer() });
  const { template, elsewhere } = readAssembly(app.synth().directory, stack.stackName);
  return { template: `${JSON.stringify(template, null, 1)}\n`, assets: synthesizer.assets, elsewhere };
}

export function synthesize(
  deployment: Deployment,
  { outdir, validate = false, ...props }: SynthesizeOptions = {},
): Synthesis {
  const app = appIn(outdir, validate);
  const { stackName } = new SwitchbackStack(app, deployment.name, { deployment, ...props });
  addNetworkManager(app, { deployment });
  return readAssembly(app.synth().directory, stackName);
}
