/**
 * The two tables, apart on purpose: whoever takes over a canary can write reports, but never a lease.
 *
 * `state` holds leases, drains and the story of every incident: it outlives the stack, and a later stack may be handed it
 * (`state: { table: … }`). `reports` holds what is true for three seconds.
 *
 * A first deploy that fails takes its empty table with it, so that the next finds nothing in its way. A protected table
 * cannot be deleted, so it must not be asked to: CloudFormation would be stuck in ROLLBACK_FAILED
 * (docs/decisions/024-deploy-again.md).
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';

const shape = {
  billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
} as const;

/** What is true for three seconds is no loss; a table that was left behind would stand in the way of the next deploy. */
export const reportsTable = (scope: Construct, more: Pick<dynamodb.TableProps, 'tableName'> = {}): dynamodb.Table =>
  new dynamodb.Table(scope, 'Reports', {
    ...more,
    partitionKey: { name: 'canary', type: dynamodb.AttributeType.STRING },
    ...shape,
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    removalPolicy: RemovalPolicy.DESTROY,
  });

export class Tables extends Construct {
  readonly state: dynamodb.ITable;
  readonly reports: dynamodb.Table;

  constructor(scope: Construct, id: string, { installation }: Deployment) {
    super(scope, id);
    const handedOn = installation?.stateTable;
    this.state =
      handedOn === undefined ? this.ownState(installation?.protectsState ?? false) : this.stateFrom(handedOn);
    this.reports = reportsTable(this);
  }

  private ownState(deletionProtection: boolean): dynamodb.Table {
    return new dynamodb.Table(this, 'State', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      ...shape,
      ...(deletionProtection && { deletionProtection }),
      removalPolicy: deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  private stateFrom(nameOrArn: string): dynamodb.ITable {
    return nameOrArn.startsWith('arn:')
      ? dynamodb.Table.fromTableArn(this, 'State', nameOrArn)
      : dynamodb.Table.fromTableName(this, 'State', nameOrArn);
  }
}
