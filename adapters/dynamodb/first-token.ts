/**
 * Raises the token of a lease that nobody holds, before its deployment begins: the deployment that it takes over from
 * counts takes from zero, so that a token in a log or a claim tells which of the two it is of, and a table that is handed
 * on later holds no newer one.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ConnectionName } from '../../core/words/domain';
import { attemptOnCondition, type Clock } from '../attempt';
import { leaseKey } from './state-table';

/** False: it is as high already, somebody holds it, or there is no such lease. */
export const raiseToken = (
  dynamodb: Pick<DynamoDBClient, 'send'>,
  { table, clock }: { readonly table: string; readonly clock: Clock },
  connection: ConnectionName,
  token: number,
): Promise<boolean> =>
  attemptOnCondition(clock, { operation: 'UpdateItem', on: `connection ${connection}` }, () =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: leaseKey('connection', connection),
        UpdateExpression: 'SET #token = :token',
        ConditionExpression: '#token < :token AND attribute_not_exists(#holder)',
        ExpressionAttributeNames: { '#token': 'token', '#holder': 'holder' },
        ExpressionAttributeValues: { ':token': { N: String(token) } },
      }),
    ),
  );
