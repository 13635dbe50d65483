/** The event bus: which target is reached, with which permission, how often, and what becomes of what is not. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import { AwsError } from '../../../../../local-cloud/service';
import type { BusEvent } from '../../../../../local-cloud/services/events/bus-event';
import { EventBus } from '../../../../../local-cloud/services/events/events';
import { roleFor, templateOf } from '../../template-of';

const machineArn = 'arn:aws:states:eu-west-1:111111111111:stateMachine:m';
const start = { Effect: 'Allow', Action: 'states:StartExecution', Resource: machineArn };
const toQueue = {
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: 'Dead' }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: '*',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
        },
      ],
    },
  },
};
const stateTarget = {
  Id: 'machine',
  Arn: machineArn,
  RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
  Input: '{"connection":"paris","source":"alarm"}',
  DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
  RetryPolicy: { MaximumEventAgeInSeconds: 300 },
};
const functionTarget = { Id: 'sense', Arn: { 'Fn::GetAtt': ['Sense', 'Arn'] } };
const permission = {
  Type: 'AWS::Lambda::Permission',
  Properties: {
    FunctionName: { 'Fn::GetAtt': ['Sense', 'Arn'] },
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
  },
};

interface Setup {
  readonly target: object;
  readonly statements?: readonly object[];
  readonly extra?: object;
  /** Refuses that many StartExecution calls. */
  readonly refusals?: AwsError[];
}

function busOf({ target, statements = [start], extra = {}, refusals = [] }: Setup) {
  const clock = new VirtualClock(0);
  const template = templateOf({
    Role: roleFor('events.amazonaws.com', ...statements),
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Sense: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'sense' } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { Name: 'rule', EventPattern: { source: ['aws.ec2'] }, Targets: [target] },
    },
    ...extra,
  });
  const faults = new Faults();
  const authority = new Authority(template);
  const latencies = new Latencies(1);
  const front = new Front({ clock, authority, latencies, faults });
  const started: unknown[] = [];
  front.register({
    name: 'stepfunctions',
    call: async (_, input) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      started.push({ at: clock.now(), input: JSON.parse((input as { input: string }).input) });
      return {};
    },
  });
  const invoked: unknown[] = [];
  const dead: { body: string; attributes: Readonly<Record<string, string>> }[] = [];
  const bus = new EventBus({
    template,
    clock,
    front,
    authority,
    latencies,
    random: randomStream(1, 'events'),
    faults,
    invokeAsync: (_, payload) => void invoked.push(JSON.parse(payload)),
    sendToQueue: (_, body, attributes) => void dead.push({ body, attributes }),
    forward: () => {
      throw new Error('nothing is handed on here');
    },
    publish: () => {},
  });
  const emit = (source = 'aws.ec2') =>
    bus.emit({ source, 'detail-type': 'x', resources: [], detail: { state: 'stopped' } });
  return { bus, clock, dead, emit, faults, invoked, started };
}

it('starts the machine with the constant of the rule, whatever the event carries', async () => {
  const { clock, emit, started } = busOf({ target: stateTarget });
  emit();
  emit('aws.health');
  await clock.runUntil(10_000);
  expect(started).toEqual([{ at: expect.any(Number), input: { connection: 'paris', source: 'alarm' } }]);
});

it('hands the whole event to a function that lets the rule in', async () => {
  const { clock, emit, invoked } = busOf({ target: functionTarget, extra: { Permission: permission } });
  emit();
  await clock.runUntil(10_000);
  expect(invoked).toEqual([
    {
      version: '0',
      id: expect.any(String),
      source: 'aws.ec2',
      'detail-type': 'x',
      account: '111111111111',
      time: '1970-01-01T00:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { state: 'stopped' },
    },
  ]);
});

it('does not invoke a function without a permission for this rule', async () => {
  const { clock, emit, invoked } = busOf({ target: functionTarget });
  emit();
  await clock.runUntil(10_000);
  expect(invoked).toEqual([]);
});

it('sends the event to the dead-letter queue at once when the role may not start the machine', async () => {
  const { clock, dead, emit, started } = busOf({ target: stateTarget, statements: [], extra: { Policy: toQueue } });
  emit();
  await clock.runUntil(10_000);
  expect(started).toEqual([]);
  expect(dead.map(({ attributes }) => attributes['ERROR_CODE'])).toEqual(['AccessDeniedException']);
});

it('tries a throttled target again with growing pauses', async () => {
  const refusals = [1, 2, 3].map(() => new AwsError('ThrottlingException', 'slow down'));
  const { clock, emit, started } = busOf({ target: stateTarget, refusals });
  emit();
  await clock.runUntil(60_000);
  expect(started).toHaveLength(1);
});

it('gives an event up when it is too old', async () => {
  const refusals = Array.from({ length: 100 }, () => new AwsError('ThrottlingException', 'slow down'));
  const { clock, dead, emit, started } = busOf({ target: stateTarget, refusals, extra: { Policy: toQueue } });
  emit();
  await clock.runUntil(600_000);
  expect(started).toEqual([]);
  expect(dead[0]?.attributes).toMatchObject({ ERROR_CODE: 'MaximumEventAgeInSeconds' });
});

it('delivers a duplicated event as often as told and a dropped one never', async () => {
  const { clock, emit, faults, started } = busOf({ target: stateTarget });
  faults.duplicateNext('ec2', 3);
  emit();
  faults.dropNext('ec2', 1);
  emit();
  await clock.runUntil(10_000);
  expect(started).toHaveLength(3);
});

it('delivers a late event behind those that came after it, once', async () => {
  const { clock, bus, faults, started } = busOf({ target: stateTarget });
  const put = (id: string) =>
    bus.put({
      ...({ version: '0', account: '1', time: '', region: 'r' } as const),
      id,
      source: 'aws.ec2',
      'detail-type': 'x',
      resources: [],
      detail: {},
    });
  faults.delayNext('ec2', 60_000);
  put('first');
  put('second');
  await clock.runUntil(30_000);
  expect(started).toHaveLength(1);
  await clock.runUntil(90_000);
  expect(started).toHaveLength(2);
  put('third');
  await clock.runUntil(100_000);
  expect(started).toHaveLength(3);
});

it('keeps no order: each delivery takes its own time', async () => {
  const { clock, bus, invoked } = busOf({ target: functionTarget, extra: { Permission: permission } });
  for (let i = 0; i < 50; i++) {
    clock.at(i, 'put', () => bus.emit({ source: 'aws.ec2', 'detail-type': 'x', resources: [], detail: { i } }));
  }
  await clock.runUntil(10_000);
  const order = (invoked as BusEvent[]).map(({ detail }) => detail['i'] as number);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(order).not.toEqual([...order].sort((a, b) => a - b));
});

it('ticks a rate schedule from the start', async () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'rule', ScheduleExpression: 'rate(1 minute)', Targets: [functionTarget] },
  };
  const { bus, clock, invoked } = busOf({ target: functionTarget, extra: { Rule: rule, Permission: permission } });
  bus.startSchedules();
  await clock.runUntil(150_000);
  expect((invoked as BusEvent[]).map((event) => event['detail-type'])).toEqual([
    'Scheduled Event',
    'Scheduled Event',
    'Scheduled Event',
  ]);
});

it('takes somebody’s own events onto the bus, each by itself, and says which it refused and why', async () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'rule', EventPattern: { source: ['shop'] }, Targets: [functionTarget] },
  };
  const { bus, clock, invoked } = busOf({ target: functionTarget, extra: { Rule: rule, Permission: permission } });
  const good = { Source: 'shop', DetailType: 'sold', Detail: '{"what":"tea"}' };
  const bad = [
    { ...good, Source: 'aws.ec2' },
    { ...good, Detail: 'tea' },
    { ...good, DetailType: undefined },
  ];
  const answer = await bus.call('PutEvents', { Entries: [good, ...bad] });
  expect(answer).toMatchObject({
    FailedEntryCount: 3,
    Entries: [
      { EventId: expect.any(String) },
      { ErrorCode: 'NotAuthorizedForSourceException' },
      { ErrorCode: 'MalformedDetail' },
      { ErrorCode: 'InvalidArgument' },
    ],
  });
  await clock.runUntil(10_000);
  expect(invoked).toMatchObject([{ source: 'shop', 'detail-type': 'sold', detail: { what: 'tea' } }]);
  await expect(bus.call('PutEvents', { Entries: [{ ...good, EventBusName: 'other' }] })).rejects.toThrow(
    'not modelled',
  );
});
