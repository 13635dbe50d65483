/**
 * The IAM path of every role of ours. CloudFormation gives the names, from the stack's, and cuts them where they grow
 * long: no policy can go by those. A path is no name, so two deployments, or two regions, never meet in it.
 */
import { Aspects, CfnResource } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import { rolePath } from '../../core/words/end-names';

/** On every role below this, those the CDK makes too; one that has a place under it keeps it. */
export function placeRoles(scope: IConstruct, deployment: Deployment): void {
  Aspects.of(scope).add({
    visit(node) {
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === CfnRole.CFN_RESOURCE_TYPE_NAME)
        place(node as CfnRole, rolePath(deployment));
    },
  });
}

function place(role: CfnRole, path: string): void {
  if (role.path?.startsWith(path) !== true) role.path = path;
}
