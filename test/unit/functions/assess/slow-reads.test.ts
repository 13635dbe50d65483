/**
 * Slow AWS: whichever service takes its time, and however long, a rescue is decided as long as its own facts are there.
 *
 * Method: every call of a service answers after a fixed delay on virtual time, or, beyond the clients' own patience of
 * two seconds, not at all; canaries go on reporting meanwhile. Swept over delays, since what breaks here are cliffs.
 */
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, DescribeRouteTablesCommand } from '@aws-sdk/client-ec2';
import { reportItem } from '../../../../adapters/dynamodb/report-item';
import { memoryText } from '../../../../core/store/memory-text';
import type { AssessResult } from '../../../../core/words/decision';
import type { CanaryReport } from '../../../../core/words/evidence';
import { createHandler } from '../../../../functions/assess';
import { deployment, incident, memory } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, me, report } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const request = { schema: 1, connection: 'paris', ...me, failOpen: false, request: null };
type Service = 'cloudwatch' | 'dynamodb' | 'ec2' | 'ssm';
type Send = (command: object) => Promise<unknown>;

/** As the SDK's clients do it: two seconds, then an error of their own. */
const patienceMs = 2_000;
/** A canary speaks every two seconds: at worst its last word is that old. */
const reportEveryMs = 2_000;

function make(homeIs: 'down' | 'healthy' = 'down') {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  const delays = new Map<object, number>();
  const slow = (service: Service, ms: number, which: (command: object) => boolean = () => true): void => {
    const client = world.aws[service] as { send: Send };
    const send = client.send.bind(client);
    client.send = async (command) => {
      if (!which(command)) return send(command);
      await world.sleep(Math.min(ms, patienceMs) / 2);
      const answer = ms > patienceMs ? awsError('TimeoutError') : await send(command);
      await world.sleep(Math.min(ms, patienceMs) / 2);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    delays.set(client, ms);
  };
  const saidAt = (): number => world.now() - ((world.now() - startAt) % reportEveryMs) - 1;
  const word = (id: string, verdict: 'down' | 'healthy'): CanaryReport =>
    report(id, verdict, { reportedAt: saidAt(), answeredAt: verdict === 'down' ? startAt - 9_000 : saidAt() });
  const words = (): CanaryReport[] => [
    word('paris/path-a', homeIs),
    word('paris/path-b', 'healthy'),
    word('paris/office', homeIs),
  ];
  mocks.dynamodb.on(BatchGetItemCommand).callsFake(() => ({ Responses: { reports: words().map(reportItem) } }));
  const assess = async (): Promise<AssessResult & { tookMs: number }> => {
    const startedAt = world.now();
    const result = await world.finish(createHandler(world, deployment())(request));
    return { ...result, tookMs: world.now() - startedAt };
  };
  return { assess, cloud, mocks, slow, world };
}

const rescued = { decision: { kind: 'divert', rule: 'rescue', moves: [{ routeSet: 'office', from: ['a'], to: 'b' }] } };
const delaysMs = [100, 600, 900, 1_000, 1_100, 1_200, 1_300, 1_500, 1_800, 1_999];

describe.each<readonly [string, readonly Service[]]>([
  ['EC2', ['ec2']],
  ['Systems Manager', ['ssm']],
  ['DynamoDB', ['dynamodb']],
  ['EC2 and Systems Manager', ['ec2', 'ssm']],
  ['everything', ['ec2', 'ssm', 'dynamodb', 'cloudwatch']],
])('%s slow', (_, services) => {
  it.each(delaysMs)('by %i ms: the rescue waits for its own facts only', async (ms) => {
    const { assess, slow } = make();
    for (const service of services) slow(service, ms);
    const { tookMs, ...result } = await assess();
    expect(result).toMatchObject(rescued);
    // The connection item, then reports, gateway items and routes side by side, and perhaps the reports once more.
    expect(tookMs).toBeLessThanOrEqual(Math.max(1_000, ms) + (services.includes('dynamodb') ? 2 * ms : 20));
  });
});

it('decides a rescue once its own facts are in, and says nothing of what nobody waited for', async () => {
  const { assess, slow, mocks, world } = make();
  mocks.ec2.on(DescribeInstancesCommand).callsFake(() => world.sleep(3_600_000));
  slow('ssm', 60_000);
  slow('ec2', 300, (command) => command instanceof DescribeRouteTablesCommand);
  const { tookMs, ...result } = await assess();
  expect(result).toMatchObject(rescued);
  expect(tookMs).toBeLessThanOrEqual(300);
  expect(world.lines.at(-1)).toMatchObject({ unread: [] });
});

it.each([
  ['found healthy', { b: startAt - 60_000 }, 300],
  ['did not find healthy', {}, 2_000],
] as const)('goes to a path that the last look %s', async (_, healthySince, mostMs) => {
  const { assess, cloud, slow } = make();
  cloud.lease = { ...cloud.lease, memory: memoryText(memory({ incident, healthySince })) };
  slow('ec2', 300, (command) => command instanceof DescribeRouteTablesCommand);
  slow('ec2', 900, (command) => command instanceof DescribeInstancesCommand);
  const { tookMs, ...result } = await assess();
  expect(result).toMatchObject(rescued);
  expect(tookMs).toBeGreaterThan(mostMs === 300 ? 0 : 300);
  expect(tookMs).toBeLessThanOrEqual(mostMs);
});

it('gives side questions their time where nobody is in the dark, and answers all the same when they never come', async () => {
  const { assess, slow, world } = make('healthy');
  slow('ec2', 1_900);
  slow('ssm', 60_000);
  expect((await assess()).decision.kind).toBe('finish');
  expect(world.lines.at(-1)).toMatchObject({ unread: [expect.stringContaining('DescribeInstanceInformation')] });
});

it('ends the look after its time, and says what is missing', async () => {
  const { assess, mocks, world } = make('healthy');
  mocks.ec2.on(DescribeInstancesCommand).callsFake(() => world.sleep(3_600_000));
  const { decision, tookMs } = await assess();
  expect(decision.kind).toBe('finish');
  expect(tookMs).toBeLessThan(6_000);
  expect(world.lines.at(-1)).toMatchObject({ unread: ['instances: AwsUnavailable: no answer within 5 s'] });
});

it('survives an answer that fails after it was given up', async () => {
  const { assess, mocks, world } = make('healthy');
  const failLate = async (): Promise<never> => {
    await world.sleep(20_000);
    throw awsError('InternalError', '', 500);
  };
  mocks.ec2.on(DescribeInstancesCommand).callsFake(failLate);
  await assess();
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  await world.finish(world.sleep(30_000));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

it('asks a throttled service no more once nobody waits for the answer', async () => {
  const { assess, mocks, slow, world } = make('healthy');
  slow('ec2', 1_500, (command) => command instanceof DescribeRouteTablesCommand);
  mocks.ec2.on(DescribeRouteTablesCommand).rejects(awsError('RequestLimitExceeded', '', 503));
  await assess();
  const asked = mocks.ec2.commandCalls(DescribeRouteTablesCommand).length;
  await world.finish(world.sleep(30_000));
  expect(mocks.ec2.commandCalls(DescribeRouteTablesCommand)).toHaveLength(asked);
});

it('takes the metrics without a second wait where the reports table is silent', async () => {
  const { assess, cloud, slow } = make();
  slow('dynamodb', 3_000, (command) => command instanceof BatchGetItemCommand);
  slow('cloudwatch', 1_900);
  cloud.metric(0, startAt - 5_000, 0);
  cloud.metric(1, startAt - 5_000, 1);
  cloud.metric(2, startAt - 5_000, 0);
  const { tookMs, ...result } = await assess();
  expect(result).toMatchObject(rescued);
  expect(tookMs).toBeLessThanOrEqual(2_500);
});
