/** Asks STS for the keys of a role of another account, or of one that may do more than ours. */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { secondMs } from '../../core/words/time';
import { attempt, type Clock } from '../attempt';
import { AwsUnavailable } from '../errors';

export interface RoleKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface RoleWanted {
  /** Its ARN. */
  readonly role: string;
  /** What its trust asks for, so that nobody who learns the ARN can make us act for him. */
  readonly externalId?: string | undefined;
  /** Who asks, as CloudTrail of the other account shows it. */
  readonly session: string;
}

/** AWS gives a role that assumes another no more than an hour, and every role may have that much. */
export const roleLifetimeMs = 3_600 * secondMs;

/** Of a session's name, by STS. */
const sessionLengthMax = 64;

export function assumeRole(sts: Pick<STSClient, 'send'>, wanted: RoleWanted, clock: Clock): Promise<RoleKeys> {
  const { role, externalId, session } = wanted;
  return attempt(clock, { operation: 'AssumeRole', on: role }, async () => {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: role,
        RoleSessionName: session.replace(/[^\w+=,.@-]/g, '-').slice(0, sessionLengthMax),
        DurationSeconds: roleLifetimeMs / secondMs,
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new AwsUnavailable(`AssumeRole on ${role}: an answer without keys`);
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  });
}
