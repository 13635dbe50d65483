/**
 * What `stop --break-glass` and `stop --undo` send, taken by moto: a rule, Lambda's reading of a queue or stream, and the
 * schedule of a drill, each off, on again, and read back. The local cloud's half is test/simulation/operate-glass.test.ts.
 *
 * The SDK has no client here for Lambda and Scheduler: what is to be switched is made by plain requests.
 */
import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import { strToU8, zipSync } from 'fflate';
import { isFenced, liftFence, lookAtFence, putFence } from '../../cli/operate/fence';
import { askIam, rolesBy } from '../../cli/operate/roles';
import { switchMapping, switchSchedule } from '../../cli/operate/switches';
import type { MotoOptions } from './moto';

const timeoutMs = 60_000;
const role = 'arn:aws:iam::123456789012:role/r';

export function switchesContract(optionsOf: () => MotoOptions): void {
  let ssm: SSMClient;
  const endpointBefore = process.env['AWS_ENDPOINT_URL'];

  beforeAll(() => {
    process.env['AWS_ENDPOINT_URL'] = optionsOf().endpoint;
    ssm = new SSMClient(optionsOf());
  });
  afterAll(() => {
    if (endpointBefore === undefined) delete process.env['AWS_ENDPOINT_URL'];
    else process.env['AWS_ENDPOINT_URL'] = endpointBefore;
    ssm.destroy();
  });

  const request = async (service: string, method: string, path: string, body?: object): Promise<Answer> => {
    const { endpoint } = optionsOf();
    const answer = await fetch(`${endpoint}${path}`, {
      method,
      headers: { ...addressed(service, optionsOf()), 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${service} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };

  it('switches a rule off and on, and fails on one that is not there', async () => {
    const events = new EventBridgeClient(optionsOf());
    const Name = 'switched';
    const state = async () => (await events.send(new DescribeRuleCommand({ Name }))).State;
    await events.send(new PutRuleCommand({ Name, ScheduleExpression: 'rate(1 minute)' }));
    await events.send(new DisableRuleCommand({ Name }));
    expect(await state()).toBe('DISABLED');
    await events.send(new EnableRuleCommand({ Name }));
    expect(await state()).toBe('ENABLED');
    const none = events.send(new DisableRuleCommand({ Name: 'none' }));
    await expect(none).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    events.destroy();
  });

  // That there is no such mapping moto does not say.
  it('switches Lambda’s reading off and on', async () => {
    await makeRole(optionsOf());
    await request('lambda', 'POST', '/2015-03-31/functions', {
      FunctionName: 'sense',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile: Buffer.from(zipSync({ 'index.mjs': strToU8('') })).toString('base64') },
    });
    const EventSourceArn = await makeQueue(optionsOf());
    const made = await request('lambda', 'POST', '/2015-03-31/event-source-mappings', {
      FunctionName: 'sense',
      EventSourceArn,
    });
    const uuid = String(made['UUID']);
    const state = async () => (await request('lambda', 'GET', `/2015-03-31/event-source-mappings/${uuid}`))['State'];
    await switchMapping(ssm.config, uuid, false, timeoutMs);
    expect(await state()).toBe('Disabled');
    await switchMapping(ssm.config, uuid, true, timeoutMs);
    expect(await state()).toBe('Enabled');
  });

  it('switches a schedule off and on, and leaves all else of it as it was', async () => {
    const written = {
      ScheduleExpression: 'cron(0 3 ? * SUN *)',
      ScheduleExpressionTimezone: 'Europe/Paris',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Arn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:m', RoleArn: role, Input: '{"a":1}' },
    };
    await request('scheduler', 'POST', '/schedules/drill', written);
    const read = async () => {
      const { State, ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, Target } = await request(
        'scheduler',
        'GET',
        '/schedules/drill',
      );
      return { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, State, Target };
    };
    const before = await read();
    expect(before).toMatchObject({ ...written, Target: expect.objectContaining(written.Target) });
    await switchSchedule(ssm.config, 'drill', false, timeoutMs);
    expect(await read()).toEqual({ ...before, State: 'DISABLED' });
    await switchSchedule(ssm.config, 'drill', true, timeoutMs);
    expect(await read()).toEqual(before);
    await expect(switchSchedule(ssm.config, 'none', false, timeoutMs)).rejects.toThrow(/GetSchedule/);
  });
}

/** What `takeover` asks of IAM: the fence at a role, put, read back and lifted. */
export function fenceContract(optionsOf: () => MotoOptions): void {
  it('puts a fence at a role, reads it back, and lifts it so that nothing is left of it', async () => {
    const endpointBefore = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = optionsOf().endpoint;
    const ssm = new SSMClient(optionsOf());
    try {
      const Principal = { AWS: 'arn:aws:iam::111122223333:root' };
      await makeRole(optionsOf(), 'end', { Effect: 'Allow', Action: 'sts:AssumeRole', Principal });
      const roles = rolesBy(askIam(ssm.config, timeoutMs), { now: () => 0, sleep: async () => {} });
      const before = await lookAtFence(roles, 'end');
      expect(before.policy).toBeNull();
      await putFence(roles, 'end', before, Date.UTC(2026, 10, 20, 9));
      expect(isFenced(await lookAtFence(roles, 'end'))).toBe(true);
      await liftFence(roles, 'end');
      const after = await lookAtFence(roles, 'end');
      expect([after.policy, JSON.parse(after.trust)]).toEqual([null, JSON.parse(before.trust)]);
      await expect(roles.trustOf('nobody')).rejects.toThrow('NoSuchEntity');
    } finally {
      ssm.destroy();
      if (endpointBefore === undefined) delete process.env['AWS_ENDPOINT_URL'];
      else process.env['AWS_ENDPOINT_URL'] = endpointBefore;
    }
  });
}

type Answer = Readonly<Record<string, unknown>>;

/** moto reads from the signature whom a request is for, and checks no more of it. */
const addressed = (service: string, { region }: MotoOptions) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=contract/20261120/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`,
});

const form = async (options: MotoOptions, service: string, fields: Record<string, string>) => {
  const answer = await fetch(options.endpoint, {
    method: 'POST',
    headers: addressed(service, options),
    body: new URLSearchParams(fields),
  });
  if (!answer.ok) throw new Error(`${service}: ${answer.status} ${await answer.text()}`);
};

const makeRole = (options: MotoOptions, RoleName = 'r', ...Statement: object[]): Promise<void> => {
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  return form(options, 'iam', { Action: 'CreateRole', Version: '2010-05-08', RoleName, AssumeRolePolicyDocument });
};

const makeQueue = async (options: MotoOptions): Promise<string> => {
  await form(options, 'sqs', { Action: 'CreateQueue', Version: '2012-11-05', QueueName: 'read' });
  return `arn:aws:sqs:${options.region}:123456789012:read`;
};
