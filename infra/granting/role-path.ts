/**
 * The IAM path of every role of ours. CloudFormation gives the names, from the stack's, and cuts them where they grow
 * long: no policy can go by those. A path is no name, so two deployments, or two regions, never meet in it.
 */
import { Aspects, CfnResource } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../core/words/domain';

export function rolePath({ name }: Pick<Deployment, 'name'>): string {
  return `/switchback/${name}/`;
}

/** On every role below this, those the CDK makes too. */
export function placeRoles(scope: IConstruct, deployment: Deployment): void {
  Aspects.of(scope).add({
    visit(node) {
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === CfnRole.CFN_RESOURCE_TYPE_NAME)
        (node as CfnRole).path = rolePath(deployment);
    },
  });
}
