/**
 * What the engine in memory refuses by name, and that its items are its own. That it answers as dynalite does is
 * `test/property/tables.property.test.ts`.
 */
import { MemoryEngine } from '../../../../../local-cloud/services/dynamodb/memory-engine';
import type { JsonObject } from '../../../../../local-cloud/template/json';

const table = {
  name: 'state',
  properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
};

async function open(): Promise<MemoryEngine> {
  const engine = new MemoryEngine();
  await engine.createTable(table);
  return engine;
}

const Key = { pk: { S: 'paris' } };
const get = { TableName: 'state', Key };

it.each([
  ['Scan', { TableName: 'state' }, 'Scan on tables in memory'],
  ['Query', { TableName: 'state', Limit: 1 }, 'Limit of Query'],
  ['GetItem', { ...get, AttributesToGet: ['pk'] }, 'AttributesToGet of GetItem'],
  ['GetItem', { ...get, ReturnConsumedCapacity: 'TOTAL' }, 'ReturnConsumedCapacity of GetItem'],
  ['UpdateItem', { ...get, AttributeUpdates: {} }, 'AttributeUpdates of UpdateItem'],
  ['DeleteItem', { ...get, Expected: {} }, 'Expected of DeleteItem'],
  ['PutItem', { TableName: 'state', Item: { ...Key, a: { B: 'AA==' } } }, 'an attribute value of type B'],
  [
    'PutItem',
    { TableName: 'state', Item: { ...Key, a: { N: 1 } } },
    'an attribute value of type N that holds a number',
  ],
  ['PutItem', { TableName: 'state', Item: { ...Key, a: { L: [null] } } }, 'an attribute value that is null'],
  ['UpdateItem', { ...get, ReturnValuesOnConditionCheckFailure: 'SOME' }, 'ReturnValuesOnConditionCheckFailure SOME'],
  ['BatchGetItem', { RequestItems: { state: { Keys: [Key], AttributesToGet: ['pk'] } } }, 'AttributesToGet of a table'],
])('refuses what it does not model: %s, %j', async (operation, input, what) => {
  const engine = await open();
  for (const time of ['first', 'again']) {
    const refusal = await engine.send(operation, input as JsonObject).catch((error: unknown) => error);
    expect([time, refusal]).toEqual([time, expect.objectContaining({ name: 'NotModelled' })]);
    expect((refusal as Error).message).toContain(what);
  }
});

it('shares no item with whoever put or got it', async () => {
  const engine = await open();
  const item = { ...Key, path: { M: { a: { L: [{ S: 'up' }] } } } };
  await engine.send('PutItem', { TableName: 'state', Item: item });
  const kept = structuredClone(item);
  item.path.M.a.L[0]!.S = 'down';
  const got = await engine.send('GetItem', get);
  expect(got).toEqual({ Item: kept });
  (got as { Item: typeof item }).Item.path.M.a.L.pop();
  const { output, item: left } = await engine.write('UpdateItem', {
    ...get,
    UpdateExpression: 'SET #path.#a[1] = :up',
    ExpressionAttributeNames: { '#path': 'path', '#a': 'a' },
    ExpressionAttributeValues: { ':up': { S: 'up' } },
    ReturnValues: 'ALL_NEW',
  });
  expect(output['Attributes']).toEqual({ ...Key, path: { M: { a: { L: [{ S: 'up' }, { S: 'up' }] } } } });
  delete left!['path'];
  expect(await engine.send('GetItem', get)).toHaveProperty('Item.path');
});
