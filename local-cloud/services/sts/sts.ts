/**
 * STS: AssumeRole, as the role's trust says: who asks (`aws:PrincipalArn`), and with which external id. Whoever asks must
 * be allowed to by its own policies too; that is the front's question, as of any call.
 */
import { hourMs, type Instant, secondMs } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import { evaluate } from '../../iam/evaluate';
import type { Role } from '../../iam/roles';
import { AwsError, type FakeService, NotModelled, type Principal } from '../../service';
import { accountId, type JsonObject } from '../../template/json';

export interface StsOptions {
  readonly clock: VirtualClock;
  /** By logical id. */
  readonly roles: ReadonlyMap<string, Role>;
  /** A role of any account. @default - only those of `roles` are there */
  readonly roleWith?: (arn: string) => Role | undefined;
  /** By access key. @default - nobody else knows of them */
  readonly sessions?: Map<string, Session>;
}

export interface Session {
  /** Logical id of the role taken on, in its own stack. */
  readonly role: string;
  readonly roleArn: string;
  /** Whose role it is. */
  readonly accountId: string;
  readonly name: string;
  /** What `aws:TokenIssueTime` is at every call with its keys. */
  readonly issuedAt: Instant;
  readonly endsAt: Instant;
}

/** Who calls with such keys. */
export type SessionPrincipal = Pick<Principal, 'role' | 'by' | 'issuedAt'> & Pick<Session, 'accountId' | 'roleArn'>;

const lifetimeMsMax = hourMs;
const lifetimeMsMin = 900 * secondMs;

export class Sts implements FakeService {
  readonly name = 'sts';
  private readonly sessions: Map<string, Session>;

  constructor(private readonly options: StsOptions) {
    this.sessions = options.sessions ?? new Map();
  }

  async call(operation: string, input: unknown, principal: Principal): Promise<unknown> {
    if (operation !== 'AssumeRole') throw new NotModelled('sts', operation);
    return this.assumeRole(input as JsonObject, principal);
  }

  /** Who calls with these keys. Throws as AWS does for keys that have ended. */
  principalOf(accessKeyId: string): SessionPrincipal {
    const session = this.sessions.get(accessKeyId);
    if (session === undefined) throw new AwsError('InvalidClientTokenId', 'The security token is invalid.', 403);
    if (this.options.clock.now() >= session.endsAt)
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
    const { accountId: account, issuedAt, name, role, roleArn } = session;
    return { role, by: name, issuedAt, accountId: account, roleArn };
  }

  private assumeRole({ RoleArn, RoleSessionName, DurationSeconds, ExternalId }: JsonObject, caller: Principal): object {
    const { clock, roles, roleWith = (arn) => [...roles.values()].find((one) => one.arn === arn) } = this.options;
    const lifetimeMs = Number(DurationSeconds ?? lifetimeMsMax / secondMs) * secondMs;
    if (lifetimeMs < lifetimeMsMin || lifetimeMs > lifetimeMsMax)
      throw new AwsError('ValidationError', 'DurationSeconds is outside 900 to 3600, which a role gives a role.');
    if (!/^[\w+=,.@-]{2,64}$/.test(String(RoleSessionName)))
      throw new AwsError('ValidationError', 'RoleSessionName must be 2 to 64 letters, digits or any of +=,.@-');
    const callerArn = roles.get(caller.role)?.arn ?? `arn:aws:iam::${accountId}:user/${caller.role}`;
    const role = roleWith(String(RoleArn));
    // AWS says of a role that is not there what it says of one that does not trust.
    if (role === undefined || !trusts(role, callerArn, ExternalId)) {
      const why = `User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${String(RoleArn)}`;
      throw new AwsError('AccessDenied', why, 403);
    }
    const issuedAt = clock.now();
    const endsAt = issuedAt + lifetimeMs;
    const accessKeyId = `ASIA${String(this.sessions.size).padStart(16, '0')}`;
    this.sessions.set(accessKeyId, {
      ...{ role: role.logicalId, roleArn: role.arn, accountId: accountOf(role.arn), name: caller.by, issuedAt, endsAt },
    });
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: 'secret',
        SessionToken: 'token',
        Expiration: new Date(endsAt),
      },
      AssumedRoleUser: {
        AssumedRoleId: `AROA:${String(RoleSessionName)}`,
        Arn: `arn:aws:sts::${accountOf(role.arn)}:assumed-role/${role.name}/${String(RoleSessionName)}`,
      },
    };
  }
}

/** A trust that names an account trusts whomever that account lets. */
function trusts({ trust }: Role, callerArn: string, externalId: unknown): boolean {
  const account = accountOf(callerArn);
  const named = [callerArn, account, `arn:aws:iam::${account}:root`, '*'];
  const statements = trust.filter(({ principals }) => principals.some((who) => named.includes(who)));
  const context = {
    'aws:principalarn': [callerArn],
    'aws:principalaccount': [account],
    ...(externalId !== undefined && { 'sts:externalid': [String(externalId)] }),
  };
  return evaluate(statements, { action: 'sts:AssumeRole', resource: '*', context }).allowed;
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';
