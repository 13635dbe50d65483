/** The three DynamoDB ports: what is asked, on which condition, and what comes back. */
import { BatchGetItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { journal } from '../../../../adapters/dynamodb/journal';
import { reportFromItem, reportItem } from '../../../../adapters/dynamodb/report-item';
import { reportsTable } from '../../../../adapters/dynamodb/reports-table';
import { stateTable } from '../../../../adapters/dynamodb/state-table';
import { deployment } from '../../../given';
import { report } from '../../functions/cloud-answers';
import { startAt, VirtualWorld } from '../../functions/virtual-world';
import { awsError, awsMocks } from '../aws-mocks';

const make = () => {
  const mocks = awsMocks();
  return { mocks, world: new VirtualWorld(mocks), dynamodb: mocks.clients.dynamodb };
};

describe('state table', () => {
  it('reads consistently: the fence is worth nothing on a replica', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb
      .on(GetItemCommand)
      .resolves({ Item: { token: { N: '3' }, holder: { S: 'run' }, signals: { N: '5' } } });
    const lease = await stateTable(dynamodb, 'state', world).readConnection('paris');
    expect(lease).toMatchObject({ token: 3, holder: 'run', signals: 5 });
    expect(mocks.dynamodb.commandCalls(GetItemCommand)[0]!.args[0].input).toEqual({
      TableName: 'state',
      Key: { pk: { S: 'connection#paris' }, sk: { S: 'lease' } },
      ConsistentRead: true,
    });
  });

  it('tells an unseeded connection from an empty one, and reads a missing gateway as free', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(GetItemCommand).resolves({});
    const table = stateTable(dynamodb, 'state', world);
    expect(await table.readConnection('paris')).toBeNull();
    expect(await table.readGateways(['gw-a'])).toMatchObject({ 'gw-a': { holder: null, identity: null } });
  });

  it('seeds only what does not exist', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(PutItemCommand).resolvesOnce({}).rejects(awsError('ConditionalCheckFailedException'));
    await stateTable(dynamodb, 'state', world).seed(['paris'], [deployment().gateways['gw-a']!]);
    const puts = mocks.dynamodb.commandCalls(PutItemCommand).map((call) => call.args[0].input);
    expect(puts.map((put) => put.ConditionExpression)).toEqual([
      'attribute_not_exists(pk)',
      'attribute_not_exists(pk)',
    ]);
    expect(puts[0]!.Item).toMatchObject({ signals: { N: '0' }, token: { N: '0' }, drains: { M: {} } });
  });
});

describe('reports table', () => {
  it('is pinged by a put that no item lets through, and says when it does not answer', async () => {
    const { mocks, world, dynamodb } = make();
    const table = reportsTable(dynamodb, 'reports', world);
    mocks.dynamodb.on(PutItemCommand).rejects(awsError('ConditionalCheckFailedException'));
    expect(await table.ping('paris/path-a')).toBeNull();
    expect(mocks.dynamodb.commandCalls(PutItemCommand)[0]!.args[0].input).toEqual({
      TableName: 'reports',
      Item: { canary: { S: 'paris/path-a' } },
      ConditionExpression: 'attribute_exists(canary) AND attribute_not_exists(canary)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    mocks.dynamodb.on(PutItemCommand).rejects(awsError('TimeoutError'));
    await expect(table.ping('paris/path-a')).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});

describe('journal', () => {
  const writer = { connection: 'paris', holder: 'run', token: 7 };

  it("opens and closes on condition that holder and token are the writer's", async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(UpdateItemCommand).resolves({ Attributes: { holder: { S: 'run' }, token: { N: '7' } } });
    const port = journal(dynamodb, 'state', world);
    expect(await port.open(writer, startAt + 15_000)).toMatchObject({ holder: writer.holder, token: 7 });
    expect(await port.close(writer, '{"schema":1}')).toBe(true);
    await port.open(writer, startAt + 15_000, '{"schema":2}');
    const [open, close, remembering] = mocks.dynamodb.commandCalls(UpdateItemCommand).map((call) => call.args[0].input);
    for (const update of [open!, close!, remembering!]) {
      expect(update.ConditionExpression).toBe('#holder = :holder AND #token = :token');
      expect(update.ExpressionAttributeValues).toMatchObject({ ':holder': { S: 'run' }, ':token': { N: '7' } });
    }
    expect(open!.UpdateExpression).toBe('SET #writeUntil = :writeUntil');
    expect(remembering!.UpdateExpression).toBe('SET #writeUntil = :writeUntil, #memory = :memory');
    expect(remembering!.ExpressionAttributeValues).toMatchObject({ ':memory': { S: '{"schema":2}' } });
    expect(close!.UpdateExpression).toBe('SET #memory = :memory REMOVE #writeUntil');
  });

  it("answers false when the lease is another's, and throws when the table is silent", async () => {
    const { mocks, world, dynamodb } = make();
    const port = journal(dynamodb, 'state', world);
    mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('ConditionalCheckFailedException'));
    expect(await port.open(writer, startAt)).toBeNull();
    mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('TimeoutError'));
    await expect(port.open(writer, startAt)).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });

  it('writes the story under a key that a repetition meets again', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(PutItemCommand).resolves({});
    const story = {
      decidedAt: startAt,
      planDigest: '0123456789abcdef0123456789abcdef',
      when: 'before',
      body: { a: 1 },
    } as const;
    await journal(dynamodb, 'state', world).tell('paris', story);
    expect(mocks.dynamodb.commandCalls(PutItemCommand)[0]!.args[0].input.Item).toEqual({
      pk: { S: 'connection#paris' },
      sk: { S: 'story#2026-11-20T21:00:00.000Z#0123456789ab#before' },
      body: { S: '{"a":1}' },
    });
  });
});

describe('reports table', () => {
  it('gives back what was put', () => {
    const written = report('paris/path-a', 'down');
    expect(reportFromItem(reportItem(written))).toEqual(written);
    expect(reportItem(written)).toMatchObject({ changed: { BOOL: false }, rttMs: { NULL: true }, round: { N: '100' } });
  });

  it('names every field at fault', () => {
    const item = { ...reportItem(report('paris/path-a', 'healthy')), verdict: { S: 'fine' }, lossRatio: { N: '7' } };
    expect(() => reportFromItem(item)).toThrow(/verdict: "fine" must be .*; lossRatio: 7 must be/);
  });

  it('asks again for unprocessed keys, and reads the rest as unknown', async () => {
    const { mocks, world, dynamodb } = make();
    const UnprocessedKeys = { reports: { Keys: [{ canary: { S: 'paris/path-b' } }] } };
    mocks.dynamodb
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { reports: [reportItem(report('paris/path-a', 'healthy'))] }, UnprocessedKeys })
      .resolvesOnce({ Responses: { reports: [reportItem(report('paris/path-b', 'down'))] } });
    const read = await world.finish(
      reportsTable(dynamodb, 'reports', world).read(['paris/path-a', 'paris/path-b', 'paris/office']),
    );
    expect(read).toMatchObject({
      'paris/path-a': { verdict: 'healthy' },
      'paris/path-b': { verdict: 'down' },
      'paris/office': null,
    });
  });

  it('is Throttled when nothing was processed at all', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb
      .on(BatchGetItemCommand)
      .resolves({ UnprocessedKeys: { reports: { Keys: [{ canary: { S: 'paris/path-a' } }] } } });
    const read = reportsTable(dynamodb, 'reports', world).read(['paris/path-a']);
    await expect(world.finish(read)).rejects.toMatchObject({ name: 'Throttled' });
  });

  it('takes a failure it does not understand for none', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(GetItemCommand).resolves({ Item: { canary: { S: 'failing#paris' }, since: { S: 'lately' } } });
    expect(await reportsTable(dynamodb, 'reports', world).failingSince('paris')).toBe(0);
  });

  it('takes a report it does not understand for none', async () => {
    const { mocks, world, dynamodb } = make();
    mocks.dynamodb.on(BatchGetItemCommand).resolves({ Responses: { reports: [{ canary: { S: 'paris/path-a' } }] } });
    expect(await reportsTable(dynamodb, 'reports', world).read(['paris/path-a'])).toEqual({ 'paris/path-a': null });
  });
});
