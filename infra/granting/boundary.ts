/** The permissions boundary that the author asks for, on every role of ours, those the CDK makes too. */
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';

export function boundRoles(scope: Construct, { installation }: Deployment): void {
  const boundary = installation?.permissionsBoundary;
  if (boundary === undefined) return;
  const policy = boundary.startsWith('arn:')
    ? iam.ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', boundary)
    : iam.ManagedPolicy.fromManagedPolicyName(scope, 'Boundary', boundary);
  iam.PermissionsBoundary.of(scope).apply(policy);
}
