/** Each row of the quotas counts what it says, in a template as it is rendered; what is over one ends the synthesis by name. */
import { App } from 'aws-cdk-lib';
import type { Deployment } from '../../core/words/domain';
import { isOver, measure, measuredText, render } from '../../infra/fit';
import { renderedCharacters } from '../../infra/granting/policy-size';
import type { RenderedTemplate } from '../../infra/quota-counts';
import { quotas } from '../../infra/quotas';
import { SwitchbackStack } from '../../infra/stack';
import { partnersBehindOnePair, replaceablePairs } from '../first-night/sizes';
import { stubFunctions } from './synthesis';

function rendered(deployment: Deployment): RenderedTemplate {
  const props = { deployment, functionsDirectory: stubFunctions(), rehearsal: true };
  return render(new SwitchbackStack(new App(), deployment.name, props));
}

const countOf = (template: RenderedTemplate, kind: string): number =>
  measure(template).find((each) => each.kind === kind)!.count;

/** What a deployment of one pair has none of. */
const absent = ['parameters of the stack', 'metrics of an alarm', 'reserved Lambda invocations'];

it('counts something for every quota, and one pair is far from all of them', () => {
  const all = measure(rendered(replaceablePairs(4)));
  expect(all.map(({ kind }) => kind)).toEqual(quotas.map(({ kind }) => kind));
  expect(all.filter(({ count }) => count === 0).map(({ kind }) => kind)).toEqual(absent);
  expect(all.filter(isOver)).toEqual([]);
});

it('counts what a role holds wherever it stands: in it, attached to it, given by its name', () => {
  const policy = { Statement: [{ Effect: 'Allow', Action: 'ec2:ReplaceRoute', Resource: '*' }] };
  const characters = JSON.stringify(policy).length;
  const template = {
    text: '',
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: policy }], ManagedPolicyArns: [{ Ref: 'Given' }] },
      },
      Attached: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: policy, Roles: [{ Ref: 'Role' }] } },
      Given: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: policy } },
      Taken: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: policy, Roles: [{ Ref: 'Role' }] } },
    },
  };
  expect(countOf(template, 'characters of a role’s inline policies')).toBe(2 * characters);
  expect(countOf(template, 'managed policies of a role')).toBe(2);
  expect(countOf(template, 'characters of a managed policy')).toBe(characters);
});

it('takes what CloudFormation fills in at its longest', () => {
  const arn = { 'Fn::Join': ['', ['arn:aws:ec2:eu-central-1:', { Ref: 'AWS::AccountId' }, ':instance/i-1']] };
  expect(renderedCharacters([arn])).toBe('["arn:aws:ec2:eu-central-1:111122223333:instance/i-1"]'.length);
  expect(renderedCharacters({ 'Fn::GetAtt': ['Table', 'Arn'] })).toBeGreaterThan(100);
});

it('says what is too much, of whom, how hard the limit is, and what to do', () => {
  const template = rendered(partnersBehindOnePair(50));
  const over = measure(template).filter(isOver);
  expect(over.map(({ kind }) => kind)).toContain('resources in the stack');
  for (const each of over) {
    const { kind, count, limit, mend } = each;
    expect(measuredText(each)).toContain(`${kind}`);
    expect(measuredText(each)).toMatch(new RegExp(`: ${count} of ${limit}, which AWS (can raise|does not raise)\\. `));
    expect(measuredText(each)).toContain(mend);
  }
});
