/** Questions to services whose clients are not aboard, asked over a real socket of a server that answers as AWS's do. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { faultFrom } from '../../../../adapters/errors';
import { signedQuestion } from '../../../../cli/doctor/elsewhere';
import { awsServer } from '../aws-server';

const aws = awsServer('AWS_ENDPOINT_URL');

const { config } = new SSMClient({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
});

it('asks a JSON service by its target', async () => {
  aws.answer = { status: 200, body: '{"Quota":{"Value":5}}' };
  const input = { ServiceCode: 'ec2', QuotaCode: 'L-0263D0A3' };
  const asked = signedQuestion(config, { service: 'servicequotas', operation: 'GetServiceQuota', input }, 5_000);
  await expect(asked).resolves.toEqual({ Quota: { Value: 5 } });
  expect(aws.heard.headers['x-amz-target']).toBe('ServiceQuotasV20190624.GetServiceQuota');
  expect(aws.heard.headers.authorization).toMatch(/\/eu-central-1\/servicequotas\/aws4_request/);
  expect(JSON.parse(aws.heard.body)).toEqual(input);
});

it('asks Lambda by its path', async () => {
  aws.answer = { status: 200, body: '{"AccountLimit":{"UnreservedConcurrentExecutions":10}}' };
  const asked = signedQuestion(config, { service: 'lambda', operation: 'GetAccountSettings', input: {} }, 5_000);
  await expect(asked).resolves.toMatchObject({ AccountLimit: { UnreservedConcurrentExecutions: 10 } });
  expect([aws.heard.method, aws.heard.url, aws.heard.body]).toEqual(['GET', '/2016-08-19/account-settings', '']);
});

it('has a function of Lambda answer what only it can know', async () => {
  aws.answer = { status: 200, body: '{"proofs":[]}' };
  const input = { FunctionName: 'mesh-Apply', Payload: { prove: 'ends' } };
  const asked = signedQuestion(config, { service: 'lambda', operation: 'Invoke', input }, 5_000);
  await expect(asked).resolves.toEqual({ proofs: [] });
  expect([aws.heard.method, aws.heard.url]).toEqual(['POST', '/2015-03-31/functions/mesh-Apply/invocations']);
  expect(JSON.parse(aws.heard.body)).toEqual({ prove: 'ends' });
});

it('asks CloudFormation by a form', async () => {
  aws.answer = { status: 200, body: '<StackName>acme</StackName>' };
  const question = { service: 'cloudformation', operation: 'DescribeStacks', input: { StackName: 'a b' } } as const;
  await expect(signedQuestion(config, question, 5_000)).resolves.toContain('acme');
  expect(aws.heard.body).toBe('Action=DescribeStacks&Version=2010-05-15&StackName=a+b');
});

it('is silent where nobody listens', async () => {
  const listening = process.env['AWS_ENDPOINT_URL'];
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:64999';
  const question = { service: 'cloudtrail', operation: 'Ask', input: {} } as const;
  const error = await signedQuestion(config, question, 5_000).catch((one: unknown) => one);
  process.env['AWS_ENDPOINT_URL'] = listening;
  expect(faultFrom(error, { operation: 'Ask', on: 'it' })).toMatchObject({ name: 'AwsUnavailable' });
});

it.each([
  [
    'cloudtrail',
    400,
    '{"__type":"com.amazonaws#AccessDeniedException","Message":"not authorized"}',
    'AccessDenied',
    /not authorized/,
  ],
  ['cloudtrail', 400, '{"__type":"ThrottlingException"}', 'Throttled', /ThrottlingException/],
  [
    'cloudformation',
    403,
    '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
    'AccessDenied',
    /AccessDenied: no/,
  ],
  ['servicequotas', 400, '{"__type":"NoSuchResourceException","Message":"none"}', 'MalformedInput', /NoSuchResource/],
  ['servicequotas', 503, 'half an answer', 'AwsUnavailable', /Refused/],
] as const)('%s answers %d: %s', async (service, status, body, name, message) => {
  aws.answer = { status, body };
  const error = await signedQuestion(config, { service, operation: 'Ask', input: {} }, 5_000).catch(
    (one: unknown) => one,
  );
  expect(faultFrom(error, { operation: 'Ask', on: 'it' })).toMatchObject({
    name,
    message: expect.stringMatching(message),
  });
});
