/**
 * The AwsSolutions pack of cdk-nag over whole stacks: no finding that is not answered beside the code it is about, and
 * no answer to a question that nobody asks any more.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { readConfigFile } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import { addEnds } from '../../infra/ends/end-stack';
import { type GreenfieldProps, GreenfieldStack } from '../../infra/greenfield/stack';
import { addNetworkManager } from '../../infra/network-events';
import { SwitchbackStack } from '../../infra/stack';
import { meshAndStandby } from '../given-ends';
import { props } from './greenfield-template';
import { siteDeployment, stubFunctions } from './synthesis';

const root = join(__dirname, '../..');
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));

function stackOf(deployment: Deployment): { app: App; stack: SwitchbackStack } {
  const app = new App({ context, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new SwitchbackStack(app, deployment.name, {
    deployment,
    functionsDirectory: stubFunctions(),
    rehearsal: true,
  });
  addNetworkManager(app, { deployment });
  addEnds(app, stack, deployment, () => ({ functionsDirectory: stubFunctions() }));
  return { app, stack };
}

function networkOf(changed: Partial<GreenfieldProps>): { app: App; stack: GreenfieldStack } {
  const app = new App({ context, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack: new GreenfieldStack(app, 'network', { ...props, ...changed }) };
}

/** `construct finding` of every answer given in the tree. */
function answers(node: IConstruct): { readonly id: string; readonly reason: string }[] {
  const own = node.node.metadata.flatMap(({ type, data }) =>
    type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY
      ? Object.entries(data as Record<string, string>).map(([id, reason]) => ({ id, reason }))
      : [],
  );
  return [...own, ...node.node.children.flatMap(answers)];
}

const heard = ({ installation, ...deployment }: Deployment): Deployment => ({
  ...deployment,
  installation: { reserveConcurrency: false, protectsState: false, ...installation, networkManagerRegion: 'us-west-2' },
});

const deployments: [string, () => Deployment][] = [
  ['the adopt example', () => readConfigFile(join(root, 'examples/adopt/switchback.yaml'))],
  ['a standby', () => meshAndStandby().standby],
  ['a site with replacement', () => siteDeployment('pair')],
  ['a site with two homes', () => siteDeployment('affinity')],
  ['a mesh of two accounts', () => readConfigFile(join(root, 'examples/mesh/switchback.yaml'))],
  ['a transit gateway that Network Manager tells of', () => heard(siteDeployment('transit'))],
];

it.each(deployments)('leaves no question of a reviewer open: %s', (_name, deployment) => {
  const { app } = stackOf(deployment());
  expect(() => app.synth()).not.toThrow();
});

it.each([
  ['an image', {}],
  ['two interfaces', { twoInterfaces: true }],
])('leaves none open in the network of a new installation either: %s', (_what, changed) => {
  const { app } = networkOf(changed);
  expect(() => app.synth()).not.toThrow();
});

it('would find a new one there', () => {
  const { app, stack } = networkOf({});
  new sqs.Queue(stack, 'Forgotten');
  expect(() => app.synth()).toThrow();
});

it('gives each answer in a sentence', () => {
  const given = [...answers(stackOf(siteDeployment('pair')).stack), ...answers(networkOf({}).stack)];
  expect(given.length).toBeGreaterThan(15);
  for (const { id, reason } of given) expect([id, reason]).toEqual([id, expect.stringMatching(/^[A-Z].{20,}\.$/)]);
});

it('answers one finding at a time, never a whole rule on a whole stack', () => {
  for (const { id } of answers(stackOf(siteDeployment('pair')).stack)) {
    expect(id).toMatch(/^AwsSolutions::AwsSolutions-(IAM5\[Resource::.+\]|SQS3)$/);
  }
});

it('would find a new one', () => {
  const { app, stack } = stackOf(siteDeployment('pair'));
  new sqs.Queue(stack, 'Forgotten');
  expect(() => app.synth()).toThrow();
});
