/**
 * Who may act for us: AWS services, and only on behalf of this account. Without `aws:SourceAccount` a service that
 * somebody else has set up could be made to use our roles, topic or queue (the confused deputy).
 *
 * Where AWS does not say that a service sends that key, a condition on it would lock the service out; those are listed
 * with the reason. test/synth/trust.test.ts holds every template to this.
 */
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export const unconditioned: Readonly<Record<string, string>> = {
  'lambda.amazonaws.com':
    'The Lambda guide names no source key for execution roles. A function takes only roles of its own account, which whoever makes it must be allowed to pass.',
  'ec2.amazonaws.com':
    'EC2 documents no source key for instance profiles. An instance takes only a profile of its own account, which whoever launches it must be allowed to pass.',
};

/** For the trust of a role. `sources`: ARNs of what the service acts for, `*` allowed. */
export function service(scope: Construct, name: string, sources: readonly string[] = []): iam.ServicePrincipal {
  if (name in unconditioned) return new iam.ServicePrincipal(name);
  return new iam.ServicePrincipal(name, { conditions: forUs(scope, sources) });
}

/** For a statement of a resource policy: `service` itself may stand there, but its conditions belong to the statement. */
export function forUs(scope: Construct, sources: readonly string[]): Record<string, Record<string, unknown>> {
  return {
    StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
    ...(sources.length > 0 && { ArnLike: { 'aws:SourceArn': sources.length === 1 ? sources[0] : [...sources] } }),
  };
}
