/** The token of a lease, raised before a standby begins: on condition that nobody holds it, and upwards alone. */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { fromItem } from '../../adapters/dynamodb/attributes';
import { raiseToken } from '../../adapters/dynamodb/first-token';
import { leaseKey, stateTable } from '../../adapters/dynamodb/state-table';
import { type Cloud, stateTableName } from './site';

export function tokensContract(cloud: Cloud): void {
  it('raises the token of a lease that nobody holds, once, and of no other', async () => {
    const { aws, clock } = await cloud.site('tables');
    const table = stateTableName();
    const Key = leaseKey('connection', 'paris');
    await stateTable(aws.dynamodb, table, clock).seed(['paris'], []);
    const raise = (name: string, token: number) => raiseToken(aws.dynamodb, { table, clock }, name, token);
    const token = async () => {
      const { Item = {} } = await aws.dynamodb.send(
        new GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
      );
      return fromItem(Item)['token'];
    };
    expect([await raise('paris', 1_767_571_444), await token()]).toEqual([true, 1_767_571_444]);
    expect([await raise('paris', 1_767_571_444), await raise('nobody', 1)]).toEqual([false, false]);
    const take = { TableName: table, Key, UpdateExpression: 'SET holder = :me' };
    await aws.dynamodb.send(new UpdateItemCommand({ ...take, ExpressionAttributeValues: { ':me': { S: 'a run' } } }));
    expect([await raise('paris', 2_000_000_000), await token()]).toEqual([false, 1_767_571_444]);
  });
}
