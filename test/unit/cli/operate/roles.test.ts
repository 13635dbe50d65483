/** What is asked of IAM, over a real socket of a server that answers as IAM does: in XML, documents as in a URL. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { AccessDenied, AwsUnavailable } from '../../../../adapters/errors';
import { askIam, rolesBy } from '../../../../cli/operate/roles';
import { awsServer } from '../aws-server';

const aws = awsServer('AWS_ENDPOINT_URL_IAM');
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const { config } = new SSMClient({ region: 'us-east-2', credentials });
const clock = { now: () => 0, sleep: async () => {} };
const roles = rolesBy(askIam(config, 5_000), clock);

const document = '{"Statement":[{"Effect":"Deny","Action":"*"}]}';
const refused = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`;

it('reads a trust, signed for the one region that IAM has', async () => {
  const body = `<GetRoleResponse><GetRoleResult><Role><AssumeRolePolicyDocument>${encodeURIComponent(document)}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`;
  aws.answer = { status: 200, body };
  expect(await roles.trustOf('end')).toBe(document);
  expect(aws.heard.body).toBe('Action=GetRole&Version=2010-05-08&RoleName=end');
  expect(aws.heard.headers.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/iam\/aws4_request/);
});

it('writes a policy and a trust', async () => {
  aws.answer = { status: 200, body: '<PutRolePolicyResponse/>' };
  await roles.setPolicy('end', 'fence', document);
  expect(Object.fromEntries(new URLSearchParams(aws.heard.body))).toEqual({
    ...{
      Action: 'PutRolePolicy',
      Version: '2010-05-08',
      RoleName: 'end',
      PolicyName: 'fence',
      PolicyDocument: document,
    },
  });
  await roles.setTrust('end', document);
  expect(aws.heard.body).toContain('Action=UpdateAssumeRolePolicy');
});

it('says null of a policy that is not there, and deletes one that is gone already', async () => {
  aws.answer = { status: 404, body: refused('NoSuchEntity') };
  expect(await roles.policyOf('end', 'fence')).toBeNull();
  await expect(roles.setPolicy('end', 'fence', null)).resolves.toBeUndefined();
  expect(aws.heard.body).toContain('Action=DeleteRolePolicy');
  await expect(roles.setPolicy('end', 'fence', document)).rejects.toThrow('NoSuchEntity');
});

it.each([
  ['a refusal', { status: 403, body: refused('AccessDenied') }, AccessDenied],
  ['a fault of IAM', { status: 500, body: refused('ServiceFailure') }, AwsUnavailable],
])('ends with %s by its kind', async (_, answer, kind) => {
  aws.answer = answer;
  await expect(roles.trustOf('end')).rejects.toBeInstanceOf(kind);
});
