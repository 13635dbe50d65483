/** Policies as AWS evaluates them: statements, conditions, roles of the template, resource policies. */
import { Authority, permits } from '../../../../local-cloud/iam/authority';
import { evaluate } from '../../../../local-cloud/iam/evaluate';
import { readPolicy } from '../../../../local-cloud/iam/policy';
import { roleFor, templateOf } from '../template-of';

const allow = (action: string | string[], resource: string | string[], condition?: object) => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...(condition && { Condition: condition }),
});

/** Is this allowed under these statements? */
function isAllowed(statements: readonly object[], action: string, resource: string, context = {}): boolean {
  const document = { Statement: statements } as never;
  return evaluate(readPolicy(document, 'test'), { action, resource, context }).allowed;
}

describe('statements', () => {
  it('compares actions without case and with wildcards', () => {
    expect(isAllowed([allow('EC2:describe*', '*')], 'ec2:DescribeInstances', '*')).toBe(true);
    expect(isAllowed([allow('ec2:Describe?', '*')], 'ec2:DescribeInstances', '*')).toBe(false);
  });

  it('compares resources with case, a star crossing colons and slashes', () => {
    const statements = [allow('x:y', 'arn:aws:x:*:table/a*')];
    expect(isAllowed(statements, 'x:y', 'arn:aws:x:eu:1:table/a/b')).toBe(true);
    expect(isAllowed(statements, 'x:y', 'arn:aws:x:eu:1:table/A')).toBe(false);
  });

  it('lets an explicit deny win over any allow', () => {
    const statements = [allow('*', '*'), { Effect: 'Deny', Action: 'x:y', Resource: 'arn:1' }];
    expect(isAllowed(statements, 'x:y', 'arn:1')).toBe(false);
    expect(isAllowed(statements, 'x:y', 'arn:2')).toBe(true);
  });

  it('denies what nobody mentions', () => {
    expect(isAllowed([], 'x:y', '*')).toBe(false);
  });

  it.each([['NotAction'], ['NotResource'], ['NotPrincipal']])('refuses %s by name', (element) => {
    const statement = { Effect: 'Allow', [element]: 'x' };
    expect(() => readPolicy({ Statement: [statement] }, 'p')).toThrow(`has '${element}': not modelled`);
  });
});

describe('conditions', () => {
  const under = (condition: object, context: object) => isAllowed([allow('x:y', '*', condition)], 'x:y', '*', context);

  it.each([
    [
      'StringEquals',
      { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      { 'iam:passedtoservice': ['ssm.amazonaws.com'] },
      true,
    ],
    [
      'DateLessThan of an older session',
      { DateLessThan: { 'aws:TokenIssueTime': '2026-11-20T09:00:00Z' } },
      { 'aws:tokenissuetime': ['2026-11-20T08:59:59.999Z'] },
      true,
    ],
    [
      'DateLessThan of one of the same instant',
      { DateLessThan: { 'aws:TokenIssueTime': '2026-11-20T09:00:00Z' } },
      { 'aws:tokenissuetime': ['2026-11-20T09:00:00.000Z'] },
      false,
    ],
    ['StringEquals on an absent key', { StringEquals: { 'iam:PassedToService': 'a' } }, {}, false],
    ['StringNotEquals on an absent key', { StringNotEquals: { 'iam:PassedToService': 'a' } }, {}, true],
    ['StringEqualsIfExists on an absent key', { StringEqualsIfExists: { 'ec2:Vpc': 'a' } }, {}, true],
    ['StringLike', { StringLike: { 'aws:ResourceTag/Name': 'gw-*' } }, { 'aws:resourcetag/name': ['gw-a'] }, true],
    [
      'ArnLike, part by part',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:1:rule/*' } },
      { 'aws:sourcearn': ['arn:aws:events:eu:1:rule/a'] },
      true,
    ],
    [
      'ArnLike does not cross colons',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:*:rule/*' } },
      { 'aws:sourcearn': ['arn:aws:events:eu:1:rule/a'] },
      false,
    ],
    [
      'ForAllValues, all listed',
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } },
      { 'dynamodb:leadingkeys': ['a'] },
      true,
    ],
    [
      'ForAllValues, one foreign',
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } },
      { 'dynamodb:leadingkeys': ['a', 'b'] },
      false,
    ],
    ['ForAnyValue, none there', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } }, {}, false],
    ['Null', { Null: { 'ec2:Vpc': 'true' } }, {}, true],
    ['Bool', { Bool: { 'ec2:IsLaunchTemplateResource': 'true' } }, { 'ec2:islaunchtemplateresource': ['true'] }, true],
  ])('%s', (_, condition, context, wanted) => {
    expect(under(condition, context)).toBe(wanted);
  });

  it('refuses an unknown operator and an unknown key by name', () => {
    expect(() => under({ NumericLessThan: { 'ec2:Vpc': '1' } }, {})).toThrow("'NumericLessThan' is not modelled");
    expect(() => under({ StringEquals: { 'aws:MoonPhase': 'full' } }, {})).toThrow("'aws:MoonPhase' is not modelled");
  });
});

describe('roles of the template', () => {
  const rtb = 'arn:aws:ec2:eu-west-1:111111111111:route-table/rtb-1';
  const template = templateOf({
    Reports: {
      Type: 'AWS::DynamoDB::Table',
      Properties: { TableName: 'reports', KeySchema: [{ AttributeName: 'canary', KeyType: 'HASH' }] },
    },
    Role: roleFor('lambda.amazonaws.com', allow('ec2:ReplaceRoute', rtb)),
    Extra: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'extra',
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Statement: [
            allow('dynamodb:PutItem', '*', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['paris/a'] } }),
          ],
        },
      },
    },
  });
  const authority = new Authority(template);
  const principal = { role: 'Role', by: 'apply' };
  const refusal = (service: string, operation: string, input: object): Error => {
    try {
      authority.check(principal, service, operation, input as never);
    } catch (error) {
      return error as Error;
    }
    throw new Error('was allowed');
  };

  it('allows a route write on the listed table and refuses it, in EC2 words, elsewhere', () => {
    authority.check(principal, 'ec2', 'ReplaceRoute', { RouteTableId: 'rtb-1' });
    const error = refusal('ec2', 'ReplaceRoute', { RouteTableId: 'rtb-2' });
    expect(error.name).toBe('UnauthorizedOperation');
    expect(error.message).toContain(
      'not authorized to perform: ec2:ReplaceRoute on resource: arn:aws:ec2:eu-west-1:111111111111:route-table/rtb-2',
    );
  });

  it('holds a canary to its own item', () => {
    authority.check(principal, 'dynamodb', 'PutItem', { TableName: 'reports', Item: { canary: { S: 'paris/a' } } });
    const foreign = { TableName: 'reports', Item: { canary: { S: 'paris/b' } } };
    expect(refusal('dynamodb', 'PutItem', foreign).name).toBe('AccessDeniedException');
  });

  it('still knows the key of a table that a later template hands on', () => {
    const condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['paris/a'] } };
    const Role = roleFor('lambda.amazonaws.com', allow('dynamodb:PutItem', '*', condition));
    const KeySchema = [{ AttributeName: 'canary', KeyType: 'HASH' }];
    const Reports = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'reports', KeySchema } };
    const later = new Authority(templateOf({ Role, Reports }));
    later.redeploy(templateOf({ Role }));
    const own = { TableName: 'reports', Item: { canary: { S: 'paris/a' } } };
    expect(() => later.check(principal, 'dynamodb', 'PutItem', own)).not.toThrow();
  });

  it('asks for PassRole when the document assumes a role', () => {
    const statement = allow('ssm:StartAutomationExecution', '*');
    const with_ = templateOf({ Role: roleFor('states.amazonaws.com', statement) });
    const start = (assumeRole: string | undefined) => () =>
      new Authority(with_, { assumeRoleOf: () => assumeRole }).check(principal, 'ssm', 'StartAutomationExecution', {
        DocumentName: 'd',
      });
    expect(start(undefined)).not.toThrow();
    expect(start('arn:aws:iam::111111111111:role/repair')).toThrow('not authorized to perform: iam:PassRole');
  });

  it('keeps the record of what was asked', () => {
    const asked = authority.usage().filter(({ action }) => action === 'ec2:ReplaceRoute');
    expect(asked).toEqual([
      { role: 'Role', action: 'ec2:ReplaceRoute', resource: rtb, allowed: true, count: 1, by: 'Role/own/0' },
      expect.objectContaining({ resource: rtb.replace('rtb-1', 'rtb-2'), allowed: false, by: '' }),
    ]);
  });

  it('lets only the trusted service assume the role', () => {
    const { arn } = template.resource('Role');
    expect(authority.roleFor(arn, 'lambda.amazonaws.com').logicalId).toBe('Role');
    expect(() => authority.roleFor(arn, 'states.amazonaws.com')).toThrow('not authorized to assume role');
  });

  it('does not guess the action of an operation it does not know', () => {
    expect(() => authority.check(principal, 'ec2', 'CreateVpc', {})).toThrow(
      'No IAM action is known for ec2.CreateVpc',
    );
  });
});

it('reads resource policies for services that act without a role', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Resource: 'q',
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnEquals: { 'aws:SourceArn': 'rule' } },
  };
  const statements = readPolicy({ Statement: [statement] }, 'queue');
  const request = (source: string) => ({
    action: 'sqs:SendMessage',
    resource: 'q',
    context: { 'aws:sourcearn': [source] },
  });
  expect(permits(statements, 'events.amazonaws.com', request('rule'))).toBe(true);
  expect(permits(statements, 'events.amazonaws.com', request('other'))).toBe(false);
  expect(permits(statements, 'sns.amazonaws.com', request('rule'))).toBe(false);
});
