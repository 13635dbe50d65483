/** CloudFormation's own rules over the whole template, as `cdk synth` applies them; slow to start, so only here. */
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { SwitchbackStack } from '../../infra/stack';
import { Switchback } from '../../infra/switchback';
import { isThorough } from '../thorough';
import { siteDeployment, stubFunctions, synthesizeSite } from './synthesis';

describe('CloudFormation', () => {
  const old = process.env['CDK_VALIDATION'];
  beforeAll(() => {
    process.env['CDK_VALIDATION'] = 'true';
  });
  afterAll(() => {
    process.env['CDK_VALIDATION'] = old;
  });

  it.each(isThorough ? ['pair', 'affinity'] : ['affinity'])('finds no fault with the template of %s', (site) => {
    expect(() =>
      synthesizeSite(siteDeployment(site), { validate: true, notify: { emails: ['noc@example.com'] } }),
    ).not.toThrow();
  });

  it('would find one', () => {
    const app = new App({
      context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
      builtinCloudFormationValidation: true,
    });
    new CfnResource(new Stack(app, 'Small'), 'Machine', {
      type: 'AWS::StepFunctions::StateMachine',
      properties: { RoleArn: 'arn:aws:iam::111111111111:role/r', StateMachineTyp: 'STANDARD' },
    });
    expect(() => app.synth()).toThrow(/StateMachineTyp/);
  });
});

it('refuses a stack in another region: every id would be wrong there', () => {
  const stack = new Stack(new App(), 'Elsewhere', { env: { region: 'us-east-1' } });
  const props = { deployment: siteDeployment('pair'), functionsDirectory: stubFunctions(), rehearsal: true };
  expect(() => new Switchback(stack, 'Vpn', props)).toThrow(/is for eu-central-1, the stack for us-east-1/);
});

it('serves twice in one app, under two names', () => {
  const app = new App();
  const one = siteDeployment('pair');
  const two = { ...siteDeployment('affinity'), name: 'second' };
  for (const deployment of [one, two]) {
    new SwitchbackStack(app, deployment.name, { deployment, functionsDirectory: stubFunctions(), rehearsal: true });
  }
  expect(new Set(app.synth().stacks.map(({ stackName }) => stackName))).toEqual(new Set(['switchback', 'second']));
});

it('says how to get the bundles when there are none', () => {
  expect(() => synthesizeSite(siteDeployment('pair'), { functionsDirectory: '/nowhere' })).toThrow(/npm run build/);
});
