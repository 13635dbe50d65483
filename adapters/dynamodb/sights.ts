/**
 * What EC2 showed last of each connection's route tables: one item per connection in the state table, beside its lease.
 * The sweep writes it each minute, whoever holds the connection, and `apply` after its read-back; assess only reads.
 *
 * Law: an older sight never takes the place of a newer one.
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { sightFrom, sightText } from '../../core/facts/sight-text';
import type { Connection } from '../../core/words/domain';
import type { Sight } from '../../core/words/evidence';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { fromItem } from './attributes';
import { leaseKey } from './state-table';

export interface Sights {
  /** Null: none, or none that can be read. */
  read(connection: Connection): Promise<Sight | null>;
  /** False: a newer one is there. */
  write(connection: Connection, sight: Sight): Promise<boolean>;
}

const sightKey = ({ name }: Connection) => ({ ...leaseKey('connection', name), sk: { S: 'routes' } });

export function sights(dynamodb: Pick<DynamoDBClient, 'send'>, table: string, clock: Clock): Sights {
  return {
    async read(connection) {
      const get = new GetItemCommand({ TableName: table, Key: sightKey(connection), ConsistentRead: true });
      const tried = { operation: 'GetItem', on: `routes last seen of ${connection.name}` };
      const { Item } = await attempt(clock, tried, () => dynamodb.send(get));
      if (Item === undefined) return null;
      const { routes, seenAt } = fromItem(Item);
      return sightFrom(connection, routes, seenAt);
    },
    write(connection, sight) {
      const seenAt = { N: String(sight.seenAt) };
      const put = new PutItemCommand({
        TableName: table,
        Item: { ...sightKey(connection), seenAt, routes: { S: sightText(connection, sight) } },
        ConditionExpression: 'attribute_not_exists(#seenAt) OR #seenAt < :seenAt',
        ExpressionAttributeNames: { '#seenAt': 'seenAt' },
        ExpressionAttributeValues: { ':seenAt': seenAt },
      });
      const tried = { operation: 'PutItem', on: `routes last seen of ${connection.name}` };
      return attemptOnCondition(clock, tried, () => dynamodb.send(put));
    },
  };
}
