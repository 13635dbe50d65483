/** The Lambda host, with a small bundle of its own: sandboxes, timeouts, zones, asynchronous retries. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import type { OpenBundle } from '../../../../../local-cloud/services/lambda/function-code';
import { Lambda } from '../../../../../local-cloud/services/lambda/lambda';
import { roleFor, templateOf } from '../../template-of';

/** A bundle as a function of ours is bundled; the event says what to do. */
const bundle = `
export function createHandler(world) {
  let calls = 0;
  return async (event) => {
    calls++;
    if (event.fail) throw Object.assign(new Error('no'), { name: 'MalformedInput' });
    if (event.log) world.log(event.log);
    if (event.connect) return world.connect({ address: '172.16.0.10', port: 443 }, event.connect);
    for (let i = 0; i < (event.sleeps ?? 0); i++) { await world.sleep(1000); world.log('tick'); }
    return { calls, greeting: world.env.GREETING, gone: undefined };
  };
}
`;
const logs = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };
const vpc = { Effect: 'Allow', Action: ['ec2:*', 'sqs:SendMessage'], Resource: '*' };
const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:f';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  mkdirSync(join(directory, 'asset'));
  writeFileSync(join(directory, 'asset/index.mjs'), bundle);
  mkdirSync(join(directory, 'plain'));
  writeFileSync(join(directory, 'plain/index.mjs'), 'export const handler = (event) => ({ doubled: 2 * event.of });');
  mkdirSync(join(directory, 'empty'));
  writeFileSync(join(directory, 'empty/index.mjs'), 'export const other = 1;');
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Setup {
  readonly properties?: object;
  readonly statements?: readonly object[];
  readonly extra?: object;
  readonly open?: OpenBundle;
}

async function open({ properties = {}, statements = [logs, vpc], extra = {}, open: openAs }: Setup = {}) {
  const clock = new VirtualClock(0);
  const resources = {
    Role: roleFor('lambda.amazonaws.com', ...statements),
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'f',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Handler: 'index.handler',
        Code: { S3Key: 'asset' },
        Timeout: 5,
        Environment: { Variables: { GREETING: 'hello' } },
        ...properties,
      },
    },
    ...extra,
  };
  const template = templateOf(resources, (key) => join(directory, key));
  const authority = new Authority(template);
  const latencies = new Latencies(1);
  const front = new Front({ clock, authority, latencies, faults: new Faults() });
  const lines: string[] = [];
  const dead: string[] = [];
  const zones = { up: true, cutOff: false };
  const lambda = new Lambda({
    template,
    clock,
    front,
    authority,
    latencies,
    random: randomStream(1, 'lambda'),
    faults: new Faults(),
    network: {
      zoneOf: () => 'a',
      isZoneUp: () => zones.up,
      isCutOff: () => zones.cutOff,
      connect: () => ({ answered: true, refused: false, rttMs: 30 }),
    },
    open: openAs,
    onLog: (_, line) => void lines.push(line),
    count: () => {},
    sendToQueue: (_, body) => void dead.push(body),
    publish: (_, message) => void dead.push(message),
    mapping: () => undefined,
    principalOf: (accessKeyId) => {
      throw new Error(`nobody has been given ${accessKeyId}`);
    },
  });
  await lambda.open();
  /** Runs one synchronous invocation to its end. */
  const invoke = async (event: object) => {
    const result = lambda.invoke(arn, JSON.stringify(event)).then((value) => ({ at: clock.now(), ...value }));
    await clock.runUntil(clock.now() + 60_000);
    const { payload, ...rest } = await result;
    return { ...rest, answer: JSON.parse(payload) as Record<string, unknown> };
  };
  return { clock, dead, invoke, lambda, lines, zones };
}

it('runs the bundle with its environment and a JSON round trip', async () => {
  const { invoke } = await open();
  expect(await invoke({})).toMatchObject({ functionError: '', answer: { greeting: 'hello', calls: 1 } });
});

it('calls a plain handler as Lambda does', async () => {
  const { invoke } = await open({ properties: { Code: { S3Key: 'plain' } } });
  expect(await invoke({ of: 21 })).toMatchObject({ functionError: '', answer: { doubled: 42 } });
});

it('says which export is missing', async () => {
  await expect(open({ properties: { Code: { S3Key: 'empty' } } })).rejects.toThrow(
    "The bundle of function 'Function' exports neither createHandler(world) nor handler(event, context)",
  );
});

it('makes handlers of bundles as it is told to', async () => {
  const { invoke } = await open({
    open:
      ({ directory: at }) =>
      () =>
      async () => ({ asset: at.split('/').at(-1) }),
  });
  expect(await invoke({})).toMatchObject({ answer: { asset: 'asset' } });
});

it('reuses a warm sandbox and starts another one for a concurrent call', async () => {
  const { clock, invoke, lambda } = await open();
  await invoke({});
  const calls = [lambda.invoke(arn, '{"sleeps":1}'), lambda.invoke(arn, '{}')];
  await clock.runUntil(clock.now() + 10_000);
  const counts = (await Promise.all(calls)).map(({ payload }) => (JSON.parse(payload) as { calls: number }).calls);
  expect(counts).toEqual([2, 1]);
});

it('throttles what exceeds the reserved concurrency, cold starts included, and nothing once that has ended', async () => {
  const { clock, invoke, lambda } = await open({ properties: { ReservedConcurrentExecutions: 1 } });
  const first = lambda.invoke(arn, '{"sleeps":1}');
  await expect(lambda.invoke(arn, '{}')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  await clock.runUntil(clock.now() + 10_000);
  expect(await first).toMatchObject({ functionError: '' });
  expect(await invoke({})).toMatchObject({ functionError: '', answer: { calls: 2 } });
});

it('answers with the error type that the handler threw', async () => {
  const { invoke } = await open();
  expect(await invoke({ fail: true })).toMatchObject({
    functionError: 'Unhandled',
    answer: { errorType: 'MalformedInput', errorMessage: 'no', trace: ['MalformedInput: no'] },
  });
});

it('ends a function at its timeout and freezes what it was doing', async () => {
  const { clock, invoke, lines } = await open();
  const result = await invoke({ sleeps: 60 });
  expect(result.answer).toMatchObject({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringContaining('timed out after 5.00 seconds'),
  });
  const ticks = lines.length;
  await clock.runUntil(clock.now() + 60_000);
  expect(ticks).toBeLessThanOrEqual(5);
  expect(lines).toHaveLength(ticks);
});

it('does not run a function whose zone is gone, and freezes the one that ran there', async () => {
  const { clock, lambda, lines, zones } = await open({ properties: { VpcConfig: { SubnetIds: ['subnet-1'] } } });
  lambda.invokeAsync(arn, '{"sleeps":60}');
  await clock.runUntil(3_500);
  zones.up = false;
  const ticks = lines.length;
  await clock.runUntil(30_000);
  expect(ticks).toBeGreaterThan(0);
  expect(lines).toHaveLength(ticks);
  const again = lambda.invoke(arn, '{}').catch((error: Error) => error.name);
  await clock.runUntil(60_000);
  expect(await again).toBe('EC2ThrottledException');
});

it('cuts a connection attempt off at its own timeout', async () => {
  const { invoke } = await open({ properties: { VpcConfig: { SubnetIds: ['subnet-1'] } } });
  expect((await invoke({ connect: 20 })).answer).toEqual({ answered: false, refused: false, rttMs: 20 });
  expect((await invoke({ connect: 50 })).answer).toEqual({ answered: true, refused: false, rttMs: 30 });
});

it('retries an asynchronous invocation twice, then hands it to the dead-letter queue', async () => {
  const { clock, dead, lambda } = await open({ properties: { DeadLetterConfig: { TargetArn: 'queue' } } });
  lambda.invokeAsync(arn, '{"fail":true}');
  await clock.runUntil(179_000);
  expect(dead).toEqual([]);
  await clock.runUntil(200_000);
  expect(dead).toEqual(['{"fail":true}']);
});

it('takes the number of retries from the template', async () => {
  const config = { Type: 'AWS::Lambda::EventInvokeConfig', Properties: { FunctionName: 'f', MaximumRetryAttempts: 0 } };
  const { clock, dead, lambda } = await open({
    properties: { DeadLetterConfig: { TargetArn: 'queue' } },
    extra: { Config: config },
  });
  lambda.invokeAsync(arn, '{"fail":true}');
  await clock.runUntil(5_000);
  expect(dead).toHaveLength(1);
});

it('loses the lines of a role that may not write logs', async () => {
  const { invoke, lines } = await open({ statements: [] });
  await invoke({ log: 'x' });
  expect(lines).toEqual([]);
});

it('refuses a function in a VPC whose role may not make interfaces', async () => {
  const setup = { properties: { VpcConfig: { SubnetIds: ['subnet-1'] } }, statements: [logs] };
  await expect(open(setup)).rejects.toThrow("'Function' is in a VPC, but its role may not ec2:CreateNetworkInterface");
});
