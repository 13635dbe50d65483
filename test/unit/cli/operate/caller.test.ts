/** Who calls, asked over a real socket of a server that answers as AWS's does. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { callerArn, callerName } from '../../../../cli/operate/caller';
import { endFrom } from '../../../../cli/operate/exit-codes';
import { awsServer } from '../aws-server';

const aws = awsServer('AWS_ENDPOINT_URL_STS');

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const { config } = new SSMClient({ region: 'eu-central-1', credentials });

it('is what the Security Token Service says, asked with a signature', async () => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/Ops/ana';
  aws.answer = { status: 200, body: `<GetCallerIdentityResponse><Arn>${arn}</Arn></GetCallerIdentityResponse>` };
  await expect(callerArn(config, 5_000)).resolves.toBe(arn);
  expect(aws.heard.body).toBe('Action=GetCallerIdentity&Version=2011-06-15');
  expect(aws.heard.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/sts\/aws4_request/,
  );
});

it.each([
  ['a refusal', { status: 403, body: '<Error><Message>The security token is expired</Message></Error>' }, 4, /expired/],
  ['a fault of AWS', { status: 503, body: '' }, 5, /status 503/],
  ['an answer without an ARN', { status: 200, body: '<html>' }, 5, /without an ARN/],
])('ends with %s by its kind', async (_, given, code, text) => {
  aws.answer = given;
  const end = await callerArn(config, 5_000).catch(endFrom);
  expect(end).toEqual({ code, text: expect.stringMatching(text) });
});

it('is known to people by a name without its account', () => {
  expect(callerName('arn:aws:sts::123456789012:assumed-role/Ops/ana')).toBe('Ops/ana');
  expect(callerName('arn:aws:iam::123456789012:user/ana')).toBe('ana');
  expect(callerName('arn:aws:iam::123456789012:root')).toBe('root');
});
