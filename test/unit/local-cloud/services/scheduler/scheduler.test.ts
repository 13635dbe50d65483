/** EventBridge Scheduler: when a schedule comes, as which role its target is started, and what becomes of what is not. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import { AwsError } from '../../../../../local-cloud/service';
import { recurrenceOf } from '../../../../../local-cloud/services/scheduler/expression';
import { Scheduler } from '../../../../../local-cloud/services/scheduler/scheduler';
import { roleFor, templateOf } from '../../template-of';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const machineArn = 'arn:aws:states:eu-west-1:111111111111:stateMachine:m';
const start = { Effect: 'Allow', Action: 'states:StartExecution', Resource: machineArn };
const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Dead', 'Arn'] } };
const usual = {
  Name: 's',
  ScheduleExpression: 'cron(0 6 * * ? *)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: {
    Arn: machineArn,
    RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Input: '{"connection":"paris"}',
    DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
    RetryPolicy: { MaximumEventAgeInSeconds: 300 },
  },
};

interface Setup {
  readonly said?: object;
  readonly statements?: readonly object[];
  readonly trusted?: string;
  /** Refuses that many StartExecution calls. */
  readonly refusals?: AwsError[];
}

function schedulerOf({ said = {}, statements = [start, send], trusted, refusals = [] }: Setup = {}) {
  const clock = new VirtualClock(0);
  const templateWith = (more: object) =>
    templateOf({
      Role: roleFor(trusted ?? 'scheduler.amazonaws.com', ...statements),
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Schedule: { Type: 'AWS::Scheduler::Schedule', Properties: { ...usual, ...said, ...more } },
    });
  const template = templateWith({});
  const authority = new Authority(template);
  const latencies = new Latencies(1, { regime: 'instant' });
  const front = new Front({ clock, authority, latencies, faults: new Faults() });
  const started: unknown[] = [];
  front.register({
    name: 'stepfunctions',
    call: async (_, input) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      started.push({ day: Math.floor(clock.now() / dayMs), input: (input as { input: string }).input });
      return {};
    },
  });
  const dead: unknown[] = [];
  const scheduler = new Scheduler({
    ...{ template, clock, front, authority, latencies, random: randomStream(1, 'scheduler') },
    sendToQueue: (_, body, { ERROR_CODE }) => void dead.push({ body, ERROR_CODE }),
  });
  front.register(scheduler);
  scheduler.start();
  return { clock, dead, scheduler, started, redeploy: (more: object) => scheduler.redeploy(templateWith(more)) };
}

it('starts the machine with what the schedule says, as its role, day after day', async () => {
  const { clock, started } = schedulerOf();
  await clock.runUntil(2 * dayMs);
  expect(started).toEqual([0, 1].map((day) => ({ day, input: '{"connection":"paris"}' })));
});

it('begins a rate when it is made', async () => {
  const { clock, started } = schedulerOf({ said: { ScheduleExpression: 'rate(2 days)' } });
  await clock.runUntil(3 * dayMs);
  expect(started).toMatchObject([{ day: 0 }, { day: 2 }]);
});

it('tries again what was throttled, and lets lie what is too old', async () => {
  const throttled = () => new AwsError('ThrottlingException', 'slower');
  const again = schedulerOf({ refusals: [throttled(), throttled()] });
  await again.clock.runUntil(dayMs);
  expect(again).toMatchObject({ started: [{ day: 0 }], dead: [] });
  const old = schedulerOf({ refusals: Array.from({ length: 20 }, throttled) });
  await old.clock.runUntil(dayMs);
  expect(old).toMatchObject({
    started: [],
    dead: [{ body: '{"connection":"paris"}', ERROR_CODE: 'ThrottlingException' }],
  });
});

it.each<[string, Setup]>([
  ['may not start the machine', { statements: [send] }],
  ['trusts another service', { trusted: 'events.amazonaws.com' }],
])('lets lie at once what a role may not do that %s', async (_, setup) => {
  const { clock, started, dead } = schedulerOf(setup);
  const play = clock.runUntil(dayMs);
  // A role that Scheduler may not assume cannot write to the queue either.
  if (setup.trusted === undefined) await play;
  else await expect(play).rejects.toThrow('scheduler.amazonaws.com is not authorized to assume role');
  expect(started).toEqual([]);
  expect(dead).toMatchObject(setup.trusted === undefined ? [{ ERROR_CODE: 'AccessDeniedException' }] : []);
});

it('needs the right to the queue for what it lets lie', async () => {
  const { clock } = schedulerOf({ statements: [] });
  await expect(clock.runUntil(dayMs)).rejects.toThrow('sqs:SendMessage');
});

it('rests while it is switched off, and goes on as it is written', async () => {
  const { clock, scheduler, started, redeploy } = schedulerOf();
  const found = (await scheduler.call('GetSchedule', { Name: 's' })) as object;
  expect(found).toMatchObject({ State: 'ENABLED', ScheduleExpression: 'cron(0 6 * * ? *)' });
  const { Arn: _, ...written } = found as { Arn: string };
  await scheduler.call('UpdateSchedule', { ...written, State: 'DISABLED' });
  redeploy({}); // One that changes nothing of it.
  await clock.runUntil(dayMs);
  expect(started).toEqual([]);
  await scheduler.call('UpdateSchedule', { ...written, State: 'ENABLED' });
  await clock.runUntil(2 * dayMs);
  expect(started).toMatchObject([{ day: 1 }]);
  redeploy({ ScheduleExpression: 'cron(0 6 5 * ? *)' });
  await clock.runUntil(6 * dayMs);
  expect(started).toMatchObject([{ day: 1 }, { day: 4 }]);
});

it('writes a schedule whole, or not at all', async () => {
  const { scheduler } = schedulerOf();
  await expect(scheduler.call('UpdateSchedule', { Name: 's', State: 'DISABLED' })).rejects.toThrow('are required');
  await expect(scheduler.call('GetSchedule', { Name: 'other' })).rejects.toThrow('does not exist');
});

it.each<[string, object]>([
  ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }],
  ['a start date', { StartDate: '2026-12-01T00:00:00Z' }],
  ['a group of its own', { GroupName: 'mine' }],
  ['another target', { Target: { ...usual.Target, Arn: 'arn:aws:lambda:eu-west-1:111111111111:function:f' } }],
  ['at', { ScheduleExpression: 'at(2026-12-01T06:00:00)' }],
  ['both days', { ScheduleExpression: 'cron(0 6 1 * 2 *)' }],
  ['five fields', { ScheduleExpression: 'cron(0 6 1 * ?)' }],
])('refuses by name what it does not model: %s', (_, said) => {
  expect(() => schedulerOf({ said })).toThrow();
});

describe('on the clock of its zone', () => {
  const comes = (expression: string, timezone: string, from: string, count = 3): string[] => {
    const { next } = recurrenceOf(expression, timezone);
    const found: string[] = [];
    for (let at = next(Date.parse(from)); at !== null && found.length < count; at = next(at))
      found.push(new Date(at).toISOString().slice(0, 16));
    return found;
  };

  it.each<[string, string, string, readonly string[]]>([
    [
      'cron(0 6 ? * 3#1 *)',
      'Europe/Berlin',
      '2026-01-01T00:00Z',
      ['2026-01-06T05:00', '2026-02-03T05:00', '2026-03-03T05:00'],
    ],
    ['cron(0 6 ? * 1 *)', 'UTC', '2026-01-01T00:00Z', ['2026-01-04T06:00', '2026-01-11T06:00', '2026-01-18T06:00']],
    ['cron(0 6 L * ? *)', 'UTC', '2026-01-01T00:00Z', ['2026-01-31T06:00', '2026-02-28T06:00', '2026-03-31T06:00']],
    ['cron(0 6 15W * ? *)', 'UTC', '2026-02-01T00:00Z', ['2026-02-16T06:00', '2026-03-16T06:00', '2026-04-15T06:00']],
    ['cron(0 6 1 1 ? 2027-2028)', 'UTC', '2026-01-01T00:00Z', ['2027-01-01T06:00', '2028-01-01T06:00']],
    // Skipped in spring, once in autumn, as the Scheduler user guide says.
    [
      'cron(30 2 * * ? *)',
      'Europe/Berlin',
      '2026-03-28T00:00Z',
      ['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30'],
    ],
    [
      'cron(30 2 * * ? *)',
      'Europe/Berlin',
      '2026-10-24T02:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30'],
    ],
  ])('%s in %s', (expression, zone, from, times) => {
    expect(comes(expression, zone, from)).toEqual(times);
  });
});
