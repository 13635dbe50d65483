/**
 * The printed service control policy, asked of the simulated IAM: strangers are denied, and no role of the very template
 * it was read from is. Under whatever name the deployment and its stack go.
 */
import { readConfigFile } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import { type AccountPolicies, accountPolicies } from '../../infra/granting/account-policies';
import type { RequestContext } from '../../local-cloud/iam/conditions';
import { evaluate } from '../../local-cloud/iam/evaluate';
import { readPolicy } from '../../local-cloud/iam/policy';
import { rolesOf } from '../../local-cloud/iam/roles';
import { templateOf } from '../../local-cloud/template/template';
import { synthesizeSite } from './synthesis';

const greenfield = readConfigFile('examples/greenfield/switchback.yaml');
const named = (name: string): Deployment => ({ ...greenfield, name });

function read(deployment: Deployment) {
  const synthesis = synthesizeSite(deployment);
  return { policies: accountPolicies(synthesis, deployment), roles: rolesOf(templateOf(synthesis)) };
}

const readOther = () => read(named('other'));

const strangers = [
  'arn:aws:iam::111111111111:role/admin',
  'arn:aws:iam::111111111111:user/eve',
  'arn:aws:iam::111111111111:role/switchback-admin',
];

type Asked = readonly [action: string, resource: string, context: RequestContext];

const guarded: readonly Asked[] = [
  ['ec2:CreateTags', 'arn:aws:ec2:eu-central-1:111111111111:instance/i-0', { 'aws:tagkeys': ['switchback:gateway'] }],
  ['ec2:DeleteTags', 'arn:aws:ec2:eu-central-1:111111111111:instance/i-0', { 'aws:tagkeys': ['switchback:gateway'] }],
  ['cloudwatch:PutMetricData', '*', {}],
];

/** Of the metrics that stand in for reports. */
const namespaceOf = (policy: AccountPolicies['serviceControlPolicy']): string =>
  String(policy.Statement.flatMap(({ Condition }) => Condition?.['StringEquals']?.['cloudwatch:namespace'] ?? [])[0]);

function isDenied(policy: AccountPolicies['serviceControlPolicy'], who: string, what: Asked): boolean {
  const [action, resource, context] = what;
  const about = { 'cloudwatch:namespace': [namespaceOf(policy)], ...context, 'aws:principalarn': [who] };
  const request = { action, resource, context: about };
  const verdict = evaluate(readPolicy(JSON.parse(JSON.stringify(policy)), 'scp'), request);
  return !verdict.allowed && verdict.explicit;
}

describe.each(['switchback', 'acme-vpn', 'a-deployment-with-a-long-name-'])('of deployment %s', (name) => {
  const { policies, roles } = read(named(name));
  const scp = policies.serviceControlPolicy;

  it.each(guarded)('denies strangers %s', (...what) => {
    for (const who of strangers) expect([who, isDenied(scp, who, what)]).toEqual([who, true]);
  });

  it('denies no role of ours what that role is granted', () => {
    const held = roles.flatMap(({ arn, statements }) =>
      statements.flatMap(({ effect, actions }) => (effect === 'Allow' ? actions.map((action) => [arn, action]) : [])),
    );
    expect(held.length).toBeGreaterThan(60);
    const denied = held.filter(([arn, action]) =>
      readPolicy(JSON.parse(JSON.stringify(scp)), 'scp').some(
        (statement) =>
          statement.actions.includes(action!) &&
          isDenied(scp, arn!, [
            action!,
            statement.resources[0]!.replaceAll('*', 'x'),
            { 'aws:tagkeys': ['switchback:gateway'], 'cloudwatch:namespace': [namespaceOf(scp)] },
          ]),
      ),
    );
    expect(denied).toEqual([]);
  });

  it('denies nothing to a second deployment of the account, but what is this one’s', () => {
    const other = readOther();
    const granted = other.roles.flatMap(({ arn, statements }) =>
      statements.flatMap(({ effect, actions, resources }) =>
        effect === 'Allow' ? actions.map((action) => [arn, action, resources[0]!.replaceAll('*', 'x')] as const) : [],
      ),
    );
    const context = { 'aws:tagkeys': ['switchback:gateway'], 'cloudwatch:namespace': ['Switchback/other'] };
    expect(granted.filter(([arn, action, resource]) => isDenied(scp, arn, [action, resource, context]))).toEqual([]);
  });

  it('denies everybody a redrive of this machine, and fits', () => {
    const resource = `arn:aws:states:eu-central-1:111111111111:execution:${name}-failover:x`;
    for (const who of [...strangers, ...roles.map(({ arn }) => arn)])
      expect(isDenied(scp, who, ['states:RedriveExecution', resource, {}])).toBe(true);
    expect(JSON.stringify(scp).length).toBeLessThan(5_120);
  });

  it('asks of a boundary every action that a role is granted', () => {
    const granted = roles.flatMap(({ statements }) =>
      statements.flatMap(({ effect, actions }) => (effect === 'Allow' ? actions : [])),
    );
    expect(new Set(policies.boundary.Statement[0]!.Action)).toEqual(new Set(granted));
    expect(policies.boundary.Statement[0]!.Action).toContain('dynamodb:UpdateItem');
  });
});

it('prints what a topic of their own must allow, and nothing of the kind for one of ours', () => {
  const topic = 'arn:aws:sns:eu-central-1:222222222222:noc';
  const notify = { kind: 'people', emails: [], topic } as const;
  const told = { ...greenfield, installation: { notify, reserveConcurrency: false, protectsState: false } };
  const { topicPolicy } = read(told).policies;
  const [alarms] = topicPolicy!.Statement;
  expect(alarms).toMatchObject({
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: ['sns:Publish'],
    Resource: topic,
  });
  expect(JSON.stringify(alarms!.Condition)).toContain('alarm:switchback/*');
  expect(read(greenfield).policies.topicPolicy).toBeNull();
});

it('says for the account of each end what a boundary there must let through, and for no other', () => {
  const mesh = readConfigFile('examples/mesh/switchback.yaml');
  const { endBoundaries } = accountPolicies(synthesizeSite(mesh), mesh);
  expect(Object.keys(endBoundaries!)).toEqual(['ohio']);
  const { account, Statement } = endBoundaries!['ohio']!;
  expect(account).toBe('210987654321');
  const actions = Statement.flatMap(({ Action }) => Action);
  expect(actions).toEqual(expect.arrayContaining(['ec2:ReplaceRoute', 'sts:AssumeRole', 'dynamodb:BatchGetItem']));
  // Repairs are started and made there; nobody is woken or told.
  const changing = actions.filter((action) => /^(ssm|states|sns):(?!Describe|List|Get)/.test(action));
  expect(changing).toEqual(['ssm:SendCommand', 'ssm:StartAutomationExecution']);
  expect(accountPolicies(synthesizeSite(greenfield), greenfield).endBoundaries).toBeNull();
});
