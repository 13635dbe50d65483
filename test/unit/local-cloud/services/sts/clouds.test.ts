/** Several clouds of one world: who may do what, in which account and region, and what the way there takes. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import type { HopName } from '../../../../../local-cloud/latency';
import { Clouds } from '../../../../../local-cloud/services/sts/clouds';
import { Sts } from '../../../../../local-cloud/services/sts/sts';
import type { JsonObject } from '../../../../../local-cloud/template/json';
import { Template } from '../../../../../local-cloud/template/template';
import { roleFor } from '../../template-of';

const brainAccount = '111122223333';
const farAccount = '210987654321';
const endRole = `arn:aws:iam::${farAccount}:role/end`;

const writesTo = (table: string): object => ({ Effect: 'Allow', Action: 'ec2:ReplaceRoute', Resource: `*/${table}` });
const trusting = (condition: object): object => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { AWS: `arn:aws:iam::${brainAccount}:root` },
  Condition: condition,
});

const latencies = { draw: (hop: HopName) => (hop === 'betweenRegions' ? 100 : 10) };

function scene(trust: object = trusting({ StringEquals: { 'sts:ExternalId': '3f6c' } })) {
  const clock = new VirtualClock(0);
  const clouds = new Clouds();
  const open = (region: string, account: string, Resources: object) => {
    const source = { stackName: 'Test', region, account, template: { Resources: Resources as JsonObject } };
    const template = new Template({ ...source, assetPath: (key) => key });
    const authority = new Authority(template);
    const written: string[] = [];
    const front = new Front({
      ...{ clock, authority, faults: new Faults(), latencies },
      serviceIn: (there, service) => (there === region ? undefined : clouds.serviceIn(there, account, service)),
    });
    const { sessions } = clouds;
    const sts = new Sts({ clock, roles: authority.roles, sessions, roleWith: (arn) => clouds.roleWith(arn) });
    const ec2 = {
      name: 'ec2',
      call: async (_: string, input: unknown) => {
        written.push((input as { RouteTableId: string }).RouteTableId);
        return {};
      },
    };
    front.register(sts, ec2);
    const roleOfDocument = (name: string) => (name === `repair-${region}` ? `role-${region}` : undefined);
    clouds.join({ region, accountId: account, front, authority, roleOfDocument });
    return { front, written, sts };
  };
  const mayAssume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: endRole };
  const brain = open('eu-central-1', brainAccount, {
    Apply: roleFor('lambda.amazonaws.com', mayAssume, writesTo('rtb-near')),
    Canary: roleFor('lambda.amazonaws.com'),
  });
  const policies = [{ PolicyName: 'own', PolicyDocument: { Statement: [writesTo('rtb-far')] } }];
  const properties = { RoleName: 'end', AssumeRolePolicyDocument: { Statement: [trust] }, Policies: policies };
  const far = open('us-east-2', farAccount, { End: { Type: 'AWS::IAM::Role', Properties: properties } });
  const asked = async (calling: Promise<unknown>): Promise<string> => {
    const answer = calling.then(
      () => 'done',
      (error: Error) => error.name,
    );
    await clock.runUntil(clock.now() + 60_000);
    return answer;
  };
  const assume = (role: string, more: object = { ExternalId: '3f6c' }) =>
    brain.front.call({ role, by: role, region: 'us-east-2' }, 'sts', 'AssumeRole', {
      ...{ RoleArn: endRole, RoleSessionName: 'session', ...more },
    });
  const write = (front: Front, role: string, table: string) =>
    front.call({ role, by: role }, 'ec2', 'ReplaceRoute', { RouteTableId: table, DestinationCidrBlock: '10.0.0.0/8' });
  return { clock, clouds, brain, far, open, asked, assume, write };
}

it('lets who is trusted write what the role there may, and nothing else of either end', async () => {
  const { asked, assume, write, far, brain, clouds } = scene();
  expect(await asked(assume('Apply'))).toBe('done');
  const [key] = clouds.sessions.keys();
  const { role, accountId } = brain.sts.principalOf(key!);
  const there = clouds.at('us-east-2', accountId)!.front;
  expect([role, there === far.front]).toEqual(['End', true]);
  expect(await asked(write(there, role, 'rtb-far'))).toBe('done');
  expect(await asked(write(there, role, 'rtb-near'))).toBe('UnauthorizedOperation');
  expect(await asked(write(brain.front, 'Apply', 'rtb-far'))).toBe('UnauthorizedOperation');
  expect([far.written, brain.written]).toEqual([['rtb-far'], []]);
});

it.each([
  ['another external id', 'Apply', { ExternalId: 'guessed' }, undefined],
  ['no external id', 'Apply', {}, undefined],
  ['a role that may not ask', 'Canary', { ExternalId: '3f6c' }, undefined],
  ['a role that the end does not trust', 'Apply', {}, { ArnLike: { 'aws:PrincipalArn': '*:role/brain/*' } }],
])('gives no keys for %s', async (_, role, more, condition) => {
  const { asked, assume, clouds } = scene(condition && trusting(condition));
  expect(await asked(assume(role, more))).toMatch(/^AccessDenied/);
  expect(clouds.sessions.size).toBe(0);
});

it('lands in the other region of its own account what a role may do there, and takes as long as the way is', async () => {
  const { asked, brain, open, clock } = scene();
  const sydney = open('ap-southeast-2', brainAccount, {});
  const call = (region?: string) =>
    brain.front.call({ role: 'Apply', by: 'Apply', region }, 'ec2', 'ReplaceRoute', {
      ...{ RouteTableId: 'rtb-near', DestinationCidrBlock: '10.0.0.0/8' },
    });
  const took = async (calling: Promise<unknown>): Promise<number> => {
    const from = clock.now();
    let at = from;
    void calling.then(() => {
      at = clock.now();
    });
    await clock.runUntil(from + 60_000);
    return at - from;
  };
  expect(await took(call())).toBe(10);
  expect(await took(call('ap-southeast-2'))).toBe(110);
  expect([brain.written, sydney.written]).toEqual([['rtb-near'], ['rtb-near']]);
  // A region where nothing of ours stands is asked as ever: by what is known here.
  expect(await asked(call('us-west-1'))).toBe('done');
  expect(brain.written).toHaveLength(2);
});

it('knows tables and documents of its own account’s other regions, and of no other account', () => {
  const { clouds, open } = scene();
  const KeySchema = [{ AttributeName: 'canary', KeyType: 'HASH' }];
  const table = (TableName: string) => ({ T: { Type: 'AWS::DynamoDB::Table', Properties: { TableName, KeySchema } } });
  open('ap-southeast-2', brainAccount, table('reports-sydney'));
  open('eu-west-1', farAccount, table('reports-dublin'));
  const seen = ['reports-sydney', 'reports-dublin'].map((name) => clouds.partitionKeyIn(brainAccount, name));
  expect(seen).toEqual(['canary', undefined]);
  const roles = ['repair-ap-southeast-2', 'repair-eu-west-1'].map((name) => clouds.documentRoleIn(brainAccount, name));
  expect(roles).toEqual(['role-ap-southeast-2', undefined]);
});
