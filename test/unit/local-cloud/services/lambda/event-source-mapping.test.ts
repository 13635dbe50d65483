/** Streams and event source mappings: filter, order, retries, poison records, duplicates. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import { Streams } from '../../../../../local-cloud/services/dynamodb/streams';
import type { InvokeResult } from '../../../../../local-cloud/services/lambda/event-source-mapping';
import { roleFor, templateOf } from '../../template-of';

const read = { Effect: 'Allow', Action: ['dynamodb:*', 'sqs:SendMessage'], Resource: '*' };
const resources = (mapping: object, ...statements: object[]) => ({
  Role: roleFor('lambda.amazonaws.com', ...statements),
  Reports: {
    Type: 'AWS::DynamoDB::Table',
    Properties: { TableName: 'reports', KeySchema: [], StreamSpecification: { StreamViewType: 'NEW_IMAGE' } },
  },
  Sense: {
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: 'sense', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  },
  Failed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failed' } },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Reports', 'StreamArn'] },
      FunctionName: { Ref: 'Sense' },
      BatchSize: 10,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 60,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"changed":{"BOOL":[true]}}}}' }] },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failed', 'Arn'] } } },
      ...mapping,
    },
  },
});

/** `answer` is the function: what it does with the canaries of one batch. */
function streamsOf(answer: (canaries: string[]) => InvokeResult, mapping: object = {}) {
  const clock = new VirtualClock(0);
  const template = templateOf(resources(mapping, read));
  const faults = new Faults();
  const batches: string[][] = [];
  const sequences: Record<string, string> = {};
  const failed: string[] = [];
  const streams = new Streams({
    template,
    clock,
    authority: new Authority(template),
    latencies: new Latencies(1),
    random: randomStream(1, 'streams'),
    faults,
    invoke: async (_, payload) => {
      const { Records } = JSON.parse(payload) as {
        Records: { dynamodb: { SequenceNumber: string; NewImage: { canary: { S: string } } } }[];
      };
      for (const { dynamodb } of Records) sequences[dynamodb.NewImage.canary.S] = dynamodb.SequenceNumber;
      const canaries = Records.map(({ dynamodb }) => dynamodb.NewImage.canary.S);
      batches.push(canaries);
      return answer(canaries);
    },
    sendToQueue: (_, body) => void failed.push(body),
  });
  const change = (canary: string, changed = true) => {
    const newImage = { canary: { S: canary }, changed: { BOOL: changed } };
    streams.append({
      table: 'reports',
      keys: { canary: { S: canary } },
      oldImage: undefined,
      newImage,
      text: JSON.stringify(newImage),
    });
  };
  /** Sequence number by canary. */
  const records = () => sequences;
  return { batches, change, clock, failed, faults, records, streams };
}

const accepts = (): InvokeResult => ({ failed: false, payload: 'null' });

it('delivers what the filter lets through, in order, in one batch', async () => {
  const { batches, change, clock } = streamsOf(accepts);
  change('a');
  change('b', false);
  change('c');
  await clock.runUntil(5_000);
  expect(batches).toEqual([['a', 'c']]);
});

it('tries a failing batch again as configured, holding up what comes after, then gives it to the queue', async () => {
  const { batches, change, clock, failed, streams } = streamsOf(
    (canaries) => ({ failed: canaries.includes('poison'), payload: '{}' }),
    { BatchSize: 1 },
  );
  change('poison');
  change('b');
  await clock.runUntil(30_000);
  expect(batches).toEqual([['poison'], ['poison'], ['poison'], ['b']]);
  expect(failed).toHaveLength(1);
  expect(JSON.parse(failed[0]!)).toMatchObject({
    requestContext: { approximateInvokeCount: 3 },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
  expect(streams.waiting).toBe(0);
});

it('loses what a policy above the account’s own forbids to send, as any call', async () => {
  const { change, clock, failed, faults } = streamsOf(() => ({ failed: true, payload: '{}' }));
  faults.deny('SendMessage');
  change('poison');
  await clock.runUntil(30_000);
  expect(failed).toEqual([]);
});

it('delivers at least once: a batch that failed comes again whole, what was done with it included', async () => {
  let calls = 0;
  const { batches, change, clock } = streamsOf(() => ({ failed: calls++ === 0, payload: '{}' }));
  for (const canary of ['a', 'b', 'a']) change(canary);
  await clock.runUntil(30_000);
  expect(batches).toEqual([
    ['a', 'b', 'a'],
    ['a', 'b', 'a'],
  ]);
});

it('delivers nothing after a rollover until the next shard is found, and all of it then', async () => {
  const { batches, change, clock, streams } = streamsOf(accepts);
  streams.rollOver();
  change('a');
  await clock.runUntil(300);
  change('b');
  expect(batches).toEqual([]);
  await clock.runUntil(60_000);
  expect(batches).toEqual([['a', 'b']]);
  change('c');
  await clock.runUntil(61_000);
  expect(batches).toEqual([['a', 'b'], ['c']]);
});

it('goes on behind the first reported failure, in order, and never back before it', async () => {
  let refusals = 1;
  const { batches, change, clock, failed, records } = streamsOf(
    (canaries) => {
      const poisoned = canaries.includes('c') && refusals-- > 0;
      const batchItemFailures = poisoned ? [{ itemIdentifier: records()['c']! }] : [];
      return { failed: false, payload: JSON.stringify({ batchItemFailures }) };
    },
    { FunctionResponseTypes: ['ReportBatchItemFailures'] },
  );
  for (const canary of ['a', 'b', 'c', 'd']) change(canary);
  await clock.runUntil(30_000);
  expect(batches).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ]);
  expect(failed).toEqual([]);
});

it.each(['BisectBatchOnFunctionError', 'ParallelizationFactor', 'TumblingWindowInSeconds'])(
  'refuses %s by name',
  (name) => {
    expect(() => streamsOf(accepts, { [name]: 2 })).toThrow(`sets ${name}: not modelled`);
  },
);

it('gives up a record that is too old, even with retries left', async () => {
  const { batches, change, clock, failed } = streamsOf(() => ({ failed: true, payload: '{}' }), {
    MaximumRetryAttempts: 1_000,
  });
  change('a');
  await clock.runUntil(300_000);
  expect(failed).toHaveLength(1);
  expect(batches.length).toBeLessThan(10);
});

it('delivers a duplicated record twice and a dropped one never', async () => {
  const { batches, change, clock, faults } = streamsOf(accepts, { BatchSize: 1 });
  faults.duplicateNext('stream', 2);
  change('a');
  faults.dropNext('stream', 1);
  change('b');
  await clock.runUntil(5_000);
  expect(batches).toEqual([['a'], ['a']]);
});

it('refuses a mapping whose role may not read the stream', () => {
  const template = templateOf(resources({}));
  const authority = new Authority(template);
  const options = {
    template,
    clock: new VirtualClock(0),
    authority,
    latencies: new Latencies(1),
    random: randomStream(1, 's'),
    faults: new Faults(),
    invoke: async () => accepts(),
    sendToQueue: () => {},
  };
  expect(() => new Streams(options)).toThrow("'Mapping': role Role may not dynamodb:DescribeStream");
});
