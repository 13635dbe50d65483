/**
 * A role's own documents in IAM: whom it trusts, and its inline policies. IAM is one for all regions, and its control plane
 * stands in us-east-1: while that fails, nobody is fenced.
 */
import { attempt, type Clock } from '../../adapters/attempt';
import { isNamed } from '../../adapters/errors';
import { refusalIn, throwSilence } from '../doctor/elsewhere';
import { type Signing, signedAnswer } from './signed';

export interface IamRoles {
  /** JSON text. */
  trustOf(role: string): Promise<string>;
  setTrust(role: string, document: string): Promise<void>;
  /** JSON text; null: it has no such policy. */
  policyOf(role: string, policy: string): Promise<string | null>;
  /** Null: it is deleted, or was not there. */
  setPolicy(role: string, policy: string, document: string | null): Promise<void>;
}

/** The documents of an answer, as a URL would hold them. */
export interface RoleAnswer {
  readonly AssumeRolePolicyDocument?: string | undefined;
  readonly PolicyDocument?: string | undefined;
}

export type AskIam = (operation: string, input: Readonly<Record<string, string>>) => Promise<RoleAnswer>;

export function rolesBy(ask: AskIam, clock: Clock): IamRoles {
  const asked = (operation: string, RoleName: string, more: Readonly<Record<string, string>> = {}) =>
    attempt(clock, { operation, on: RoleName }, () => ask(operation, { RoleName, ...more }));
  const ifThere = async <T>(asking: () => Promise<T>): Promise<T | null> => {
    try {
      return await asking();
    } catch (error) {
      if (isNamed((error as Error).cause, 'NoSuchEntity')) return null;
      throw error;
    }
  };
  return {
    trustOf: async (role) => decodeURIComponent((await asked('GetRole', role)).AssumeRolePolicyDocument ?? ''),
    setTrust: async (role, PolicyDocument) => void (await asked('UpdateAssumeRolePolicy', role, { PolicyDocument })),
    async policyOf(role, PolicyName) {
      const answer = await ifThere(() => asked('GetRolePolicy', role, { PolicyName }));
      return answer === null ? null : decodeURIComponent(answer.PolicyDocument ?? '');
    },
    async setPolicy(role, PolicyName, PolicyDocument) {
      if (PolicyDocument === null) await ifThere(() => asked('DeleteRolePolicy', role, { PolicyName }));
      else await asked('PutRolePolicy', role, { PolicyName, PolicyDocument });
    },
  };
}

/** Of a real account. */
export const askIam =
  (signing: Signing, timeoutMs: number): AskIam =>
  async (operation, input) => {
    const request = {
      service: 'iam',
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: operation, Version: '2010-05-08', ...input }).toString(),
    } as const;
    const answer = await signedAnswer(signing, request, timeoutMs).catch(throwSilence);
    if (answer.status < 200 || answer.status >= 300) throw refusalIn(answer);
    const of = (member: string) => new RegExp(`<${member}>([^<]*)</${member}>`).exec(answer.text)?.[1];
    return {
      AssumeRolePolicyDocument: of('AssumeRolePolicyDocument'),
      PolicyDocument: of('PolicyDocument'),
    };
  };
