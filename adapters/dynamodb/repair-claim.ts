/**
 * The first step of every repair, for documents that stand where the state table is not (runbooks/: `claimGateway` does the
 * same by itself where it is).
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { attemptOnCondition, type Clock } from '../attempt';
import { leaseKey } from './state-table';

export interface RepairClaim {
  readonly table: string;
  readonly gateway: string;
  /** The client token under which the gateway was taken. */
  readonly repair: string;
  /** The automation that begins now. */
  readonly execution: string;
}

/** False: the gateway is somebody else's by now, or nobody's. */
export const claimGateway = (
  dynamodb: Pick<DynamoDBClient, 'send'>,
  clock: Clock,
  { table, gateway, repair, execution }: RepairClaim,
): Promise<boolean> =>
  attemptOnCondition(clock, { operation: 'UpdateItem', on: `gateway ${gateway}` }, () =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: leaseKey('gateway', gateway),
        UpdateExpression: 'SET claimedBy = :execution',
        ConditionExpression: 'clientToken = :repair',
        ExpressionAttributeValues: { ':execution': { S: execution }, ':repair': { S: repair } },
      }),
    ),
  );
