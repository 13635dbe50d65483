/** Trust as AWS reads it: the account, the role that asks, the external id; each alone is not enough. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { rolesOf } from '../../../../../local-cloud/iam/roles';
import { Sts } from '../../../../../local-cloud/services/sts/sts';
import { accountId } from '../../../../../local-cloud/template/json';
import { roleFor, templateOf } from '../../template-of';

const path = '/switchback/mesh/brain/';

function scene() {
  const trusting = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Condition: {
      StringEquals: { 'sts:ExternalId': '3f6c' },
      ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:role${path}*` },
    },
  };
  const template = templateOf({
    Brain: { ...roleFor('lambda.amazonaws.com'), Properties: { ...propertiesOf('lambda'), Path: path } },
    Canary: {
      ...roleFor('lambda.amazonaws.com'),
      Properties: { ...propertiesOf('lambda'), Path: '/switchback/mesh/' },
    },
    End: {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: 'end', AssumeRolePolicyDocument: { Statement: [trusting] } },
    },
  });
  const clock = new VirtualClock(0);
  const roles = new Map(rolesOf(template).map((role) => [role.logicalId, role]));
  const sts = new Sts({ clock, roles });
  const assume = (role: string, more: object = { ExternalId: '3f6c' }, RoleArn = roles.get('End')!.arn) =>
    sts.call('AssumeRole', { RoleArn, RoleSessionName: 'session', ...more }, { role, by: 'function' }) as Promise<{
      Credentials: { AccessKeyId: string };
    }>;
  return { clock, sts, assume };
}

const propertiesOf = (service: string): object =>
  (roleFor(`${service}.amazonaws.com`) as { Properties: object }).Properties;

it('gives keys to the role that is trusted, for the external id', async () => {
  const { sts, assume } = scene();
  const { Credentials } = await assume('Brain');
  expect(sts.principalOf(Credentials.AccessKeyId)).toEqual({
    ...{ role: 'End', by: 'function', accountId, issuedAt: 0 },
    roleArn: expect.stringMatching(/:role\/end$/) as string,
  });
});

it.each([
  ['another role of the account', 'Canary', { ExternalId: '3f6c' }],
  ['a wrong external id', 'Brain', { ExternalId: 'guess' }],
  ['no external id', 'Brain', {}],
])('refuses %s', async (_, role, more) => {
  await expect(scene().assume(role, more)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('says of a role that is not there what it says of one that does not trust', async () => {
  const absent = scene().assume('Brain', {}, 'arn:aws:iam::210987654321:role/none');
  await expect(absent).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('gives no more than an hour to a role that takes on another, and ends the keys then', async () => {
  const { clock, sts, assume } = scene();
  await expect(assume('Brain', { ExternalId: '3f6c', DurationSeconds: 3_601 })).rejects.toThrow('3600');
  const { Credentials } = await assume('Brain');
  await clock.runUntil(3_600_000);
  expect(() => sts.principalOf(Credentials.AccessKeyId)).toThrow('expired');
  expect(() => sts.principalOf('ASIAnobody')).toThrow('invalid');
});
