/** Resolving a synthesized template: names, intrinsic functions, and refusing by name what is not understood. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.
import { templateOf } from '../template-of';

const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'locks' } };
const alarm = (properties: object) => ({ Type: 'AWS::CloudWatch::Alarm', Properties: properties });

describe('references', () => {
  it('resolves Ref and GetAtt to the names and ARNs of a fixed account', () => {
    const template = templateOf({
      Table: table,
      Alarm: alarm({
        Name: { Ref: 'Table' },
        Arn: { 'Fn::GetAtt': ['Table', 'Arn'] },
        Short: { 'Fn::GetAtt': 'Table.Arn' },
      }),
    });
    const arn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/locks';
    expect(template.resource('Alarm').properties).toEqual({ Name: 'locks', Arn: arn, Short: arn });
  });

  it('gives unnamed resources a stable name', () => {
    const { name, ref } = templateOf({ Topic: { Type: 'AWS::SNS::Topic' } }).resource('Topic');
    expect([name, ref]).toEqual(['Test-Topic', 'arn:aws:sns:eu-west-1:111111111111:Test-Topic']);
  });

  it('takes a version for a qualified function ARN', () => {
    const template = templateOf({
      Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'f' } },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
    });
    expect(template.resource('Version').ref).toBe('arn:aws:lambda:eu-west-1:111111111111:function:f:1');
  });

  it('names a dangling reference', () => {
    expect(() => templateOf({ Alarm: alarm({ Name: { Ref: 'Nobody' } }) })).toThrow(
      "'Nobody', which it does not define",
    );
  });

  it('names an attribute it does not model', () => {
    const resources = { Table: table, Alarm: alarm({ X: { 'Fn::GetAtt': ['Table', 'Colour'] } }) };
    expect(() => templateOf(resources)).toThrow("attribute 'Colour' of 'Table' (AWS::DynamoDB::Table): not modelled");
  });

  it('names a resource whose name depends on itself', () => {
    const resources = { A: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'A' } } } };
    expect(() => templateOf(resources)).toThrow("name of resource 'A' depends on itself");
  });
});

describe('intrinsic functions', () => {
  const value = (argument: unknown): unknown =>
    templateOf({ Table: table, Alarm: alarm({ Value: argument }) }).resource('Alarm').properties['Value'];

  it.each([
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'AWS::Region' }, { Ref: 'Table' }]] }, 'a:eu-west-1:locks'],
    [
      'Sub with own and other names',
      { 'Fn::Sub': ['${own}/${Table}/${Table.Arn}/${!kept}', { own: 1 }] },
      '1/locks/arn:aws:dynamodb:eu-west-1:111111111111:table/locks/${kept}',
    ],
    ['Sub of pseudo parameters', { 'Fn::Sub': '${AWS::AccountId}-${AWS::Partition}' }, '111111111111-aws'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  ])('resolves %s', (_, argument, wanted) => {
    expect(value(argument)).toBe(wanted);
  });

  it('removes AWS::NoValue', () => {
    const template = templateOf({
      Alarm: alarm({ Gone: { Ref: 'AWS::NoValue' }, List: [1, { Ref: 'AWS::NoValue' }] }),
    });
    expect(template.resource('Alarm').properties).toEqual({ List: [1] });
  });

  it.each(['Fn::ImportValue', 'Fn::If', 'Fn::GetAZs', 'Fn::FindInMap'])('refuses %s by name', (name) => {
    expect(() => value({ [name]: 'x' })).toThrow(`Intrinsic function '${name}' in resource 'Alarm' is not modelled`);
  });
});

it('refuses a resource type that it neither models nor knowingly ignores', () => {
  expect(() => templateOf({ Bucket: { Type: 'AWS::S3::Bucket' } })).toThrow(
    'type AWS::S3::Bucket, which the local cloud neither models',
  );
});

it('ignores what nothing in the failover path can see, but lets others refer to it', () => {
  const template = templateOf({
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { Odd: { 'Fn::If': ['x', 1, 2] } } },
    Alarm: alarm({ Arn: { 'Fn::GetAtt': ['Log', 'Arn'] } }),
  });
  expect(template.resource('Alarm').properties['Arn']).toBe('arn:aws:logs:eu-west-1:111111111111:log-group:Test-Log:*');
});
