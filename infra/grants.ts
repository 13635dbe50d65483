/**
 * Small words for IAM: one statement from actions and resources, and a role that carries its statements from its
 * first second (inline), sharded into managed policies only where a list of ARNs outgrows the inline limit.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * A managed policy holds 6,144 characters, a role's inline policies 10,240 in all. A route table's ARN takes up to 75;
 * 70 of them and their actions fit either.
 */
const arnsPerPolicyMax = 70;

export function allow(
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Record<string, Record<string, unknown>>,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions !== undefined && { conditions }),
  });
}

export function role(
  scope: Construct,
  id: string,
  assumedBy: iam.IPrincipal,
  statements: readonly iam.PolicyStatement[],
  description: string,
): iam.Role {
  return new iam.Role(scope, id, {
    assumedBy,
    description,
    inlinePolicies: { own: new iam.PolicyDocument({ statements: [...statements], minimize: false }) },
  });
}

/** The same actions on however many ARNs. */
export function grantOnMany(target: iam.Role, id: string, actions: readonly string[], arns: readonly string[]): void {
  if (arns.length <= arnsPerPolicyMax) {
    if (arns.length > 0) target.addToPolicy(allow(actions, arns));
    return;
  }
  for (let i = 0; i < arns.length; i += arnsPerPolicyMax) {
    new iam.ManagedPolicy(target, `${id}${i / arnsPerPolicyMax + 1}`, {
      roles: [target],
      statements: [allow(actions, arns.slice(i, i + arnsPerPolicyMax))],
    });
  }
}
