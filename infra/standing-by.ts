/**
 * What keeps a standby deployment from doing anything: its state machine may neither take a lease nor call a function nor
 * start a repair. A policy of its own name, so that a takeover can take this and nothing else away
 * (`switchback takeover`), and put it back.
 *
 * Law: everything that writes begins in the state machine; functions look, and canaries report.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { fencedRole, heldActions, holdPolicy } from '../core/words/standby';
import { allow, onItems } from './granting/grants';
import type { Tables } from './tables';

export class StandingBy extends Construct {
  constructor(scope: Construct, id: string, machineRole: iam.IRole) {
    super(scope, id);
    const held = { effect: iam.Effect.DENY, actions: [...heldActions], resources: ['*'] };
    new iam.Policy(this, 'Hold', {
      policyName: holdPolicy,
      roles: [machineRole],
      statements: [new iam.PolicyStatement(held)],
    });
  }
}

/** What a person needs to let this deployment take over, beside what breaks the glass; empty: it is nobody's standby. */
export function takeoverRights(
  { account = '', standsInFor }: Deployment,
  machineRole: iam.IRole,
  tables: Tables,
): iam.PolicyStatement[] {
  if (standsInFor === undefined) return [];
  const policies = ['iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy'];
  return [
    allow([...policies, 'iam:GetRole', 'iam:UpdateAssumeRolePolicy'], [fencedRole(standsInFor, account)]),
    allow(policies, [machineRole.roleArn]),
    onItems(['dynamodb:PutItem', 'dynamodb:UpdateItem'], tables.state, 'connection'),
  ];
}
