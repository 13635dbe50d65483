/**
 * The two tables, apart on purpose: whoever takes over a canary can write reports, but never a lease.
 *
 * `state` holds leases, drains and the story of every incident: it outlives the stack. `reports` holds what is true
 * for three seconds.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';

export class Tables extends Construct {
  readonly state: dynamodb.Table;
  readonly reports: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const pointInTimeRecoverySpecification = { pointInTimeRecoveryEnabled: true };
    const text = dynamodb.AttributeType.STRING;
    this.state = new dynamodb.Table(this, 'State', {
      partitionKey: { name: 'pk', type: text },
      sortKey: { name: 'sk', type: text },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.reports = new dynamodb.Table(this, 'Reports', {
      partitionKey: { name: 'canary', type: text },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification,
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
