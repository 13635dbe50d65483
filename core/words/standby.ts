/**
 * A standby deployment: the same connections decided in the other end's region, with everything that starts runs switched
 * off until somebody lets it take over (`switchback takeover`).
 *
 *     mesh in eu-central-1              mesh-standby in us-east-2
 *     decides; acts in us-east-2        watches; may begin nothing
 *     by a role of that account
 *
 * Law: at most one of the two may write where the standby is. Before a takeover that is held by a policy on the standby's
 * state machine, after it by a fence at the role of the other.
 */
import type { Deployment } from './domain';
import type { StandsInFor } from './end';
import { brainPath, roleArn } from './end-names';

export const standbyName = (name: string): string => `${name}-standby`;

/** What everything begins with in a state machine; log delivery is left, or CloudFormation would make none. */
export const heldActions: readonly string[] = [
  'dynamodb:UpdateItem',
  'lambda:InvokeFunction',
  'ssm:StartAutomationExecution',
];

/** Keeps the standby's state machine from doing anything; a takeover takes it away. */
export const holdPolicy = 'switchback-standing-by';

/** At the other's role: no key that it was given before a takeover is good for anything. */
export const fencePolicy = 'switchback-taken-over';

/** In the trust of the other's role, for IAM takes letters and digits alone: nobody is given another key. */
export const fenceStatement = 'SwitchbackTakenOver';

export const isStandby = ({ standsInFor }: Pick<Deployment, 'standsInFor'>): boolean => standsInFor !== undefined;

/** ARN of the role that a takeover fences; `account`: where the standby is. */
export const fencedRole = ({ name, role }: StandsInFor, account: string): string => roleArn({ name }, account, role);

/** ARNs of the roles that the other's functions act by, for who fences them in their own account. */
export const brainRoles = ({ name, account }: StandsInFor): string =>
  `arn:aws:iam::${account}:role${brainPath({ name })}*`;
