/** IAM changed by calls: read back at once, in force a little later, and what old keys are worth afterwards. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Iam } from '../../../../../local-cloud/services/iam/iam';
import { Clouds } from '../../../../../local-cloud/services/sts/clouds';
import { Sts } from '../../../../../local-cloud/services/sts/sts';
import type { JsonObject } from '../../../../../local-cloud/template/json';
import { Template } from '../../../../../local-cloud/template/template';
import { roleFor } from '../../template-of';

const account = '210987654321';
const settledMs = 60_000;

const allow = (Action: string, Resource = '*'): object => ({ Effect: 'Allow', Action, Resource });
const trusting = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } };
const nobody = { Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { AWS: '*' } };
const olderThan = (at: number): object => ({
  ...{ Effect: 'Deny', Action: '*', Resource: '*' },
  Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(at).toISOString() } },
});

const ours = {
  Brain: roleFor('lambda.amazonaws.com', allow('sts:AssumeRole')),
  Person: roleFor('lambda.amazonaws.com', allow('iam:*', `arn:aws:iam::${account}:role/switchback/mesh/end`)),
};
const end = {
  End: {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'end', Path: '/switchback/mesh/', AssumeRolePolicyDocument: { Statement: [trusting] } },
  },
  Rights: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'rights', Roles: ['end'], PolicyDocument: { Statement: [allow('ec2:ReplaceRoute')] } },
  },
};

/** Two stacks of one account in one region. */
function scene(draws: number[] = []) {
  const clock = new VirtualClock(0);
  const clouds = new Clouds();
  const open = (stackName: string, Resources: object) => {
    const source = { stackName, region: 'us-east-2', account, template: { Resources: Resources as JsonObject } };
    const template = new Template({ ...source, assetPath: (key) => key });
    const authority = new Authority(template, { roleArnOf: (name) => clouds.roleArnIn(account, name) });
    const latencies = { draw: () => 10 };
    const front = new Front({ clock, authority, faults: new Faults(), latencies });
    const { sessions } = clouds;
    const sts = new Sts({ clock, roles: authority.roles, sessions, roleWith: (arn) => clouds.roleWith(arn) });
    const random = { next: () => draws.shift() ?? 0.5 };
    const iam = new Iam({ clock, template, authority, random, iamOf: (role) => clouds.iamOf(account, role) });
    front.register(sts, iam, { name: 'ec2', call: async () => ({}) });
    clouds.join({ region: 'us-east-2', accountId: account, front, authority, iam, roleOfDocument: () => undefined });
    return { front, sts, template, authority, iam };
  };
  const brain = open('brain', ours);
  const far = open('far', end);
  const settle = <T>(calling: Promise<T>): Promise<T | string> => {
    const answer = calling.catch((error: Error) => error.name);
    return clock.runUntil(clock.now() + 1_000).then(() => answer);
  };
  const iam = (operation: string, input: object, role = 'Person') =>
    settle(brain.front.call({ role, by: role }, 'iam', operation, { RoleName: 'end', ...input }));
  const assume = async (): Promise<string> => {
    const wanted = { RoleArn: `arn:aws:iam::${account}:role/switchback/mesh/end`, RoleSessionName: 'apply' };
    const answer = await settle(brain.front.call({ role: 'Brain', by: 'apply' }, 'sts', 'AssumeRole', wanted));
    return typeof answer === 'string' ? answer : (answer as Keys).Credentials.AccessKeyId;
  };
  const write = async (key: string): Promise<string> => {
    const { accountId, roleArn, ...who } = brain.sts.principalOf(key);
    const { front } = clouds.whereRoleIs('us-east-2', accountId, roleArn)!;
    const route = { RouteTableId: 'rtb-1', DestinationCidrBlock: '10.0.0.0/8' };
    const answer = await settle(front.call({ ...who }, 'ec2', 'ReplaceRoute', route));
    return typeof answer === 'string' ? answer : 'written';
  };
  const pass = () => clock.runUntil(clock.now() + settledMs);
  return { clock, brain, far, iam, assume, write, pass };
}

interface Keys {
  readonly Credentials: { readonly AccessKeyId: string };
}

const text = (...statements: object[]): string => JSON.stringify({ Statement: statements });

it('reads a change back at once, and goes on by what was before until it is in force', async () => {
  const { assume, clock, iam, pass, write } = scene();
  const key = await assume();
  const PolicyDocument = text(olderThan(clock.now()));
  expect(await iam('PutRolePolicy', { PolicyName: 'fence', PolicyDocument })).toEqual({});
  const back = (await iam('GetRolePolicy', { PolicyName: 'fence' })) as { PolicyDocument: string };
  expect(decodeURIComponent(back.PolicyDocument)).toBe(PolicyDocument);
  expect(await write(key)).toBe('written');
  await pass();
  expect(await write(key)).toBe('UnauthorizedOperation');
});

it('denies by the age of the session, and lets a younger one write', async () => {
  const { assume, clock, iam, pass, write } = scene();
  const old = await assume();
  await iam('PutRolePolicy', { PolicyName: 'fence', PolicyDocument: text(olderThan(clock.now())) });
  await pass();
  const young = await assume();
  expect([await write(old), await write(young)]).toEqual(['UnauthorizedOperation', 'written']);
});

it('gives no more keys once the trust says so, and does not touch those it gave', async () => {
  const { assume, iam, pass, write } = scene();
  const old = await assume();
  await iam('UpdateAssumeRolePolicy', { PolicyDocument: text(trusting, nobody) });
  await pass();
  expect([await assume(), await write(old)]).toEqual(['AccessDenied', 'written']);
  const { Role } = (await iam('GetRole', {})) as { Role: { AssumeRolePolicyDocument: string } };
  expect(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument))).toEqual({ Statement: [trusting, nobody] });
  await iam('UpdateAssumeRolePolicy', { PolicyDocument: text(trusting) });
  await pass();
  expect(await assume()).toMatch(/^ASIA/);
});

it('deletes a policy, of the template too, and knows then of none', async () => {
  const { assume, far, iam, pass, write } = scene();
  expect(await iam('DeleteRolePolicy', { PolicyName: 'rights' })).toEqual({});
  await pass();
  expect(await write(await assume())).toBe('UnauthorizedOperation');
  expect(await iam('DeleteRolePolicy', { PolicyName: 'rights' })).toBe('NoSuchEntity');
  expect(await iam('GetRolePolicy', { PolicyName: 'rights' })).toBe('NoSuchEntity');
  // The same template again is no change to it.
  far.authority.redeploy(far.template);
  far.iam.redeploy(far.template);
  expect(await write(await assume())).toBe('UnauthorizedOperation');
});

it('lets an earlier change that gets about late undo no later one', async () => {
  const { assume, clock, iam, pass, write } = scene([0.9, 0.1]);
  const old = await assume();
  await iam('PutRolePolicy', { PolicyName: 'fence', PolicyDocument: text(olderThan(clock.now())) });
  await iam('UpdateAssumeRolePolicy', { PolicyDocument: text(trusting, nobody) });
  await pass();
  expect([await assume(), await write(old)]).toEqual(['AccessDenied', 'UnauthorizedOperation']);
});

it.each([
  ['GetRole', { RoleName: 'nobody' }, 'AccessDenied'],
  ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: 'no policy' }, 'MalformedPolicyDocument'],
  ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: text(trusting) }, 'MalformedPolicyDocument'],
  ['UpdateAssumeRolePolicy', { PolicyDocument: text(allow('sts:AssumeRole')) }, 'MalformedPolicyDocument'],
])('refuses %s of %j with %s', async (operation, input, name) => {
  expect(await scene().iam(operation, input)).toBe(name);
});

it('lets nobody change a role who may not', async () => {
  expect(await scene().iam('PutRolePolicy', { PolicyName: 'p', PolicyDocument: text() }, 'Brain')).toBe('AccessDenied');
});
