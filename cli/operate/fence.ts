/**
 * The fence at a role that another deployment acts by: keys that it has are good for nothing, and it is given no others.
 * Both halves are needed.
 *
 *     keys given out before ...  | denied by their age (an inline policy)
 *     keys asked for from now on | nobody is trusted   (a statement in the trust, beside what stands there)
 *
 * IAM is eventually consistent: for a while the role may still be taken on, so the age that is denied lies ahead of now by
 * more than that while.
 */
import { isRecord, parsed } from '../../core/words/shape';
import { fencePolicy, fenceStatement } from '../../core/words/standby';
import { type Instant, minuteMs } from '../../core/words/time';
import type { IamRoles } from './roles';

/** Ten times what is waited for IAM. */
const aheadMs = 10 * minuteMs;

/** What is to be put back when the fence goes away; the trust holds it itself. */
export interface RoleState {
  readonly trust: string;
  readonly policy: string | null;
}

export async function lookAtFence(roles: IamRoles, role: string): Promise<RoleState> {
  const [trust, policy] = await Promise.all([roles.trustOf(role), roles.policyOf(role, fencePolicy)]);
  return { trust, policy };
}

export const isFenced = ({ trust, policy }: RoleState): boolean => policy !== null && isClosed(trust);

/** Answers with the instant before which keys are denied. Throws where it cannot be put, or does not read back. */
export async function putFence(roles: IamRoles, role: string, { trust }: RoleState, now: Instant): Promise<Instant> {
  const before = now + aheadMs;
  const closedTrust = isClosed(trust) ? trust : closed(trust); // What cannot be read is found before anything is written.
  await roles.setPolicy(role, fencePolicy, deniedBefore(before));
  await roles.setTrust(role, closedTrust);
  const after = await lookAtFence(roles, role);
  if (!isFenced(after) || !after.policy!.includes(new Date(before).toISOString()))
    throw new Error(`the fence at ${role} does not read back as it was written: nobody knows what holds there`);
  return before;
}

/** As it was `before`. */
export async function takeBack(roles: IamRoles, role: string, { trust, policy }: RoleState): Promise<void> {
  await roles.setTrust(role, trust);
  await roles.setPolicy(role, fencePolicy, policy);
}

/** As if there had never been one. */
export async function liftFence(roles: IamRoles, role: string): Promise<void> {
  await roles.setTrust(role, opened(await roles.trustOf(role)));
  await roles.setPolicy(role, fencePolicy, null);
}

const deniedBefore = (at: Instant): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Deny', Action: '*', Resource: '*' },
        Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(at).toISOString() } },
      },
    ],
  });

const nobody = { Sid: fenceStatement, Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };

const isNobody = (statement: unknown): boolean =>
  isRecord(statement) && statement['Sid'] === fenceStatement && statement['Effect'] === 'Deny';

function statementsOf(trust: string): {
  readonly document: Readonly<Record<string, unknown>>;
  readonly all: unknown[];
} {
  const document = parsed(trust);
  if (!isRecord(document)) throw new Error('IAM answered with a trust policy that is none');
  const { Statement = [] } = document;
  return { document, all: Array.isArray(Statement) ? Statement : [Statement] };
}

const isClosed = (trust: string): boolean => statementsOf(trust).all.some(isNobody);

function closed(trust: string): string {
  const { document, all } = statementsOf(trust);
  return JSON.stringify({ ...document, Statement: [...all, nobody] });
}

function opened(trust: string): string {
  const { document, all } = statementsOf(trust);
  return JSON.stringify({ ...document, Statement: all.filter((one) => !isNobody(one)) });
}
