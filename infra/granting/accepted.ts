/**
 * What a reviewer would question and we keep, each with its reason, said at the code it is about.
 *
 * The findings are those of cdk-nag's AwsSolutions pack; test/synth/nag.test.ts runs it. Without the pack this changes
 * nothing: it is metadata of the construct tree, not of the template.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** `finding` without the pack's name: `SQS3`, `IAM5[Resource::*]`. */
export function accept(scope: IConstruct, finding: string, because: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason: because });
}
