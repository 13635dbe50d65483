/** The DynamoDB of the local cloud, on either engine: races, conditions, streams, a dead table, time standing still. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { DynamoDb, type ItemChange } from '../../../../../local-cloud/services/dynamodb/dynamodb';
import type { TableEngineName } from '../../../../../local-cloud/services/dynamodb/table-engine';
import { templateOf } from '../../template-of';

const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type });
const attribute = (name: string) => ({ AttributeName: name, AttributeType: 'S' });
const template = templateOf({
  State: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'state',
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      AttributeDefinitions: [attribute('pk'), attribute('sk')],
    },
  },
  Reports: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'reports',
      KeySchema: [key('canary', 'HASH')],
      AttributeDefinitions: [attribute('canary')],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  },
});

async function open(tables: TableEngineName) {
  const clock = new VirtualClock(0);
  const faults = new Faults();
  const changes: ItemChange[] = [];
  const dynamodb = new DynamoDb({ template, clock, faults, tables, onChange: (change) => changes.push(change) });
  await dynamodb.open();
  return { clock, faults, changes, dynamodb };
}

const Key = { pk: { S: 'connection#paris' }, sk: { S: 'lease' } };
const take = (holder: string) => ({
  TableName: 'state',
  Key,
  UpdateExpression: 'SET #holder = :me, #token = if_not_exists(#token, :zero) + :one',
  ConditionExpression: 'attribute_not_exists(#holder)',
  ExpressionAttributeNames: { '#holder': 'holder', '#token': 'token' },
  ExpressionAttributeValues: { ':me': { S: holder }, ':zero': { N: '0' }, ':one': { N: '1' } },
  ReturnValues: 'ALL_NEW',
});

describe.each(['dynalite', 'memory'] as const)('%s', (tables) => {
  it('lets one of many racing conditional updates win, the first to arrive', async () => {
    const { dynamodb } = await open(tables);
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((holder) => dynamodb.call('UpdateItem', take(holder))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await dynamodb.peek('state', Key)).toMatchObject({ holder: { S: 'a' }, token: { N: '1' } });
  });

  it('fails a condition with AWS error name and, when asked, the item', async () => {
    const { dynamodb } = await open(tables);
    await dynamodb.call('UpdateItem', take('a'));
    const again = { ...take('b'), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    await expect(dynamodb.call('UpdateItem', again)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      $metadata: { httpStatusCode: 400 },
      Item: { holder: { S: 'a' } },
    });
  });

  it('holds virtual time still while the engine works', async () => {
    const { clock, dynamodb } = await open(tables);
    const seen: string[] = [];
    clock.at(10, 'write', async () => {
      await dynamodb.call('UpdateItem', take('a'));
      seen.push(`written at ${clock.now()}`);
    });
    clock.at(11, 'later', () => void seen.push('later'));
    await clock.runUntil(20);
    expect(seen).toEqual(['written at 10', 'later']);
  });

  it('tells the stream of changes, and of nothing else', async () => {
    const { changes, dynamodb } = await open(tables);
    const put = (verdict: string) =>
      dynamodb.call('PutItem', { TableName: 'reports', Item: { canary: { S: 'a' }, verdict: { S: verdict } } });
    await put('healthy');
    await put('healthy');
    await put('down');
    await dynamodb.call('UpdateItem', take('a'));
    expect(
      changes.map(({ oldImage, newImage }) => [oldImage?.['verdict']?.['S'], newImage?.['verdict']?.['S']]),
    ).toEqual([
      [undefined, 'healthy'],
      ['healthy', 'down'],
    ]);
  });

  it('answers like a service nobody can reach while a table is down', async () => {
    const { clock, dynamodb, faults } = await open(tables);
    faults.deadTables.add('state');
    const failure = dynamodb.call('GetItem', { TableName: 'state', Key }).catch((error: unknown) => error);
    await clock.runUntil(5_000);
    expect(await failure).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  });

  it('names an operation it does not model', async () => {
    const { dynamodb } = await open(tables);
    await expect(dynamodb.call('TransactGetItems', {})).rejects.toThrow('dynamodb does not model TransactGetItems');
  });
});
