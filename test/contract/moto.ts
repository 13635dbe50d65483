/**
 * moto behind the real SDK clients: what our code asks goes over HTTP as the SDK puts it on the wire.
 *
 * moto has no clock to turn: its transitions are instant, and metrics are read at the times they were written with.
 */
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { type BucketLocationConstraint, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { tunnelAlarmNames } from '../../adapters/cloudwatch/metric-names';
import { embeddedMetrics } from '../../local-cloud/services/alarms/emf';
import { matchOnMoto } from './moto-events';
import { createZone, namesOfMoto, recordOnMoto } from './moto-names';
import { buildNetwork } from './moto-network';
import { type MotoServer, startMoto } from './moto-server';
import { buildPrefixList, buildTransit } from './moto-transit';
import { type Cloud, type Command, type Part, pair, recorded, type Site, startAt, template } from './site';

/** One try, as the functions' own clients have it; but no limit on the wait: the machine may be busy. */
const optionsFor = (endpoint: string) => ({
  endpoint,
  region: pair.region,
  credentials: { accessKeyId: 'contract', secretAccessKey: 'contract' },
  maxAttempts: 1,
});

export type MotoOptions = ReturnType<typeof optionsFor>;

const clientsFor = (options: MotoOptions) => ({
  cloudwatch: new CloudWatchClient(options),
  dynamodb: new DynamoDBClient(options),
  ec2: new EC2Client(options),
  sfn: new SFNClient(options),
  s3: new S3Client({ ...options, forcePathStyle: true }),
  sns: new SNSClient(options),
  ssm: new SSMClient(options),
  sts: new STSClient(options),
});

interface Running {
  readonly server: MotoServer;
  readonly options: MotoOptions;
  readonly clients: ReturnType<typeof clientsFor>;
}

let running: Running | undefined;

function must(): Running {
  if (running === undefined) throw new Error('moto has not been started');
  return running;
}

export const moto: Cloud = {
  name: 'moto',
  open: async () => {
    template();
    const server = await startMoto();
    const options = optionsFor(server.endpoint);
    running = { server, options, clients: clientsFor(options) };
  },
  site: buildSite,
  matchEvents: (patterns, events) => matchOnMoto(must().options, patterns, events),
  close: async () => {
    for (const client of Object.values(running?.clients ?? {})) client.destroy();
    await running?.server.stop();
  },
};

/** Of the server that runs: for what needs no site. */
export const motoOptions = (): MotoOptions => must().options;

let sites = 0;

async function buildSite(...parts: readonly Part[]): Promise<Site> {
  const { clients, options } = must();
  const number = sites++;
  if (parts.includes('tables')) await createTables(clients.dynamodb);
  if (parts.includes('bucket')) await createBucket(clients.s3);
  const has = (part: Part): boolean => parts.includes(part);
  const zoneId = has('zone') ? await createZone(options, 'example.net', `contract ${number}`) : '';
  let now = startAt + number * 3_600_000; // Metrics cannot be taken back: each site has its own hour.
  return {
    aws: Object.fromEntries(
      Object.entries({ ...clients, route53: namesOfMoto(options) }).map(([name, client]) => [name, clientOf(client)]),
    ) as unknown as Site['aws'],
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    deployment: has('transit')
      ? await buildTransit(clients.ec2)
      : has('gateways') || has('routes')
        ? await buildNetwork(clients.ec2, parts)
        : pair,
    prefixList: has('transit') ? await buildPrefixList(clients.ec2) : '',
    stateMachineArn: has('machine') ? await createStateMachine(clients.sfn, `failover-${number}`) : '',
    topicArn: has('topic') ? await createTopic(clients.sns) : '',
    roleArn: 'arn:aws:iam::123456789012:role/switchback/mesh/switchback-mesh-end-ohio',
    zoneId,
    nameSays: (name) => recordOnMoto(options, zoneId, name),
    settle: async () => {},
    publish: async (line) => {
      await putMetrics(clients.cloudwatch, line);
      now += 10_000;
    },
    tunnelAlarm: async () => {
      const AlarmName = tunnelAlarmNames(pair, 'gw-a').none;
      const test = { ComparisonOperator: 'LessThanThreshold', Threshold: 1, EvaluationPeriods: 1 } as const;
      const metric = { Namespace: 'n', MetricName: 'm', Period: 60, Statistic: 'Maximum' } as const;
      await clients.cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...test, ...metric }));
      const state = { StateValue: 'ALARM', StateReason: 'below' } as const;
      await clients.cloudwatch.send(new SetAlarmStateCommand({ AlarmName, ...state }));
    },
  };
}

const clientOf = (client: unknown): { send(command: Command): Promise<unknown> } =>
  recorded((command) => (client as { send(command: Command): Promise<unknown> }).send(command));

async function createTopic(sns: SNSClient): Promise<string> {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'notices' }));
  return TopicArn;
}

let hasBucket = false;

async function createBucket(s3: S3Client): Promise<void> {
  if (hasBucket) return;
  hasBucket = true;
  const CreateBucketConfiguration = { LocationConstraint: pair.region as BucketLocationConstraint };
  await s3.send(
    new CreateBucketCommand({ Bucket: 'records', ObjectLockEnabledForBucket: true, CreateBucketConfiguration }),
  );
}

let hasTables = false;

/** Empty, and as the template says. */
async function createTables(dynamodb: DynamoDBClient): Promise<void> {
  if (hasTables) await deleteTables(dynamodb);
  hasTables = true;
  for (const { name, properties } of template().ofType('AWS::DynamoDB::Table')) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: properties['KeySchema'] as never,
        AttributeDefinitions: properties['AttributeDefinitions'] as never,
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
}

async function deleteTables(dynamodb: DynamoDBClient): Promise<void> {
  for (const { name } of template().ofType('AWS::DynamoDB::Table')) {
    await dynamodb.send(new DeleteTableCommand({ TableName: name }));
  }
}

async function createStateMachine(sfn: SFNClient, name: string): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1e6, End: true } } });
  const roleArn = 'arn:aws:iam::123456789012:role/failover';
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition }));
  return stateMachineArn!;
}

/** What CloudWatch does with an EMF line, as the API call that has the same effect. */
async function putMetrics(cloudwatch: CloudWatchClient, line: string): Promise<void> {
  for (const { id, at, values } of embeddedMetrics(line)) {
    const Dimensions = Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value }));
    const MetricData = values.map((Value) => ({
      MetricName: id.name,
      Dimensions,
      Timestamp: new Date(at),
      Value,
      StorageResolution: 1,
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: id.namespace, MetricData }));
  }
}
