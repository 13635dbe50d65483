/**
 * Repairs of the gateways at an end elsewhere: the documents, the role that they act by, and the function that asks the
 * deployment's own table whether the gateway is still theirs. `replace` is not among them.
 *
 * Law: the role names this end's machines alone, and holds nothing where the deployment is.
 */
import { Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { claimPath, claimRoleName, documentAt, endsElsewhere, repairRoleName } from '../../core/words/end-names';
import { instancesOf } from '../../core/words/gateways';
import type { FunctionAssets } from '../function-assets';
import { roleArn } from '../granting/arns';
import { allow, role } from '../granting/grants';
import { mayClaim, RepairRole } from '../granting/repair-role';
import { Runbooks } from '../runbooks';
import { SwitchbackFunction } from '../switchback-function';
import { trusted } from './end-grants';
import { standingAt } from './standing';

/** Of the function that claims: it makes one call. */
export const claimMemoryMb = 256;

export interface EndRepairsProps {
  readonly deployment: Deployment;
  readonly end: End;
  readonly assets: FunctionAssets;
  readonly reports: dynamodb.ITable;
}

export class EndRepairs extends Construct {
  constructor(scope: Construct, id: string, { deployment, end, assets, reports }: EndRepairsProps) {
    super(scope, id);
    const there = standingAt(deployment, end);
    const claimRole = roleArn(this, deployment, claimRoleName(deployment, end), deployment.account);
    const { function: claim } = new SwitchbackFunction(this, 'Claim', {
      name: 'claim',
      assets,
      description: `Asks Switchback ${deployment.name} in ${deployment.region} whether a gateway at ${end.name} is taken for a repair.`,
      timeoutSeconds: 10,
      memoryMb: claimMemoryMb,
      environment: { END: end.name, CLAIM_ROLE: claimRole },
      statements: [allow(['sts:AssumeRole'], [claimRole])],
      rolePath: claimPath(deployment),
    });
    const on = (what: string): string => `${deployment.name}-on-${what}-${end.name}`;
    const documents = {
      tunnelDocument: on('gateway'),
      daemonDocument: on('launch'),
      rekeyDocument: on('move'),
    };
    const repair = new RepairRole(this, 'Repair', {
      ...documents,
      deployment: there,
      speakerDocument: on('speaker'),
      claims: claim.functionArn,
      reports,
      repinFunction: null,
      roleName: repairRoleName(deployment, end),
    });
    new Runbooks(this, 'Runbooks', {
      ...documents,
      deployment: there,
      repairRoleArn: repair.role.roleArn,
      speakerDocuments: { order: on('speaker'), read: on('answers') },
      stateTable: 'none',
      reportsTable: reports.tableName,
      repinFunction: null,
      elsewhere: { claimFunction: claim.functionName, nameOf: (rung) => documentAt(deployment, rung, end) },
    });
  }
}

/** In the deployment's own stack: for each end elsewhere, what its `claim` takes on. */
export function addClaimers(scope: Construct, deployment: Deployment, state: dynamodb.ITable): void {
  for (const end of endsElsewhere(deployment)) {
    const { name } = end;
    const account = end.account ?? Stack.of(scope).account;
    const may = mayClaim(Object.keys(instancesOf(standingAt(deployment, end))), state);
    role(
      scope,
      `Claimer-${name}`,
      trusted(account, claimPath(deployment), end.externalId),
      [may],
      `Lets repairs at ${name} claim the gateways of that end, and no other item.`,
      { roleName: claimRoleName(deployment, end) },
    );
  }
}
