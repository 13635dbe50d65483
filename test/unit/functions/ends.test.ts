/** Which clients serve which end, with whose keys they call, and what becomes of a role that is refused. */
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { RoleKeys } from '../../../adapters/sts/assume-role';
import { awsAt, freshenRoles } from '../../../functions/ends';
import type { AwsClients } from '../../../functions/world';
import { awsError, awsMocks } from '../adapters/aws-mocks';
import { VirtualWorld } from './virtual-world';

const role = 'arn:aws:iam::210987654321:role/switchback/mesh/switchback-mesh-end-ohio';
const ohio = { name: 'ohio', region: 'us-east-2', role, externalId: '3f6c' };

function scene() {
  const here = awsMocks();
  const there = awsMocks();
  const world = new VirtualWorld(here);
  world.env = { AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: 'mesh-Apply' };
  const borrowedBy: (() => Promise<RoleKeys>)[] = [];
  const borrowed = awsMocks().clients;
  world.awsIn = (region: string, as?: () => Promise<RoleKeys>): AwsClients => {
    if (region !== 'us-east-2') throw new Error(`nobody asks in ${region}`);
    if (as === undefined) return there.clients;
    borrowedBy.push(as);
    return borrowed;
  };
  const keysAre = (AccessKeyId: string): void => {
    there.sts
      .on(AssumeRoleCommand)
      .resolves({ Credentials: { AccessKeyId, SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(0) } });
  };
  return { world, here, there, borrowed, borrowedBy, keysAre };
}

it('is our own set of clients here, and in our own region', () => {
  const { world } = scene();
  expect(awsAt(world, undefined)).toBe(world.aws);
  expect(awsAt(world, { name: 'frankfurt', region: 'eu-central-1' })).toBe(world.aws);
});

it('is the other region with our own rights where no role is named', () => {
  const { world, there } = scene();
  expect(awsAt(world, { name: 'ohio', region: 'us-east-2' })).toBe(there.clients);
});

it('calls with the keys of the role, of one set of clients, that STS of that region gave for the external id', async () => {
  const { world, there, borrowed, borrowedBy, keysAre } = scene();
  keysAre('ASIA1');
  expect(awsAt(world, ohio)).toBe(borrowed);
  expect(awsAt({ ...world, aws: world.aws }, ohio)).toBe(borrowed);
  expect(borrowedBy).toHaveLength(1);
  expect(await borrowedBy[0]!()).toMatchObject({ accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' });
  expect(there.sts.commandCalls(AssumeRoleCommand)[0]!.args[0].input).toEqual({
    RoleArn: role,
    RoleSessionName: 'mesh-Apply',
    DurationSeconds: 3_600,
    ExternalId: '3f6c',
  });
});

it('keeps two roles of one region apart', () => {
  const { world, borrowedBy } = scene();
  awsAt(world, ohio);
  awsAt(world, { ...ohio, name: 'columbus', role: `${role}-2` });
  expect(borrowedBy).toHaveLength(2);
});

it('refuses by name where the trust is broken', async () => {
  const { world, there, borrowedBy } = scene();
  there.sts.on(AssumeRoleCommand).rejects(awsError('AccessDenied', 'not authorized to perform: sts:AssumeRole', 403));
  awsAt(world, ohio);
  await expect(borrowedBy[0]!()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(`AssumeRole on ${role}`) as string,
  });
});

it('freshens every role, and says of which end it could not', async () => {
  const { world, there, borrowedBy, keysAre } = scene();
  there.sts.on(AssumeRoleCommand).rejectsOnce(awsError('AccessDenied', 'no', 403));
  await freshenRoles(world, [{ name: 'frankfurt', region: 'eu-central-1' }, ohio]);
  expect(world.lines).toMatchObject([{ level: 'warn', what: 'ends: role not renewed', end: 'ohio' }]);
  keysAre('ASIA2');
  await world.finish(world.sleep(2_000));
  await freshenRoles(world, [ohio]);
  expect(world.lines).toHaveLength(1);
  expect(await borrowedBy[0]!()).toMatchObject({ accessKeyId: 'ASIA2' });
});
